/// The functions that statements may call unless a policy says otherwise.
public enum SQLFunctions {
  /// What analysis with SQLite needs: no file, no setting, no secret and no value of any size can be had from these.
  ///
  /// `printf` and `format` are safe only because the gate looks at their formats.
  public static let sqliteAnalytics: Set<String> =
    aggregates.union(windows).union(dates).union(texts).union(numbers).union(values).union(json)

  /// SQLite's functions that take JSON apart into rows.
  public static let sqliteTables: Set<String> = ["json_each", "json_tree"]

  private static let aggregates: Set<String> = [
    "avg", "count", "group_concat", "max", "median", "min", "percentile", "percentile_cont", "percentile_disc",
    "string_agg", "sum", "total",
  ]
  private static let windows: Set<String> = [
    "cume_dist", "dense_rank", "first_value", "lag", "last_value", "lead", "nth_value", "ntile", "percent_rank", "rank",
    "row_number",
  ]
  private static let dates: Set<String> = [
    "current_date", "current_time", "current_timestamp", "date", "datetime", "julianday", "strftime", "time",
    "timediff",
    "unixepoch",
  ]
  private static let texts: Set<String> = [
    "char", "concat", "concat_ws", "format", "glob", "hex", "instr", "length", "like", "lower", "ltrim", "octet_length",
    "printf", "quote", "replace", "rtrim", "soundex", "substr", "substring", "trim", "unicode", "upper",
  ]
  private static let numbers: Set<String> = [
    "abs", "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "ceil", "ceiling", "cos", "cosh", "degrees",
    "exp",
    "floor", "ln", "log", "log10", "log2", "mod", "pi", "pow", "power", "radians", "random", "round", "sign", "sin",
    "sinh",
    "sqrt", "tan", "tanh", "trunc",
  ]
  private static let values: Set<String> = ["coalesce", "ifnull", "iif", "nullif", "typeof"]
  /// Without those that gather rows: their memory has no bound in SQLite.
  private static let json: Set<String> = [
    "->", "->>", "json", "json_array", "json_array_length", "json_extract", "json_object", "json_quote", "json_type",
    "json_valid",
  ]
}
