//! What expressions call: functions of one row, and aggregations over many.
//!
//! A function is found by its name in lower case. The binder checks the number of arguments against the table; types are
//! checked here, where the values are known.

mod aggregate;
mod clock;
mod conversion;
mod general;
mod graph;
mod list;
mod number;
mod round;
mod spatial;
mod temporal;
mod text;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

pub use aggregate::{Accumulator, Aggregate, find_aggregate};
pub use clock::Clock;
pub(crate) use list::Integers;

use crate::error::{CypherError, Detail, Kind};
use crate::meter::Meter;
use crate::value::temporal::{Defaults, Zone};
use crate::value::{Node, Value};

/// What a function sees beside its arguments.
pub struct Context<'a> {
    /// The moments that `transaction` and `statement` read.
    pub clock: Clock,
    /// The zone of what names none.
    pub zone: Zone,
    /// Finds the ends of relationships.
    pub nodes: &'a dyn Nodes,
    /// What the query may take.
    pub meter: &'a Meter,
}

impl Context<'_> {
    /// What instants are completed with.
    fn defaults(&self) -> Defaults {
        Defaults { zone: self.zone.clone(), now: self.clock.statement }
    }
}

/// The nodes of the graph a query runs on.
pub trait Nodes {
    /// The node with an id; the error of a deleted entity where it is gone.
    fn node(&self, id: u64) -> Result<Arc<Node>, CypherError>;
}

/// How long the result of equal arguments stays the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stability {
    /// Forever: a call of constants may be computed when the query is planned.
    Forever,
    /// While a statement runs: it reads the graph or the clock of the statement.
    Statement,
    /// Not at all.
    Never,
}

/// What a null among the arguments does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Nulls {
    /// It makes the result null.
    Spread,
    /// The function sees it.
    Seen,
}

type Call = fn(&Context<'_>, &[Value]) -> Result<Value, CypherError>;

/// A function of one row.
#[derive(Debug)]
pub struct Scalar {
    /// Its name as the language spells it.
    pub name: &'static str,
    /// The fewest arguments it takes.
    pub arguments_min: usize,
    /// The most arguments it takes.
    pub arguments_max: usize,
    /// How long its result stays the same.
    pub stability: Stability,
    nulls: Nulls,
    call: Call,
}

impl Scalar {
    const fn new(name: &'static str, arguments: (usize, usize), call: Call) -> Self {
        let (arguments_min, arguments_max) = arguments;
        Self { name, arguments_min, arguments_max, stability: Stability::Forever, nulls: Nulls::Spread, call }
    }

    const fn with(self, stability: Stability) -> Self {
        Self { stability, ..self }
    }

    const fn seeing_nulls(self) -> Self {
        Self { nulls: Nulls::Seen, ..self }
    }

    /// Whether equal arguments always give equal results.
    pub fn is_deterministic(&self) -> bool {
        self.stability == Stability::Forever
    }

    /// Its value for arguments.
    pub fn call(&self, context: &Context<'_>, arguments: &[Value]) -> Result<Value, CypherError> {
        if !(self.arguments_min..=self.arguments_max).contains(&arguments.len()) {
            let message = format!("{} does not take {} arguments", self.name, arguments.len());
            return Err(CypherError::runtime(Kind::ArgumentError, Detail::InvalidNumberOfArguments, message));
        }
        if self.nulls == Nulls::Spread && arguments.iter().any(Value::is_null) {
            return Ok(Value::Null);
        }
        (self.call)(context, arguments)
    }
}

/// The tables of all functions.
const TABLES: [&[Scalar]; 9] = [
    general::TABLE,
    conversion::TABLE,
    graph::TABLE,
    list::TABLE,
    text::TABLE,
    number::TABLE,
    spatial::TABLE,
    temporal::INSTANTS,
    temporal::DURATIONS,
];

static BY_NAME: LazyLock<HashMap<String, &'static Scalar>> =
    LazyLock::new(|| scalars().map(|scalar| (scalar.name.to_ascii_lowercase(), scalar)).collect());

/// The function with a name in lower case, dots included.
pub fn find(name: &str) -> Option<&'static Scalar> {
    BY_NAME.get(name).copied()
}

/// Every function of one row.
pub fn scalars() -> impl Iterator<Item = &'static Scalar> {
    TABLES.iter().flat_map(|table| table.iter())
}

/// The error of arguments that a function does not take.
fn wrong(name: &str, arguments: &[Value]) -> CypherError {
    let types: Vec<_> = arguments.iter().map(Value::type_name).collect();
    CypherError::runtime(
        Kind::TypeError,
        Detail::InvalidArgumentValue,
        format!("{name} does not take ({})", types.join(", ")),
    )
}

/// The error of a number that a function does not take.
fn out_of_range(message: impl Into<String>) -> CypherError {
    CypherError::runtime(Kind::ArgumentError, Detail::NumberOutOfRange, message)
}

/// A count or length as an integer.
fn count(count: usize) -> Value {
    Value::Integer(i64::try_from(count).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;
    use std::time::Instant;

    use super::*;
    use crate::error::Detail;
    use crate::meter::Ends;
    use crate::value::temporal::Offset;

    impl Nodes for () {
        fn node(&self, _: u64) -> Result<Arc<Node>, CypherError> {
            Err(out_of_range("there is no node"))
        }
    }

    #[test]
    fn long_work_asks_whether_it_may_go_on() {
        let text = Value::string("ab cdä ".repeat(40_000));
        let list = Value::list((0..5_000).map(Value::Integer).collect()).unwrap();
        let (one, many) = (std::slice::from_ref(&text), std::slice::from_ref(&list));
        let [a, none] = [Value::from("a"), Value::from("")];
        let calls: [(&str, &[Value]); 10] = [
            ("range", &[Value::Integer(1), Value::Integer(5_000)]),
            ("toupper", one),
            ("tolower", one),
            ("reverse", one),
            ("replace", &[text.clone(), a.clone(), none.clone()]),
            ("split", &[text.clone(), a.clone()]),
            ("split", &[text.clone(), none]),
            ("split", &[text.clone(), Value::list(vec![a.clone(), a]).unwrap()]),
            ("tostringlist", many),
            ("tofloatlist", many),
        ];
        for (aborted, detail) in [(true, Some(Detail::Aborted)), (false, None)] {
            let abort = Arc::new(AtomicBool::new(aborted));
            let meter = Meter::new(Ends::of(None, Some(&abort), Instant::now()), None);
            let clock = Clock::starting_now().unwrap();
            let context = Context { clock, zone: Zone::from(Offset::UTC), nodes: &(), meter: &meter };
            for (name, arguments) in calls {
                let failed = find(name).unwrap().call(&context, arguments).err();
                assert_eq!(failed.map(|error| error.detail), detail, "{name}");
            }
            let Value::String(letters) = &text else { panic!() };
            let lower = find("tolower").unwrap().call(&context, one).map(|value| value.text());
            assert_eq!(lower.ok(), (!aborted).then(|| letters.to_lowercase()));
        }
    }
}
