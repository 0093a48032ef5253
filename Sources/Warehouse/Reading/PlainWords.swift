/// The words that a plain statement may hold besides the names of tables, columns and aliases.
struct PlainWords: Sendable {
  /// The functions that may be called.
  let functions: Set<String>

  /// Words that belong to a question; all that write, lock, set or call are missing.
  static let keywords: Set<String> = [
    "all", "and", "any", "as", "asc", "between", "by", "case", "cast", "cross", "current", "current_date",
    "current_timestamp", "desc", "distinct", "else", "end", "escape", "except", "exists", "extract", "false", "filter",
    "first", "following", "from", "full", "group", "having", "ilike", "in", "inner", "intersect", "interval", "is",
    "join", "last", "left", "like", "limit", "materialized", "not", "null", "nulls", "offset", "on", "or", "order",
    "outer", "over", "partition", "preceding", "range", "recursive", "right", "row", "rows", "select", "then", "true",
    "unbounded", "union", "using", "when", "where", "window", "with", "within",
  ]

  /// Keywords behind which a bracket opens that is no call.
  static let openers: Set<String> = [
    "all", "and", "any", "as", "between", "by", "case", "distinct", "else", "except", "exists", "filter", "from",
    "group", "having", "in", "intersect", "is", "join", "like", "ilike", "limit", "materialized", "not", "offset", "on",
    "or",
    "over", "select", "then", "union", "using", "when", "where",
  ]

  /// Types to which a value may be cast.
  static let types: Set<String> = [
    "bigint", "boolean", "char", "date", "decimal", "double", "float", "int", "integer", "interval", "numeric", "real",
    "signed", "smallint", "text", "time", "timestamp", "timestamptz", "unsigned", "varchar",
  ]

  /// Words that stand before a literal or between `extract` and its value.
  static let units: Set<String> = [
    "century", "date", "day", "dow", "doy", "epoch", "hour", "isodow", "isoyear", "minute", "month", "precision",
    "quarter", "second", "time", "timestamp", "week", "year", "zone",
  ]

  private static let common: Set<String> = [
    "abs", "avg", "ceil", "ceiling", "coalesce", "concat", "count", "cume_dist", "dense_rank", "exp", "first_value",
    "floor", "greatest", "lag", "last_value", "lead", "least", "left", "length", "ln", "lower", "ltrim", "max", "min",
    "mod", "nth_value", "ntile", "nullif", "percent_rank", "power", "rank", "replace", "right", "round", "row_number",
    "rtrim", "sign", "sqrt", "stddev", "stddev_pop", "stddev_samp", "substr", "substring", "sum", "trim", "upper",
    "var_pop", "var_samp", "variance",
  ]

  /// For PostgreSQL: none of these reads a file, a setting or a catalogue, and none makes much of little.
  static let postgres = PlainWords(
    functions: common.union([
      "age", "bool_and", "bool_or", "corr", "date_part", "date_trunc", "extract", "initcap", "make_date", "mode",
      "percentile_cont", "percentile_disc", "regr_intercept", "regr_slope", "split_part", "starts_with", "string_agg",
      "strpos", "to_char", "to_date", "to_timestamp", "trunc",
    ])
  )

  /// For MariaDB.
  static let mariaDB = PlainWords(
    functions: common.union([
      "date", "date_format", "datediff", "day", "dayname", "dayofweek", "extract", "group_concat", "if", "ifnull",
      "instr", "median", "month", "monthname", "quarter", "str_to_date", "truncate", "week", "weekday", "year",
    ])
  )

  /// For DuckDB; nothing that reads files or settings is among them.
  static let duckDB = PlainWords(
    functions: common.union([
      "corr", "date_diff", "date_part", "date_trunc", "day", "dayname", "dayofweek", "extract", "median", "mode",
      "month", "monthname", "quantile_cont", "quantile_disc", "quarter", "string_agg", "strftime", "strptime", "week",
      "year",
    ])
  )
}
