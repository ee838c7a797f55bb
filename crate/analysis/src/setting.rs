//! What a caller asks of an algorithm: settings by name, and what they come to once they were checked.

use std::collections::BTreeMap;

use sledstore_engine::Result;

use crate::failure::invalid;
use crate::table::{Algorithm, Argument, Kind};

/// A value that a caller gives.
#[derive(Clone, Debug, PartialEq)]
pub enum Setting {
    /// Left out.
    Null,
    /// True or false.
    Boolean(bool),
    /// A whole number, or the id of a node.
    Integer(i64),
    /// A number.
    Float(f64),
    /// Text.
    Text(String),
    /// Several.
    List(Vec<Setting>),
}

/// Settings by name.
pub type Settings = BTreeMap<String, Setting>;

impl Setting {
    const fn describe(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean(_) => "a boolean",
            Self::Integer(_) => "a whole number",
            Self::Float(_) => "a number with a fraction",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
        }
    }
}

/// Settings that an algorithm takes, with its defaults in the place of what was left out.
pub(crate) struct Checked<'a> {
    algorithm: &'static Algorithm,
    settings: &'a Settings,
}

impl<'a> Checked<'a> {
    /// # Errors
    /// `INVALID_ARGUMENT` for a name or a value that the algorithm does not take, and for one that is missing.
    pub fn new(algorithm: &'static Algorithm, settings: &'a Settings) -> Result<Self> {
        for (name, setting) in settings.iter().filter(|(_, setting)| **setting != Setting::Null) {
            let Some(argument) = algorithm.argument(name) else {
                let known: Vec<&str> = algorithm.arguments().map(|argument| argument.name).collect();
                return Err(invalid(format!("{} takes no \"{name}\"; it takes {}", algorithm.name, known.join(", "))));
            };
            if !fits(argument, setting) {
                return Err(invalid(format!(
                    "{name} of {} must be {}, but is {}",
                    algorithm.name,
                    argument.needs(),
                    setting.describe()
                )));
            }
        }
        let checked = Self { algorithm, settings };
        for argument in algorithm.arguments().filter(|argument| argument.required) {
            if checked.get(argument.name).is_none() {
                return Err(invalid(format!("{} needs {}: {}", algorithm.name, argument.name, argument.meaning)));
            }
        }
        Ok(checked)
    }

    fn get(&self, name: &str) -> Option<&'a Setting> {
        debug_assert!(self.algorithm.argument(name).is_some(), "{name} is not in the table");
        self.settings.get(name).filter(|setting| **setting != Setting::Null)
    }

    pub fn text(&self, name: &str) -> Option<&'a str> {
        match self.get(name) {
            Some(Setting::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// Some text, or several.
    pub fn texts(&self, name: &str) -> Option<Vec<&'a str>> {
        match self.get(name)? {
            Setting::Text(text) => Some(vec![text]),
            Setting::List(items) => {
                let text = |item: &'a Setting| if let Setting::Text(text) = item { Some(text.as_str()) } else { None };
                Some(items.iter().filter_map(text).collect())
            }
            _ => None,
        }
    }

    pub fn float(&self, name: &str, default: f64) -> f64 {
        match self.get(name) {
            Some(Setting::Float(number)) => *number,
            Some(Setting::Integer(number)) => *number as f64,
            _ => default,
        }
    }

    pub fn optional_float(&self, name: &str) -> Option<f64> {
        self.get(name).map(|_| self.float(name, 0.0))
    }

    pub fn count(&self, name: &str) -> Option<u32> {
        match self.get(name) {
            Some(Setting::Integer(number)) => u32::try_from(*number).ok(),
            _ => None,
        }
    }

    /// A number that chooses among what chance might do.
    pub fn seed(&self) -> u64 {
        match self.get("seed") {
            Some(Setting::Integer(number)) => number.cast_unsigned(),
            _ => 0,
        }
    }

    pub fn boolean(&self, name: &str, default: bool) -> bool {
        if let Some(Setting::Boolean(value)) = self.get(name) { *value } else { default }
    }

    pub fn id(&self, name: &str) -> Option<u64> {
        self.get(name).and_then(id)
    }

    /// One node, or several.
    pub fn ids(&self, name: &str) -> Option<Vec<u64>> {
        match self.get(name)? {
            Setting::List(items) => Some(items.iter().filter_map(id).collect()),
            one => id(one).map(|one| vec![one]),
        }
    }
}

fn id(setting: &Setting) -> Option<u64> {
    if let Setting::Integer(number) = setting { u64::try_from(*number).ok() } else { None }
}

fn fits(argument: &Argument, setting: &Setting) -> bool {
    match (argument.kind, setting) {
        (Kind::Node, _) => id(setting).is_some(),
        (Kind::Nodes, Setting::List(items)) => items.iter().all(|item| id(item).is_some()),
        (Kind::Nodes, _) => id(setting).is_some(),
        (Kind::Count, Setting::Integer(number)) => u32::try_from(*number).is_ok_and(|number| number < u32::MAX),
        (Kind::Seed, Setting::Integer(_)) => true,
        (Kind::Number, Setting::Integer(_)) | (Kind::Boolean, Setting::Boolean(_)) | (Kind::Text, Setting::Text(_)) => {
            true
        }
        (Kind::Number, Setting::Float(number)) => !number.is_nan(),
        (Kind::Texts, Setting::Text(_)) => true,
        (Kind::Texts, Setting::List(items)) => items.iter().all(|item| matches!(item, Setting::Text(_))),
        (Kind::OneOf(choices), Setting::Text(text)) => choices.contains(&text.as_str()),
        _ => false,
    }
}
