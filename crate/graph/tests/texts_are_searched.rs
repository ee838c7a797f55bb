//! Full-text indexes find what a model finds, with the scores of the formula, whatever was changed before.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;

use common::{assert_sound, change, code, map, memory_graph, random};
use rand::Rng;
use rmpv::Value;
use sledstore_engine::{Durability, ErrorCode, KeyRange, Read, Result, ScanOptions, Store};
use sledstore_graph::{
    Entity, Graph, IndexKind, IndexSpec, NodeId, NodeUpdate, PropertyChange, TextOptions, TextSearch,
};

const VOCABULARY: [&str; 7] = ["ant", "Antler", "bee", "bear", "cat", "dog", "Éclair"];

fn spec(name: &str, entity: Entity, properties: &[&str]) -> IndexSpec {
    let properties = properties.iter().map(|&property| property.to_owned()).collect();
    IndexSpec { name: name.into(), entity, properties, kind: IndexKind::Fulltext, ..IndexSpec::default() }
}

fn options(labels: &[&str]) -> TextOptions {
    TextOptions { labels: labels.iter().map(|&label| label.to_owned()).collect(), ..TextOptions::default() }
}

fn create(graph: &Graph, spec: &IndexSpec, options: &TextOptions) -> Result<bool> {
    graph.build_text_index(spec, options, Durability::None, &mut |_, _| true)
}

fn search(reader: &impl Read, graph: &Graph, query: &str) -> Vec<(u64, f64)> {
    let search = TextSearch { query, ..TextSearch::default() };
    let (_, hits) = graph.search_text(reader, "texts", &search, &mut |_| true).unwrap();
    hits.into_iter().map(|hit| (hit.id, hit.score)).collect()
}

fn ids(reader: &impl Read, graph: &Graph, query: &str) -> Vec<u64> {
    search(reader, graph, query).into_iter().map(|(id, _)| id).collect()
}

fn title(text: &str) -> Vec<u8> {
    map(&[("title", Value::from(text))])
}

/// Rows of postings and documents.
fn rows(store: &Store, graph: &Graph) -> u64 {
    let count = |kind: u8| {
        let range = KeyRange::prefix(&[kind]);
        store.scan(graph.namespace(), &range, ScanOptions::default()).unwrap().count_rows().unwrap()
    };
    count(0x16) + count(0x17)
}

/// How often the words stand side by side in the texts of a document; the last may be the beginning of one.
fn frequency(texts: &[Vec<String>], phrase: &[&str], prefix: bool) -> usize {
    let fits = |window: &[String]| {
        window.iter().zip(phrase).enumerate().all(|(at, (word, wanted))| {
            if prefix && at + 1 == phrase.len() { word.starts_with(wanted) } else { word == wanted }
        })
    };
    texts.iter().map(|text| text.windows(phrase.len()).filter(|window| fits(window)).count()).sum()
}

/// What documents score for a word or phrase, by the formula.
fn scores(documents: &BTreeMap<u64, Vec<Vec<String>>>, phrase: &[&str], prefix: bool) -> BTreeMap<u64, f64> {
    let length = |texts: &Vec<Vec<String>>| texts.iter().map(Vec::len).sum::<usize>() as f64;
    let filled = documents.values().filter(|texts| length(texts) > 0.0);
    let (count, words) = filled.fold((0.0, 0.0), |(count, words), texts| (count + 1.0, words + length(texts)));
    let found = documents.iter().map(|(&id, texts)| (id, frequency(texts, phrase, prefix) as f64, length(texts)));
    let found: Vec<_> = found.filter(|(_, frequency, _)| *frequency > 0.0).collect();
    let having = found.len() as f64;
    let weight = (1.0 + (count - having + 0.5) / (having + 0.5)).ln();
    let score = |frequency: f64, length: f64| {
        weight * frequency * 2.2 / (frequency + 1.2 * (0.25 + 0.75 * length / (words / count)))
    };
    found.into_iter().map(|(id, frequency, length)| (id, score(frequency, length))).collect()
}

fn assert_scores(found: &[(u64, f64)], wanted: &BTreeMap<u64, f64>, query: &str) {
    assert!(found.is_sorted_by(|a, b| a.1 > b.1 || (a.1 == b.1 && a.0 < b.0)), "{query}: {found:?}");
    let found: BTreeMap<u64, f64> = found.iter().copied().collect();
    assert_eq!(found.keys().collect::<Vec<_>>(), wanted.keys().collect::<Vec<_>>(), "{query}");
    for (id, score) in &found {
        assert!((score - wanted[id]).abs() < 1e-9, "{query}: {id} has {score}, not {}", wanted[id]);
    }
}

fn assert_as_model(store: &Store, graph: &Graph, documents: &BTreeMap<u64, Vec<Vec<String>>>) {
    let sum = |a: &BTreeMap<u64, f64>, b: &BTreeMap<u64, f64>| {
        let mut sum = a.clone();
        b.iter().for_each(|(&id, score)| *sum.entry(id).or_default() += score);
        sum
    };
    let word = |word: &str| scores(documents, &[word], false);
    let (bee, cat, ant) = (word("bee"), word("cat"), scores(documents, &["ant"], true));
    for (query, wanted) in [
        ("BEE", bee.clone()),
        ("bee cat", sum(&bee, &cat)),
        ("+bee cat", sum(&bee, &cat).into_iter().filter(|(id, _)| bee.contains_key(id)).collect()),
        (
            "bee AND cat",
            sum(&bee, &cat).into_iter().filter(|(id, _)| bee.contains_key(id) && cat.contains_key(id)).collect(),
        ),
        ("bee -cat", bee.clone().into_iter().filter(|(id, _)| !cat.contains_key(id)).collect()),
        ("-cat", BTreeMap::new()),
        ("ant*", ant),
        ("\"bee cat\"", scores(documents, &["bee", "cat"], false)),
        ("bee-ant*", scores(documents, &["bee", "ant"], true)),
        ("éCLAIR", word("éclair")),
        ("zebra", BTreeMap::new()),
    ] {
        assert_scores(&search(store, graph, query), &wanted, query);
    }
}

#[test]
fn random_texts_are_found_as_by_a_model() {
    let mut random = random();
    let (store, graph) = memory_graph();
    let spec = spec("texts", Entity::Node, &["title", "tags"]);
    let mut nodes: BTreeMap<u64, Vec<Vec<String>>> = BTreeMap::new();
    for step in 0..400 {
        if step == 100 {
            assert!(create(&graph, &spec, &options(&["A", "B"])).unwrap());
        }
        let words = |random: &mut rand::rngs::StdRng| -> Vec<String> {
            let count = random.random_range(0..6);
            (0..count).map(|_| VOCABULARY[random.random_range(0..VOCABULARY.len())].to_owned()).collect()
        };
        let texts = [words(&mut random), words(&mut random), words(&mut random)];
        let joined: Vec<Value> = texts.iter().map(|words| Value::from(words.join(", "))).collect();
        let tags = Value::Array(vec![joined[1].clone(), joined[2].clone(), Value::from(5)]);
        let properties = map(&[("title", joined[0].clone()), ("tags", tags), ("other", Value::from("bee"))]);
        let folded = texts.map(|words| words.iter().map(|word| word.to_lowercase()).collect()).to_vec();
        let chosen = nodes.keys().nth(random.random_range(0..nodes.len().max(1))).copied();
        match (random.random_range(0..10), chosen) {
            (0, Some(id)) => {
                change(&store, |tx| graph.remove_node(tx, NodeId(id))).unwrap();
                nodes.remove(&id);
            }
            (1, Some(id)) => {
                let update = NodeUpdate { add_labels: &["C"], remove_labels: &["A", "B"], ..NodeUpdate::default() };
                change(&store, |tx| graph.update_node(tx, NodeId(id), &update)).unwrap();
                nodes.remove(&id);
            }
            (2..=4, Some(id)) => {
                let properties = Some(PropertyChange::Replace(&properties));
                let update = NodeUpdate { properties, add_labels: &["B"], ..NodeUpdate::default() };
                change(&store, |tx| graph.update_node(tx, NodeId(id), &update)).unwrap();
                nodes.insert(id, folded);
            }
            (label, _) => {
                let labels: &[&str] = if label < 8 { &["A", "B"] } else { &["A"] };
                let id = change(&store, |tx| graph.add_node(tx, labels, &properties)).unwrap();
                nodes.insert(id.0, folded);
            }
        }
        if step % 50 == 0 && step >= 100 {
            assert_as_model(&store, &graph, &nodes);
            assert_sound(&store, &graph);
        }
    }
    assert_as_model(&store, &graph, &nodes);
    assert_sound(&store, &graph);
    assert!(change(&store, |tx| graph.drop_named_index(tx, "texts")).unwrap());
    assert_eq!(rows(&store, &graph), 0);
    assert_sound(&store, &graph);
}

#[test]
fn a_search_sees_its_moment() {
    let (store, graph) = memory_graph();
    create(&graph, &spec("texts", Entity::Node, &["title"]), &options(&["A"])).unwrap();
    let first = change(&store, |tx| graph.add_node(tx, &["A"], &title("red car"))).unwrap().0;
    let before = store.snapshot().unwrap();
    let mut own = store.begin().unwrap();
    let second = graph.add_node(&mut own, &["A"], &title("red boat")).unwrap().0;
    assert_eq!(ids(&own, &graph, "red"), [first, second]);
    assert_eq!(ids(&own, &graph, "boat"), [second]);
    assert_eq!(ids(&store, &graph, "red"), [first]);
    own.abort();
    change(&store, |tx| graph.remove_node(tx, NodeId(first))).unwrap();
    assert_eq!(ids(&before, &graph, "red"), [first]);
    assert_eq!(ids(&store, &graph, "red"), [0; 0]);
    assert_sound(&store, &graph);
}

#[test]
fn writers_of_texts_do_not_meet() {
    let (store, graph) = memory_graph();
    create(&graph, &spec("texts", Entity::Node, &["title"]), &options(&["A"])).unwrap();
    let mut one = store.begin().unwrap();
    let mut other = store.begin().unwrap();
    graph.add_node(&mut one, &["A"], &title("the same words")).unwrap();
    graph.add_node(&mut other, &["A"], &title("the same words")).unwrap();
    one.commit(Durability::None).unwrap();
    other.commit(Durability::None).unwrap();
    assert_eq!(ids(&store, &graph, "same").len(), 2);
    assert_sound(&store, &graph);

    // Who has searched meets who changes what was found.
    let mut searching = store.begin().unwrap();
    assert_eq!(ids(&searching, &graph, "same").len(), 2);
    change(&store, |tx| graph.add_node(tx, &["A"], &title("same"))).unwrap();
    graph.add_node(&mut searching, &["B"], &[]).unwrap();
    assert_eq!(code(searching.commit(Durability::None)), ErrorCode::Conflict);
}

#[test]
fn edges_stop_words_and_parts_of_the_result() {
    let (store, graph) = memory_graph();
    let mut options = options(&["WROTE", "SAID"]);
    options.stop_words = vec!["The".into(), "of".into()];
    options.b = 0.0;
    create(&graph, &spec("texts", Entity::Edge, &["text"]), &options).unwrap();
    let text = |text: &str| map(&[("text", Value::from(text))]);
    let edges = change(&store, |tx| {
        let node = graph.add_node(tx, &[], &[])?;
        let long = graph.add_edge(tx, "WROTE", node, node, &text("The end of the story, and its sequel"))?;
        let short = graph.add_edge(tx, "SAID", node, node, &text("end story"))?;
        graph.add_edge(tx, "THOUGHT", node, node, &text("the end"))?;
        Ok([long.0, short.0])
    })
    .unwrap();
    let [long, short] = edges;
    // Without the length among what counts, both are as good.
    assert_eq!(ids(&store, &graph, "story"), [long, short]);
    assert_eq!(ids(&store, &graph, "the of"), [0; 0]);
    assert_eq!(ids(&store, &graph, "\"end of the story\""), [long]);
    assert_eq!(ids(&store, &graph, "\"end story\""), [short]);
    for (skip, limit, wanted) in [
        (0, Some(1), vec![long]),
        (1, Some(1), vec![short]),
        (1, None, vec![short]),
        (2, Some(5), vec![]),
        (0, Some(0), vec![]),
    ] {
        let part = TextSearch { query: "end", skip, limit };
        let (entity, hits) = graph.search_text(&store, "texts", &part, &mut |_| true).unwrap();
        assert_eq!(entity, Entity::Edge);
        assert_eq!(hits.iter().map(|hit| hit.id).collect::<Vec<_>>(), wanted);
    }
    change(&store, |tx| {
        graph.update_edge(tx, sledstore_graph::EdgeId(short), PropertyChange::Merge(&text("nothing")))?;
        graph.remove_edge(tx, sledstore_graph::EdgeId(long))
    })
    .unwrap();
    assert_eq!(ids(&store, &graph, "end nothing"), [short]);
    assert_sound(&store, &graph);

    let info = graph.all_indexes(&store).unwrap().remove(0);
    let known = info.text.unwrap();
    assert_eq!(
        (known.labels, known.stop_words),
        (vec!["WROTE".into(), "SAID".into()], vec!["of".into(), "the".into()])
    );
}

#[test]
fn what_is_no_index_and_no_query_is_refused() {
    let (store, graph) = memory_graph();
    let titles = spec("texts", Entity::Node, &["title"]);
    for wrong in [
        TextOptions::default(),
        TextOptions { k1: -1.0, ..options(&["A"]) },
        TextOptions { b: f64::NAN, ..options(&["A"]) },
    ] {
        assert_eq!(code(create(&graph, &titles, &wrong)), ErrorCode::InvalidArgument);
    }
    let plain = IndexSpec { kind: IndexKind::Range, ..titles.clone() };
    assert_eq!(code(create(&graph, &plain, &options(&["A"]))), ErrorCode::InvalidArgument);
    assert_eq!(code(graph.build_index(&titles, Durability::None, &mut |_, _| true)), ErrorCode::InvalidArgument);
    assert!(create(&graph, &titles, &options(&["A"])).unwrap());
    assert!(!create(&graph, &titles, &options(&["A"])).unwrap());
    assert_eq!(code(create(&graph, &titles, &TextOptions { k1: 2.0, ..options(&["A"]) })), ErrorCode::Exists);

    change(&store, |tx| (0..3_000).try_for_each(|_| graph.add_node(tx, &["A"], &title("a")).map(|_| ()))).unwrap();
    let find = |name: &str, query: &str, go_on: bool| {
        let search = TextSearch { query, ..TextSearch::default() };
        graph.search_text(&store, name, &search, &mut |_| go_on).map(|(_, hits)| hits.len())
    };
    assert_eq!(code(find("other", "a", true)), ErrorCode::NotFound);
    assert_eq!(code(find("texts", &"a ".repeat(2_000), true)), ErrorCode::InvalidArgument);
    assert_eq!(code(find("texts", "a", false)), ErrorCode::Aborted);
    for query in ["a", "a*", "\"a b\"", "-b +a"] {
        change(&store, |tx| graph.add_node(tx, &["A"], &title("a b")).map(|_| ())).unwrap();
        let (search, mut told) = (TextSearch { query, ..TextSearch::default() }, Vec::new());
        graph
            .search_text(&store, "texts", &search, &mut |held| {
                told.push(held);
                true
            })
            .unwrap();
        // A match has sixteen bytes at least, and what is found first is held while more is.
        assert!(told.len() >= 3 && told.iter().max() >= Some(&(16 * 3_000)), "{query}: {told:?}");
    }
    assert_eq!(find("texts", "a", true).unwrap(), 3_004);
}

#[test]
fn it_is_built_beside_writers_and_not_seen_before() {
    let mut random = random();
    let (store, graph) = memory_graph();
    let text = |n: usize| title(&format!("all {} {n}", VOCABULARY[n % VOCABULARY.len()]));
    let mut nodes = Vec::new();
    for first in (0..3_000).step_by(500) {
        let add = change(&store, |tx| (first..first + 500).map(|n| graph.add_node(tx, &["A"], &text(n))).collect());
        let added: Vec<NodeId> = add.unwrap();
        nodes.extend(added);
    }
    let titles = spec("texts", Entity::Node, &["title"]);
    let ended = graph.build_text_index(&titles, &options(&["A"]), Durability::None, &mut |done, _| done < 1_000);
    assert_eq!(code(ended), ErrorCode::Aborted);
    assert_eq!(rows(&store, &graph), 0);
    assert_sound(&store, &graph);

    let mut told = Vec::new();
    let created = graph.build_text_index(&titles, &options(&["A", "B"]), Durability::None, &mut |done, _| {
        told.push(done);
        let early = TextSearch { query: "all", ..TextSearch::default() };
        assert_eq!(code(graph.search_text(&store, "texts", &early, &mut |_| true)), ErrorCode::NotFound);
        for _ in 0..20 {
            let at = random.random_range(0..nodes.len());
            let node = nodes[at];
            change(&store, |tx| match at % 3 {
                0 => {
                    let properties = text(at + 1);
                    let properties = Some(PropertyChange::Merge(&properties));
                    graph.update_node(tx, node, &NodeUpdate { properties, add_labels: &["B"], ..NodeUpdate::default() })
                }
                1 => graph.add_node(tx, &["B"], &text(at)).map(|_| ()),
                _ => graph.update_node(tx, node, &NodeUpdate { remove_labels: &["A"], ..NodeUpdate::default() }),
            })
            .unwrap();
        }
        assert_sound(&store, &graph);
        true
    });
    assert!(created.unwrap());
    assert!(told.len() > 5 && told.is_sorted(), "{told:?}");
    assert_sound(&store, &graph);
    assert!(ids(&store, &graph, "all").len() > 2_500);
}

#[test]
fn long_texts_are_built_in_smaller_steps() {
    use sledstore_engine::{Options, Profile};
    let options_of_store = Options { memory_budget: Profile::Embedded.memory_budget(), ..Options::default() };
    let store = Store::memory(&options_of_store).unwrap();
    let graph = Graph::open(&store, "long").unwrap();
    // 20,000 different words each, which are about 700 KB of postings.
    for first in (0..40).step_by(4) {
        change(&store, |tx| {
            (first..first + 4).try_for_each(|n: u32| {
                let words: Vec<String> = (0..20_000_u32).map(|word| format!("{word}x{}", n % 4)).collect();
                graph.add_node(tx, &["A"], &title(&words.join(" "))).map(|_| ())
            })
        })
        .unwrap();
    }
    assert!(create(&graph, &spec("texts", Entity::Node, &["title"]), &options(&["A"])).unwrap());
    assert_eq!(ids(&store, &graph, "19999x3").len(), 10);
}
