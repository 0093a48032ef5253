import SQLSyntax

extension VolumeRule {
  func call(_ call: SQLCall, _ tables: Tables, _ scope: VolumeScope, rows: Double) throws(Refusal) -> Bound {
    var bounds: [Bound] = []
    for argument in call.arguments { bounds.append(try bound(of: argument.value, tables, scope, rows: rows)) }
    var others = call.orderBy.map(\.expression) + [call.filter].compactMap(\.self)
    if case .window(let window) = call.over { others += window.values + window.bounds }
    for value in others { _ = try bound(of: value, tables, scope, rows: rows) }
    return try result(of: call, bounds, rows: rows)
  }

  private func result(of call: SQLCall, _ bounds: [Bound], rows: Double) throws(Refusal) -> Bound {
    let name = call.name.asciiLowercased
    let widest = bounds.reduce(Bound(length: 0, magnitude: 0)) { $0.or($1) }
    let sum = bounds.reduce(0) { $0 + $1.length }
    func text(_ length: Double) throws(Refusal) -> Bound {
      try made(Bound(length: length, magnitude: max(10_000, widest.magnitude)), name, at: call.offset)
    }
    switch name {
    case "count": return .number(max(rows, Self.tableRows))
    case "sum", "total": return .number(max(rows, Self.tableRows) * widest.magnitude)
    case "string_agg", "group_concat", "json_group_array", "json_group_object", "array_agg", "json_agg", "jsonb_agg",
      "json_object_agg", "jsonb_object_agg", "range_agg":
      return try gathered(Bound(length: sum, magnitude: widest.magnitude), rows, name, at: call.offset)
    case "repeat": return try text(argument(0, bounds).length * times(1, call, bounds))
    case "lpad", "rpad": return try text(max(argument(0, bounds).length, times(1, call, bounds)))
    case "replace", "regexp_replace":
      return try text(argument(0, bounds).length * replacement(call, bounds))
    case "concat", "concat_ws", "overlay", "array_cat", "array_append", "array_prepend": return try text(sum)
    case "format", "printf": return try text(try formatLength(call, sum))
    case "to_char": return try text(argument(1, bounds).length * 12 + 64)
    case "quote", "quote_literal", "hex", "json_quote", "to_json", "to_jsonb", "row_to_json", "array_to_json",
      "json_array", "json_object", "json_build_object", "json_build_array", "jsonb_build_object", "jsonb_build_array",
      "jsonb_object", "json_pretty", "jsonb_pretty", "array_to_string", "array_replace", "normalize":
      let length = sum * 2 + 64  // as long as escapes make it, which a text of data may be
      return try made(Bound(length: length, magnitude: 10_000), name, at: call.offset, from: length)
    case "char", "chr": return try text(Double(bounds.count) * 4)
    case "power", "pow":
      guard call.arguments.count == 2 else { return .small }
      let values = call.arguments.map(\.value)
      return try power(bounds[0], bounds[1], values[0], values[1], at: call.offset)
    case "exp": return try exponential(call, widest)
    case "factorial":
      guard let number = call.arguments.first?.value.number, number <= 150 else {
        throw tooLarge("'factorial' needs a small number that is written out.", at: call.offset)
      }
      return .number(1e300)
    case "generate_series":
      _ = try seriesRows(call, bounds)
      return widest
    case "length", "char_length", "character_length", "octet_length", "bit_length", "instr", "position", "strpos":
      return .number(max(10_000, widest.length))
    case "extract", "date_part", "unixepoch", "julianday":
      return .number(isEpoch(call) ? 1e10 : 2_500_000)
    case "round", "trunc":
      if let digits = call.arguments.dropFirst().first?.value.number, abs(digits) > 200 {
        throw tooLarge("'\(name)' is asked for too many digits.", at: call.offset)
      }
      return widest
    case "regexp_matches", "regexp_match", "regexp_split_to_array", "regexp_split_to_table", "regexp_count",
      "regexp_substr",
      "regexp_instr", "regexp_like", "to_tsvector", "string_to_array", "string_to_table", "ts_rank", "ts_rank_cd",
      "jsonb_path_query", "jsonb_path_query_array", "jsonb_path_query_first", "jsonb_path_exists", "translate":
      return try text(widest.length)
    case "width_bucket", "ntile": return .number(widest.magnitude)
    default: return Bound(length: max(64, widest.length), magnitude: max(widest.magnitude, 10_000))
    }
  }

  private func argument(_ index: Int, _ bounds: [Bound]) -> Bound {
    index < bounds.count ? bounds[index] : Bound(length: 0, magnitude: 0)
  }

  /// How often something is repeated.
  private func times(_ index: Int, _ call: SQLCall, _ bounds: [Bound]) -> Double {
    guard index < call.arguments.count else { return 0 }
    return call.arguments[index].value.number.map { max(0, $0) } ?? argument(index, bounds).magnitude
  }

  /// By how much a replacement lengthens a text: each letter, or each run that is looked for, becomes the new text.
  private func replacement(_ call: SQLCall, _ bounds: [Bound]) -> Double {
    let new = argument(2, bounds).length
    let old = call.arguments.count > 1 ? call.arguments[1].value.literalText.map { Double($0.utf8.count) } ?? 1 : 1
    let isRegular = call.name.asciiLowercased == "regexp_replace"
    return max(1, new / max(1, isRegular ? 1 : old))
  }

  private func exponential(_ call: SQLCall, _ widest: Bound) throws(Refusal) -> Bound {
    if let number = call.arguments.first?.value.number, abs(number) > 700 {
      throw tooLarge("'exp' is asked for too large a number.", at: call.offset)
    }
    return .number(1e300)
  }

  private func isEpoch(_ call: SQLCall) -> Bool {
    call.name.asciiLowercased == "unixepoch" || call.arguments.first?.value.literalText?.asciiLowercased == "epoch"
  }

  /// The length of a formatted text; the format must be a literal with narrow fields.
  private func formatLength(_ call: SQLCall, _ sum: Double) throws(Refusal) -> Double {
    guard let format = call.arguments.first?.value.literalText, let widths = Self.fieldWidths(format) else {
      throw Refusal(
        .unsafeFormat,
        "\(call.name) needs a literal format with fields of at most 999 characters and without *.",
        hint: "Write for example \(call.name)('%s', x), or use round(x, 2).",
        offset: call.offset
      )
    }
    return sum * 2 + widths
  }

  /// The widths of all fields of a format together; nil when one is wider than three digits or given by a value.
  private static func fieldWidths(_ format: String) -> Double? {
    var total = 0.0
    var rest = Array(format.utf8)[...]
    let inside = Set("-+ 0123456789,!#.l*$".utf8)
    while let start = rest.firstIndex(of: UInt8(ascii: "%")) {
      let field = rest[(start + 1)...].prefix { inside.contains($0) }
      let numbers = field.split { !(0x30...0x39).contains($0) }
      if field.contains(UInt8(ascii: "*")) || numbers.contains(where: { $0.count > 3 }) { return nil }
      total += numbers.reduce(64) { $0 + (Double(String(decoding: $1, as: UTF8.self)) ?? 0) }
      rest = rest[field.endIndex...].dropFirst()
    }
    return total
  }
}

extension SQLWindow {
  fileprivate var bounds: [SQLExpression] {
    [frame?.start, frame?.end].compactMap { bound in
      if case .distance(let distance, _) = bound { distance } else { nil }
    }
  }
}
