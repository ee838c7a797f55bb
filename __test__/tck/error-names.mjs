/** What errors are called in steps of the whole kit, also of the scenarios that are not at hand. */

const words = (text) => new Set(text.trim().split(/\s+/))

export const kinds = words(`
  ArgumentError ArithmeticError ConstraintValidationFailed ConstraintVerificationFailed EntityNotFound LabelNotFound
  ParameterMissing ProcedureError PropertyNotFound SemanticError SyntaxError TypeError
`)

export const phases = new Set(['compile time', 'runtime', 'any time'])

/** A star is any of them. */
export const details = words(`
  *
  AmbiguousAggregationExpression ColumnNameConflict CreatingVarLength DeleteConnectedNode DeletedEntityAccess
  DifferentColumnsInUnion FloatingPointOverflow IntegerOverflow InvalidAggregation InvalidArgumentExpression
  InvalidArgumentPassingMode InvalidArgumentType InvalidArgumentValue InvalidClauseComposition InvalidDelete
  InvalidElementAccess InvalidNumberLiteral InvalidNumberOfArguments InvalidParameterUse InvalidPropertyType
  InvalidRelationshipPattern InvalidUnicodeCharacter InvalidUnicodeLiteral ListElementAccessByNonInteger
  MapElementAccessByNonString MergeReadOwnWrites MissingParameter NegativeIntegerArgument NestedAggregation
  NoExpressionAlias NoSingleRelationshipType NoVariablesInScope NonConstantExpression NumberOutOfRange ProcedureNotFound
  PropertyAccessOnNonMap RelationshipUniquenessViolation RequiresDirectedRelationship UndefinedVariable UnexpectedSyntax
  UnknownFunction VariableAlreadyBound VariableTypeConflict
`)
