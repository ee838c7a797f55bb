//! The moments a query reads.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::error::CypherError;
use crate::value::temporal::LocalDateTime;

/// When a transaction and a statement in it began, in UTC.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// When the transaction began.
    pub transaction: LocalDateTime,
    /// When the statement began.
    pub statement: LocalDateTime,
}

impl Clock {
    /// A clock of a statement that begins now, alone in its transaction.
    pub fn starting_now() -> Result<Self, CypherError> {
        let now = Self::now()?;
        Ok(Self { transaction: now, statement: now })
    }

    /// The moment it is.
    pub fn now() -> Result<LocalDateTime, CypherError> {
        let nanoseconds = |duration: std::time::Duration| i128::try_from(duration.as_nanos()).unwrap_or(i128::MAX);
        LocalDateTime::from_nanoseconds(match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(after) => nanoseconds(after),
            Err(before) => -nanoseconds(before.duration()),
        })
    }
}
