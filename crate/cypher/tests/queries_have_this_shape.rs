//! The intermediate representation of queries that stand for their kind.
#![allow(clippy::unwrap_used)] // a test may panic

#[path = "feature/slots.rs"]
mod slots;

use std::sync::Arc;

use sledstore_cypher::bind::{Statement, prepare};
use sledstore_cypher::ir::{
    Aggregate, BinaryOp, Bound, Clause, CompareOp, CreatedElement, Direction, Expr, ExprKind, Labels, Literal, MapItem,
    PathElement, Pattern, PatternResult, Projection, Selector, SetItem, Slot, SubqueryKind, Type, UnaryOp,
};
use sledstore_cypher::procedure::{Invocation, Procedure, Procedures, held};
use sledstore_cypher::value::Value;

struct Labelled;

impl Procedures for Labelled {
    fn find(&self, name: &str) -> Option<Arc<Procedure>> {
        let signature = "db.labels(prefix :: STRING) :: (label :: STRING, count :: INTEGER)";
        let nothing = |_: &[Value], run: &mut Invocation<'_>| held(Vec::new(), run);
        (name == "db.labels").then(|| Arc::new(Procedure::new(signature, "", nothing).unwrap()))
    }

    fn all(&self) -> Vec<Arc<Procedure>> {
        Vec::new()
    }
}

fn bound(query: &str) -> Bound {
    match prepare(query, &Labelled) {
        Ok(Statement::Query(bound)) => {
            assert_eq!(slots::check(&bound), Ok(()), "{query}");
            *bound
        }
        Ok(command) => panic!("{command:?}"),
        Err(error) => panic!("{}", error.render(query)),
    }
}

fn clauses(bound: &Bound) -> &[Clause] {
    assert_eq!(bound.query.parts.len(), 1);
    &bound.query.parts[0].clauses
}

fn pattern(clause: &Clause) -> &Pattern {
    match clause {
        Clause::Match(matching) => &matching.pattern,
        Clause::Merge(merge) => &merge.pattern,
        other => panic!("{other:?} has no pattern"),
    }
}

fn projection(clause: &Clause) -> &Projection {
    match clause {
        Clause::Project(projection) => projection,
        other => panic!("{other:?} is no projection"),
    }
}

/// The one slot of a name.
fn slot(bound: &Bound, name: &str) -> Slot {
    let named = |info: &sledstore_cypher::ir::SlotInfo| info.name.as_deref() == Some(name);
    let mut found = (0u32..).zip(&bound.slots).filter(|(_, info)| named(info)).map(|(at, _)| Slot(at));
    let slot = found.next().unwrap();
    assert_eq!(found.next(), None, "`{name}` has several slots");
    slot
}

fn name(label: &str) -> Labels {
    Labels::Name(label.to_owned())
}

/// `slot.key = value` as the predicate that a property map or a WHERE is.
fn equals(of: Slot, key: &str, value: &Literal) -> impl Fn(&Expr) -> bool {
    move |predicate| {
        let ExprKind::Compare { first, rest } = &predicate.kind else { return false };
        let ExprKind::Property { of: owner, key: found } = &first.kind else { return false };
        let [(CompareOp::Equal, right)] = rest.as_slice() else { return false };
        owner.as_slot() == Some(of) && found == key && right.kind == ExprKind::Literal(value.clone())
    }
}

#[test]
fn a_match_is_a_graph_with_flat_predicates() {
    let bound = bound(
        "MATCH (a:Person {name: 'Ann'})-[r:KNOWS|LIKES]->(b), (b)<-[s]-(a:Old)
         WHERE a.x = 1 AND (b.y = 2 AND r.z = 3) RETURN b.name",
    );
    let [matching, returning] = clauses(&bound) else { panic!() };
    let pattern = pattern(matching);
    let (a, b, r) = (slot(&bound, "a"), slot(&bound, "b"), slot(&bound, "r"));
    assert_eq!(pattern.nodes.iter().map(|node| (node.slot, node.bound)).collect::<Vec<_>>(), [(a, false), (b, false)]);
    assert_eq!(pattern.nodes[0].labels, Some(Labels::And(vec![name("Person"), name("Old")])));
    let [knows, other] = pattern.relationships.as_slice() else { panic!() };
    assert_eq!((knows.slot, knows.from, knows.to, knows.direction), (r, 0, 1, Direction::Out));
    assert_eq!(knows.types.as_ref().unwrap().alternatives(), Some(vec!["KNOWS", "LIKES"]));
    assert_eq!((other.from, other.to, other.direction, &other.types), (1, 0, Direction::In, &None));
    assert!(pattern.paths.is_empty() && knows.length.is_none());

    assert_eq!(pattern.predicates.len(), 4);
    assert!(equals(a, "name", &Literal::String("Ann".into()))(&pattern.predicates[0]));
    for (predicate, (of, key, value)) in pattern.predicates[1..].iter().zip([(a, "x", 1), (b, "y", 2), (r, "z", 3)]) {
        assert!(equals(of, key, &Literal::Integer(value))(predicate), "{predicate:?}");
    }
    assert_eq!(bound.query.columns, ["b.name"]);
    assert_eq!(bound.query.parts[0].columns, [projection(returning).items[0].slot]);
    assert_eq!(bound.slots[a.index()].ty, Type::Node);
    assert_eq!(bound.slots[r.index()].ty, Type::Relationship);
    assert!(!bound.query.writes);
}

#[test]
fn variables_of_clauses_before_are_bound_in_a_pattern() {
    let bound = bound("MATCH (a) OPTIONAL MATCH (a)-[r]->(b) RETURN a, r, b");
    let [_, optional, returning] = clauses(&bound) else { panic!() };
    assert!(matches!(optional, Clause::Match(matching) if matching.optional));
    let nodes: Vec<_> = pattern(optional).nodes.iter().map(|node| (node.slot, node.bound)).collect();
    assert_eq!(nodes, [(slot(&bound, "a"), true), (slot(&bound, "b"), false)]);
    for item in &projection(returning).items {
        assert_eq!(item.value.as_slot(), Some(item.slot), "a variable that is passed on keeps its slot");
    }
}

#[test]
fn variable_length_and_paths() {
    let bound = bound("MATCH p = (a)-[r:R*2..5 {w: 1}]->(b)-[*0..]-(), q = shortestPath((a)-[*..4]-(b)) RETURN p, q");
    let [matching, _] = clauses(&bound) else { panic!() };
    let pattern = pattern(matching);
    let lengths: Vec<_> = pattern.relationships.iter().map(|r| r.length.as_ref().unwrap()).collect();
    assert_eq!(lengths.iter().map(|l| (l.min, l.max)).collect::<Vec<_>>(), [(2, Some(5)), (0, None), (1, Some(4))]);
    assert!(equals(lengths[0].element, "w", &Literal::Integer(1))(&lengths[0].each[0]), "of each relationship");
    assert!(pattern.predicates.is_empty());
    assert_eq!(bound.slots[slot(&bound, "r").index()].ty, Type::list_of(Type::Relationship));

    let [p, q] = pattern.paths.as_slice() else { panic!() };
    assert_eq!((p.slot, p.start, &p.selector), (Some(slot(&bound, "p")), 0, &Selector::All));
    assert_eq!(p.elements, [PathElement::Relationship(0), PathElement::Relationship(1)]);
    assert_eq!((q.slot, q.start), (Some(slot(&bound, "q")), 0));
    assert_eq!(q.elements, [PathElement::Relationship(2)]);
    assert!(matches!(&q.selector, Selector::Shortest(count) if count.kind == ExprKind::Literal(Literal::Integer(1))));
}

#[test]
fn what_repeats_in_parentheses_is_a_pattern_of_its_own() {
    let bound = bound("MATCH p = (a) ((x)-[r:R]->(y) WHERE x.v = 1){1,3} (b) RETURN x, r, p");
    let [matching, _] = clauses(&bound) else { panic!() };
    let outer = pattern(matching);
    let [repetition] = outer.repetitions.as_slice() else { panic!() };
    assert_eq!((repetition.from, repetition.to, repetition.min, repetition.max), (0, 1, 1, Some(3)));
    assert_eq!((repetition.first, repetition.last), (0, 1));
    assert_eq!(repetition.elements, [PathElement::Relationship(0)]);
    assert_eq!(repetition.pattern.predicates.len(), 1);
    let [(inner, list), ..] = repetition.groups.as_slice() else { panic!() };
    assert_eq!(*inner, repetition.pattern.nodes[0].slot);
    assert_eq!(bound.slots[list.index()].ty, Type::list_of(Type::Node));
    assert_eq!(repetition.groups.len(), 3, "x, r and y");
    assert_eq!(outer.paths[0].elements, [PathElement::Repetition(0)]);
}

#[test]
fn aggregates_imply_grouping() {
    let bound = bound(
        "MATCH (n) RETURN n.city AS city, n, count(*) AS people, 1 + avg(DISTINCT n.age) / n.size AS x
         ORDER BY count(*) DESC, n.city, people + n.size SKIP $skip LIMIT 10",
    );
    let [_, returning] = clauses(&bound) else { panic!() };
    let returned = projection(returning);
    let grouping = returned.grouping.as_ref().unwrap();
    let (n, city) = (slot(&bound, "n"), slot(&bound, "city"));
    assert_eq!(grouping.keys.iter().map(|(slot, _)| *slot).collect::<Vec<_>>(), [city, n]);
    assert!(matches!(&grouping.keys[0].1.kind, ExprKind::Property { key, .. } if key == "city"));
    let [rows, average] = grouping.aggregates.as_slice() else { panic!() };
    assert_eq!((rows.function, rows.distinct, rows.arguments.len()), (Aggregate::CountRows, false, 0));
    assert_eq!((average.function, average.distinct, average.arguments.len()), (Aggregate::Avg, true, 1));

    assert_eq!(returned.items[0].value.as_slot(), Some(city), "a key is read from its slot");
    assert_eq!(returned.items[2].value.as_slot(), Some(rows.slot));
    let ExprKind::Binary { op: BinaryOp::Add, right, .. } = &returned.items[3].value.kind else { panic!() };
    let ExprKind::Binary { op: BinaryOp::Divide, left, .. } = &right.kind else { panic!() };
    assert_eq!(left.as_slot(), Some(average.slot));

    let order: Vec<_> = returned.order.iter().map(|item| (item.value.as_slot(), item.descending)).collect();
    assert_eq!(order[..2], [(Some(returned.items[2].slot), true), (Some(city), false)]);
    assert_eq!(returned.skip.as_ref().unwrap().kind, ExprKind::Parameter(0));
    assert_eq!(returned.limit.as_ref().unwrap().kind, ExprKind::Literal(Literal::Integer(10)));
    assert_eq!(bound.parameters, ["skip"]);
}

#[test]
fn order_and_filter_see_what_was_there_before() {
    let bound =
        bound("MATCH (n) WITH n.name AS name ORDER BY n.age WHERE n.x = 1 WITH DISTINCT name ORDER BY name RETURN *");
    let [_, first, second, last] = clauses(&bound) else { panic!() };
    let n = slot(&bound, "n");
    let reads = |expr: &Expr| matches!(&expr.kind, ExprKind::Property { of, .. } if of.as_slot() == Some(n));
    assert!(reads(&projection(first).order[0].value));
    assert!(equals(n, "x", &Literal::Integer(1))(projection(first).filter.as_ref().unwrap()));
    let name = projection(first).items[0].slot;
    assert!(projection(second).distinct);
    assert_eq!(projection(second).order[0].value.as_slot(), Some(name));
    assert_eq!(projection(last).items.iter().map(|item| item.slot).collect::<Vec<_>>(), [name]);
    assert_eq!(bound.query.columns, ["name"]);
}

#[test]
fn what_is_created_stands_in_the_order_of_creation() {
    let bound = bound("MATCH (a) CREATE (a)<-[:R {x: 1}]-(b:B:C:B $map), p = (b)-[s:S]->() CREATE (c)");
    let [_, Clause::Create(creation)] = clauses(&bound) else { panic!("two CREATEs in a row are one") };
    let (a, b, s) = (slot(&bound, "a"), slot(&bound, "b"), slot(&bound, "s"));
    let [first, second, third, fourth, last] = creation.elements.as_slice() else { panic!() };
    assert!(
        matches!(first, CreatedElement::Node { slot, labels, properties: Some(_) } if *slot == b && labels == &["B", "C"])
    );
    assert!(
        matches!(second, CreatedElement::Relationship { source, target, kind, .. } if (*source, *target) == (b, a) && kind == "R")
    );
    let CreatedElement::Node { slot: end, .. } = third else { panic!() };
    assert!(
        matches!(fourth, CreatedElement::Relationship { slot, source, target, .. } if (slot, source, target) == (&s, &b, end))
    );
    assert!(matches!(last, CreatedElement::Node { slot: c, .. } if *c == slot(&bound, "c")));
    assert_eq!(creation.paths[0].start, b);
    assert_eq!(creation.paths[0].steps, [(s, *end)]);
    assert!(bound.query.writes && bound.query.columns.is_empty());
}

#[test]
fn a_merge_looks_for_what_it_creates() {
    let bound =
        bound("MATCH (a) MERGE (a)-[r:R {x: 1}]-(b:B) ON CREATE SET r.new = true, b:C ON MATCH SET b += {y: 2}");
    let [_, Clause::Merge(merge)] = clauses(&bound) else { panic!() };
    let (a, b, r) = (slot(&bound, "a"), slot(&bound, "b"), slot(&bound, "r"));
    assert_eq!(
        merge.pattern.nodes.iter().map(|node| (node.slot, node.bound)).collect::<Vec<_>>(),
        [(a, true), (b, false)]
    );
    assert_eq!(merge.pattern.relationships[0].direction, Direction::Both);
    assert!(equals(r, "x", &Literal::Integer(1))(&merge.pattern.predicates[0]));
    let [node, relationship] = merge.creation.elements.as_slice() else { panic!() };
    assert!(matches!(node, CreatedElement::Node { slot, labels, .. } if *slot == b && labels == &["B"]));
    assert!(
        matches!(relationship, CreatedElement::Relationship { slot, source, target, .. } if (*slot, *source, *target) == (r, a, b))
    );
    assert!(matches!(merge.on_create.as_slice(), [SetItem::Property { .. }, SetItem::Labels { .. }]));
    assert!(matches!(merge.on_match.as_slice(), [SetItem::Add { target, .. }] if *target == b));
}

#[test]
fn subqueries_say_what_they_import() {
    let bound = bound(
        "MATCH (a), (b) WHERE EXISTS { MATCH (a)-->(c) WHERE c.x = b.x } AND COUNT { (a)-->() } > 1
         RETURN COLLECT { MATCH (d) RETURN d.x } AS list",
    );
    let [matching, returning] = clauses(&bound) else { panic!() };
    let [exists, count] = pattern(matching).predicates.as_slice() else { panic!() };
    let ExprKind::Subquery { kind: SubqueryKind::Exists, query } = &exists.kind else { panic!() };
    assert_eq!(query.imports, [slot(&bound, "a"), slot(&bound, "b")]);
    assert!(pattern(&query.query.parts[0].clauses[0]).nodes[0].bound);
    let ExprKind::Compare { first, .. } = &count.kind else { panic!() };
    assert!(
        matches!(&first.kind, ExprKind::Subquery { kind: SubqueryKind::Count, query } if query.imports == [slot(&bound, "a")])
    );
    let value = &projection(returning).items[0].value;
    assert!(
        matches!(&value.kind, ExprKind::Subquery { kind: SubqueryKind::Collect, query } if query.imports.is_empty())
    );
    assert_eq!(value.ty, Type::list());
}

#[test]
fn expressions_over_slots() {
    let bound = bound(
        "MATCH (n) WITH n, $list AS list
         RETURN 1 < n.x <= 3, NOT n.a OR n.b OR n:A&!B, [x IN list WHERE x > 1 | x * 2], reduce(s = 0, x IN list | s + x),
                n {.*, .name, y: 1, list}, [(n)-->(m) WHERE m.x = 1 | m.y], -5, n.x IS NOT NULL, list[1..], toUpper('a')",
    );
    let values: Vec<&Expr> = projection(&clauses(&bound)[2]).items.iter().map(|item| &item.value).collect();
    let ExprKind::Compare { rest, .. } = &values[0].kind else { panic!() };
    assert_eq!(rest.iter().map(|(op, _)| *op).collect::<Vec<_>>(), [CompareOp::Less, CompareOp::LessEqual]);
    let ExprKind::Or(parts) = &values[1].kind else { panic!() };
    assert!(matches!(parts[0].kind, ExprKind::Unary { op: UnaryOp::Not, .. }));
    let without = Labels::And(vec![name("A"), Labels::Not(Box::new(name("B")))]);
    assert!(matches!(&parts[2].kind, ExprKind::HasLabels { labels, .. } if *labels == without));
    assert!(matches!(&values[2].kind, ExprKind::ListComprehension { filter: Some(_), map: Some(_), .. }));
    let ExprKind::Reduce { accumulator, slot: element, step, .. } = &values[3].kind else { panic!() };
    let ExprKind::Binary { left, right, .. } = &step.kind else { panic!() };
    assert_eq!((left.as_slot(), right.as_slot()), (Some(*accumulator), Some(*element)));
    let ExprKind::MapProjection { items, .. } = &values[4].kind else { panic!() };
    assert!(
        matches!(items.as_slice(), [MapItem::All, MapItem::Property(_), MapItem::Entry(..), MapItem::Entry(key, _)] if key == "list")
    );
    let ExprKind::Pattern { pattern, result: PatternResult::Each(_) } = &values[5].kind else { panic!() };
    assert_eq!((pattern.nodes[0].bound, pattern.nodes[1].bound, pattern.predicates.len()), (true, false, 1));
    assert_eq!(values[6].kind, ExprKind::Literal(Literal::Integer(-5)));
    assert!(matches!(values[7].kind, ExprKind::IsNull { negated: true, .. }));
    assert!(matches!(&values[8].kind, ExprKind::Slice { from: Some(_), to: None, .. }));
    assert!(matches!(&values[9].kind, ExprKind::Function { name: "toupper", arguments } if arguments.len() == 1));
    assert_eq!(bound.query.columns[0], "1 < n.x <= 3");
}

#[test]
fn calls_of_procedures() {
    let standalone = bound("CALL db.labels");
    let [Clause::Call(call), Clause::Project(_)] = clauses(&standalone) else { panic!() };
    assert_eq!(call.arguments[0].kind, ExprKind::Parameter(0), "a parameter stands for the argument");
    assert_eq!(
        (standalone.query.columns.as_slice(), standalone.parameters.as_slice()),
        (["label", "count"].map(String::from).as_slice(), ["prefix".to_owned()].as_slice())
    );
    assert!(
        standalone.check_parameters(|_| false).is_err() && standalone.check_parameters(|name| name == "prefix").is_ok()
    );

    let inside = bound("UNWIND ['a'] AS x CALL db.labels(x) YIELD count AS c WHERE c > 1 RETURN c");
    let [_, Clause::Call(call), _] = clauses(&inside) else { panic!() };
    assert_eq!((call.yields[0].result, call.yields[0].slot), (1, slot(&inside, "c")));
    assert!(call.filter.is_some());
}

#[test]
fn unions_give_the_columns_of_their_first_query() {
    let bound = bound("RETURN 1 AS a, 2 AS b UNION RETURN 3 AS b, 4 AS a");
    assert!(bound.query.distinct);
    assert_eq!(bound.query.columns, ["a", "b"]);
    let second = &bound.query.parts[1];
    let items = &projection(&second.clauses[0]).items;
    assert_eq!(second.columns, [items[1].slot, items[0].slot]);
}

#[test]
fn a_slot_that_is_read_too_early_is_noticed() {
    let mut bound = bound("MATCH (a) WITH a.x AS x WHERE x > 1 RETURN x");
    assert_eq!(slots::check(&bound), Ok(()));
    bound.query.parts[0].clauses.swap(0, 1);
    assert!(slots::check(&bound).is_err_and(|complaint| complaint.contains("not filled")));
}
