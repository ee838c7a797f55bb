//! The parts that dates, times and durations are written with.

use super::{Offset, invalid};
use crate::error::CypherError;

/// A place in a text, from which parts are taken.
#[derive(Clone)]
pub(crate) struct Scanner<'a> {
    rest: &'a [u8],
}

impl<'a> Scanner<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { rest: text.as_bytes() }
    }

    pub fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    pub fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// Takes whatever byte comes next.
    pub fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    /// Takes `byte` if it comes next.
    pub fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.next();
        }
        found
    }

    /// Takes a sign; true for minus.
    pub fn take_sign(&mut self) -> Option<bool> {
        let sign = self.peek().filter(|byte| matches!(byte, b'+' | b'-'))?;
        self.next();
        Some(sign == b'-')
    }

    /// How many digits come next.
    pub fn digits(&self) -> usize {
        self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
    }

    /// Takes all the digits that come next, of which there are `min` to `max`; `None` also where 64 bits are too few.
    pub fn number(&mut self, min: usize, max: usize) -> Option<i64> {
        let digits = self.digits();
        if (min..=max).contains(&digits) { self.fixed(digits) } else { None }
    }

    /// Takes exactly so many digits, though more may follow.
    pub fn fixed(&mut self, digits: usize) -> Option<i64> {
        if self.digits() < digits {
            return None;
        }
        let mut number = 0_i64;
        for _ in 0..digits {
            number = number.checked_mul(10)?.checked_add(i64::from(self.next()? - b'0'))?;
        }
        Some(number)
    }

    /// Takes a fraction of up to nine digits, in billionths; 0 where none comes next.
    pub fn fraction(&mut self) -> Option<i64> {
        if !self.take(b'.') && !self.take(b',') {
            return Some(0);
        }
        let digits = self.digits();
        let number = self.number(1, 9)?;
        Some(number * 10_i64.pow(9 - u32::try_from(digits).ok()?))
    }

    /// Takes `Z`, `+hh`, `+hhmm`, `+hh:mm` or `+hh:mm:ss`.
    pub fn offset(&mut self) -> Option<Offset> {
        if self.take(b'Z') || self.take(b'z') {
            return Some(Offset::UTC);
        }
        let negative = self.take_sign()?;
        let mut seconds = self.fixed(2)? * 3600;
        let colon = self.take(b':');
        if colon || self.digits() > 0 {
            let minutes = self.fixed(2).filter(|minutes| *minutes < 60)?;
            seconds += minutes * 60;
            if self.take(b':') || (!colon && self.digits() > 0) {
                seconds += self.fixed(2).filter(|seconds| *seconds < 60)?;
            }
        }
        Offset::new(i32::try_from(if negative { -seconds } else { seconds }).ok()?)
    }

    /// Takes a name in brackets.
    pub fn bracketed(&mut self) -> Option<&'a str> {
        if !self.take(b'[') {
            return None;
        }
        let end = self.rest.iter().position(|byte| *byte == b']')?;
        let name = std::str::from_utf8(self.rest.get(..end)?).ok()?;
        self.rest = self.rest.get(end + 1..)?;
        Some(name)
    }
}

/// The error of a text that is no `what`.
pub(crate) fn unreadable(what: &str, text: &str, example: &str) -> CypherError {
    let shown: String = text.chars().take(80).collect();
    invalid(format!("'{shown}' is no {what}; it is written as {example}"))
}
