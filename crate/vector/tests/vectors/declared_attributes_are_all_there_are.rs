//! An index that was declared to have attributes takes no others, and no filters on others; more may be declared later.

use sledstore_engine::{Batch, Durability, ErrorCode, Options, Store};
use sledstore_vector::{AttributeKind, Filter, Metric, Search, VectorIndex, VectorOptions};

use AttributeKind::{Any, Boolean, Bytes, Date, Number, String as Text};

fn open(store: &Store, attributes: &[(&str, AttributeKind)]) -> Result<VectorIndex, ErrorCode> {
    let attributes = attributes.iter().map(|(name, kind)| ((*name).to_owned(), *kind)).collect();
    let options = VectorOptions { attributes, ..VectorOptions::new(1, Metric::L2) };
    VectorIndex::open(store, "test", &options).map_err(|error| error.code())
}

/// A MessagePack map of one attribute.
fn map(name: &str, value: &[u8]) -> Vec<u8> {
    [&[0x81, 0xa0 | name.len() as u8], name.as_bytes(), value].concat()
}

fn puts(index: &VectorIndex, name: &str, value: &[u8]) -> Result<(), ErrorCode> {
    let mut batch = Batch::new();
    let put = index.put(&mut batch, b"k", &[1.0], Some(&map(name, value)));
    assert_eq!(put.is_ok(), !batch.is_empty(), "a put that is refused writes nothing");
    put.map_err(|error| error.code())
}

fn asks(index: &VectorIndex, filter: &[u8]) -> Result<(), ErrorCode> {
    let filter = Filter::parse(filter).unwrap();
    let search = Search { filter: Some(&filter), ..Search::nearest(1) };
    let found = index.search(&index.store().snapshot().unwrap(), &[0.0], &search);
    found.map(drop).map_err(|error| error.code())
}

const VALUES: [(AttributeKind, &[u8]); 9] = [
    (Boolean, b"\xc3"),
    (Number, b"\x07"),
    (Number, b"\xcb\x40\x09\x21\xfb\x54\x44\x2d\x18"),
    (Number, b"\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00"),
    (Text, b"\xa1a"),
    (Date, b"\xd6\xff\x00\x00\x00\x01"),
    (Bytes, b"\xc4\x01\x09"),
    (Any, b"\x91\x01"),
    // An extension of another type.
    (Any, b"\xd4\x05\x01"),
];

#[test]
fn values_are_of_their_kind_or_null() {
    let store = Store::memory(&Options::default()).unwrap();
    let kinds = [("any", Any), ("flag", Boolean), ("year", Number), ("place", Text), ("day", Date), ("sum", Bytes)];
    let index = open(&store, &kinds).unwrap();
    for (name, kind) in kinds {
        for (of, value) in VALUES {
            let fits = kind == Any || kind == of;
            let expected = if fits { Ok(()) } else { Err(ErrorCode::InvalidArgument) };
            assert_eq!(puts(&index, name, value), expected, "{name} {value:x?}");
            // What no filter compares with is no filter at all.
            if of != Any && Filter::parse(&map(name, value)).is_ok() {
                assert_eq!(asks(&index, &map(name, value)), expected, "{name} {value:x?}");
                let negated = map("$not", &map("$or", &[&[0x91][..], &map(name, value)].concat()));
                assert_eq!(asks(&index, &negated), expected, "not {name} {value:x?}");
            }
        }
        assert_eq!(puts(&index, name, b"\xc0"), Ok(()));
        assert_eq!(asks(&index, &map(name, b"\xc0")), Ok(()));
        let begins = if kind == Any || kind == Text { Ok(()) } else { Err(ErrorCode::InvalidArgument) };
        assert_eq!(asks(&index, &map(name, &map("startsWith", b"\xa1a"))), begins);
        let above = if kind == Any || kind == Number { Ok(()) } else { Err(ErrorCode::InvalidArgument) };
        assert_eq!(asks(&index, &map(name, &map("gt", b"\x01"))), above);
    }
    for value in [&b"\xc0"[..], b"\x01", &map("in", b"\x90")] {
        assert_eq!(asks(&index, &map("yaer", value)), Err(ErrorCode::InvalidArgument));
    }
    assert_eq!(puts(&index, "yaer", b"\xc0"), Err(ErrorCode::InvalidArgument));
}

#[test]
fn without_a_declaration_there_may_be_any() {
    let store = Store::memory(&Options::default()).unwrap();
    let index = open(&store, &[]).unwrap();
    assert_eq!((puts(&index, "a", b"\x91\x01"), asks(&index, &map("b", b"\x01"))), (Ok(()), Ok(())));
    assert_eq!(VectorIndex::list(&store).unwrap()[0].attributes, []);
}

#[test]
fn more_can_be_declared_later_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), &Options::default()).unwrap();
    let first = open(&store, &[]).unwrap();
    let mut batch = Batch::new();
    first.put(&mut batch, b"before", &[1.0], Some(&map("old", b"\x01"))).unwrap();
    store.commit(&batch, Durability::Full).unwrap();
    open(&store, &[("year", Number)]).unwrap();
    // Whoever has it open already is held to it, too.
    assert_eq!(puts(&first, "old", b"\x01"), Err(ErrorCode::InvalidArgument));
    assert_eq!(open(&store, &[("place", Text), ("year", Text)]).err(), Some(ErrorCode::NamespaceMismatch));
    assert_eq!(puts(&first, "place", b"\xa1a"), Err(ErrorCode::InvalidArgument));
    open(&store, &[("place", Text)]).unwrap();
    assert_eq!((puts(&first, "place", b"\xa1a"), puts(&first, "year", b"\x01")), (Ok(()), Ok(())));
    store.close().unwrap();

    let store = Store::open(folder.path(), &Options::default()).unwrap();
    let declared = [("year".to_owned(), Number), ("place".to_owned(), Text)];
    assert_eq!(VectorIndex::list(&store).unwrap()[0].attributes, declared);
    // Opened as it was created, and with nothing said.
    for index in [VectorIndex::stored(&store, "test").unwrap().unwrap(), open(&store, &[]).unwrap()] {
        assert_eq!(
            (asks(&index, &map("old", b"\x01")), asks(&index, &map("year", b"\x01"))),
            (Err(ErrorCode::InvalidArgument), Ok(()))
        );
        // What was there before stays.
        assert!(index.get(&store, b"before").unwrap().unwrap().attributes.is_some());
    }
}

#[test]
fn names_and_numbers_have_limits() {
    let store = Store::memory(&Options::default()).unwrap();
    let long = "n".repeat(256);
    for name in ["", "$and", &long] {
        assert_eq!(open(&store, &[(name, Any)]).err(), Some(ErrorCode::InvalidArgument));
    }
    let many: Vec<String> = (0..201).map(|at| format!("{at}{}", &long[..250])).collect();
    let many: Vec<_> = many.iter().map(|name| (name.as_str(), Any)).collect();
    assert_eq!(open(&store, &many).err(), Some(ErrorCode::InvalidArgument));
    assert_eq!(VectorIndex::list(&store).unwrap(), []);
    open(&store, &many[1..]).unwrap();
    assert_eq!(open(&store, &many).err(), Some(ErrorCode::InvalidArgument));
    assert_eq!(VectorIndex::list(&store).unwrap()[0].attributes.len(), 200);
}
