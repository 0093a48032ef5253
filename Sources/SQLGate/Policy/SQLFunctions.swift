public import SQLSyntax

/// The functions, operators and types that statements may use.
///
/// All of them only compute: no file, setting, secret, catalogue, lock, connection or text of SQL is within their reach.
/// Those whose results can grow, or take long, are bounded by the checks that look at their arguments.
public enum SQLFunctions {
  /// The functions that may be called, in small letters.
  public static func functions(of dialect: SQLDialect) -> Set<String> {
    dialect == .sqlite ? sqliteAnalytics : postgresAnalytics
  }

  /// The functions that may stand in place of a table, each with its columns; none for a single one of the call's name.
  public static func tableFunctions(of dialect: SQLDialect) -> [String: [String]] {
    dialect == .sqlite ? sqliteTables : postgresTables
  }

  /// What analysis with SQLite needs.
  public static let sqliteAnalytics = Set(
    words(
      """
      avg count group_concat json_group_array json_group_object max median min percentile percentile_cont percentile_disc
      string_agg sum total
      cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank row_number
      current_date current_time current_timestamp date datetime julianday strftime time timediff unixepoch
      char concat concat_ws format glob hex instr length like lower ltrim octet_length printf quote replace rtrim soundex
      substr substring trim unicode upper
      abs acos acosh asin asinh atan atan2 atanh ceil ceiling cos cosh degrees exp floor ln log log10 log2 mod pi pow power
      radians random round sign sin sinh sqrt tan tanh trunc
      coalesce ifnull iif nullif typeof likely unlikely likelihood
      -> ->> json json_array json_array_length json_extract json_object json_quote json_type json_valid
      """
    )
  )

  /// SQLite's functions that take JSON apart into rows.
  public static let sqliteTables: [String: [String]] = [
    "json_each": ["key", "value", "type", "atom", "id", "parent", "fullkey", "path"],
    "json_tree": ["key", "value", "type", "atom", "id", "parent", "fullkey", "path"],
  ]

  /// What analysis with PostgreSQL needs; each is called as `pg_catalog.name`, so a user's function of the name is not.
  public static let postgresAnalytics = Set(
    words(
      """
      count sum avg min max stddev stddev_pop stddev_samp variance var_pop var_samp corr covar_pop covar_samp
      regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy
      bool_and bool_or every bit_and bit_or bit_xor array_agg string_agg json_agg jsonb_agg json_object_agg jsonb_object_agg
      percentile_cont percentile_disc mode any_value range_agg
      cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank row_number
      now transaction_timestamp statement_timestamp clock_timestamp date_trunc date_part extract age date date_bin isfinite
      justify_days justify_hours justify_interval make_date make_time make_timestamp make_timestamptz make_interval
      timezone to_timestamp to_date to_char to_number overlaps
      lower upper initcap length char_length character_length octet_length bit_length trim btrim ltrim rtrim lpad rpad
      left right substr substring position strpos overlay replace translate reverse repeat concat concat_ws split_part
      starts_with ascii chr md5 format quote_literal to_hex normalize
      regexp_replace regexp_match regexp_matches regexp_split_to_array regexp_count regexp_substr regexp_instr regexp_like
      string_to_array array_to_string
      abs ceil ceiling floor round trunc sign mod power pow sqrt cbrt exp ln log log10 div degrees radians pi
      sin cos tan cot asin acos atan atan2 sinh cosh tanh asinh acosh atanh width_bucket random gcd lcm scale min_scale
      trim_scale factorial
      num_nulls num_nonnulls
      array_length array_ndims array_upper array_lower cardinality array_position array_positions array_append array_prepend
      array_cat array_remove array_replace trim_array unnest
      jsonb_array_length json_array_length jsonb_extract_path jsonb_extract_path_text json_extract_path
      json_extract_path_text jsonb_typeof json_typeof json_build_object jsonb_build_object json_build_array
      jsonb_build_array to_json to_jsonb row_to_json array_to_json jsonb_strip_nulls json_strip_nulls jsonb_pretty
      json_object jsonb_object jsonb_array_elements jsonb_array_elements_text json_array_elements json_array_elements_text
      jsonb_object_keys json_object_keys jsonb_path_query jsonb_path_query_first jsonb_path_query_array jsonb_path_exists
      jsonb_path_match jsonb_exists
      to_tsvector to_tsquery plainto_tsquery phraseto_tsquery websearch_to_tsquery ts_rank ts_rank_cd
      daterange tsrange tstzrange numrange int4range int8range lower_inc upper_inc lower_inf upper_inf isempty
      generate_series
      """
    )
  )

  /// Words of PostgreSQL's grammar that are written like functions.
  public static let postgresKeywords: Set<String> = ["coalesce", "nullif", "greatest", "least", "grouping"]

  /// PostgreSQL's functions that give rows.
  public static let postgresTables: [String: [String]] = [
    "generate_series": [], "unnest": [], "jsonb_array_elements": ["value"], "jsonb_array_elements_text": ["value"],
    "json_array_elements": ["value"], "json_array_elements_text": ["value"], "jsonb_object_keys": [],
    "json_object_keys": [], "jsonb_each": ["key", "value"], "jsonb_each_text": ["key", "value"],
    "json_each": ["key", "value"], "json_each_text": ["key", "value"], "jsonb_path_query": [],
    "regexp_split_to_table": [], "string_to_table": [], "regexp_matches": [], "jsonb_to_recordset": [],
    "json_to_recordset": [], "jsonb_to_record": [], "json_to_record": [],
  ]

  /// Functions that make one value out of many rows.
  static let aggregates = Set(
    words(
      """
      count sum avg min max total stddev stddev_pop stddev_samp variance var_pop var_samp corr covar_pop covar_samp
      regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy
      bool_and bool_or every bit_and bit_or bit_xor array_agg string_agg json_agg jsonb_agg json_object_agg jsonb_object_agg
      percentile_cont percentile_disc percentile median mode any_value range_agg group_concat json_group_array
      json_group_object
      """
    )
  )

  /// Operators of PostgreSQL that compute and compare.
  static let postgresOperators = Set(
    words(
      "+ - * / % ^ |/ ||/ @ & | # ~ << >> = <> < <= > >= || ~* !~ !~* ~~ ~~* !~~ !~~* -> ->> #> #>> @> <@ ? ?| ?& && @@ @? -|- ^@"
    )
  )

  /// PostgreSQL's types whose input reads nothing but the text.
  static let postgresTypes = Set(
    words(
      """
      bool int2 int4 int8 float4 float8 numeric money text varchar bpchar date time timetz timestamp timestamptz interval
      json jsonb uuid tsvector tsquery daterange tsrange tstzrange numrange int4range int8range
      """
    )
  )

  private static func words(_ text: String) -> [String] { text.split { $0 == " " || $0 == "\n" }.map(String.init) }
}
