/// A part of a tree, as a walk over it meets them.
public enum SQLNode: Sendable {
  /// A question, before its parts.
  case query(SQLQuery)
  /// A `SELECT`, before its clauses.
  case select(SQLSelect)
  /// A source, before its parts.
  case source(SQLSource)
  /// A value, before its parts.
  case expression(SQLExpression)
  /// A call, as a value or in place of a table.
  case call(SQLCall, isSource: Bool)
  /// The name of a type.
  case type(SQLTypeName)
}

extension SQLQuery {
  /// Shows every part of the question to `body`, each before its own parts.
  ///
  /// It calls itself for each level of nesting, of which ``SQLParser/maximumDepth`` are the most.
  ///
  /// - Throws: what `body` throws; the walk ends there.
  public func visit<Failure: Error>(_ body: (SQLNode) throws(Failure) -> Void) throws(Failure) {
    try body(.query(self))
    for table in with?.tables ?? [] { try table.query.visit(body) }
    switch self.body {
    case .select(let select): try select.visit(body)
    case .values(let rows): for row in rows { for value in row { try value.visit(body) } }
    case .set(_, _, let left, let right):
      try left.visit(body)
      try right.visit(body)
    }
    for key in orderBy { try key.expression.visit(body) }
    try limit?.visit(body)
    try offset?.visit(body)
  }
}

extension SQLSelect {
  /// Shows every part of the `SELECT` to `body`.
  ///
  /// - Throws: what `body` throws.
  public func visit<Failure: Error>(_ body: (SQLNode) throws(Failure) -> Void) throws(Failure) {
    try body(.select(self))
    if case .on(let values) = distinct { for value in values { try value.visit(body) } }
    for case .value(let value, _, _) in items { try value.visit(body) }
    for source in from { try source.visit(body) }
    try filter?.visit(body)
    for grouping in groupBy { try grouping.visit(body) }
    try having?.visit(body)
    for window in windows { try window.window.visit(body) }
  }
}

extension SQLGrouping {
  func visit<Failure: Error>(_ body: (SQLNode) throws(Failure) -> Void) throws(Failure) {
    switch self {
    case .value(let value): try value.visit(body)
    case .empty: break
    case .sets(_, let parts): for part in parts { try part.visit(body) }
    }
  }
}

extension SQLSource {
  /// Shows every part of the source to `body`.
  ///
  /// - Throws: what `body` throws.
  public func visit<Failure: Error>(_ body: (SQLNode) throws(Failure) -> Void) throws(Failure) {
    try body(.source(self))
    switch self {
    case .relation: break
    case .query(let query, _, _, _): try query.visit(body)
    case .function(let function):
      try body(.call(function.call, isSource: true))
      try function.call.visitParts(body)
      for column in function.columns { try body(.type(column.type)) }
    case .join(let join):
      try join.left.visit(body)
      try join.right.visit(body)
      if case .on(let condition) = join.condition { try condition.visit(body) }
    }
  }
}

extension SQLWindow {
  func visit<Failure: Error>(_ body: (SQLNode) throws(Failure) -> Void) throws(Failure) {
    for value in partitionBy { try value.visit(body) }
    for key in orderBy { try key.expression.visit(body) }
    for bound in [frame?.start, frame?.end] {
      if case .distance(let distance, _) = bound { try distance.visit(body) }
    }
  }
}

extension SQLCall {
  /// Shows every value in the call to `body`.
  ///
  /// - Throws: what `body` throws.
  public func visitParts<Failure: Error>(_ body: (SQLNode) throws(Failure) -> Void) throws(Failure) {
    for argument in arguments { try argument.value.visit(body) }
    for key in orderBy { try key.expression.visit(body) }
    try filter?.visit(body)
    if case .window(let window) = over { try window.visit(body) }
  }
}

extension SQLExpression {
  /// Shows the value and every part of it to `body`.
  ///
  /// - Throws: what `body` throws.
  public func visit<Failure: Error>(_ body: (SQLNode) throws(Failure) -> Void) throws(Failure) {
    try body(.expression(self))
    if case .call(let call) = kind {
      try body(.call(call, isSource: false))
      return try call.visitParts(body)
    }
    if case .cast(_, let type) = kind { try body(.type(type)) }
    for part in parts { try part.visit(body) }
    if let query { try query.visit(body) }
  }

  /// The values that this one is made of, without those of a call or a question.
  public var parts: [SQLExpression] {
    switch kind {
    case .literal, .parameter, .column, .call, .exists, .scalar, .arrayQuery, .clock: []
    case .prefix(_, let value), .not(let value), .test(let value, _), .cast(let value, _), .collate(let value, _):
      [value]
    case .inQuery(let value, _, _), .quantified(let value, _, _, _): [value]
    case .binary(_, let left, let right), .distinct(let left, let right, _): [left, right]
    case .quantifiedArray(let left, _, _, let right): [left, right]
    case .and(let parts), .or(let parts), .array(let parts), .row(let parts, _): parts
    case .between(let value, let low, let high, _, _): [value, low, high]
    case .inList(let value, let values, _): [value] + values
    case .match(let match): [match.value, match.pattern] + [match.escape].compactMap(\.self)
    case .choice(let operand, let branches, let otherwise):
      [operand].compactMap(\.self) + branches.flatMap { [$0.condition, $0.result] } + [otherwise].compactMap(\.self)
    case .elements(let value, let subscripts): [value] + subscripts.flatMap(\.values)
    }
  }

  /// The question that this value asks.
  public var query: SQLQuery? {
    switch kind {
    case .exists(let query), .scalar(let query), .arrayQuery(let query), .inQuery(_, let query, _),
      .quantified(_, _, _, let query):
      query
    default: nil
    }
  }
}

extension SQLSubscript {
  /// The values of the part.
  var values: [SQLExpression] {
    switch self {
    case .element(let index): [index]
    case .slice(let lower, let upper): [lower, upper].compactMap(\.self)
    }
  }
}
