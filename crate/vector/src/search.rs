//! The exact search: every vector is compared, a page of the store at a time.

use sledstore_engine::{Error, ErrorCode, Read, Result, ScanOptions};

use crate::attribute_walk::AttributeWalk;
use crate::distance::Query;
use crate::diverse::Diversity;
use crate::filter::Filter;
use crate::index::VectorIndex;
use crate::keys::{RowKind, user_key};
use crate::nearest::{Nearest, Place};
use crate::plan::Plan;
use crate::row::{Shape, invalid};

/// Rows and bytes taken from a scan at a time.
const PAGE_ROWS: usize = 4_096;
const PAGE_BYTES: usize = 1 << 20;
/// Up to this many keys, or up to this part of the rows, vectors are fetched by key; more are picked out of a scan.
const FETCHED_KEYS_MIN: usize = 1_000;
const ROWS_PER_FETCH: usize = 10;

/// Decides about a vector by its key and attributes (an empty slice when it has none).
pub type Predicate<'a> = &'a dyn Fn(&[u8], &[u8]) -> Result<bool>;

/// What is searched for.
#[derive(Clone, Default)]
pub struct Search<'a> {
    /// How many neighbors; at least 1.
    pub k: usize,
    /// Leaves out what is farther.
    pub max_distance: Option<f64>,
    /// Only these vectors, in any order; keys without a vector are passed over.
    pub keys: Option<&'a [&'a [u8]]>,
    /// Only vectors with these attributes.
    pub filter: Option<&'a Filter>,
    /// Only vectors it accepts. It is asked as late as possible: about those that would be among the nearest.
    pub predicate: Option<Predicate<'a>>,
    /// Only what comes behind this place; for the next neighbors after those of an earlier search.
    pub after: Option<Place<'a>>,
    /// Gives the neighbors' attributes, too.
    pub with_attributes: bool,
    /// Compares every vector, also where there is a graph.
    pub exact: bool,
    /// How many candidates the graph is searched for, at least; more find more of the nearest, in about as much more time.
    pub width: Option<usize>,
    /// Chooses among the nearest those that differ from each other, too.
    pub diversity: Option<Diversity>,
    /// Asked now and then whether to go on; when it says no, the search is `ABORTED`.
    pub proceed: Option<&'a dyn Fn() -> bool>,
}

impl Search<'_> {
    /// The `k` nearest of all.
    pub fn nearest(k: usize) -> Self {
        Self { k, ..Self::default() }
    }

    /// Whether to go on.
    pub(crate) fn proceeds(&self) -> bool {
        self.proceed.is_none_or(|proceed| proceed())
    }
}

/// A vector that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Neighbor {
    /// Its key.
    pub key: Vec<u8>,
    /// Its distance from the query.
    pub distance: f64,
    /// Its attributes, when they were asked for and it has some.
    pub attributes: Option<Vec<u8>>,
}

impl VectorIndex {
    /// The nearest vectors, nearest first; equally near ones by key. Up to [`COMPARED_MAX`](crate::COMPARED_MAX) vectors it
    /// is exact, as it is for a transaction. Above, it goes through a graph, and may miss some of the nearest. With a maximal
    /// distance and a large `k` it gives all that are so near.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for a query that could not be stored, a filter on what was not declared, `k` below 1, a maximal distance that is NaN or a weight of
    /// nearness that is not 0 to 1; `ABORTED`, `CORRUPTION`, and what a read can meet.
    pub fn search(&self, read: &impl Read, query: &[f32], search: &Search<'_>) -> Result<Vec<Neighbor>> {
        self.search_explained(read, query, search).map(|(found, _)| found)
    }

    /// As [`search`](Self::search), with what it did.
    ///
    /// # Errors
    /// As [`search`](Self::search).
    pub fn search_explained(
        &self,
        read: &impl Read,
        query: &[f32],
        search: &Search<'_>,
    ) -> Result<(Vec<Neighbor>, Plan)> {
        if search.k < 1 {
            return Err(invalid("k, the number of neighbors, is at least 1"));
        }
        let max_distance = search.max_distance.unwrap_or(f64::INFINITY);
        if max_distance.is_nan() {
            return Err(invalid("the maximal distance is NaN"));
        }
        self.check_filter(search.filter)?;
        if let Some(diversity) = search.diversity {
            return self.search_diverse(read, query, search, diversity);
        }
        let vector = query;
        let query = Query::new(self.shape(), self.kernel(), vector)?;
        let mut plan = Plan::default();
        if let Some(found) = self.search_graph(read, vector, &query, search, &mut plan)? {
            return Ok((found, plan));
        }
        let nearest = Nearest::new(search.k, max_distance, search.after);
        let mut pass = Pass { index: self, read, query, nearest, tests: Tests::new(search), rows: 0, search };
        match search.keys.map(sorted) {
            Some(keys) if self.is_fetched(keys.len()) => pass.fetch(&keys)?,
            Some(keys) => pass.scan(Some(&keys))?,
            None => pass.scan(None)?,
        }
        let found = pass.nearest.into_sorted().into_iter().map(|candidate| {
            let attributes = if search.with_attributes { self.attributes(read, &candidate.key)? } else { None };
            Ok(Neighbor { key: candidate.key, distance: candidate.distance, attributes })
        });
        Ok((found.collect::<Result<_>>()?, Plan::default()))
    }

    /// Whether so few keys are wanted that fetching them is faster than passing over the others.
    fn is_fetched(&self, keys: usize) -> bool {
        let (rows, _) = self.store().approximate_size(self.namespace());
        keys <= FETCHED_KEYS_MIN.max(usize::try_from(rows).unwrap_or(usize::MAX) / ROWS_PER_FETCH)
    }
}

/// The error for a search whose caller wants no more of it.
pub(crate) fn ended() -> Error {
    Error::new(ErrorCode::Aborted, "the search was ended by its caller")
}

/// Keys in order, each once.
pub(crate) fn sorted<'a>(keys: &[&'a [u8]]) -> Vec<&'a [u8]> {
    let mut keys = keys.to_vec();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// One pass over the vectors, in the order of their keys.
struct Pass<'a, R> {
    index: &'a VectorIndex,
    read: &'a R,
    query: Query,
    nearest: Nearest<'a>,
    tests: Tests<'a>,
    rows: usize,
    search: &'a Search<'a>,
}

impl<R: Read> Pass<'_, R> {
    fn fetch(&mut self, keys: &[&[u8]]) -> Result<()> {
        let mut row = Vec::with_capacity(self.shape().row_bytes());
        for key in keys {
            let Ok(row_key) = RowKind::Vector.row_key(key) else { continue };
            row.clear();
            // Copied, for the tests read the store, too.
            let found = self.read.get_with(self.index.namespace(), &row_key, |value| row.extend_from_slice(value))?;
            if found.is_some() {
                self.visit(key, &row)?;
            }
        }
        Ok(())
    }

    fn scan(&mut self, keys: Option<&[&[u8]]>) -> Result<()> {
        let range = RowKind::Vector.all();
        let mut scan = self.read.scan(self.index.namespace(), &range, ScanOptions::default())?;
        let mut wanted = keys.map(|keys| keys.iter().peekable());
        let mut failed: Option<Error> = None;
        loop {
            let more = scan.next_page(PAGE_ROWS, PAGE_BYTES, &mut |row_key, row| {
                let key = user_key(row_key);
                if let Some(wanted) = &mut wanted {
                    while wanted.next_if(|wanted| **wanted < key).is_some() {}
                    if wanted.peek().is_none_or(|wanted| **wanted != key) {
                        return;
                    }
                }
                if failed.is_none() {
                    failed = self.visit(key, row).err();
                }
            })?;
            match failed.take() {
                Some(error) => return Err(error),
                None if !self.search.proceeds() => return Err(ended()),
                None if more => {}
                None => return Ok(()),
            }
        }
    }

    #[inline]
    fn visit(&mut self, key: &[u8], row: &[u8]) -> Result<()> {
        let shape = self.shape();
        let row = shape.split(row).ok_or_else(|| shape.damaged(&self.index.place(), row))?;
        let distance = self.query.distance(&row);
        self.rows += 1;
        if self.nearest.accepts(distance, key) && self.tests.pass(self.index, self.read, key, self.rows)? {
            self.nearest.insert(distance, key);
        }
        Ok(())
    }

    fn shape(&self) -> Shape {
        self.index.shape()
    }
}

/// The conditions that need a vector's attributes.
#[derive(Clone, Copy)]
struct Conditions<'a> {
    filter: Option<&'a Filter>,
    predicate: Option<Predicate<'a>>,
}

impl Conditions<'_> {
    fn hold(self, index: &VectorIndex, key: &[u8], attributes: &[u8]) -> Result<bool> {
        let passes = self.filter.map_or(Some(true), |filter| filter.matches(attributes));
        if !passes.ok_or_else(|| Error::corruption(index.place(), "the attributes of a vector are damaged"))? {
            return Ok(false);
        }
        self.predicate.map_or(Ok(true), |predicate| predicate(key, attributes))
    }
}

/// Once so many attributes were fetched by key, and one for so few rows, reading them all in order is cheaper.
const FETCHES_MIN: usize = 256;
const ROWS_PER_FETCHED_ATTRIBUTES: usize = 16;

/// Applies the conditions to the vectors that come near enough.
struct Tests<'a> {
    conditions: Option<Conditions<'a>>,
    fetched: usize,
    walk: Option<AttributeWalk>,
}

impl<'a> Tests<'a> {
    fn new(search: &Search<'a>) -> Self {
        let filter = search.filter.filter(|filter| !filter.is_empty());
        let predicate = search.predicate;
        let conditions = (filter.is_some() || predicate.is_some()).then_some(Conditions { filter, predicate });
        Self { conditions, fetched: 0, walk: None }
    }

    /// `rows` is how many vectors were compared so far.
    #[inline]
    fn pass(&mut self, index: &VectorIndex, read: &impl Read, key: &[u8], rows: usize) -> Result<bool> {
        let Some(conditions) = self.conditions else { return Ok(true) };
        if let Some(walk) = &mut self.walk {
            return conditions.hold(index, key, walk.advance_to(key)?);
        }
        self.fetched += 1;
        if self.fetched > FETCHES_MIN && self.fetched * ROWS_PER_FETCHED_ATTRIBUTES > rows {
            self.walk = Some(AttributeWalk::begin(index, read, key)?);
        }
        let attributes = index.attributes(read, key)?;
        conditions.hold(index, key, attributes.as_deref().unwrap_or_default())
    }
}
