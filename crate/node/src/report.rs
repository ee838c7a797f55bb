//! Reports of long work as JSON.

use std::fmt::Write;

use sledstore_engine::{Effect, Lost, RepairReport, Severity, VerifyReport};

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

/// `{ namespaces: [{ name, rows }], commits, lost: [{ file, offset, bytes, namespace, from, to, effect, what }] }`; a number
/// or text that is not known is `null`, and keys are in hexadecimal.
pub(crate) fn of_repair(report: &RepairReport) -> String {
    let RepairReport { namespaces, commits, lost } = report;
    let namespaces = namespaces.iter().map(|(name, rows)| format!(r#"{{"name":{},"rows":{rows}}}"#, text(name)));
    let namespaces = namespaces.collect::<Vec<_>>().join(",");
    let lost = lost.iter().map(of_lost).collect::<Vec<_>>().join(",");
    format!(r#"{{"namespaces":[{namespaces}],"commits":{commits},"lost":[{lost}]}}"#)
}

fn of_lost(lost: &Lost) -> String {
    let Lost { file, bytes, namespace, keys: (from, to), effect, what } = lost;
    let number = |number: Option<u64>| number.map_or("null".to_owned(), |number| number.to_string());
    let namespace = namespace.as_deref().map_or("null".to_owned(), text);
    let to = to.as_deref().map_or("null".to_owned(), hexadecimal);
    let effect = match effect {
        Effect::None => "none",
        Effect::Older => "older",
        Effect::Missing => "missing",
    };
    format!(
        r#"{{"file":{},"offset":{},"bytes":{},"namespace":{namespace},"from":{},"to":{to},"effect":"{effect}","what":{}}}"#,
        text(file),
        number(bytes.map(|(offset, _)| offset)),
        number(bytes.map(|(_, length)| length)),
        hexadecimal(from),
        text(what),
    )
}

fn text(text: &str) -> String {
    let mut json = String::from('"');
    escape(&mut json, text);
    json.push('"');
    json
}

fn hexadecimal(bytes: &[u8]) -> String {
    let mut json = String::from('"');
    for byte in bytes {
        let _ = write!(json, "{byte:02x}");
    }
    json.push('"');
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
    fn what_was_lost_is_named() {
        let (file, what) = ("sled/db".to_owned(), "it is \"gone\"".to_owned());
        let keys = (vec![0, 0xab], None);
        let lost = Lost { file, bytes: Some((7, 9)), namespace: None, keys, effect: Effect::Missing, what };
        let report = RepairReport { namespaces: vec![("users".to_owned(), 3)], commits: 2, lost: vec![lost] };
        let lost = r#"{"file":"sled/db","offset":7,"bytes":9,"namespace":null,"from":"00ab","to":null,"effect":"missing","what":"it is \"gone\""}"#;
        let whole = format!(r#"{{"namespaces":[{{"name":"users","rows":3}}],"commits":2,"lost":[{lost}]}}"#);
        assert_eq!(of_repair(&report), whole);
    }

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
