//! One step of a client, and what it does to a state.

use std::collections::BTreeMap;
use std::ops::Bound;

use sledstore_engine::{KeyRange, NamespaceId};

/// Keys and values.
pub type Rows = Vec<(Vec<u8>, Vec<u8>)>;
/// All rows at one moment.
pub type State = BTreeMap<(NamespaceId, Vec<u8>), Vec<u8>>;

/// A read with its answer, or a write.
#[derive(Clone, Debug)]
pub enum Event {
    /// A key, and what it had.
    Get(NamespaceId, Vec<u8>, Option<Vec<u8>>),
    /// Range, direction, the most rows that were taken, and those.
    Scan(NamespaceId, KeyRange, bool, usize, Rows),
    /// A key and its new value.
    Put(NamespaceId, Vec<u8>, Vec<u8>),
    /// A key that is removed.
    Delete(NamespaceId, Vec<u8>),
    /// A range that is removed.
    Clear(NamespaceId, KeyRange),
}

impl Event {
    /// Whether it changes anything.
    pub(super) fn is_write(&self) -> bool {
        !matches!(self, Self::Get(..) | Self::Scan(..))
    }

    pub(super) fn apply(&self, state: &mut State) {
        match self {
            Self::Get(..) | Self::Scan(..) => {}
            Self::Put(namespace, key, value) => drop(state.insert((*namespace, key.clone()), value.clone())),
            Self::Delete(namespace, key) => drop(state.remove(&(*namespace, key.clone()))),
            Self::Clear(namespace, range) => state.retain(|(of, key), _| of != namespace || !range.contains(key)),
        }
    }

    /// How a read differs from what a state says.
    pub(super) fn difference(&self, state: &State) -> Option<String> {
        match self {
            Self::Get(namespace, key, found) => {
                let right = state.get(&(*namespace, key.clone()));
                (found.as_ref() != right)
                    .then(|| format!("{} read as {}, not {}", key.escape_ascii(), short(found.as_ref()), short(right)))
            }
            Self::Scan(namespace, range, reverse, take, rows) => {
                let right = rows_of(state, *namespace, range, *reverse, *take);
                (*rows != right).then(|| format!("a scan gave {} rows, {} are right", rows.len(), right.len()))
            }
            _ => None,
        }
    }
}

/// What a scan of a state gives.
pub fn rows_of(state: &State, namespace: NamespaceId, range: &KeyRange, reverse: bool, take: usize) -> Rows {
    let from = Bound::Included((namespace, Vec::new()));
    let of = state.range((from, Bound::Unbounded)).take_while(|((of, _), _)| *of == namespace);
    let mut rows: Rows =
        of.filter(|((_, key), _)| range.contains(key)).map(|((_, key), value)| (key.clone(), value.clone())).collect();
    if reverse {
        rows.reverse();
    }
    rows.truncate(take);
    rows
}

fn short(value: Option<&Vec<u8>>) -> String {
    value.map_or("missing".to_owned(), |value| value[..value.len().min(16)].escape_ascii().to_string())
}
