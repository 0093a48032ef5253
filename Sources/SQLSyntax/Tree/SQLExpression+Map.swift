extension SQLExpression {
  /// The same value with other parts.
  ///
  /// - Parameters:
  ///   - value: gives the part that stands for a part of this value, those of a call among them.
  ///   - query: gives the question that stands for a question in this value.
  /// - Returns: the value with the new parts.
  /// - Throws: what they throw.
  public func mapParts<Failure: Error>(
    _ value: (SQLExpression) throws(Failure) -> SQLExpression,
    query: (SQLQuery) throws(Failure) -> SQLQuery
  ) throws(Failure) -> SQLExpression {
    SQLExpression(try kind.mapParts(value, query), at: offset)
  }
}

extension SQLExpression.Kind {
  fileprivate func mapParts<Failure: Error>(
    _ value: (SQLExpression) throws(Failure) -> SQLExpression,
    _ query: (SQLQuery) throws(Failure) -> SQLQuery
  ) throws(Failure) -> Self {
    func list(_ values: [SQLExpression]) throws(Failure) -> [SQLExpression] { try each(values, value) }
    switch self {
    case .literal, .parameter, .column, .clock: return self
    case .call(let call): return .call(try call.mapParts(value))
    case .prefix(let name, let part): return .prefix(name, try value(part))
    case .binary(let name, let left, let right): return .binary(name, try value(left), try value(right))
    case .and(let parts): return .and(try list(parts))
    case .or(let parts): return .or(try list(parts))
    case .not(let part): return .not(try value(part))
    case .test(let part, let test): return .test(try value(part), test)
    case .distinct(let left, let right, let isNegated):
      return .distinct(try value(left), try value(right), isNegated: isNegated)
    case .between(let part, let low, let high, let isNegated, let isSymmetric):
      return .between(try value(part), try value(low), try value(high), isNegated: isNegated, isSymmetric: isSymmetric)
    case .inList(let part, let values, let isNegated):
      return .inList(try value(part), try list(values), isNegated: isNegated)
    case .inQuery(let part, let inner, let isNegated):
      return .inQuery(try value(part), try query(inner), isNegated: isNegated)
    case .quantified(let part, let name, let isAll, let inner):
      return .quantified(try value(part), name, isAll: isAll, try query(inner))
    case .quantifiedArray(let part, let name, let isAll, let array):
      return .quantifiedArray(try value(part), name, isAll: isAll, try value(array))
    case .match(var match):
      match.value = try value(match.value)
      match.pattern = try value(match.pattern)
      if let escape = match.escape { match.escape = try value(escape) }
      return .match(match)
    case .choice(let operand, let branches, let otherwise):
      return .choice(
        operand: try optional(operand, value),
        try each(branches) { (branch) throws(Failure) in
          SQLBranch(condition: try value(branch.condition), result: try value(branch.result))
        },
        otherwise: try optional(otherwise, value)
      )
    case .cast(let part, let type): return .cast(try value(part), type)
    case .exists(let inner): return .exists(try query(inner))
    case .scalar(let inner): return .scalar(try query(inner))
    case .arrayQuery(let inner): return .arrayQuery(try query(inner))
    case .array(let parts): return .array(try list(parts))
    case .row(let parts, let isExplicit): return .row(try list(parts), isExplicit: isExplicit)
    case .elements(let part, let subscripts):
      return .elements(
        try value(part),
        try each(subscripts) { (subscript) throws(Failure) in
          switch `subscript` {
          case .element(let index): .element(try value(index))
          case .slice(let lower, let upper): .slice(try optional(lower, value), try optional(upper, value))
          }
        }
      )
    case .collate(let part, let name): return .collate(try value(part), name)
    }
  }
}

extension SQLCall {
  /// The same call with other values.
  ///
  /// - Throws: what `value` throws.
  public func mapParts<Failure: Error>(
    _ value: (SQLExpression) throws(Failure) -> SQLExpression
  ) throws(Failure) -> SQLCall {
    var call = self
    call.arguments = try each(arguments) { (argument) throws(Failure) in
      Argument(name: argument.name, try value(argument.value))
    }
    call.orderBy = try orderBy.mapValues(value)
    call.filter = try optional(filter, value)
    if case .window(let window) = over { call.over = .window(try window.mapParts(value)) }
    return call
  }
}

extension SQLWindow {
  /// The same window with other values.
  ///
  /// - Throws: what `value` throws.
  public func mapParts<Failure: Error>(
    _ value: (SQLExpression) throws(Failure) -> SQLExpression
  ) throws(Failure) -> SQLWindow {
    var window = self
    window.partitionBy = try each(partitionBy, value)
    window.orderBy = try orderBy.mapValues(value)
    if let frame { window.frame = try frame.mapParts(value) }
    return window
  }
}

extension SQLFrame {
  fileprivate func mapParts<Failure: Error>(
    _ value: (SQLExpression) throws(Failure) -> SQLExpression
  ) throws(Failure) -> SQLFrame {
    func map(_ bound: Bound) throws(Failure) -> Bound {
      guard case .distance(let distance, let isFollowing) = bound else { return bound }
      return .distance(try value(distance), isFollowing: isFollowing)
    }
    var frame = self
    frame.start = try map(start)
    if let end { frame.end = try map(end) }
    return frame
  }
}

extension [SQLSortKey] {
  /// The same keys with other values.
  ///
  /// - Throws: what `value` throws.
  public func mapValues<Failure: Error>(
    _ value: (SQLExpression) throws(Failure) -> SQLExpression
  ) throws(Failure) -> [SQLSortKey] {
    try each(self) { (key) throws(Failure) in
      var key = key
      key.expression = try value(key.expression)
      return key
    }
  }
}

// The standard library's own map does not hand on the type of the error.
private func each<Part, Result, Failure: Error>(
  _ parts: [Part],
  _ body: (Part) throws(Failure) -> Result
) throws(Failure) -> [Result] {
  var results: [Result] = []
  results.reserveCapacity(parts.count)
  for part in parts { results.append(try body(part)) }
  return results
}

private func optional<Failure: Error>(
  _ value: SQLExpression?,
  _ body: (SQLExpression) throws(Failure) -> SQLExpression
) throws(Failure) -> SQLExpression? {
  guard let value else { return nil }
  return try body(value)
}
