//! One error type: a stable code, a message that names the thing and the next step, and a cause.

use std::fmt;

/// Shorthand for results of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// What the caller can do about an error; every [`ErrorCode`] belongs to one class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorClass {
    /// Run the same call again.
    Retry,
    /// Close the store and open it again.
    Reopen,
    /// The stored data is damaged: restore the store's folder from a copy.
    Restore,
    /// The call was wrong: change it.
    Misuse,
    /// The environment refused: mend it (permissions, space, another process) and try again.
    Environment,
    /// A fault of SledStore itself: report it.
    Bug,
}

macro_rules! codes {
    ($( $(#[$doc:meta])* $name:ident = $text:literal, $class:ident; )*) => {
        /// Stable identifiers of errors. Codes never change their meaning; messages may.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode { $( $(#[$doc])* $name, )* }

        impl ErrorCode {
            /// Every code, in the order of the reference table.
            pub const ALL: &'static [ErrorCode] = &[ $( ErrorCode::$name, )* ];

            /// The code as it reaches the user, e.g. `"CONFLICT"`.
            pub const fn as_str(self) -> &'static str {
                match self { $( ErrorCode::$name => $text, )* }
            }

            /// What the caller can do about it.
            pub const fn class(self) -> ErrorClass {
                match self { $( ErrorCode::$name => ErrorClass::$class, )* }
            }
        }
    };
}

codes! {
    /// A transaction or condition met a newer version; run it again.
    Conflict = "CONFLICT", Retry;
    /// The first failed write or fsync poisoned the store; writes are refused until it is reopened.
    StorageFailed = "STORAGE_FAILED", Reopen;
    /// The store is closed, or is closing.
    Closed = "CLOSED", Reopen;
    /// Stored bytes contradict their checksum or the store's order.
    Corruption = "CORRUPTION", Restore;
    /// The key's encoded form is longer than 1,536 bytes.
    KeyTooLarge = "KEY_TOO_LARGE", Misuse;
    /// The value is longer than 256 MiB.
    ValueTooLarge = "VALUE_TOO_LARGE", Misuse;
    /// A batch or transaction is larger than half the memory budget; use bulk load.
    TooLarge = "TOO_LARGE", Misuse;
    /// A bulk load met a key that is not above the one before it.
    NotSorted = "NOT_SORTED", Misuse;
    /// A write to a published snapshot.
    ReadOnly = "READ_ONLY", Misuse;
    /// The path is open in this process with other options.
    OptionsMismatch = "OPTIONS_MISMATCH", Misuse;
    /// The namespace was dropped, or belongs to another store.
    NamespaceDropped = "NAMESPACE_DROPPED", Misuse;
    /// The namespace was created with another codec, or other options.
    NamespaceMismatch = "NAMESPACE_MISMATCH", Misuse;
    /// A namespace of that name exists already.
    NamespaceExists = "NAMESPACE_EXISTS", Misuse;
    /// The transaction, batch or snapshot was used after its end.
    Ended = "ENDED", Misuse;
    /// A handle of another store, another thread's environment, or of something already released.
    StaleHandle = "STALE_HANDLE", Misuse;
    /// An argument the engine cannot accept.
    InvalidArgument = "INVALID_ARGUMENT", Misuse;
    /// The named thing (store, namespace, node, edge, vector) does not exist.
    NotFound = "NOT_FOUND", Misuse;
    /// A unique constraint is violated.
    UniqueViolation = "UNIQUE_VIOLATION", Misuse;
    /// A value does not fit its schema.
    SchemaInvalid = "SCHEMA_INVALID", Misuse;
    /// A codec could not encode or decode a value or key.
    CodecFailed = "CODEC_FAILED", Misuse;
    /// A statement of a query language cannot be read, or failed while it ran.
    QueryFailed = "QUERY_FAILED", Misuse;
    /// The caller's signal ended the operation.
    Aborted = "ABORTED", Misuse;
    /// A store exists already and `errorIfExists` was asked for, or another index of a graph is in the way of a new one.
    Exists = "EXISTS", Misuse;
    /// Another process holds the store.
    Locked = "LOCKED", Environment;
    /// The folder is not a store, or is not one yet and may not be created.
    NotAStore = "NOT_A_STORE", Environment;
    /// The store was written by a newer version of SledStore.
    FormatTooNew = "FORMAT_TOO_NEW", Environment;
    /// The file system is full, or nearly so.
    DiskFull = "DISK_FULL", Environment;
    /// The operating system refused access.
    PermissionDenied = "PERMISSION_DENIED", Environment;
    /// The store's folder may be written to by every user, or something in it is neither a file nor a folder.
    InsecureFolder = "INSECURE_FOLDER", Environment;
    /// Any other refusal of the operating system.
    IoFailed = "IO_FAILED", Environment;
    /// This platform or file system lacks something the store's promises need.
    Unsupported = "UNSUPPORTED", Environment;
    /// A fault of SledStore itself.
    Internal = "INTERNAL", Bug;
}

/// The next step after damage: nothing can take it back.
const RESTORE: &str = "; restore the store's folder from a copy";

/// An error of the engine.
#[derive(Debug, Clone)]
pub struct Error {
    code: ErrorCode,
    message: String,
    source: Option<std::sync::Arc<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error with a message that names the thing, the cause and the next step.
    #[cold]
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), source: None }
    }

    /// Adds the underlying cause.
    #[cold]
    #[must_use]
    pub fn with_source(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.source = Some(std::sync::Arc::new(source));
        self
    }

    /// The stable code.
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// The message, for people.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What happened, without the next step that the message ends with; for errors that this one caused.
    pub fn what(&self) -> &str {
        self.message.rsplit_once("; ").map_or(self.message.as_str(), |(what, _)| what)
    }

    /// Damage found in stored bytes; `place` names the file or block.
    #[cold]
    pub fn corruption(place: impl fmt::Display, what: impl fmt::Display) -> Self {
        Self::written(ErrorCode::Corruption, format_args!("{place}: {what}{RESTORE}"))
    }

    /// A state that SledStore's own code promises never to reach.
    #[cold]
    pub fn internal(what: impl fmt::Display) -> Self {
        Self::written(ErrorCode::Internal, format_args!("{what}; this is a SledStore bug, please report it"))
    }

    /// Maps an operating-system error on `what` (a path and what was done to it).
    #[cold]
    pub fn io(what: impl fmt::Display, error: std::io::Error) -> Self {
        Self::refused(&what, error)
    }

    fn refused(what: &dyn fmt::Display, error: std::io::Error) -> Self {
        use std::io::ErrorKind;
        let (code, step) = match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                (ErrorCode::DiskFull, "free space and open the store again")
            }
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                (ErrorCode::PermissionDenied, "make the store's folder readable and writable for this user")
            }
            _ => (ErrorCode::IoFailed, "check the path and the disk"),
        };
        Self::written(code, format_args!("{what}: {error}; {step}")).with_source(error)
    }

    /// Apart from what is generic, so that it is there once.
    #[cold]
    fn written(code: ErrorCode, message: fmt::Arguments<'_>) -> Self {
        Self { code, message: message.to_string(), source: None }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}]", self.message, self.code.as_str())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| source.as_ref() as &(dyn std::error::Error + 'static))
    }
}
