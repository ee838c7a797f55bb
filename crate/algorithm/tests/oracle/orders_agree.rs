use sledstore_algorithm::{Error, SearchLimits, depth_first, topological_order};

use crate::{Case, cases, cases_onward, go, lists, numbers};

#[test]
fn depth_first_orders_and_trees_agree() {
    for case in cases() {
        let expected = &case.expected["depth_first"];
        let source = case.expected["paths"]["source"].as_u64().unwrap() as u32;
        let found = depth_first(case.view(), &[source], SearchLimits::default(), &mut go).unwrap();
        assert_eq!(found.entered.order, numbers(&expected["entered"]), "{}", case.name);
        assert_eq!(found.left, numbers(&expected["left"]), "{}", case.name);
        for pair in lists(&expected["tree"]) {
            let path = found.entered.path_to(pair[0]).unwrap();
            assert_eq!(path.nodes[path.nodes.len() - 2], pair[1], "{} {pair:?}", case.name);
        }
        let shallow = SearchLimits { depth_max: Some(3), ..SearchLimits::default() };
        let found = depth_first(case.view(), &[source], shallow, &mut go).unwrap();
        assert_eq!(found.entered.order, numbers(&expected["entered_to_depth_3"]), "{}", case.name);
        let all: Vec<u32> = case.view().nodes().collect();
        let found = depth_first(case.view(), &all, SearchLimits::default(), &mut go).unwrap();
        assert_eq!(found.entered.order, numbers(&expected["entered_from_all"]), "{}", case.name);
    }
}

#[test]
fn topological_orders_agree() {
    for case in cases_onward() {
        assert_eq!(topological_order(case.view(), &mut go).unwrap(), numbers(&case.expected["order"]), "{}", case.name);
    }
    let directed: Vec<Case> = cases().into_iter().filter(|case| case.directed).collect();
    assert!(directed.iter().all(|case| case.expected["acyclic"] == false));
    for case in directed {
        let Err(Error::Cycle { nodes }) = topological_order(case.view(), &mut go) else { panic!("{}", case.name) };
        let next = nodes.iter().cycle().skip(1);
        for (&node, &next) in nodes.iter().zip(next) {
            assert!(case.view().neighbors(node).any(|neighbor| neighbor.node == next), "{} {nodes:?}", case.name);
        }
    }
}
