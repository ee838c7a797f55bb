use rand::Rng;
use sledstore_engine::ErrorCode;
use sledstore_vector::Filter;

use crate::common;

fn one(value: &[u8]) -> Vec<u8> {
    [b"\x81\xa1a", value].concat()
}

#[test]
fn numbers_are_equal_across_encodings() {
    let seven: [&[u8]; 8] = [
        b"\x07",
        b"\xcc\x07",
        b"\xcd\x00\x07",
        b"\xcf\x00\x00\x00\x00\x00\x00\x00\x07",
        b"\xd0\x07",
        b"\xd3\x00\x00\x00\x00\x00\x00\x00\x07",
        b"\xca\x40\xe0\x00\x00",
        b"\xcb\x40\x1c\x00\x00\x00\x00\x00\x00",
    ];
    for wanted in seven {
        let filter = Filter::parse(&one(wanted)).unwrap();
        assert!(seven.iter().all(|value| filter.matches(&one(value)) == Some(true)));
        for other in [&b"\x08"[..], b"\xa17", b"\xc3", b"\xc0", b"\xca\x40\xe0\x00\x01", b"\x91\x07"] {
            assert_eq!(filter.matches(&one(other)), Some(false));
        }
    }
    // 2^63 as f64 is neither i64::MAX nor u64 2^63 + 1; it is 2^63.
    let filter = Filter::parse(&one(&[&[0xcb][..], &9_223_372_036_854_775_808.0_f64.to_be_bytes()].concat())).unwrap();
    assert_eq!(filter.matches(&one(&[&[0xcf][..], &(1_u64 << 63).to_be_bytes()].concat())), Some(true));
    assert_eq!(filter.matches(&one(&[&[0xcf][..], &((1_u64 << 63) + 1).to_be_bytes()].concat())), Some(false));
    assert_eq!(filter.matches(&one(&[&[0xd3][..], &i64::MAX.to_be_bytes()].concat())), Some(false));
    // −0 is 0, and −1 is not 2^64 − 1.
    let zero = Filter::parse(&one(&[&[0xcb][..], &(-0.0_f64).to_be_bytes()].concat())).unwrap();
    assert_eq!(zero.matches(&one(b"\x00")), Some(true));
    let minus_one = Filter::parse(&one(b"\xff")).unwrap();
    assert_eq!(minus_one.matches(&one(b"\xcf\xff\xff\xff\xff\xff\xff\xff\xff")), Some(false));
}

#[test]
fn texts_booleans_null_bytes_and_extensions_compare() {
    let values: [&[u8]; 9] = [
        b"\xa1n",
        b"\xa0",
        b"\xc2",
        b"\xc3",
        b"\xc0",
        b"\xc4\x01n",
        b"\xd6\xff\x00\x00\x00\x01",
        b"\xd6\xff\x00\x00\x00\x02",
        b"\xc7\x03\x05abc",
    ];
    for (at, wanted) in values.iter().enumerate() {
        let filter = Filter::parse(&one(wanted)).unwrap();
        for (other, value) in values.iter().enumerate() {
            assert_eq!(filter.matches(&one(value)), Some(at == other), "{at} {other}");
        }
        assert_eq!(filter.matches(b"\x80"), Some(false));
    }
    let long_form = Filter::parse(&one(b"\xd9\x01n")).unwrap();
    assert_eq!(long_form.matches(&one(b"\xa1n")), Some(true));
}

#[test]
fn every_condition_must_hold_and_nested_values_are_passed_over() {
    let filter = Filter::parse(&common::map(&[("a", "x"), ("b", "y")])).unwrap();
    assert_eq!(filter.matches(&common::map(&[("b", "y"), ("c", "z"), ("a", "x")])), Some(true));
    assert_eq!(filter.matches(&common::map(&[("b", "y"), ("c", "z")])), Some(false));
    // { n: { a: 'x', l: [1, [2]] }, a: 'x', b: 'y' }
    let nested = b"\x83\xa1n\x82\xa1a\xa1q\xa1l\x92\x01\x91\x02\xa1a\xa1x\xa1b\xa1y";
    assert_eq!(filter.matches(nested), Some(true));
}

#[test]
fn what_cannot_be_compared_with_is_refused() {
    let nan = [&[0xcb][..], &f64::NAN.to_be_bytes()].concat();
    for value in [&b"\x90"[..], b"\x80", b"\x91\x01", &nan, b"\xc1", b"", b"\xa5n"] {
        assert_eq!(common::code(Filter::parse(&one(value))), Some(ErrorCode::InvalidArgument), "{value:?}");
    }
    for map in [&b""[..], b"\xc0", b"\x90", b"\x81\x01\x01", b"\x80\x80", b"\xdf\xff\xff\xff\xff"] {
        assert_eq!(common::code(Filter::parse(map)), Some(ErrorCode::InvalidArgument), "{map:?}");
    }
}

#[test]
fn damaged_attributes_never_panic() {
    let mut random = common::random();
    let filter = Filter::parse(&one(b"\x07")).unwrap();
    for _ in 0..20_000 {
        let mut bytes: Vec<u8> = (0..random.random_range(0..40)).map(|_| random.random()).collect();
        if let Some(first) = bytes.first_mut().filter(|_| random.random_bool(0.8)) {
            *first = 0x80 | (*first & 0x0f);
        }
        let _ = filter.matches(&bytes);
        let _ = Filter::parse(&bytes);
    }
    assert_eq!(filter.matches(b"\x81\xa1b\x92\x01"), None);
    assert_eq!(filter.matches(b"\x82\xa1b\xdd\xff\xff\xff\xff\xa1a\x07"), None);
}
