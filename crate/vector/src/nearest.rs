//! The k nearest seen so far.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// A found vector, ordered by its [`Place`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Candidate {
    pub distance: f64,
    pub key: Vec<u8>,
}

impl Eq for Candidate {}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> Ordering {
        self.place().cmp(&other.place())
    }
}

impl Candidate {
    fn place(&self) -> Place<'_> {
        Place { distance: self.distance, key: &self.key }
    }
}

/// Where a vector stands in an answer: nearer ones come first, and of equally near ones the lower key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place<'a> {
    /// Its distance from the query.
    pub distance: f64,
    /// Its key.
    pub key: &'a [u8],
}

impl Place<'_> {
    pub(crate) fn cmp(&self, other: &Place<'_>) -> Ordering {
        self.distance.total_cmp(&other.distance).then_with(|| self.key.cmp(other.key))
    }
}

/// A bounded heap whose top is the farthest of the k nearest.
pub(crate) struct Nearest<'a> {
    k: usize,
    max_distance: f64,
    /// Only what stands behind this place counts.
    after: Option<Place<'a>>,
    heap: BinaryHeap<Candidate>,
}

impl<'a> Nearest<'a> {
    pub fn new(k: usize, max_distance: f64, after: Option<Place<'a>>) -> Self {
        Self { k, max_distance, after, heap: BinaryHeap::new() }
    }

    /// Whether a vector at this distance would be among the nearest.
    #[inline]
    pub fn accepts(&self, distance: f64, key: &[u8]) -> bool {
        let full = self.heap.len() == self.k;
        match self.heap.peek() {
            // Most rows end here.
            Some(farthest) if full && distance > farthest.distance => false,
            Some(farthest) if full && (Place { distance, key }).cmp(&farthest.place()).is_ge() => false,
            _ => {
                distance <= self.max_distance
                    && self.after.is_none_or(|after| (Place { distance, key }).cmp(&after).is_gt())
            }
        }
    }

    /// What a vector must be nearer than to be among the nearest, once there are `k`.
    pub fn farthest(&self) -> Option<f64> {
        self.heap.peek().filter(|_| self.heap.len() == self.k).map(|farthest| farthest.distance)
    }

    /// Takes in a vector that [`Nearest::accepts`].
    pub fn insert(&mut self, distance: f64, key: &[u8]) {
        if self.heap.len() < self.k {
            self.heap.push(Candidate { distance, key: key.to_vec() });
        } else if let Some(mut farthest) = self.heap.peek_mut() {
            farthest.distance = distance;
            farthest.key.clear();
            farthest.key.extend_from_slice(key);
        }
    }

    /// What was found, nearest first.
    pub fn into_sorted(self) -> Vec<Candidate> {
        self.heap.into_sorted_vec()
    }
}
