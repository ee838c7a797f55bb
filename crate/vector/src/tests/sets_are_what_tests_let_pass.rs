//! Slots found in the orders of attributes are those whose attributes pass when they are read one by one, for attributes and
//! filters of every kind, while slots are given, ended, freed and given again, for readers behind each fold.

use std::cell::Cell;
use std::sync::Arc;

use proptest::prelude::*;
use sledstore_engine::{Options, Seq, Store};

use crate::attribute_order::Orders;
use crate::attribute_sets::Sets;
use crate::filter::Filter;
use crate::plan::Matches;
use crate::slots::{SlotTable, Traits};

const NAMES: [&str; 3] = ["a", "b", "long name"];

/// A value as MessagePack, of those that lie near each other.
fn value() -> impl Strategy<Value = Vec<u8>> {
    let big = prop::sample::select(vec![1_u64 << 53, (1 << 53) + 1, (1 << 53) + 2, i64::MAX as u64, 1 << 63, u64::MAX]);
    let floats = [0.0, -0.0, 1.0, 1.5, 2.0, -1.0, 9_007_199_254_740_992.0, 9_223_372_036_854_775_808.0, 1e300]
        .into_iter()
        .chain([f64::INFINITY, f64::NEG_INFINITY, 1.844_674_407_370_955_2e19, -9_223_372_036_854_775_808.0]);
    let text = prop::sample::select(vec!["", "a", "ab", "abc", "b", "é"]);
    prop_oneof![
        1 => Just(vec![0xc0]),
        2 => any::<bool>().prop_map(|value| vec![if value { 0xc3 } else { 0xc2 }]),
        4 => (-3..4_i8).prop_map(|value| vec![0xd0, value as u8]),
        2 => (0..4_u8).prop_map(|value| vec![value]),
        2 => big.prop_map(|value| [&[0xcf][..], &value.to_be_bytes()].concat()),
        1 => prop::sample::select(vec![i64::MIN, i64::MIN + 1, -(1 << 53) - 1])
            .prop_map(|value| [&[0xd3][..], &value.to_be_bytes()].concat()),
        4 => prop::sample::select(floats.collect::<Vec<f64>>())
            .prop_map(|value| [&[0xcb][..], &value.to_be_bytes()].concat()),
        1 => prop::sample::select(vec![1.5_f32, 2.0, -0.0]).prop_map(|value| [&[0xca][..], &value.to_be_bytes()].concat()),
        4 => text.prop_map(|text| [&[0xa0 | text.len() as u8], text.as_bytes()].concat()),
        2 => (0..3_u32).prop_map(|at| [&[0xd6, 0xff][..], &at.to_be_bytes()].concat()),
        2 => (0..3_u64, 0..2_u64).prop_map(|(at, nanos)| [&[0xd7, 0xff][..], &(nanos << 34 | at).to_be_bytes()].concat()),
        1 => (-1..2_i64).prop_map(|at| [&[0xc7, 12, 0xff, 0, 0, 0, 0][..], &at.to_be_bytes()].concat()),
        1 => prop::sample::select(vec![&b"\xc4\x01n"[..], b"\xc4\x00", b"\xd4\x05x"]).prop_map(<[u8]>::to_vec),
    ]
}

/// One that may stand in a vector's attributes.
fn stored() -> impl Strategy<Value = Vec<u8>> {
    let nan = [&[0xcb][..], &f64::NAN.to_be_bytes()].concat();
    prop_oneof![9 => value(), 1 => prop::sample::select(vec![nan, b"\x92\x01\xa1a".to_vec(), b"\x81\xa1a\x01".to_vec()])]
}

fn named(name: &str) -> Vec<u8> {
    [&[0xa0 | name.len() as u8], name.as_bytes()].concat()
}

/// Some of the names with values; nothing at all for a vector without attributes.
fn attributes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::option::of(stored()), NAMES.len()).prop_map(|values| {
        let some: Vec<_> = NAMES.iter().zip(values).filter_map(|(name, value)| Some((name, value?))).collect();
        let pairs = some.iter().flat_map(|(name, value)| [named(name), value.clone()]);
        if some.is_empty() { Vec::new() } else { [vec![0x80 | some.len() as u8], pairs.flatten().collect()].concat() }
    })
}

fn ordered() -> impl Strategy<Value = Vec<u8>> {
    value().prop_filter("has an order", |value| {
        matches!(value[0], 0x00..=0x7f | 0xa0..=0xbf | 0xca..=0xd3) || value.get(1) == Some(&0xff) || value[0] == 0xc7
    })
}

/// A map of one attribute and what is asked of it.
fn test() -> impl Strategy<Value = Vec<u8>> {
    let compared = prop::collection::vec(
        (prop::sample::select(vec!["gt", "gte", "lt", "lte"]), ordered())
            .prop_map(|(operator, value)| (operator, value)),
        1..3,
    );
    let asked = prop_oneof![
        3 => value(),
        2 => prop::collection::vec(value(), 0..4).prop_map(|values| {
            [vec![0x81], named("in"), vec![0x90 | values.len() as u8], values.concat()].concat()
        }),
        4 => compared.prop_map(|tests| {
            let each = tests.iter().flat_map(|(operator, value)| [named(operator), value.clone()]);
            [vec![0x80 | tests.len() as u8], each.flatten().collect()].concat()
        }),
        1 => prop::sample::select(vec!["", "a", "ab", "c"])
            .prop_map(|prefix| [vec![0x81], named("startsWith"), named(prefix)].concat()),
    ];
    (prop::sample::select(NAMES.to_vec()), asked).prop_map(|(name, asked)| [vec![0x81], named(name), asked].concat())
}

fn filter() -> impl Strategy<Value = Vec<u8>> {
    test().prop_recursive(3, 12, 3, |inner| {
        let list = |name: &'static str, maps: Vec<Vec<u8>>| {
            [vec![0x81], named(name), vec![0x90 | maps.len() as u8], maps.concat()].concat()
        };
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(move |maps| list("$and", maps)),
            prop::collection::vec(inner.clone(), 0..4).prop_map(move |maps| list("$or", maps)),
            inner.prop_map(|map| [vec![0x81], named("$not"), map].concat()),
        ]
    })
}

#[derive(Clone, Debug)]
enum Change {
    Put(u16, Vec<u8>),
    Delete(u16),
    /// Slots that no reader has any more stand for nothing, and may be given again.
    Detach,
    Ask(Vec<u8>),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        12 => (0..300_u16, attributes()).prop_map(|(key, attributes)| Change::Put(key, attributes)),
        3 => (0..300_u16).prop_map(Change::Delete),
        1 => Just(Change::Detach),
        6 => filter().prop_map(Change::Ask),
    ]
}

/// Each change is a fold of its own.
struct Model {
    store: Store,
    slots: SlotTable,
    free: Vec<u32>,
    fold: Seq,
    /// Readers behind folds before this one are gone.
    floor: Seq,
}

fn traits_of(attributes: &[u8]) -> Traits {
    Traits { has_attributes: !attributes.is_empty(), is_exact: false }
}

impl Model {
    fn new(first: &[Vec<u8>]) -> Self {
        let store = Store::memory(&Options::default()).unwrap();
        let mut slots = SlotTable::with_capacity(0);
        let mut of_slot = Vec::new();
        for (number, attributes) in first.iter().enumerate() {
            slots.set(number as u32, &(number as u16).to_be_bytes(), traits_of(attributes), 1);
            of_slot.push(attributes.clone().into_boxed_slice());
        }
        slots.load_attributes(1, of_slot, store.lend(1 << 16).unwrap());
        Self { store, slots, free: Vec::new(), fold: 1, floor: 1 }
    }

    fn apply(&mut self, change: &Change) {
        self.fold += 1;
        match change {
            Change::Put(key, attributes) => {
                let key = key.to_be_bytes();
                let old = self.slots.of_key(&key);
                let slot = self.free.pop().unwrap_or(self.slots.len() as u32);
                self.slots.set(slot, &key, traits_of(attributes), self.fold);
                self.slots.set_attributes(slot, attributes);
                old.into_iter().for_each(|old| self.slots.end(old, self.fold));
            }
            Change::Delete(key) => {
                let old = self.slots.of_key(&key.to_be_bytes());
                old.into_iter().for_each(|old| self.slots.end(old, self.fold));
            }
            Change::Detach => {
                self.floor = self.fold;
                for slot in 0..self.slots.len() as u32 {
                    if self.slots.get(slot).is_some_and(|known| !known.is_live() && known.died <= self.fold) {
                        self.slots.free(slot);
                        self.free.push(slot);
                    }
                }
            }
            Change::Ask(filter) => self.check(&Filter::parse(filter).unwrap()),
        }
    }

    fn check(&self, filter: &Filter) {
        let (of_slot, orders) = self.slots.ordered_attributes().unwrap();
        let orders: &Orders = orders;
        let orders = orders.current(of_slot, &filter.names(), &self.store, &|| Ok(())).unwrap().unwrap();
        for fold in [self.fold, self.floor.midpoint(self.fold), self.floor] {
            let visible = || Arc::new(Matches::visible(&self.slots, fold));
            let (slots, tested) = (&self.slots, Cell::new(0));
            let sets = Sets { slots, of_slot, orders: &orders, fold, visible: &visible, tested };
            let found = sets.matches(filter.condition()).unwrap();
            let expected = Matches::of_filter(&self.slots, filter, fold, None, &mut 0).unwrap();
            assert_eq!(found.iter().collect::<Vec<_>>(), expected.iter().collect::<Vec<_>>(), "{filter:?}");
            assert_eq!(found.count, expected.count);
            assert!(expected.iter().all(|slot| found.contains(slot)));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_changes(first in prop::collection::vec(attributes(), 0..250), changes in prop::collection::vec(change(), 0..80)) {
        let mut model = Model::new(&first);
        changes.iter().for_each(|change| model.apply(change));
    }
}

#[test]
fn damaged_attributes_have_no_order() {
    let mut model = Model::new(&[b"\x81\xa1a\x01".to_vec(), b"\x81\xa1a".to_vec()]);
    let current = |model: &Model, name: &[u8]| {
        let (of_slot, orders) = model.slots.ordered_attributes().unwrap();
        orders.current(of_slot, &[name], &model.store, &|| Ok(())).unwrap().is_some()
    };
    assert!(!current(&model, b"a"));
    // What stands before the damage can be read.
    model.apply(&Change::Put(1, b"\x82\xa1a\x02\xa1b".to_vec()));
    assert!(!current(&model, b"b"));
}

#[test]
fn without_room_there_is_no_order() {
    let model = Model::new(&vec![b"\x81\xa1a\x01".to_vec(); 200]);
    let (of_slot, orders) = model.slots.ordered_attributes().unwrap();
    let max = model.store.needed_bytes_max();
    let taken = model.store.lend_needed(max - (1 << 16) - 512, max).unwrap();
    assert!(orders.current(of_slot, &[b"a"], &model.store, &|| Ok(())).unwrap().is_none());
    drop(taken);
    assert!(orders.current(of_slot, &[b"a"], &model.store, &|| Ok(())).unwrap().is_some());
}

#[test]
fn making_an_order_can_be_ended() {
    let model = Model::new(&[b"\x81\xa1a\x01".to_vec()]);
    let (of_slot, orders) = model.slots.ordered_attributes().unwrap();
    assert!(orders.current(of_slot, &[b"a"], &model.store, &|| Err(crate::search::ended())).is_err());
    assert!(orders.current(of_slot, &[b"a"], &model.store, &|| Ok(())).unwrap().is_some());
}

#[test]
fn orders_that_nobody_asks_for_are_dropped_when_much_has_changed() {
    let mut model = Model::new(&[b"\x81\xa1a\x01".to_vec()]);
    let ask = Change::Ask(b"\x81\xa1a\x01".to_vec());
    model.apply(&ask);
    for number in 0..3_000 {
        model.apply(&Change::Put(number, b"\x81\xa1a\x01".to_vec()));
    }
    model.apply(&ask);
}
