//! Records give the graph back; damaged ones are errors, or at the worst a graph that answers.

use std::error::Error as AnyError;
use std::sync::Arc;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sledstore_neighbor::*;

use crate::shared::{built, clustered, search, slots_of};

struct Kept(Vec<Vec<u8>>);

impl CodeSource for Kept {
    fn read(&self, slot: u32, code: &mut [u8]) -> std::result::Result<(), Box<dyn AnyError + Send + Sync>> {
        code.copy_from_slice(self.0.get(slot as usize).ok_or("no such slot")?);
        Ok(())
    }
}

fn original() -> (Graph, Vec<Vec<u32>>, Vec<Vec<f32>>) {
    let mut set = clustered(400, 12, 4, 15);
    set.vectors.extend(vec![set.vectors[3].clone(); 20]);
    let graph = built(&Parameters::new(12, Metric::L2), &set.vectors);
    [5, 405].iter().for_each(|&slot| assert!(graph.remove(slot)));
    let record = |slot| {
        let mut record = Vec::new();
        graph.record(slot, &mut record).unwrap();
        record
    };
    let records = slots_of(&graph).into_iter().map(record).collect();
    (graph, records, set.queries)
}

fn assembled(graph: &Graph, records: &[Vec<u32>]) -> Result<Graph> {
    let codes = Kept(slots_of(graph).iter().map(|&slot| graph.code(slot).unwrap().to_vec()).collect());
    let quantizer = Quantizer::from_bytes(graph.parameters(), &graph.quantizer().to_bytes())?;
    let mut assembly = Assembly::new(graph.parameters().clone(), quantizer, records.len(), Some(Arc::new(codes)))?;
    for (slot, record) in (0..).zip(records) {
        assembly.record(slot, record)?;
    }
    assembly.finish()
}

#[test]
fn whole_records_give_the_graph_back() {
    let (graph, records, queries) = original();
    let mut again = assembled(&graph, &records).unwrap();
    assert_eq!(again.counts(), graph.counts());
    let answers =
        |graph: &Graph| queries.iter().map(|query| search(graph, query, &Request::nearest(30))).collect::<Vec<_>>();
    // First read one by one from the source, then out of memory.
    assert_eq!(answers(&again), answers(&graph));
    assert!(again.missing_chunks().count() > 0);
    for chunk in again.missing_chunks().collect::<Vec<_>>() {
        let slots = (chunk * again.chunk_slots()..graph.slots()).take(again.chunk_slots());
        let codes: Vec<u8> = slots.flat_map(|slot| graph.code(slot as u32).unwrap()).copied().collect();
        again.fill(chunk, &codes).unwrap();
    }
    assert_eq!(again.missing_chunks().count(), 0);
    assert_eq!(answers(&again), answers(&graph));
    let code = graph.code(0).unwrap().to_vec();
    assert_eq!(again.add(&code).unwrap(), graph.slots() as u32);
}

#[test]
fn changes_are_told_once() {
    let (graph, _, _) = original();
    let mut dirty = Vec::new();
    graph.drain_dirty(&mut dirty);
    assert_eq!(dirty, slots_of(&graph));
    dirty.clear();
    graph.remove(17);
    graph.mark_dirty(3);
    graph.drain_dirty(&mut dirty);
    assert_eq!(dirty, [3, 17]);
}

#[test]
fn damage_ends_nothing() {
    let (graph, records, queries) = original();
    let seed = std::env::var("SEED").map_or(16, |seed| seed.parse().unwrap());
    println!("SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let mut refused = 0;
    for _ in 0..300 {
        let mut damaged = records.clone();
        let slot = random.random_range(0..damaged.len());
        let record = &mut damaged[slot];
        let at = random.random_range(0..record.len());
        match random.random_range(0..4) {
            0 => record.truncate(at),
            1 => record[at] ^= 1 << random.random_range(0..32),
            2 => record[at] = random.random(),
            _ => record.insert(at, random.random_range(0..500)),
        }
        match assembled(&graph, &damaged) {
            Err(Error::Damaged { .. }) => refused += 1,
            Err(error) => panic!("{error}"),
            Ok(graph) => {
                // Another slot was as good to link to.
                let _ = search(&graph, &queries[0], &Request::nearest(30));
            }
        }
    }
    assert!(refused > 150, "{refused}");
}

#[test]
fn a_missing_code_is_an_error() {
    let (graph, records, queries) = original();
    let quantizer = Quantizer::from_bytes(graph.parameters(), &graph.quantizer().to_bytes()).unwrap();
    let mut assembly = Assembly::new(graph.parameters().clone(), quantizer, records.len(), None).unwrap();
    (0..).zip(&records).for_each(|(slot, record)| assembly.record(slot, record).unwrap());
    let graph = assembly.finish().unwrap();
    let query = graph.quantizer().query(&queries[0]).unwrap();
    let answer = graph.search(&mut Scratch::new(), &query, &Request::nearest(5), &mut || true, &mut Vec::new());
    assert!(matches!(answer, Err(Error::MissingCode { .. })));
}
