//! What a full-text index says may hold a part of a text is all that does.
#![allow(clippy::unwrap_used)]

mod common;

use std::cell::Cell;

use common::{change, map, memory_graph, random};
use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rmpv::Value;
use sledstore_engine::{Durability, ErrorCode, Store};
use sledstore_graph::{Graph, IndexKind, IndexSpec, TextOptions, TextPlace};

/// Letters of several scripts, signs that join words and signs that part them, and what stands in no word.
const PIECES: [&str; 44] = [
    "a",
    "B",
    "c",
    "abc",
    "Ab",
    "7",
    "42",
    " ",
    " ",
    " ",
    "-",
    "_",
    ".",
    ",",
    ":",
    ";",
    "'",
    "\"",
    "\u{2019}",
    "/",
    "(",
    "\n",
    "\t",
    "\u{ad}",
    "\u{0}",
    "\u{301}",
    "\u{200d}",
    "\u{1F600}",
    "\u{1F1E9}",
    "\u{5d0}",
    "\u{30ab}",
    "\u{6771}",
    "\u{e01}",
    "\u{e9}",
    "\u{df}",
    "\u{130}",
    "\u{3a3}",
    "\u{3c2}",
    "\u{436}",
    "\u{d7}",
    "\u{149}",
    "\u{fb01}",
    "the",
    "The",
];

fn text_of(pieces: usize, random: &mut StdRng) -> String {
    (0..pieces).map(|_| *PIECES.choose(random).unwrap()).collect()
}

fn graph_with(stop_words: &[&str]) -> (Store, Graph) {
    let (store, graph) = memory_graph();
    let spec = IndexSpec { properties: vec!["title".into()], kind: IndexKind::Fulltext, ..IndexSpec::default() };
    let stop_words = stop_words.iter().map(|&word| word.to_owned()).collect();
    let options = TextOptions { labels: vec!["N".into()], stop_words, ..TextOptions::default() };
    graph.build_text_index(&spec, &options, Durability::None, &mut |_, _| true).unwrap();
    (store, graph)
}

fn add(store: &Store, graph: &Graph, title: Value) -> u64 {
    change(store, |tx| graph.add_node(tx, &["N"], &map(&[("title", title.clone())]))).unwrap().0
}

fn may_have(store: &Store, graph: &Graph, part: &str, place: TextPlace, most: usize) -> Option<Vec<u64>> {
    graph.texts_with(store, 1, (part, place), most, &mut || true).unwrap()
}

#[test]
fn nothing_that_holds_a_part_is_left_out() {
    let mut random = random();
    let mut told = 0;
    for stop_words in [&[][..], &["the"]] {
        let (store, graph) = graph_with(stop_words);
        let titles: Vec<(u64, String)> = (0..250)
            .map(|_| {
                let pieces = random.random_range(0..12);
                let mut title = text_of(pieces, &mut random);
                if random.random_bool(0.02) {
                    title.push_str(&"long".repeat(100));
                }
                (add(&store, &graph, title.as_str().into()), title)
            })
            .collect();
        for _ in 0..1_500 {
            let (_, title) = titles.choose(&mut random).unwrap();
            let letters: Vec<char> = title.chars().collect();
            let from = random.random_range(0..=letters.len());
            let to = random.random_range(from..=letters.len());
            let part: String = letters[from..to].iter().collect();
            for place in [TextPlace::Start, TextPlace::End, TextPlace::Anywhere] {
                let Some(found) = may_have(&store, &graph, &part, place, 10_000) else { continue };
                assert!(found.is_sorted());
                let holds = |title: &str| match place {
                    TextPlace::Start => title.starts_with(&part),
                    TextPlace::End => title.ends_with(&part),
                    TextPlace::Anywhere => title.contains(&part),
                };
                for (id, title) in titles.iter().filter(|(_, title)| holds(title)) {
                    assert!(found.binary_search(id).is_ok(), "{part:?} {place:?} in {title:?}");
                }
                told += usize::from(found.len() < titles.len() / 2);
            }
        }
    }
    assert!(told > 500, "{told} searches told something");
}

#[test]
fn words_are_met_as_they_can_be() {
    let (store, graph) = graph_with(&["the"]);
    let ids: Vec<u64> = ["red car", "Bored carl", "a red-carpet", "the tired", "sacred; car", "blue"]
        .iter()
        .map(|&title| add(&store, &graph, title.into()))
        .collect();
    add(&store, &graph, Value::Array(vec!["none".into()]));
    let found = |part: &str, place| {
        let found = may_have(&store, &graph, part, place, 100)?;
        Some(found.iter().map(|id| ids.iter().position(|other| other == id).unwrap_or(99)).collect::<Vec<_>>())
    };
    let (start, end, anywhere) = (TextPlace::Start, TextPlace::End, TextPlace::Anywhere);
    // The beginning of a word, a whole one, the end of one, and any part.
    assert_eq!(found("red", start), Some(vec![0, 2]));
    assert_eq!(found(" red ", anywhere), Some(vec![0, 2]));
    assert_eq!(found("red ca", anywhere), Some(vec![0, 1, 2, 4]));
    assert_eq!(found("ed", end), Some(vec![0, 1, 2, 3, 4]));
    assert_eq!(found("acr", anywhere), Some(vec![4]));
    assert_eq!(found("BLUE", anywhere), Some(vec![5]));
    assert_eq!(found("car", end), Some(vec![0, 4]));
    assert_eq!(found("zebra", anywhere), Some(vec![]));
    // No letter, and words that are in no index, tell nothing.
    for nothing in ["", " - ", "\u{6771}", "th", "he"] {
        assert_eq!(found(nothing, anywhere), None, "{nothing:?}");
    }
    assert_eq!(found("the", start), None);
    assert_eq!(found("tire", start), Some(vec![3]));
    assert_eq!(graph.texts_with(&store, 9, ("red", start), 100, &mut || true).unwrap(), None);
}

#[test]
fn too_many_are_not_told_and_the_caller_ends_it() {
    let (store, graph) = graph_with(&[]);
    for n in 0..400 {
        add(&store, &graph, format!("word{n} common").as_str().into());
    }
    assert_eq!(may_have(&store, &graph, "common ", TextPlace::Anywhere, 399), None);
    assert_eq!(may_have(&store, &graph, "common ", TextPlace::Anywhere, 400).unwrap().len(), 400);
    assert_eq!(may_have(&store, &graph, "mm", TextPlace::Anywhere, 100), None);
    assert_eq!(may_have(&store, &graph, "ord39", TextPlace::Anywhere, 300).unwrap().len(), 11);
    let asked = Cell::new(0);
    let ended = graph.texts_with(&store, 1, ("ord39", TextPlace::Anywhere), 300, &mut || {
        asked.set(asked.get() + 1);
        asked.get() < 3
    });
    assert_eq!(ended.unwrap_err().code(), ErrorCode::Aborted);
}
