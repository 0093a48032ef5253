extension SQLPrinter {
  mutating func expression(_ expression: SQLExpression) {
    switch expression.kind {
    case .literal(let value): literal(value)
    case .parameter(let number): write(dialect == .postgres ? "$\(number)" : "?\(number)")
    case .column(let path, _): names(path, by: ".")
    case .call(let call): self.call(call)
    case .prefix(let name, let value):
      write(name)
      if dialect == .postgres { write(" ") }
      operand(value)
    case .binary(let name, let left, let right): binary(left, name, right)
    case .and(let parts): write(parts, by: " AND ") { $0.operand($1) }
    case .or(let parts): write(parts, by: " OR ") { $0.operand($1) }
    case .not(let value):
      write("NOT ")
      operand(value)
    case .test(let value, let test):
      operand(value)
      write(" \(test)")
    case .distinct(let left, let right, let isNegated): distinct(left, right, isNegated)
    case .between(let value, let low, let high, let isNegated, let isSymmetric):
      operand(value)
      write("\(isNegated ? " NOT" : "") BETWEEN \(isSymmetric ? "SYMMETRIC " : "")")
      binary(low, "AND", high)
    case .inList(let value, let values, let isNegated):
      operand(value)
      write(isNegated ? " NOT IN (" : " IN (")
      list(values)
      write(")")
    case .inQuery(let value, let query, let isNegated):
      operand(value)
      write(isNegated ? " NOT IN " : " IN ")
      brackets(query)
    case .quantified(let value, let name, let isAll, let query):
      operand(value)
      write(" \(name) \(isAll ? "ALL" : "ANY") ")
      brackets(query)
    case .quantifiedArray(let value, let name, let isAll, let array):
      operand(value)
      write(" \(name) \(isAll ? "ALL" : "ANY") (")
      self.expression(array)
      write(")")
    case .match(let match): self.match(match)
    case .choice(let operand, let branches, let otherwise): choice(operand, branches, otherwise)
    case .cast(let value, let type):
      write("CAST(")
      self.expression(value)
      write(" AS ")
      self.type(type)
      write(")")
    case .exists(let query):
      write("EXISTS ")
      brackets(query)
    case .scalar(let query): brackets(query)
    case .arrayQuery(let query):
      write("ARRAY")
      brackets(query)
    case .array(let values):
      write("ARRAY[")
      list(values)
      write("]")
    case .row(let values, let isExplicit):
      write(isExplicit ? "ROW(" : "(")
      list(values)
      write(")")
    case .elements(let value, let parts): subscripts(value, parts)
    case .collate(let value, let name):
      operand(value)
      write(" COLLATE ")
      self.name(name)
    case .clock(let name, let precision): write(precision.map { "\(name)(\($0))" } ?? name)
    }
  }

  /// A value as part of another one, in brackets unless it cannot be torn apart.
  mutating func operand(_ expression: SQLExpression) {
    if expression.kind.isAtomic { return self.expression(expression) }
    write("(")
    self.expression(expression)
    write(")")
  }

  private mutating func list(_ values: [SQLExpression]) {
    write(values, by: ", ") { $0.expression($1) }
  }

  private mutating func brackets(_ query: SQLQuery) {
    write("(")
    self.query(query)
    write(")")
  }

  private mutating func literal(_ value: SQLLiteral) {
    switch value {
    case .null: write("NULL")
    case .boolean(let isTrue): write(isTrue ? "TRUE" : "FALSE")
    case .integer(let digits), .decimal(let digits): write(digits)
    case .text(let text): literal(text)
    case .bytes(let digits): write("x'\(digits)'")
    }
  }

  private mutating func binary(_ left: SQLExpression, _ name: String, _ right: SQLExpression) {
    operand(left)
    write(" \(name) ")
    operand(right)
  }

  private mutating func distinct(_ left: SQLExpression, _ right: SQLExpression, _ isNegated: Bool) {
    switch dialect {
    case .postgres: binary(left, isNegated ? "IS NOT DISTINCT FROM" : "IS DISTINCT FROM", right)
    case .sqlite: binary(left, isNegated ? "IS" : "IS NOT", right)
    }
  }

  private mutating func match(_ match: SQLMatch) {
    binary(match.value, "\(match.isNegated ? "NOT " : "")\(match.kind)", match.pattern)
    guard let escape = match.escape else { return }
    write(" ESCAPE ")
    operand(escape)
  }

  private mutating func choice(_ operand: SQLExpression?, _ branches: [SQLBranch], _ otherwise: SQLExpression?) {
    write("CASE")
    if let operand {
      write(" ")
      self.operand(operand)
    }
    for branch in branches {
      write(" WHEN ")
      expression(branch.condition)
      write(" THEN ")
      expression(branch.result)
    }
    if let otherwise {
      write(" ELSE ")
      expression(otherwise)
    }
    write(" END")
  }

  private mutating func subscripts(_ value: SQLExpression, _ parts: [SQLSubscript]) {
    write("(")
    expression(value)
    write(")")
    for part in parts {
      write("[")
      switch part {
      case .element(let index): expression(index)
      case .slice(let lower, let upper):
        if let lower { operand(lower) }
        write(":")
        if let upper { operand(upper) }
      }
      write("]")
    }
  }

  mutating func type(_ type: SQLTypeName) {
    switch dialect {
    case .postgres: names(type.schema + [type.name], by: ".")
    case .sqlite: if !type.name.isEmpty { name(type.name) }
    }
    if !type.modifiers.isEmpty { write("(\(type.modifiers.map(String.init).joined(separator: ", ")))") }
    write(String(repeating: "[]", count: type.dimensions))
  }
}

// MARK: - Calls

extension SQLPrinter {
  mutating func call(_ call: SQLCall) {
    if call.isKeyword { write(call.name.uppercased()) } else { names(call.schema + [call.name], by: ".") }
    write("(")
    if call.isStar { write("*") }
    if call.isDistinct { write("DISTINCT ") }
    for (index, argument) in call.arguments.enumerated() {
      if index > 0 { write(", ") }
      if call.isVariadic, index == call.arguments.count - 1 { write("VARIADIC ") }
      if let name = argument.name {
        self.name(name)
        write(" => ")
      }
      expression(argument.value)
    }
    if !call.isWithinGroup { sorting(call.orderBy) }
    write(")")
    if call.isWithinGroup {
      write(" WITHIN GROUP (")
      sorting(call.orderBy)
      write(")")
    }
    if let filter = call.filter {
      write(" FILTER (WHERE ")
      expression(filter)
      write(")")
    }
    switch call.over {
    case nil: break
    case .named(let name):
      write(" OVER ")
      self.name(name)
    case .window(let window):
      write(" OVER ")
      self.window(window)
    }
  }

  mutating func window(_ window: SQLWindow) {
    write("(")
    if let base = window.base { name(base) }
    if !window.partitionBy.isEmpty {
      write(" PARTITION BY ")
      write(window.partitionBy, by: ", ") { $0.expression($1) }
    }
    sorting(window.orderBy)
    if let frame = window.frame { self.frame(frame) }
    write(")")
  }

  private mutating func frame(_ frame: SQLFrame) {
    write(" \(frame.unit) ")
    if let end = frame.end {
      write("BETWEEN ")
      bound(frame.start)
      write(" AND ")
      bound(end)
    } else {
      bound(frame.start)
    }
    if let exclusion = frame.exclusion { write(" EXCLUDE \(exclusion)") }
  }

  private mutating func bound(_ bound: SQLFrame.Bound) {
    switch bound {
    case .unbounded(let isFollowing): write(isFollowing ? "UNBOUNDED FOLLOWING" : "UNBOUNDED PRECEDING")
    case .currentRow: write("CURRENT ROW")
    case .distance(let distance, let isFollowing):
      operand(distance)
      write(isFollowing ? " FOLLOWING" : " PRECEDING")
    }
  }
}

extension SQLExpression.Kind {
  /// Whether the text of the value is one piece, whatever stands beside it.
  fileprivate var isAtomic: Bool {
    switch self {
    case .literal(.integer(let digits)), .literal(.decimal(let digits)): !digits.hasPrefix("-")
    case .literal, .parameter, .column, .cast, .exists, .scalar, .arrayQuery, .array, .row, .clock, .choice: true
    case .call(let call): call.over == nil && call.filter == nil && !call.isWithinGroup
    default: false
    }
  }
}
