//! Of a store that is sound, however it was left, `repair` makes one with the same rows, and finds nothing.

use sledstore_engine::Effect;

use crate::store::{ALL, Sample, repair, rows_of_repaired};

#[test]
fn with_the_same_rows() {
    for left in ALL {
        let sample = Sample::new(left);
        let to = tempfile::tempdir().unwrap();
        let report = repair(sample.path(), to.path()).unwrap();
        assert!(report.lost.iter().all(|lost| lost.effect == Effect::None), "{left:?}: {:?}", report.lost);
        assert!(rows_of_repaired(to.path()) == sample.rows, "{left:?}");
        for (name, rows) in &sample.rows {
            assert!(report.namespaces.contains(&(name.clone(), rows.len() as u64)), "{left:?}: {name}");
        }
    }
}
