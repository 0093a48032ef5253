/// Which words of SQLite's grammar can be names.
enum SQLiteWords {
  /// Words that are no names unless they are quoted.
  static let reserved: Set<String> = [
    "add", "all", "alter", "and", "as", "between", "case", "check", "collate", "commit", "constraint", "create",
    "default", "deferrable", "delete", "distinct", "drop", "else", "escape", "except", "exists", "foreign", "from",
    "group", "having", "in", "index", "insert", "intersect", "into", "is", "isnull", "join", "limit", "not", "notnull",
    "nothing", "null", "on", "or", "order", "primary", "references", "returning", "select", "set", "table", "then",
    "to", "transaction", "union", "unique", "update", "using", "values", "when", "where",
  ]
  /// Words that can be names of columns, and begin something else after a value or a source.
  static let following: Set<String> = [
    "left", "right", "full", "inner", "outer", "cross", "natural", "window", "indexed", "like", "glob", "regexp",
    "match",
  ]
  /// Words that begin a statement of another kind than a question.
  static let statements: Set<String> = [
    "alter", "analyze", "attach", "begin", "commit", "create", "delete", "detach", "drop", "end", "explain", "insert",
    "pragma", "reindex", "release", "replace", "rollback", "savepoint", "update", "vacuum",
  ]
}
