//! Errors of the language, named as its conformance kit names them.

use std::fmt;
use std::ops::Range;

/// When an error is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Before anything was read or written.
    CompileTime,
    /// By what a row holds.
    Runtime,
}

/// The class of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The text is no query.
    SyntaxError,
    /// The text is a query, but says what cannot be done.
    SemanticError,
    /// A value has a type that an operation does not take.
    TypeError,
    /// A value lies outside what an operation takes.
    ArgumentError,
    /// A node or relationship is gone.
    EntityNotFound,
    /// A parameter was not given.
    ParameterMissing,
    /// There is no such procedure, or it is called in another way than it is declared.
    ProcedureError,
    /// A change would break what the graph promises.
    ConstraintVerificationFailed,
    /// A property or entry cannot be reached.
    PropertyNotFound,
    /// An arithmetic operation has no result.
    ArithmeticError,
    /// A limit of time or memory was reached, or the caller ended the query.
    Ended,
}

/// What exactly is wrong; the names are the kit's, the last ones are this product's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // the kit's names say it
#[non_exhaustive]
pub enum Detail {
    AmbiguousAggregationExpression,
    ColumnNameConflict,
    CreatingVarLength,
    DeleteConnectedNode,
    DeletedEntityAccess,
    DifferentColumnsInUnion,
    DivisionByZero,
    FloatingPointOverflow,
    IntegerOverflow,
    InvalidAggregation,
    InvalidArgumentPassingMode,
    InvalidArgumentType,
    InvalidArgumentValue,
    InvalidClauseComposition,
    InvalidDelete,
    InvalidNumberLiteral,
    InvalidNumberOfArguments,
    InvalidParameterUse,
    InvalidPropertyType,
    InvalidRelationshipPattern,
    InvalidUnicodeCharacter,
    InvalidUnicodeLiteral,
    ListElementAccessByNonInteger,
    MapElementAccessByNonString,
    MergeReadOwnWrites,
    MissingParameter,
    NegativeIntegerArgument,
    NestedAggregation,
    NoExpressionAlias,
    NonConstantExpression,
    NoSingleRelationshipType,
    NoVariablesInScope,
    NumberOutOfRange,
    ProcedureNotFound,
    PropertyAccessOnNonMap,
    RelationshipUniquenessViolation,
    RequiresDirectedRelationship,
    UndefinedVariable,
    UnexpectedSyntax,
    UnknownFunction,
    VariableAlreadyBound,
    VariableTypeConflict,
    /// Two would have values that only one may have.
    UniqueViolation,
    /// Something would lack a property that it must have.
    PropertyRequired,
    /// A label, edge type, property or value that the schema of a typed graph does not have.
    NotInSchema,
    /// A file may not be read, cannot be read, or is no CSV.
    FileNotLoaded,
    /// The text nests deeper, or chains more operators, than a query may.
    QueryTooDeep,
    /// Too much memory was asked for.
    MemoryLimit,
    /// It took longer than was allowed.
    TimeLimit,
    /// The caller ended it.
    Aborted,
    /// A procedure of the application failed; it knows why.
    ProcedureFailed,
}

/// An error, and the part of the query's text it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CypherError {
    /// When it was found.
    pub phase: Phase,
    /// Its class.
    pub kind: Kind,
    /// What exactly is wrong.
    pub detail: Detail,
    /// For people: what is wrong and what to do.
    pub message: String,
    /// Bytes of the text, where they are known.
    pub span: Option<Range<usize>>,
    /// What a procedure of the application failed with, by the number that the application knows it by.
    pub cause: Option<u32>,
}

impl CypherError {
    /// An error found before anything runs.
    #[cold]
    pub fn compile(kind: Kind, detail: Detail, message: impl Into<String>, span: Option<Range<usize>>) -> Self {
        Self { phase: Phase::CompileTime, kind, detail, message: message.into(), span, cause: None }
    }

    /// An error of a value; the expression that evaluates it adds the place.
    #[cold]
    pub fn runtime(kind: Kind, detail: Detail, message: impl Into<String>) -> Self {
        Self { phase: Phase::Runtime, kind, detail, message: message.into(), span: None, cause: None }
    }
}

impl fmt::Display for CypherError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} ({:?}): {}", self.kind, self.detail, self.message)
    }
}

impl std::error::Error for CypherError {}
