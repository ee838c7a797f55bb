//! A system that answers success and does nothing is told from one that works.

use crate::Harness;

#[test]
fn writes_that_never_happen_are_missed() {
    let harness = Harness::new();
    for operation in ["commit-full", "commit-os", "batch", "vectors"] {
        let outcome = harness.run(&format!("{operation} write LIE 1 on"));
        assert!(outcome.failed > 0, "{operation}");
        assert!(outcome.lost + outcome.wrong > 0, "{operation}");
    }
}

#[test]
fn renames_that_never_happen_are_found() {
    let outcome = Harness::new().run("publish rename LIE 1 on");
    assert!(outcome.failed > 0);
    assert!(outcome.wrong > 0, "{:?}", outcome.notes);
}

#[test]
fn a_system_that_works_is_clean() {
    let harness = Harness::new();
    for cycle in ["commit-os write none 0 once", "checkpoint sync none 0 once", "open-new write none 0 once"] {
        let outcome = harness.run(cycle);
        assert_eq!((outcome.failed, outcome.lost, outcome.wrong), (0, 0, 0), "{cycle}: {:?}", outcome.notes);
        assert!(outcome.calls["sync"] > 0, "{cycle}");
    }
}
