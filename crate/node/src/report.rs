//! A verification's report as JSON.

use std::fmt::Write;

use sledstore_engine::{Severity, VerifyReport};

/// `{ blocks, rows, bytes, journalRecords, findings: [{ invariant, place, what, severity }] }`.
pub(crate) fn to_json(report: &VerifyReport) -> String {
    let VerifyReport { blocks, rows, bytes, journal_records, findings } = report;
    let mut json =
        format!(r#"{{"blocks":{blocks},"rows":{rows},"bytes":{bytes},"journalRecords":{journal_records},"findings":["#);
    for (index, finding) in findings.iter().enumerate() {
        let severity = match finding.severity {
            Severity::Waste => "waste",
            Severity::Damage => "damage",
        };
        let fields = [
            ("invariant", finding.invariant),
            ("place", &finding.place),
            ("what", &finding.what),
            ("severity", severity),
        ];
        json.push_str(if index == 0 { "{" } else { ",{" });
        for (at, (name, text)) in fields.into_iter().enumerate() {
            json.push_str(if at == 0 { "\"" } else { ",\"" });
            json.push_str(name);
            json.push_str("\":\"");
            escape(&mut json, text);
            json.push('"');
        }
        json.push('}');
    }
    json.push_str("]}");
    json
}

fn escape(json: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '"' | '\\' => json.extend(['\\', character]),
            control if control < ' ' => {
                let _ = write!(json, "\\u{:04x}", control as u32);
            }
            other => json.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sledstore_engine::Finding;

    #[test]
    fn findings_are_escaped() {
        let finding = Finding {
            invariant: "E14",
            place: "block \"a\\b\"".into(),
            what: "a\u{1}gap\n".into(),
            severity: Severity::Damage,
        };
        let report = VerifyReport { blocks: 3, findings: vec![finding.clone(), finding], ..VerifyReport::default() };
        let one = r#"{"invariant":"E14","place":"block \"a\\b\"","what":"a\u0001gap\u000a","severity":"damage"}"#;
        let whole = format!(r#"{{"blocks":3,"rows":0,"bytes":0,"journalRecords":0,"findings":[{one},{one}]}}"#);
        assert_eq!(to_json(&report), whole);
    }
}
