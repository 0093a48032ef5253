import CPostgres

extension PostgresFailure {
  /// Makes a failure of the result of a statement.
  init(result: OpaquePointer?, sql: String?) {
    let field = { (code: Int32) in PQresultErrorField(result, code).map { String(cString: $0) } }
    let state = field(cpostgres_field_sql_state()) ?? ""
    let name = field(cpostgres_field_constraint()) ?? ""
    let message = field(cpostgres_field_message()) ?? PQresultErrorMessage(result).map { String(cString: $0) } ?? ""
    let kind = state.isEmpty ? Kind.connectionLost : Kind(sqlState: state, constraint: name)
    self.init(
      kind: kind,
      sqlState: state,
      message: kind == .invalidValue ? Self.masked(message) : Self.line(message),
      hint: field(cpostgres_field_hint()),
      sql: sql,
      position: field(cpostgres_field_position()).flatMap { Int($0) }
    )
  }

  /// Makes a failure of what a connection says about itself.
  init(connection: OpaquePointer?, kind: Kind) {
    let message = PQerrorMessage(connection).map { String(cString: $0) } ?? ""
    self.init(kind: kind, message: Self.line(message.isEmpty ? "the connection is gone" : message))
  }

  /// One line, as libpq ends its messages with a line break and may write several.
  static func line(_ message: String) -> String {
    message.split(whereSeparator: \.isNewline).map { $0.trimmingPrefix { $0.isWhitespace } }.joined(separator: "; ")
  }

  /// The message without what stands in double quotes, since there PostgreSQL repeats the value.
  static func masked(_ message: String) -> String {
    let parts = line(message).split(separator: "\"", omittingEmptySubsequences: false)
    guard parts.count > 1 else { return line(message) }
    return "\(parts[0])\"…\"\(parts.count > 2 ? parts[parts.count - 1] : "")"
  }
}

extension PostgresFailure.Kind {
  /// The classes and codes are those of https://www.postgresql.org/docs/15/errcodes-appendix.html.
  init(sqlState: String, constraint: String) {
    self =
      switch sqlState {
      case "23505": .constraint(.unique(name: constraint))
      case "23503": .constraint(.foreignKey(name: constraint))
      case "23502": .constraint(.notNull)
      case "23514": .constraint(.check(name: constraint))
      case "55P03": .lockTimeout
      case "57014": .timedOut
      case "25006": .readOnly
      case "25P03", "57P05": .timedOut
      case "42501": .denied
      case "42601", "42804", "42883", "42P18", "42846", "42803", "42702": .syntax
      case "42703", "42P01", "3F000", "3D000", "42704", "26000": .unknownName
      case "42710", "42P07", "42701", "42P06", "42P04": .duplicateName
      case "53100": .full
      case "53200": .outOfMemory
      case "53300": .tooManyConnections
      case "57P01", "57P02": .connectionLost
      case "57P03": .unreachable
      case "54000", "54001", "54011", "54023": .tooBig
      case "P0001": .raised
      default: Self.ofClass(sqlState.prefix(2), constraint: constraint)
      }
  }

  private static func ofClass(_ letters: Substring, constraint: String) -> Self {
    switch letters {
    case "08": .unreachable
    case "22": .invalidValue
    case "23": .constraint(.other(name: constraint))
    case "28": .authentication
    case "40": .conflict
    case "42": .syntax
    case "54": .tooBig
    case "00", "01", "02", "03", "0A", "25", "2D", "34", "38", "39", "3B", "53", "55", "57", "58", "F0", "HV", "P0",
      "XX":
      .other
    default: .raised  // classes that PostgreSQL leaves to those who raise errors of their own
    }
  }
}
