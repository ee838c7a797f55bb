//! What is sorted or gathered now and then: one sort for every type, where the standard library's is compiled anew for
//! each, with four to five kilobytes of code.

use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Sorts stably by `compare`, with an index for each item beside it. For what is sorted once in an operation that takes
/// milliseconds: a comparison is a call through a pointer.
///
/// ```
/// let mut names = vec!["b", "a", "c"];
/// sledstore_engine::sort_sometimes(&mut names, |left, right| left.cmp(right));
/// assert_eq!(names, ["a", "b", "c"]);
/// ```
pub fn sort_sometimes<T>(items: &mut Vec<T>, compare: impl Fn(&T, &T) -> Ordering) {
    let order = sorted_places(items.len(), &|left, right| compare(&items[left], &items[right]));
    let mut taken: Vec<Option<T>> = std::mem::take(items).into_iter().map(Some).collect();
    items.extend(order.into_iter().filter_map(|at| taken[at].take()));
}

fn sorted_places(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|&left, &right| compare(left, right));
    order
}

/// The map of entries, put in one after the other: to collect one sorts them all first.
pub(crate) fn map_of<K: Ord, V>(entries: impl IntoIterator<Item = (K, V)>) -> BTreeMap<K, V> {
    let mut map = BTreeMap::new();
    map.extend(entries);
    map
}

/// As [`map_of`], of entries that may fail.
pub(crate) fn map_of_each<K: Ord, V, E>(
    entries: impl IntoIterator<Item = Result<(K, V), E>>,
) -> Result<BTreeMap<K, V>, E> {
    let mut map = BTreeMap::new();
    for entry in entries {
        let (key, value) = entry?;
        map.insert(key, value);
    }
    Ok(map)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn sorts_as_the_standard_library_does(items: Vec<(u8, u32)>) {
            let mut expected = items.clone();
            expected.sort_by_key(|item| item.0);
            let mut sorted = items;
            sort_sometimes(&mut sorted, |left, right| left.0.cmp(&right.0));
            prop_assert_eq!(sorted, expected);
        }
    }
}
