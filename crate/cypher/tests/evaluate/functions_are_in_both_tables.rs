//! What the binder knows of functions and what is called in the end agree.

use std::collections::BTreeMap;

use sledstore_cypher::{function, signature};

#[test]
fn functions_have_the_same_names_and_numbers_of_arguments() {
    let declared: BTreeMap<_, _> =
        signature::functions().iter().map(|known| (known.name.to_owned(), (known.min, known.max))).collect();
    let called: BTreeMap<_, _> = function::scalars()
        .map(|scalar| (scalar.name.to_ascii_lowercase(), (scalar.arguments_min, scalar.arguments_max)))
        .collect();
    assert_eq!(declared, called);
    assert!(declared.len() > 100);
}

#[test]
fn aggregates_have_the_same_names_and_numbers_of_arguments() {
    let names = ["count", "sum", "avg", "min", "max", "collect", "stdev", "stdevp", "percentilecont", "percentiledisc"];
    for name in names {
        let declared = signature::aggregate(name).unwrap();
        let called = function::find_aggregate(name).unwrap();
        assert_eq!(declared.arguments, called.arguments_max, "{name}");
    }
}
