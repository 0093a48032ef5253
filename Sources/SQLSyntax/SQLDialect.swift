/// Whose SQL a text is.
public enum SQLDialect: String, Hashable, Sendable, Codable, CaseIterable {
  /// PostgreSQL, read by its own parser.
  case postgres
  /// SQLite, read by a parser of ours.
  case sqlite
}

extension SQLDialect {
  /// How the engine compares names: PostgreSQL exactly, for its parser has folded them; SQLite without the case of A to Z.
  public func key(_ name: String) -> String {
    switch self {
    case .postgres: name
    case .sqlite: name.asciiLowercased
    }
  }
}
