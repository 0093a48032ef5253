/// Refuses tables that cannot be searched, with the reason.
struct TableCheck {
  private let table: BreakdownTable

  init(_ table: BreakdownTable) { self.table = table }

  func check() throws(LocalizationFault) {
    guard !table.dimensions.isEmpty else { throw .noDimensions }
    guard table.codes.count == table.dimensions.count else {
      throw .malformed("\(table.dimensions.count) dimensions but \(table.codes.count) columns of codes")
    }
    let leaves = table.leafCount
    guard leaves > 0 else { throw .noRows }
    let limit = Localizer.rowLimit(dimensions: table.dimensions.count)
    guard leaves <= limit else { throw .tooLarge(leaves: leaves, limit: limit) }
    for (dimension, codes) in zip(table.dimensions, table.codes) {
      try length(codes.count, leaves, dimension.name)
      guard !codes.contains(where: { $0 >= dimension.values.count }) else {
        throw .malformed("a code of '\(dimension.name)' points past its \(dimension.values.count) values")
      }
    }
    try checkMeasure(leaves)
  }

  private func checkMeasure(_ leaves: Int) throws(LocalizationFault) {
    var columns: [(name: String, values: [Double])]
    let expected: [Double]
    let isRatio: Bool
    switch table.measure {
    case .sum(let actual, let forecast):
      columns = [("actual", actual)]
      expected = forecast
      if !forecast.isEmpty { columns.append(("expected", forecast)) }
      isRatio = false
    case .ratio(let actual, let forecast):
      columns = [("actual numerator", actual.numerator), ("actual denominator", actual.denominator)]
      expected = forecast.numerator
      if !forecast.numerator.isEmpty || !forecast.denominator.isEmpty {
        columns += [("expected numerator", forecast.numerator), ("expected denominator", forecast.denominator)]
      }
      isRatio = true
    }
    for column in columns { try length(column.values.count, leaves, column.name) }
    for column in columns { try numbers(column.values, column.name) }
    guard table.history != nil || !expected.isEmpty else { throw .nothingExpected }
    if let history = table.history { try check(history, leaves, isRatio: isRatio) }
    let all = columns.map(\.values) + (table.history.map { [$0.values] } ?? [])
    guard all.contains(where: { $0.contains { $0 != 0 } }) else { throw .allZero }
  }

  private func check(_ history: BreakdownTable.History, _ leaves: Int, isRatio: Bool) throws(LocalizationFault) {
    guard history.periods > 0, history.periods <= 100_000 else {
      throw .malformed("a history of \(history.periods) periods; it needs 1 to 100,000")
    }
    try length(history.values.count, leaves * history.periods, "history")
    if isRatio {
      try length(history.denominators.count, leaves * history.periods, "history of denominators")
    }
    try numbers(history.values, "history")
    try numbers(history.denominators, "history of denominators")
  }

  private func length(_ found: Int, _ wanted: Int, _ column: String) throws(LocalizationFault) {
    guard found == wanted else { throw .malformed("'\(column)' has \(found) entries instead of \(wanted)") }
  }

  private func numbers(_ values: [Double], _ column: String) throws(LocalizationFault) {
    for (row, value) in values.enumerated() where !(value.isFinite && value >= 0) {
      throw .badNumber(column: column, row: row, value: value)
    }
  }
}
