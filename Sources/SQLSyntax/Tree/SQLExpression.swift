/// A value as a statement writes it, with its place.
public struct SQLExpression: Hashable, Sendable {
  /// What kind of value it is.
  public var kind: Kind
  /// Where it stands, in bytes of the statement.
  public var offset: Int

  /// Makes a value.
  public init(_ kind: Kind, at offset: Int) {
    self.kind = kind
    self.offset = offset
  }

  /// The kinds of values; what is not here cannot be asked for.
  public indirect enum Kind: Hashable, Sendable {
    /// A literal.
    case literal(SQLLiteral)
    /// A bound value by its number, from 1.
    case parameter(Int)
    /// A column, or a whole row, by its name and what stands before it.
    case column([String], isQuoted: Bool)
    /// A call of a function.
    case call(SQLCall)
    /// An operator before its value.
    case prefix(String, SQLExpression)
    /// An operator between two values.
    case binary(String, SQLExpression, SQLExpression)
    /// All are true.
    case and([SQLExpression])
    /// One is true.
    case or([SQLExpression])
    /// The opposite.
    case not(SQLExpression)
    /// `IS NULL`, `IS NOT NULL`, `IS TRUE` and the like.
    case test(SQLExpression, String)
    /// Equality in which null equals null.
    case distinct(SQLExpression, SQLExpression, isNegated: Bool)
    /// Between two bounds.
    case between(SQLExpression, SQLExpression, SQLExpression, isNegated: Bool, isSymmetric: Bool)
    /// One of several values.
    case inList(SQLExpression, [SQLExpression], isNegated: Bool)
    /// One of a question's rows.
    case inQuery(SQLExpression, SQLQuery, isNegated: Bool)
    /// A comparison with some or all rows of a question.
    case quantified(SQLExpression, String, isAll: Bool, SQLQuery)
    /// A comparison with some or all elements of an array.
    case quantifiedArray(SQLExpression, String, isAll: Bool, SQLExpression)
    /// A match with a pattern.
    case match(SQLMatch)
    /// A choice.
    case choice(operand: SQLExpression?, [SQLBranch], otherwise: SQLExpression?)
    /// A value of another type.
    case cast(SQLExpression, SQLTypeName)
    /// Whether a question has rows.
    case exists(SQLQuery)
    /// The one value of a question.
    case scalar(SQLQuery)
    /// A question's values as an array.
    case arrayQuery(SQLQuery)
    /// Values as an array.
    case array([SQLExpression])
    /// Values as a row; `isExplicit` tells whether the word `ROW` is written.
    case row([SQLExpression], isExplicit: Bool)
    /// Parts of an array.
    case elements(SQLExpression, [SQLSubscript])
    /// A value with another order of letters.
    case collate(SQLExpression, String)
    /// `CURRENT_DATE` and the like, in capitals, with digits of the second.
    case clock(String, precision: Int?)
  }
}

/// A value that is written out.
public enum SQLLiteral: Hashable, Sendable {
  /// No value.
  case null
  /// True or false.
  case boolean(Bool)
  /// A whole number, in digits.
  case integer(String)
  /// A number with a fraction or an exponent.
  case decimal(String)
  /// A text.
  case text(String)
  /// Bytes, in hexadecimal digits.
  case bytes(String)
}

/// A call of a function.
public struct SQLCall: Hashable, Sendable {
  /// A value that is handed over.
  public struct Argument: Hashable, Sendable {
    /// The parameter's name, when it is written.
    public var name: String?
    /// The value.
    public var value: SQLExpression

    /// Makes an argument.
    public init(name: String? = nil, _ value: SQLExpression) {
      self.name = name
      self.value = value
    }
  }

  /// The window that a call looks at.
  public enum Over: Hashable, Sendable {
    /// One with a name.
    case named(String)
    /// One that is written out.
    case window(SQLWindow)
  }

  /// The function's name, without its schema.
  public var name: String
  /// The schema, when it is written.
  public var schema: [String]
  /// Whether it is a word of the grammar, such as `COALESCE`, and no function that has a schema.
  public var isKeyword: Bool
  /// What is handed over.
  public var arguments: [Argument]
  /// Whether all rows are meant, as in `count(*)`.
  public var isStar: Bool
  /// Whether equal values count once.
  public var isDistinct: Bool
  /// Whether the last argument is an array of arguments.
  public var isVariadic: Bool
  /// How the values of an aggregate are sorted.
  public var orderBy: [SQLSortKey]
  /// Whether they are sorted `WITHIN GROUP`.
  public var isWithinGroup: Bool
  /// Which rows count.
  public var filter: SQLExpression?
  /// The window.
  public var over: Over?
  /// Where it stands.
  public var offset: Int

  /// Makes a call.
  public init(
    _ name: String,
    schema: [String] = [],
    isKeyword: Bool = false,
    arguments: [Argument] = [],
    isStar: Bool = false,
    isDistinct: Bool = false,
    isVariadic: Bool = false,
    orderBy: [SQLSortKey] = [],
    isWithinGroup: Bool = false,
    filter: SQLExpression? = nil,
    over: Over? = nil,
    offset: Int
  ) {
    self.name = name
    self.schema = schema
    self.isKeyword = isKeyword
    self.arguments = arguments
    self.isStar = isStar
    self.isDistinct = isDistinct
    self.isVariadic = isVariadic
    self.orderBy = orderBy
    self.isWithinGroup = isWithinGroup
    self.filter = filter
    self.over = over
    self.offset = offset
  }
}

/// A match with a pattern.
public struct SQLMatch: Hashable, Sendable {
  /// `LIKE`, `ILIKE`, `SIMILAR TO`, `GLOB` or `REGEXP`.
  public var kind: String
  /// What is matched.
  public var value: SQLExpression
  /// The pattern.
  public var pattern: SQLExpression
  /// The letter that takes the next one's meaning away.
  public var escape: SQLExpression?
  /// Whether no match is wanted.
  public var isNegated: Bool

  /// Makes a match.
  public init(
    kind: String,
    value: SQLExpression,
    pattern: SQLExpression,
    escape: SQLExpression? = nil,
    isNegated: Bool = false
  ) {
    self.kind = kind
    self.value = value
    self.pattern = pattern
    self.escape = escape
    self.isNegated = isNegated
  }
}

/// One branch of a choice.
public struct SQLBranch: Hashable, Sendable {
  /// When it is taken.
  public var condition: SQLExpression
  /// What it gives.
  public var result: SQLExpression

  /// Makes a branch.
  public init(condition: SQLExpression, result: SQLExpression) {
    self.condition = condition
    self.result = result
  }
}

/// One part of an array.
public enum SQLSubscript: Hashable, Sendable {
  /// One element.
  case element(SQLExpression)
  /// A slice; a missing bound is the array's own.
  case slice(SQLExpression?, SQLExpression?)
}

/// The name of a type.
public struct SQLTypeName: Hashable, Sendable {
  /// The name, without its schema; in SQLite the words with blanks between them.
  public var name: String
  /// The schema, when it is written or implied.
  public var schema: [String]
  /// Its numbers, such as length or precision.
  public var modifiers: [Int]
  /// How many dimensions of an array it has.
  public var dimensions: Int
  /// Where it stands.
  public var offset: Int

  /// Names a type.
  public init(_ name: String, schema: [String] = [], modifiers: [Int] = [], dimensions: Int = 0, offset: Int) {
    self.name = name
    self.schema = schema
    self.modifiers = modifiers
    self.dimensions = dimensions
    self.offset = offset
  }
}
