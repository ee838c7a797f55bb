//! The sorted runs that are left: what stands between the blocks and the journal.

use std::collections::BTreeMap;

use super::{Effect, Lost};
use crate::block::RowRef;
use crate::key;
use crate::namespace::NamespaceId;
use crate::row::RowKind;
use crate::sorted_run::salvage::{LostRows, SalvagedRun};

/// Rows of a namespace that a run lacks, as internal keys say it.
fn keys_in(lost: &LostRows, namespace: u32) -> Option<(Vec<u8>, Option<Vec<u8>>)> {
    let mut start = Vec::new();
    key::push_internal_key(&mut start, key::SPACE_BASE, namespace, &[]);
    let end = key::prefix_end(&start)?;
    let (low, high) = &lost.keys;
    if *low >= end || high.as_ref().is_some_and(|high| *high <= start) {
        return None;
    }
    let from = low.strip_prefix(&start[..]).unwrap_or_default().to_vec();
    let to = high.as_ref().filter(|high| **high < end).and_then(|high| high.strip_prefix(&start[..]));
    Some((from, to.map(<[u8]>::to_vec)))
}

/// What a run lacks, by namespace. `is_had` tells that the blocks or the journal have all of it.
pub(super) fn lost_of(run: &SalvagedRun, namespaces: &BTreeMap<u32, String>, is_had: bool) -> Vec<Lost> {
    let mut found = Vec::new();
    for lost in &run.lost {
        let of = |effect, what: &str| Lost::anywhere(run.file.as_str(), effect, what).at(&lost.bytes);
        if is_had {
            found.push(of(Effect::None, "it is damaged, and what was here is in the blocks or the journal"));
            continue;
        }
        for (namespace, name) in namespaces {
            if let Some(keys) = keys_in(lost, *namespace) {
                let older = of(Effect::Older, "what was written to these rows last cannot be read");
                found.push(Lost { namespace: Some(name.clone()), keys, ..older });
            }
        }
    }
    found
}

/// Called with namespace, key and row.
pub(super) type VisitRow<'a, E> = dyn FnMut(u32, &[u8], &RowRef<'_>) -> Result<(), E> + 'a;

/// Visits the rows of a run.
pub(super) fn for_each_row<E>(run: &SalvagedRun, visit: &mut VisitRow<'_, E>) -> Result<(), E> {
    for block in &run.blocks {
        for index in 0..block.len() {
            let internal = block.key_of(index).to_vec();
            if let Some((key::SPACE_BASE, namespace, row_key)) = key::split_internal_key(&internal) {
                visit(namespace, row_key, &block.row(index))?;
            }
        }
    }
    Ok(())
}

/// Writes a run's rows of the catalogue over what is known of it.
pub(super) fn apply_to_catalogue(run: &SalvagedRun, rows: &mut BTreeMap<Vec<u8>, Vec<u8>>) {
    let applied: Result<(), std::convert::Infallible> = for_each_row(run, &mut |namespace, row_key, row| {
        if namespace == NamespaceId::CATALOGUE.get() {
            match row.kind {
                RowKind::Tombstone => drop(rows.remove(row_key)),
                _ => drop(rows.insert(row_key.to_vec(), row.value.to_vec())),
            }
        }
        Ok(())
    });
    applied.unwrap_or_else(|never| match never {});
}

#[cfg(test)]
mod tests {
    use super::*;

    fn internal(namespace: u32, row_key: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        key::push_internal_key(&mut out, key::SPACE_BASE, namespace, row_key);
        out
    }

    #[test]
    fn a_stretch_over_namespaces_is_named_in_each() {
        let lost = LostRows { bytes: 0..1, keys: (internal(3, b"m"), Some(internal(5, b"c"))) };
        assert_eq!(keys_in(&lost, 2), None);
        assert_eq!(keys_in(&lost, 3), Some((b"m".to_vec(), None)));
        assert_eq!(keys_in(&lost, 4), Some((Vec::new(), None)));
        assert_eq!(keys_in(&lost, 5), Some((Vec::new(), Some(b"c".to_vec()))));
        assert_eq!(keys_in(&lost, 6), None);
        // Fences are as short as they can be.
        let all = LostRows { bytes: 0..1, keys: (Vec::new(), Some(internal(5, b"")[..5].to_vec())) };
        assert_eq!((keys_in(&all, 4), keys_in(&all, 5)), (Some((Vec::new(), None)), None));
    }
}
