//! What `repair` makes of a damaged store: all that is intact is there, and nothing wrong is.

use std::path::Path;

use sledstore_engine::{Effect, ErrorCode, Lost, Options, RepairReport, Store};

use super::damage::{Damage, What};
use super::expected::{Difference, Kind, Rows, differences, read_all};
use super::sample::{Left, Sample, contents};
use super::trial::Found;

pub fn check(sample: &Sample, right: &Rows, damage: &Damage, damaged: &Path, to: &Path, found: &mut Found) {
    let before = contents(damaged);
    let options = Options { compression: None, ..sample.options.clone() };
    let report = match Store::repair(damaged, to, &options, &mut |_| true) {
        Ok(report) => report,
        Err(error) if error.code() == ErrorCode::NotAStore && is_nothing(sample, damage) => {
            return found.count("nothing left to repair");
        }
        Err(error) => return found.wrong(format!("repair: {error}")),
    };
    if contents(damaged) != before {
        found.wrong("repair changed what it read");
    }
    found.count(if report.is_whole() { "repaired whole" } else { "repaired in part" });
    if !report.is_whole() && must_be_whole(sample, damage) {
        found.wrong(format!("repair says that rows are lost: {:?}", report.lost));
    }
    let store = match Store::open(to, &Options { create_if_missing: false, ..options }) {
        Ok(store) => store,
        Err(error) => return found.wrong(format!("what was repaired does not open: {error}")),
    };
    let there = read_all(&store);
    for error in &there.errors {
        found.wrong(format!("what was repaired cannot be read: {error}"));
    }
    compare(right, &there.rows, &report, found);
    match store.verify(&mut |_| true) {
        Ok(report) if report.is_clean() => {}
        Ok(report) => found.wrong(format!("verify of what was repaired: {:?}", report.findings)),
        Err(error) => found.wrong(format!("verify of what was repaired: {error}")),
    }
    if let Err(error) = store.close() {
        found.wrong(format!("what was repaired does not close: {error}"));
    }
}

/// A published file that is cut off in its header.
fn is_nothing(sample: &Sample, damage: &Damage) -> bool {
    const HEADER_BYTES: usize = 64;
    sample.left == Left::Published && matches!(damage.what, What::Cut { length } if length < HEADER_BYTES)
}

/// One wrong bit of a store is always found, and what holds no rows takes none with it.
fn must_be_whole(sample: &Sample, damage: &Damage) -> bool {
    let is_one_bit = matches!(damage.what, What::Flip { .. }) && sample.left != Left::Published;
    is_one_bit || damage.is_beside_the_rows()
}

fn compare(right: &Rows, there: &Rows, report: &RepairReport, found: &mut Found) {
    let mut unnamed = 0;
    for difference in differences(right, there) {
        if report.lost.iter().any(|lost| names(lost, &difference)) {
            found.count("rows named as lost");
            continue;
        }
        unnamed += 1;
        if unnamed <= 3 {
            let key = difference.key.escape_ascii();
            let (kind, namespace) = (difference.kind, difference.namespace);
            found.wrong(format!("after repair {kind:?}, and not named: {namespace} \"{key}\""));
        }
    }
    if unnamed > 0 {
        found.note(format!("{unnamed} rows; the report has {:?}", report.lost));
    }
}

/// Whether a report tells of a row.
fn names(lost: &Lost, difference: &Difference<'_>) -> bool {
    let is_in_namespace = lost.namespace.as_deref().is_none_or(|name| name == difference.namespace);
    let (from, to) = &lost.keys;
    let is_in_range = difference.key >= from.as_slice() && to.as_deref().is_none_or(|to| difference.key < to);
    let may_be = match lost.effect {
        Effect::None => false,
        Effect::Missing => difference.kind == Kind::Missing,
        Effect::Older => true,
    };
    is_in_namespace && is_in_range && may_be
}
