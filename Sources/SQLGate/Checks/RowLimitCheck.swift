/// Puts a bound on the number of rows; one row more than allowed tells that some are missing.
struct RowLimitCheck: SQLCheck {
  let name = "row limit"

  func judge(_ statement: CheckedStatement, under policy: GatePolicy) -> CheckResult {
    let tokens = statement.tokens.withoutTrailingSemicolons
    guard let first = tokens.first, let last = tokens.last else {
      return .refuse(Refusal(.empty, "There is no statement.", hint: "Write one SELECT."))
    }
    let bytes = Array(statement.sql.utf8)[first.range.lowerBound..<last.range.upperBound]
    let sql = String(decoding: bytes, as: UTF8.self)
    if let limit = ownLimit(of: tokens), limit <= policy.rowLimit { return cut(sql, from: statement) }
    let bound = policy.rowLimit.addingReportingOverflow(1)
    let limit = bound.overflow ? policy.rowLimit : bound.partialValue
    return .narrow(sql: "SELECT * FROM (\(sql)) AS limited LIMIT \(limit)", because: "at most \(limit) rows")
  }

  private func cut(_ sql: String, from statement: CheckedStatement) -> CheckResult {
    sql == statement.sql ? .pass : .narrow(sql: sql, because: "without what stands around the statement")
  }

  /// The rows to which the outermost statement limits itself, when that is beyond doubt: numbers and nothing more.
  private func ownLimit(of tokens: [SQLToken]) -> Int? {
    guard let place = tokens.outermost.last(where: { tokens[$0].isKeyword("LIMIT") }) else { return nil }
    let clause = tokens[(place + 1)...]
    let numbers = clause.filter { $0.kind == .number }.map { Int($0.text) }
    let separators = clause.filter { $0.kind != .number }
    switch (clause.count, numbers.count, separators.first) {
    case (1, 1, nil): return numbers[0]
    case (3, 2, let separator?) where clause.dropFirst().first == separator:
      if separator.isKeyword("OFFSET") { return numbers[0] }
      return separator.isSymbol(",") ? numbers[1] : nil
    default: return nil
    }
  }
}

extension [SQLToken] {
  fileprivate var withoutTrailingSemicolons: [SQLToken] {
    Array(prefix((lastIndex { !$0.isSymbol(";") } ?? -1) + 1))
  }

  /// The places of the tokens that stand inside no brackets.
  fileprivate var outermost: [Int] {
    var depth = 0
    return indices.filter { index in
      if self[index].isSymbol("(") { depth += 1 }
      if self[index].isSymbol(")") { depth -= 1 }
      return depth == 0
    }
  }
}
