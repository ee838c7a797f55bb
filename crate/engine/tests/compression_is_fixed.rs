//! A store keeps the compression it was created with, and is not opened with another.

use sledstore_engine::{Compression, ErrorCode, Options, Store};

#[test]
fn an_existing_store_is_not_opened_with_another_compression() {
    for (own, other) in [(Compression::Lz4, Compression::None), (Compression::None, Compression::Lz4)] {
        let folder = tempfile::tempdir().unwrap();
        let with = |compression| Options { compression, ..Options::default() };
        let open = |compression| Store::open(folder.path(), &with(compression));
        let refused = |result: sledstore_engine::Result<Store>| {
            assert_eq!(result.err().map(|error| error.code()), Some(ErrorCode::OptionsMismatch));
        };

        let store = open(Some(own)).unwrap();
        refused(open(Some(other)));
        open(None).unwrap().close().unwrap();
        store.close().unwrap();

        let before = std::fs::read(folder.path().join("STORE")).unwrap();
        refused(open(Some(other)));
        assert_eq!(std::fs::read(folder.path().join("STORE")).unwrap(), before);
        for same in [None, Some(own)] {
            open(same).unwrap().close().unwrap();
        }
    }
}

#[test]
fn a_new_store_gets_lz4() {
    let folder = tempfile::tempdir().unwrap();
    Store::open(folder.path(), &Options::default()).unwrap().close().unwrap();
    let lz4 = Options { compression: Some(Compression::Lz4), ..Options::default() };
    Store::open(folder.path(), &lz4).unwrap().close().unwrap();
}
