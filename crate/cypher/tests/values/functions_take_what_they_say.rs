//! Functions give what the language says, refuse what it refuses, and never panic.

use std::collections::HashSet;
use std::sync::Arc;

use proptest::prelude::*;
use sledstore_cypher::function::{Stability, find, scalars};
use sledstore_cypher::value::Value::{self, Boolean, Float, Integer, Null};
use sledstore_cypher::value::{Map, Node, Path, Relationship, Step};
use sledstore_cypher::{Detail, Kind};

use crate::common::{call, context, list, map, refused, shown};
use crate::relations_agree::value;

const WRONG: (Kind, Detail) = (Kind::TypeError, Detail::InvalidArgumentValue);
const OUTSIDE: (Kind, Detail) = (Kind::ArgumentError, Detail::NumberOutOfRange);

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_argument_panics(arguments in prop::collection::vec(value(), 0..4)) {
        for function in scalars() {
            let arity = (function.arguments_min..=function.arguments_max).contains(&arguments.len());
            match function.call(&context(), &arguments) {
                Ok(value) => prop_assert!(arity && !value.to_string().is_empty(), "{}", function.name),
                Err(error) => prop_assert_eq!(error.detail == Detail::InvalidNumberOfArguments, !arity),
            }
        }
    }

    #[test]
    fn splits_are_joined_again(text in "[ab,]{0,8}", delimiter in "[a,]{1,2}") {
        let parts = call("split", &[text.as_str().into(), delimiter.as_str().into()]).unwrap();
        let several = call("split", &[text.as_str().into(), list([delimiter.as_str().into(), "\u{0}".into()])]).unwrap();
        prop_assert_eq!(parts.to_string(), several.to_string());
        let Value::List(parts) = parts else { panic!() };
        let parts: Vec<_> = parts.values().iter().map(Value::text).collect();
        prop_assert_eq!(parts.join(&delimiter), text);
    }

    #[test]
    fn what_has_a_text_reads_back(integer in any::<i64>(), float in any::<f64>()) {
        prop_assert_eq!(shown("toInteger", &[call("toString", &[Integer(integer)]).unwrap()]), integer.to_string());
        let read = call("toFloat", &[call("toString", &[Float(float)]).unwrap()]).unwrap();
        prop_assert!(sledstore_cypher::value::order::equivalent(&read, &Float(float)));
    }
}

#[test]
fn names_are_found_in_lower_case_and_once() {
    let names: Vec<_> = scalars().map(|function| function.name.to_ascii_lowercase()).collect();
    assert_eq!(names.iter().collect::<HashSet<_>>().len(), names.len());
    for name in &names {
        assert_eq!(find(name).map(|function| function.name.to_ascii_lowercase()).as_ref(), Some(name));
    }
    assert!(find("toInteger").is_none() && find("nothing").is_none());
}

#[test]
fn what_is_not_the_same_forever() {
    let of = |stability| {
        let names = scalars().filter(move |function| function.stability == stability);
        names.map(|function| function.name).collect::<Vec<_>>()
    };
    let realtime = ["date", "localtime", "time", "localdatetime", "datetime"].map(|name| format!("{name}.realtime"));
    let never: HashSet<_> = of(Stability::Never).into_iter().map(str::to_owned).collect();
    assert_eq!(never, realtime.into_iter().chain(["rand".to_owned(), "randomUUID".to_owned()]).collect());
    assert!(find("abs").unwrap().is_deterministic() && !find("date").unwrap().is_deterministic());
    let random = || call("rand", &[]).unwrap();
    assert!((0..64).any(|_| random().to_string() != random().to_string()));
    assert_ne!(shown("randomUUID", &[]), shown("randomUUID", &[]));
}

#[test]
fn nulls_spread_but_where_they_are_asked_for() {
    assert_eq!(shown("toUpper", &[Null]), "null");
    assert_eq!(shown("range", &[Integer(1), Null]), "null");
    assert_eq!(shown("coalesce", &[Null, Integer(1), Integer(2)]), "1");
    assert_eq!(shown("coalesce", &[Null]), "null");
    assert_eq!(shown("exists", &[Null]), "false");
    assert_eq!(shown("nullIf", &[Integer(1), Float(1.0)]), "null");
    assert_eq!(shown("nullIf", &[Integer(1), Null]), "1");
}

#[test]
fn lists() {
    let numbers = || list([Integer(1), Integer(2), Integer(3)]);
    assert_eq!(shown("head", &[list([])]), "null");
    assert_eq!(shown("last", &[numbers()]), "3");
    assert_eq!(shown("tail", &[numbers()]), "[2, 3]");
    assert_eq!(shown("tail", &[list([])]), "[]");
    assert_eq!(shown("reverse", &[numbers()]), "[3, 2, 1]");
    assert_eq!(shown("size", &["\u{e9}\u{1f600}".into()]), "2");
    assert_eq!(shown("isEmpty", &[map([])]), "true");
    assert_eq!(shown("range", &[Integer(10), Integer(1), Integer(-4)]), "[10, 6, 2]");
    assert_eq!(
        shown("range", &[Integer(i64::MAX - 1), Integer(i64::MAX)]),
        format!("[{}, {}]", i64::MAX - 1, i64::MAX)
    );
    assert_eq!(refused("range", &[Integer(1), Integer(2), Integer(0)]), OUTSIDE);
    assert_eq!(refused("range", &[Integer(1), Float(2.0)]), (Kind::ArgumentError, Detail::InvalidArgumentType));
    assert_eq!(refused("range", &[Integer(i64::MIN), Integer(i64::MAX)]), (Kind::Ended, Detail::MemoryLimit));
    assert_eq!(refused("head", &[Integer(1)]), WRONG);
}

#[test]
fn strings() {
    assert_eq!(shown("substring", &["hello".into(), Integer(1), Integer(3)]), "'ell'");
    assert_eq!(shown("substring", &["hello".into(), Integer(9)]), "''");
    assert_eq!(refused("substring", &["hello".into(), Integer(-1)]), OUTSIDE);
    assert_eq!(shown("left", &["h\u{e9}llo".into(), Integer(2)]), "'h\u{e9}'");
    assert_eq!(shown("right", &["hello".into(), Integer(9)]), "'hello'");
    assert_eq!(shown("right", &["hello".into(), Integer(2)]), "'lo'");
    assert_eq!(shown("lTrim", &[" a ".into()]), "'a '");
    assert_eq!(shown("rTrim", &["xax".into(), "x".into()]), "'xa'");
    assert_eq!(shown("trim", &["\ta\n".into()]), "'a'");
    assert_eq!(shown("replace", &["aXbX".into(), "X".into(), "--".into()]), "'a--b--'");
    assert_eq!(shown("split", &["a,b;c".into(), list([",".into(), ";".into()])]), "['a', 'b', 'c']");
    assert_eq!(shown("split", &["ab".into(), "".into()]), "['a', 'b']");
    assert_eq!(shown("split", &["".into(), ",".into()]), "['']");
    assert_eq!(shown("toLower", &["\u{c9}".into()]), "'\u{e9}'");
    assert_eq!(shown("reverse", &["ab".into()]), "'ba'");
    let long: Value = "a".repeat(1 << 16).into();
    assert_eq!(refused("replace", &[long.clone(), "a".into(), long]), (Kind::Ended, Detail::MemoryLimit));
}

#[test]
fn numbers() {
    assert_eq!(shown("sign", &[Float(-0.5)]), "-1");
    assert_eq!(shown("abs", &[Float(-0.5)]), "0.5");
    assert_eq!(shown("ceil", &[Float(0.1)]), "1.0");
    assert_eq!(shown("floor", &[Integer(3)]), "3.0");
    assert_eq!(shown("round", &[Float(-1.5)]), "-1.0");
    assert_eq!(shown("round", &[Float(2.345_678), Integer(3)]), "2.346");
    assert_eq!(shown("round", &[Float(1.249), Integer(1), "UP".into()]), "1.3");
    assert_eq!(shown("atan2", &[Integer(1), Integer(1)]), "0.7853981633974483");
    assert_eq!(shown("degrees", &[Float(std::f64::consts::PI)]), "180.0");
    assert_eq!(shown("haversin", &[Float(std::f64::consts::PI)]), "1.0");
    assert_eq!(shown("log10", &[Integer(1000)]), "3.0");
    assert_eq!(shown("sqrt", &[Integer(-1)]), "NaN");
    assert_eq!(shown("isNaN", &[Float(f64::NAN)]), "true");
    assert_eq!(refused("sin", &["x".into()]), WRONG);
    assert_eq!(refused("round", &[Float(1.0), Integer(-1)]), OUTSIDE);
}

#[test]
fn conversions() {
    assert_eq!(shown("toInteger", &[" 42 ".into()]), "42");
    assert_eq!(shown("toInteger", &["-1.9".into()]), "-1");
    assert_eq!(shown("toInteger", &["infinity".into()]), "null");
    assert_eq!(shown("toFloat", &["1e3".into()]), "1000.0");
    assert_eq!(shown("toFloat", &["nan".into()]), "null");
    assert_eq!(shown("toBoolean", &[" TRUE ".into()]), "true");
    assert_eq!(shown("toString", &[Float(-0.0)]), "'-0.0'");
    assert_eq!(shown("toString", &[Boolean(true)]), "'true'");
    assert_eq!(refused("toInteger", &[Float(1e19)]), OUTSIDE);
    assert_eq!(refused("toInteger", &[list([])]), WRONG);
    assert_eq!(refused("toBoolean", &[Integer(1)]), WRONG);
    assert_eq!(shown("toIntegerOrNull", &[list([])]), "null");
    assert_eq!(shown("toFloatOrNull", &[Boolean(true)]), "null");
    assert_eq!(shown("toStringOrNull", &[map([])]), "null");
    assert_eq!(shown("toIntegerList", &[list(["1".into(), map([]), Float(2.5), Null])]), "[1, null, 2, null]");
    assert_eq!(shown("toBooleanList", &[list(["false".into(), "no".into()])]), "[false, null]");
}

#[test]
fn entities() {
    let node = |id, label: &str| {
        let properties = Map::new([("name", "x".into())]).unwrap();
        Arc::new(Node { id, labels: [Arc::from(label)].into(), properties })
    };
    let relationship =
        |id, start, end| Arc::new(Relationship { id, kind: "KNOWS".into(), start, end, properties: Map::empty() });
    let steps = vec![
        Step { relationship: relationship(7, 1, 2), node: node(2, "B") },
        Step { relationship: relationship(8, 3, 2), node: node(3, "C") },
    ];
    let path = Value::Path(Arc::new(Path { start: node(1, "A"), steps }));
    let text = "<(:A {name: 'x'})-[:KNOWS]->(:B {name: 'x'})<-[:KNOWS]-(:C {name: 'x'})>";
    assert_eq!(path.to_string(), text);
    assert_eq!(shown("length", std::slice::from_ref(&path)), "2");
    assert_eq!(shown("relationships", std::slice::from_ref(&path)), "[[:KNOWS], [:KNOWS]]");
    assert_eq!(shown("size", &[call("nodes", &[path]).unwrap()]), "3");
    assert_eq!(shown("labels", &[node(1, "A").into()]), "['A']");
    assert_eq!(shown("keys", &[node(1, "A").into()]), "['name']");
    assert_eq!(shown("properties", &[node(1, "A").into()]), "{name: 'x'}");
    assert_eq!(shown("id", &[relationship(7, 1, 2).into()]), "7");
    assert_eq!(shown("type", &[relationship(7, 1, 2).into()]), "'KNOWS'");
    assert_eq!(shown("startNode", &[relationship(7, 1, 2).into()]), "({id: 1})");
    assert_eq!(shown("endNode", &[relationship(7, 1, 2).into()]), "({id: 2})");
    let gone = refused("endNode", &[relationship(7, 1, 100).into()]);
    assert_eq!(gone, (Kind::EntityNotFound, Detail::DeletedEntityAccess));
    assert_eq!(refused("labels", &[Integer(1)]), WRONG);
    assert_eq!(refused("type", &[node(1, "A").into()]), WRONG);
    assert_eq!(refused("length", &[list([])]), WRONG);
}
