/// One statement with the values of its parameters `$1`, `$2` and so on.
public struct PostgresStatement: Hashable, Sendable {
  /// The text; values belong into ``binds``, and a text holds one statement.
  public var sql: String
  /// The values of the parameters.
  public var binds: [PostgresValue]
  /// Whether the server keeps the prepared form for the next call; false suits statements that run once.
  public var isKept: Bool

  /// Makes a statement.
  public init(_ sql: String, _ binds: [PostgresValue] = [], isKept: Bool = true) {
    self.sql = sql
    self.binds = binds
    self.isKept = isKept
  }
}

extension PostgresStatement {
  /// A name in the form in which it stands in a statement, whatever letters it has.
  public static func quoted(_ name: String) -> String {
    var text = "\""
    for character in name {
      if character == "\"" { text.append("\"") }
      text.append(character)
    }
    return text + "\""
  }
}
