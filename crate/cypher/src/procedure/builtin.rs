//! The table of built-in procedures. An entry is a signature, what it does in a sentence, and a function.

use sledstore_engine::sort_sometimes;
use std::sync::{Arc, OnceLock};

use super::signature::Mode;
use super::{Called, Invocation, Procedure, Signature, algorithm, fulltext, schema, vector};
use crate::value::Value;

/// A built-in procedure.
struct Builtin {
    signature: &'static str,
    description: &'static str,
    body: fn(&[Value], &mut Invocation<'_>) -> Called,
    mode: Mode,
}

const fn reads(
    signature: &'static str,
    description: &'static str,
    body: fn(&[Value], &mut Invocation<'_>) -> Called,
) -> Builtin {
    Builtin { signature, description, body, mode: Mode::Read }
}

/// Ordered by name; those of algorithms have a table of their own.
const TABLE: &[Builtin] = &[
    reads(schema::CONSTRAINTS, "The constraints of the graph.", schema::constraints),
    reads(schema::FUNCTIONS, "The functions that expressions may call.", schema::functions),
    reads(
        fulltext::QUERY_NODES,
        "The nodes whose texts match a query of a full-text index, the best first. Options: skip and limit.",
        fulltext::query_nodes,
    ),
    reads(
        fulltext::QUERY_RELATIONSHIPS,
        "The relationships whose texts match a query of a full-text index, the best first. Options: skip and limit.",
        fulltext::query_relationships,
    ),
    reads(schema::INDEXES, "The indexes of the graph.", schema::indexes),
    reads("db.labels() :: (label :: STRING)", "The labels that nodes have.", schema::labels),
    reads(schema::PROCEDURES, "The procedures that queries may call.", schema::procedures),
    reads("db.propertyKeys() :: (propertyKey :: STRING)", "The names of properties.", schema::property_keys),
    reads(
        "db.relationshipTypes() :: (relationshipType :: STRING)",
        "The types that relationships have.",
        schema::relationship_types,
    ),
    reads(schema::STATISTICS, "How many nodes and relationships there are, in all and by name.", schema::statistics),
    reads(
        vector::SEARCH,
        "The nearest vectors of a vector index, the nearest first. Options: where, ef, maxDistance, exact and mmr.",
        vector::search,
    ),
];

/// Every built-in procedure, ordered by name.
pub(super) fn all() -> &'static [Arc<Procedure>] {
    static ALL: OnceLock<Vec<Arc<Procedure>>> = OnceLock::new();
    ALL.get_or_init(|| {
        let parsed = TABLE.iter().filter_map(|builtin| {
            let signature = Signature::parse(builtin.signature).ok()?;
            let signature = Signature { mode: builtin.mode, ..signature };
            Some(Arc::new(Procedure::of(signature, builtin.description, builtin.body)))
        });
        let mut all: Vec<_> = parsed.chain(algorithm::all()).collect();
        sort_sometimes(&mut all, |a, b| a.signature.name.cmp(&b.signature.name));
        all
    })
}

/// The built-in procedure of a name.
pub(super) fn find(name: &str) -> Option<Arc<Procedure>> {
    let all = all();
    let at = all.binary_search_by(|known| known.signature.name.as_str().cmp(name)).ok()?;
    all.get(at).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_found() {
        assert_eq!(all().len(), TABLE.len() + algorithm::all().count());
        for pair in all().windows(2) {
            assert!(pair[0].signature.name < pair[1].signature.name, "{} has its place", pair[1].signature.name);
        }
        let own = all().iter().filter(|procedure| !procedure.signature.name.starts_with("algo."));
        for (entry, procedure) in TABLE.iter().zip(own) {
            assert_eq!(procedure.signature.to_string(), entry.signature);
            assert!(find(&procedure.signature.name).is_some());
        }
    }
}
