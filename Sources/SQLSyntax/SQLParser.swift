/// Reads a text as one question.
public enum SQLParser {
  /// The longest text in bytes that is read.
  public static let maximumBytes = PostgresParser.maximumBytes
  /// The deepest nesting of queries and expressions that is read.
  public static let maximumDepth = 100

  /// Parses a text that holds exactly one question.
  ///
  /// The calling thread waits while PostgreSQL's parser works on a thread of its own, as a rule for less than a millisecond.
  ///
  /// - Throws: ``SyntaxFault``: the grammar is wrong, or there is something in the text that is on no list of what may be
  ///   asked: statements that write, locks, types of expressions nobody understands here, nesting beyond ``maximumDepth``.
  public static func parse(_ sql: String, dialect: SQLDialect) throws(SyntaxFault) -> SQLQuery {
    switch dialect {
    case .postgres: return try PostgresParser.parse(sql)
    case .sqlite: return try SQLiteParser.parse(sql)
    }
  }
}
