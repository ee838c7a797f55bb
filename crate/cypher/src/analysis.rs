//! Algorithms of graphs, called with values of the language.

use std::sync::Arc;

use sledstore_analysis::{Setting, Settings};

use crate::value::{Map, Value};

/// The settings that a map is; `None` where one of its values can be none.
#[must_use]
pub fn settings(options: &Value) -> Option<Settings> {
    match options {
        Value::Map(map) => settings_of(map).ok(),
        Value::Null => Some(Settings::new()),
        _ => None,
    }
}

/// As [`settings`], with the name of the value that can be none.
pub(crate) fn settings_of(options: &Map) -> Result<Settings, &str> {
    let of = |(name, value): &(Arc<str>, Value)| setting(value, true).map(|setting| (name.to_string(), setting));
    let entries = options.entries();
    let refused = || entries.iter().find(|entry| of(entry).is_none()).map_or("", |(name, _)| name);
    entries.iter().map(of).collect::<Option<Settings>>().ok_or_else(refused)
}

fn setting(value: &Value, lists: bool) -> Option<Setting> {
    Some(match value {
        Value::Null => Setting::Null,
        Value::Boolean(value) => Setting::Boolean(*value),
        Value::Integer(number) => Setting::Integer(*number),
        Value::Float(number) => Setting::Float(*number),
        Value::String(text) => Setting::Text(text.to_string()),
        Value::Node(node) => Setting::Integer(i64::try_from(node.id).ok()?),
        Value::List(list) if lists => {
            Setting::List(list.values().iter().map(|item| setting(item, false)).collect::<Option<_>>()?)
        }
        _ => return None,
    })
}
