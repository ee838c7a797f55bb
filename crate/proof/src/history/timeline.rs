//! The state after each commit of a history.

use std::collections::BTreeMap;

use sledstore_engine::{NamespaceId, Seq};

use super::Record;
use super::event::{Event, State};

/// A value, or that it was removed, from a seq on.
type Version = (Seq, Option<Vec<u8>>);

/// Versions by key, ascending by seq.
#[derive(Default)]
pub struct Timeline {
    versions: BTreeMap<(NamespaceId, Vec<u8>), Vec<Version>>,
    seqs: Vec<Seq>,
}

impl Timeline {
    /// Of writers in the order of their commits.
    pub fn new<'a>(writers: impl Iterator<Item = (Seq, &'a Record)>) -> Self {
        let mut timeline = Self::default();
        for (seq, record) in writers {
            timeline.seqs.push(seq);
            for event in &record.events {
                timeline.write(seq, event);
            }
        }
        timeline
    }

    fn write(&mut self, seq: Seq, event: &Event) {
        match event {
            Event::Put(namespace, key, value) => {
                self.versions.entry((*namespace, key.clone())).or_default().push((seq, Some(value.clone())));
            }
            Event::Delete(namespace, key) => {
                self.versions.entry((*namespace, key.clone())).or_default().push((seq, None));
            }
            Event::Clear(namespace, range) => {
                let inside = |of: &NamespaceId, key: &[u8]| of == namespace && range.contains(key);
                let versions = self.versions.iter_mut().filter(|((of, key), _)| inside(of, key));
                versions.for_each(|(_, versions)| versions.push((seq, None)));
            }
            Event::Get(..) | Event::Scan(..) => {}
        }
    }

    /// Everything as it was after the commit of `seq`.
    pub fn state(&self, seq: Seq) -> State {
        let newest = |versions: &Vec<Version>| {
            let above = versions.partition_point(|(of, _)| *of <= seq);
            versions[..above].last().and_then(|(_, value)| value.clone())
        };
        self.versions.iter().filter_map(|(key, versions)| Some((key.clone(), newest(versions)?))).collect()
    }

    /// The states there were from one seq up to another: the first one, and one after each commit.
    pub fn seqs(&self, from: Seq, to: Seq) -> impl Iterator<Item = Seq> {
        let above = self.seqs.partition_point(|seq| *seq <= from);
        std::iter::once(from).chain(self.seqs[above..].iter().copied().take_while(move |seq| *seq <= to))
    }
}
