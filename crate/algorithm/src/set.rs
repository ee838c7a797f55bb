//! Sets of small numbers as bits.

/// A set of node numbers; one bit for each number up to the largest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NodeSet {
    words: Vec<u64>,
}

impl NodeSet {
    /// An empty set.
    pub const fn new() -> Self {
        Self { words: Vec::new() }
    }

    /// An empty set with room for the numbers below `bound`.
    pub fn with_bound(bound: usize) -> Self {
        Self { words: vec![0; bound.div_ceil(64)] }
    }

    /// Whether `number` is in it.
    #[inline]
    pub fn contains(&self, number: u32) -> bool {
        self.words.get(number as usize / 64).is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    /// Adds `number`; `false` when it was there.
    pub fn insert(&mut self, number: u32) -> bool {
        let at = number as usize / 64;
        if at >= self.words.len() {
            self.words.resize(at + 1, 0);
        }
        let bit = 1 << (number % 64);
        let new = self.words[at] & bit == 0;
        self.words[at] |= bit;
        new
    }

    /// Takes `number` out; `false` when it was not there.
    pub fn remove(&mut self, number: u32) -> bool {
        let there = self.contains(number);
        if there {
            self.words[number as usize / 64] &= !(1 << (number % 64));
        }
        there
    }

    /// How many there are; every word is looked at.
    pub fn len(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|&word| word == 0)
    }

    /// The numbers in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.words.iter().enumerate().flat_map(|(at, &word)| {
            std::iter::successors((word != 0).then_some(word), |rest| {
                let rest = rest & (rest - 1);
                (rest != 0).then_some(rest)
            })
            .map(move |rest| at as u32 * 64 + rest.trailing_zeros())
        })
    }

    /// Bytes on the heap.
    pub fn bytes(&self) -> usize {
        self.words.capacity() * size_of::<u64>()
    }
}

impl FromIterator<u32> for NodeSet {
    fn from_iter<I: IntoIterator<Item = u32>>(numbers: I) -> Self {
        let mut set = Self::new();
        for number in numbers {
            set.insert(number);
        }
        set
    }
}

/// A set of edge types.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypeSet(NodeSet);

impl TypeSet {
    /// Whether `edge_type` is in it.
    #[inline]
    pub fn contains(&self, edge_type: u16) -> bool {
        self.0.contains(u32::from(edge_type))
    }
}

impl FromIterator<u16> for TypeSet {
    fn from_iter<I: IntoIterator<Item = u16>>(types: I) -> Self {
        Self(types.into_iter().map(u32::from).collect())
    }
}
