use std::ops::Bound::{Excluded, Included, Unbounded};

use super::super::{MemPage, Memtable, PageLimits, RowKind};

const ALL: PageLimits = PageLimits { rows: usize::MAX, bytes: usize::MAX };

fn table() -> Memtable {
    let table = Memtable::new(0);
    for (index, key) in [b"a", b"c", b"e", b"g"].iter().enumerate() {
        table.insert(*key, index as u64 + 1, RowKind::Value, None, b"12345678").expect("fits");
    }
    table
}

fn keys(page: &MemPage) -> String {
    page.iter().map(|row| row.key[0] as char).collect()
}

#[test]
fn more_is_said_only_when_a_visible_row_follows() {
    let table = table();
    let mut page = MemPage::default();
    let two = PageLimits { rows: 2, ..ALL };
    table.page(Unbounded, Unbounded, false, 9, two, &mut page);
    assert_eq!((keys(&page).as_str(), page.more()), ("ac", true));
    table.page(Unbounded, Unbounded, false, 2, two, &mut page);
    assert_eq!((keys(&page).as_str(), page.more()), ("ac", false));
    table.page(Unbounded, Excluded(b"e"), false, 9, two, &mut page);
    assert_eq!((keys(&page).as_str(), page.more()), ("ac", false));
    table.page(Included(b"c"), Unbounded, true, 9, two, &mut page);
    assert_eq!((keys(&page).as_str(), page.more()), ("ge", true));
    table.page(Excluded(b"c"), Unbounded, true, 9, two, &mut page);
    assert_eq!((keys(&page).as_str(), page.more()), ("ge", false));
}

#[test]
fn bytes_end_a_page_after_the_row_that_reaches_them() {
    let table = table();
    let mut page = MemPage::default();
    for (bytes, expected) in [(0, "a"), (9, "a"), (10, "ac"), (18, "ac"), (19, "ace")] {
        table.page(Unbounded, Unbounded, false, 9, PageLimits { bytes, ..ALL }, &mut page);
        assert_eq!(keys(&page), expected, "limit {bytes}");
        assert!(page.more());
    }
}

#[test]
fn bounds_that_cross_give_nothing() {
    let table = table();
    let mut page = MemPage::default();
    for reverse in [false, true] {
        table.page(Included(b"e"), Excluded(b"c"), reverse, 9, ALL, &mut page);
        assert!(page.is_empty() && !page.more());
        table.page(Excluded(b"c"), Excluded(b"c"), reverse, 9, ALL, &mut page);
        assert!(page.is_empty() && !page.more());
        table.page(Included(b"c"), Included(b"c"), reverse, 9, ALL, &mut page);
        assert_eq!((keys(&page).as_str(), page.more()), ("c", false));
    }
}

#[test]
fn a_page_keeps_its_buffers() {
    let table = table();
    let mut page = MemPage::default();
    table.page(Unbounded, Unbounded, false, 9, ALL, &mut page);
    let held = page.memory_bytes();
    for _ in 0..100 {
        table.page(Unbounded, Unbounded, true, 9, ALL, &mut page);
        assert_eq!((keys(&page).as_str(), page.memory_bytes()), ("geca", held));
    }
}
