//! A seek to a key that is already buffered keeps the buffered rows from that key on.

use sledstore_engine::{Batch, KeyRange, NamespaceOptions, Options, Read, ScanOptions, Store};

#[test]
fn seeks_land_on_the_first_row_at_or_after_the_key() {
    let store = Store::memory(&Options::default()).expect("a store in memory");
    let namespace = store.namespace("rows", &NamespaceOptions::default()).expect("a namespace").id;
    let mut batch = Batch::new();
    for row in 0..3_000_u32 {
        batch.put(namespace, format!("{row:05}").as_bytes(), b"value").expect("a small row");
    }
    store.apply(&batch).expect("a small batch");

    for reverse in [false, true] {
        for (first, target) in [(1, 5), (32, 33), (32, 500), (1_000, 1_001), (1_500, 2_900), (10, 2_999)] {
            let position = |row: u32| if reverse { 2_999 - row } else { row };
            let options = ScanOptions { reverse, ..ScanOptions::default() };
            let mut scan = store.scan(namespace, &KeyRange::all(), options).expect("a scan");
            scan.next_page(first as usize, usize::MAX, &mut |_, _| {}).expect("a page");
            scan.seek(format!("{:05}", position(target)).as_bytes());
            let mut keys = Vec::new();
            while scan.next_page(700, usize::MAX, &mut |key, _| keys.push(key.to_vec())).expect("a page") {}
            let expected: Vec<Vec<u8>> =
                (target..3_000).map(|row| format!("{:05}", position(row)).into_bytes()).collect();
            assert_eq!(keys, expected, "reverse {reverse}, {first} rows read, seek to {target}");
        }
    }
    store.close().expect("it closes");
}
