import SQLSyntax

extension VolumeRule {
  /// How large a value can be; `rows` is the number of rows that its aggregates gather.
  func bound(
    of value: SQLExpression,
    _ tables: Tables,
    _ scope: VolumeScope,
    rows: Double
  ) throws(Refusal) -> Bound {
    func part(_ value: SQLExpression) throws(Refusal) -> Bound { try bound(of: value, tables, scope, rows: rows) }
    switch value.kind {
    case .literal(let literal): return try self.literal(literal, at: value.offset)
    case .parameter: return .data
    case .column(let path, _): return scope.bound(of: path)
    case .clock: return .small
    case .call(let call): return try self.call(call, tables, scope, rows: rows)
    case .prefix(let name, let inner):
      let bound = try part(inner)
      return name == "~" ? Bound.number(max(bound.magnitude, 10_000)) : bound
    case .binary(let name, let left, let right):
      return try binary(name, try part(left), try part(right), left, right, at: value.offset)
    case .cast(let inner, let type): return try cast(try part(inner), type, at: value.offset)
    case .collate(let inner, _): return try part(inner)
    case .choice(let operand, let branches, let otherwise):
      if let operand { _ = try part(operand) }
      var result = Bound(length: 0, magnitude: 0)
      for branch in branches {
        _ = try part(branch.condition)
        result = result.or(try part(branch.result))
      }
      if let otherwise { result = result.or(try part(otherwise)) }
      return result
    case .scalar(let query), .arrayQuery(let query):
      let inner = try subquery(query, tables, scope, rows: rows)
      let widest = inner.columns.map(\.bound).reduce(Bound(length: 0, magnitude: 0)) { $0.or($1) }
      if case .scalar = value.kind { return widest }
      return try gathered(widest, inner.rows, "ARRAY", at: value.offset)
    case .exists(let query):
      _ = try subquery(query, tables, scope, rows: rows)
      return .small
    case .inQuery(let left, let query, _), .quantified(let left, _, _, let query):
      _ = try part(left)
      _ = try subquery(query, tables, scope, rows: rows)
      return .small
    case .array(let parts), .row(let parts, _):
      var sum = Bound(length: 2, magnitude: 0)
      for inner in parts {
        let bound = try part(inner)
        sum = Bound(length: sum.length + bound.length + 1, magnitude: max(sum.magnitude, bound.magnitude))
      }
      return sum
    case .elements(let inner, _):
      for inner in value.parts.dropFirst() { _ = try part(inner) }
      return try part(inner)
    case .match(let match):
      let subject = try part(match.value)
      let pattern = try part(match.pattern)
      guard subject.length <= limits.textLength, pattern.length <= 10_000 else {
        throw tooLarge("A match looks at a text that is made too long.", at: value.offset)
      }
      return .small
    default:
      for inner in value.parts { _ = try part(inner) }
      return .small
    }
  }

  private func subquery(
    _ query: SQLQuery,
    _ tables: Tables,
    _ scope: VolumeScope,
    rows: Double
  ) throws(Refusal) -> Volume {
    let inner = try volume(of: query, tables, scope)
    // At the worst it is asked anew for each row.
    guard inner.work * rows <= limits.combinedRows * 1_000 else {
      throw Refusal(
        .crossProduct,
        "A subquery over a product of tables is asked for each row.",
        hint: "Join the tables of the subquery by equality of keys, or put it into a common table expression.",
        offset: nil
      )
    }
    return inner
  }

  private func literal(_ literal: SQLLiteral, at offset: Int) throws(Refusal) -> Bound {
    switch literal {
    case .null, .boolean: return Bound(length: 5, magnitude: 1)
    case .integer(let digits) where digits.asciiLowercased.hasPrefix("0x"): return .number(1e19)
    case .integer(let digits), .decimal(let digits):
      guard let number = Double(digits), number.isFinite, digits.utf8.count <= 400 else {
        throw tooLarge("A number is too large.", at: offset)
      }
      return Bound(length: max(Double(digits.utf8.count), Bound.number(abs(number)).length), magnitude: abs(number))
    case .text(let text):
      return Bound(length: Double(text.utf8.count), magnitude: Double(text).map(abs) ?? Double(text.utf8.count))
    case .bytes(let digits): return Bound(length: Double(digits.utf8.count), magnitude: 10_000)
    }
  }

  private func cast(_ bound: Bound, _ type: SQLTypeName, at offset: Int) throws(Refusal) -> Bound {
    guard type.name == "bpchar", let length = type.modifiers.first else {
      let isNumber = ["int2", "int4", "int8", "float4", "float8"].contains(type.name)
      return isNumber ? Bound(length: min(bound.length, 400), magnitude: bound.magnitude) : bound
    }
    return Bound(length: max(bound.length, Double(length)), magnitude: bound.magnitude)
  }

  private func binary(
    _ name: String,
    _ left: Bound,
    _ right: Bound,
    _ first: SQLExpression,
    _ second: SQLExpression,
    at offset: Int
  ) throws(Refusal) -> Bound {
    let longest = max(left.length, right.length)
    func number(_ magnitude: Double) throws(Refusal) -> Bound {
      guard magnitude <= 1e300 else { throw tooLarge("A number may become too large.", at: offset) }
      return Bound(length: max(longest, Bound.number(magnitude).length), magnitude: magnitude)
    }
    switch name {
    case "+", "-": return try number(left.magnitude + right.magnitude)
    case "*": return try number(left.magnitude * right.magnitude)
    case "/":
      let divisor = second.number.map(abs) ?? 1
      return try number(divisor > 0 && divisor < 1 ? left.magnitude / divisor : left.magnitude)
    case "%": return try number(right.magnitude)
    case "^": return try power(left, right, first, second, at: offset)
    case "<<": return .number(1e19)
    case "||":
      return try made(
        Bound(length: left.length + right.length, magnitude: max(left.magnitude, right.magnitude)),
        "||",
        at: offset
      )
    case "~", "~*", "!~", "!~*":
      guard left.length <= limits.textLength else {
        throw tooLarge("A match looks at a text that is made too long.", at: offset)
      }
      return .small
    case "->", "->>", "#>", "#>>", "#", "&", "|", ">>": return left.or(right)
    default: return .small
    }
  }

  /// A power: of data a growth rate over some periods, so a wide exponent must be of data or small.
  func power(
    _ base: Bound,
    _ exponent: Bound,
    _ first: SQLExpression,
    _ second: SQLExpression,
    at offset: Int
  ) throws(Refusal) -> Bound {
    if let number = second.number, abs(number) <= 4 {
      return .number(min(1e300, Self.power(base.magnitude, abs(number))))
    }
    if let number = first.number, abs(number) <= 10, second.number == nil, exponent.magnitude <= 10_000 {
      return .number(1e19)
    }
    guard exponent.magnitude <= 10_000 else { throw tooLarge("An exponent is too large.", at: offset) }
    if second.number != nil, first.number != nil {
      let value = Self.power(abs(first.number ?? 0), abs(second.number ?? 0))
      guard value <= 1e300 else { throw tooLarge("A number may become too large.", at: offset) }
      return .number(value)
    }
    if let number = second.number, abs(number) > 400 { throw tooLarge("An exponent is too large.", at: offset) }
    // A power of a power is no rate of growth any more.
    guard base.magnitude <= 1e12 else { throw tooLarge("A number may become too large.", at: offset) }
    return .number(1e19)
  }

  /// A power with a whole exponent rounded up, which is enough for a bound.
  static func power(_ base: Double, _ exponent: Double) -> Double {
    guard base > 1 else { return 1 }
    guard exponent <= 2_000 else { return .infinity }
    return (0..<Int(exponent.rounded(.up))).reduce(1.0) { product, _ in product * base }
  }

  /// Sees that a text that is made stays short.
  func made(_ bound: Bound, _ name: String, at offset: Int, from arguments: Double = 0) throws(Refusal) -> Bound {
    guard bound.length <= max(limits.textLength, arguments) else {
      throw tooLarge("'\(name)' may make a text of more than \(Int(limits.textLength)) letters.", at: offset)
    }
    return bound
  }

  /// Sees that what an aggregate gathers stays small.
  func gathered(_ bound: Bound, _ rows: Double, _ name: String, at offset: Int) throws(Refusal) -> Bound {
    let length = (bound.length + 4) * rows
    guard length <= limits.gatheredLength else {
      throw tooLarge("'\(name)' may gather too much.", at: offset)
    }
    // Who goes on with it has the data of a whole group in hand, which is no fault of the statement.
    return Bound(length: min(length, limits.textLength / 4), magnitude: bound.magnitude)
  }
}
