use super::super::{MemRow, RowKind, arena::Arena, keys::Keys};

fn insert(keys: &mut Keys, arena: &mut Arena, key: &[u8]) {
    let record =
        arena.append(&MemRow { key, seq: 1, kind: RowKind::Value, expires_at: None, value: b"" }).expect("fits");
    let place = keys.place(key, 1, false, arena);
    keys.insert(place.index, key, record);
}

#[test]
fn a_stranger_shortens_the_prefix_and_a_split_lengthens_it() {
    let mut arena = Arena::new(0);
    let mut keys = Keys::new();
    for number in 10..40 {
        insert(&mut keys, &mut arena, format!("a long shared prefix {number}").as_bytes());
        keys.check(&arena);
    }
    for stranger in ["a long", "a lonf", "", "b", "\u{ff}"] {
        insert(&mut keys, &mut arena, stranger.as_bytes());
        keys.check(&arena);
    }
    let right = keys.split_off(20, &arena);
    keys.check(&arena);
    right.check(&arena);
    assert_eq!((keys.len(), right.len()), (20, 15));
    for number in 10..40 {
        let key = format!("a long shared prefix {number}");
        let half = if keys.place(key.as_bytes(), 1, false, &arena).index < 20 { &keys } else { &right };
        let place = half.place(key.as_bytes(), 1, false, &arena);
        assert!(place.same_head);
        assert_eq!(arena.key_and_seq(half.record(place.index)).0, key.as_bytes());
    }
}
