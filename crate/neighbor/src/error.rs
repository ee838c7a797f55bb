//! Why the graph does not do what it was asked.

use std::fmt;

/// What went wrong, in terms of slots and parameters; the layer above gives it a code and names the index.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// A parameter or an argument outside what is taken.
    Argument {
        /// Its name.
        name: &'static str,
        /// What it has to be.
        needs: &'static str,
    },
    /// A record that no graph of these parameters wrote.
    Damaged {
        /// The slot whose record it is.
        slot: u32,
        /// What does not hold.
        what: &'static str,
    },
    /// Bytes that no quantizer of these parameters wrote.
    DamagedQuantizer {
        /// What does not hold.
        what: &'static str,
    },
    /// A slot that is not in the state the call needs.
    Slot {
        /// The slot.
        slot: u32,
        /// What it has to be.
        needs: &'static str,
    },
    /// There are no more numbers for slots.
    Full,
    /// The caller's `proceed` said no.
    Stopped,
    /// A code that is not in memory, and no source was given to read it from.
    MissingCode {
        /// The slot.
        slot: u32,
    },
    /// The source of codes failed.
    Source(Box<dyn std::error::Error + Send + Sync>),
}

/// What the graph's calls give.
pub type Result<T> = std::result::Result<T, Error>;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argument { name, needs } => write!(f, "{name} must be {needs}"),
            Self::Damaged { slot, what } => write!(f, "the record of slot {slot} is damaged: {what}"),
            Self::DamagedQuantizer { what } => write!(f, "the quantizer is damaged: {what}"),
            Self::Slot { slot, needs } => write!(f, "slot {slot} must be {needs}"),
            Self::Full => f.write_str("the graph has no number left for another slot"),
            Self::Stopped => f.write_str("stopped by the caller"),
            Self::MissingCode { slot } => write!(f, "the code of slot {slot} is not in memory"),
            Self::Source(error) => write!(f, "a code cannot be read: {error}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Source(error) => Some(&**error),
            _ => None,
        }
    }
}
