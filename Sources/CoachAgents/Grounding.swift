import CoachVocabulary

/// Checks that every number in a text can be traced to the rows.
///
/// A number is traced when it equals, at the precision it is written with, a cell, a sum, mean, difference, ratio or
/// percentage of cells, the number of rows, or a number that the question or the interpretation line already holds. A
/// percentage is only traced to percentages, a day only to dates, and a direction must be the one of the rows.
struct Grounding {
  private var cells: [Double] = []
  private var amounts: [Double] = []
  private var percentages: [Double] = []
  private var ratios: [Double] = []
  private var texts: [WrittenNumber] = []
  private let rowCount: Int

  init(rows: [[JSONValue]], allowedTexts: [String]) {
    rowCount = rows.count
    let width = rows.first?.count ?? 0
    for column in 0..<width {
      let values = rows.prefix(Self.mostRows).compactMap { $0.indices.contains(column) ? $0[column].doubleValue : nil }
      cells += values
      guard values.count > 1 else { continue }
      addColumn(values)
    }
    for row in rows.prefix(Self.mostRows) {
      let values = row.compactMap(\.doubleValue)
      if values.count <= Self.mostCompared { addPairs(values) }
      // Dates and names hold numbers too: "2025-05" or "Model 3".
      for case .string(let text) in row { texts += NumberScanner.numbers(in: text) }
    }
    percentages += cells.filter { abs($0) <= 1 }.map { 100 * $0 }
    for text in allowedTexts { texts += NumberScanner.numbers(in: text) }
  }

  private static let mostRows = 1_000
  /// Beyond this, pairs of cells would explain nearly any number.
  private static let mostCompared = 12

  private mutating func addColumn(_ values: [Double]) {
    let sum = values.reduce(0, +)
    amounts += [sum, sum / Double(values.count)]
    var running = 0.0
    for value in values.prefix(Self.mostCompared) {
      running += value
      amounts.append(running)
      if sum != 0 { percentages.append(100 * running / sum) }
    }
    if sum != 0 { percentages += values.map { 100 * $0 / sum } }
    if values.count <= Self.mostCompared {
      addPairs(values)
    } else if let first = values.first, let last = values.last, let most = values.max(), let least = values.min() {
      addPairs([first, values[1], values[2], last, most, least])
    }
  }

  /// What can be said about two cells.
  private mutating func addPairs(_ values: [Double]) {
    for (index, left) in values.enumerated() {
      for right in values.dropFirst(index + 1) {
        amounts += [left - right, right - left, left + right]
        for (one, other) in [(left, right), (right, left)] where other != 0 {
          ratios.append(one / other)
          percentages += [100 * one / other, 100 * (one - other) / abs(other)]
        }
      }
    }
  }

  /// The numbers of a text that cannot be traced, as written.
  func untraced(in text: String) -> [String] {
    NumberScanner.numbers(in: text).filter { !isTraced($0) }.map(\.written)
  }

  private func isTraced(_ number: WrittenNumber) -> Bool {
    if texts.contains(where: { isSame(number, $0) }) { return true }
    return number.readings.contains { reading in
      func matches(_ known: Double) -> Bool {
        if let direction = number.direction, known != 0, (known < 0) != (direction < 0) { return false }
        return abs(abs(known) - reading.value) <= reading.tolerance
      }
      /// A level has no direction: "up to 5 dealers", "above 20 units".
      func matchesLevel(_ known: Double) -> Bool { abs(abs(known) - reading.value) <= reading.tolerance }
      switch number.kind {
      case .plain:
        return cells.contains(where: matches) || amounts.contains(where: matches) || Double(rowCount) == reading.value
      case .percent: return cells.contains(where: matches) || percentages.contains(where: matches)
      case .times: return cells.contains(where: matchesLevel) || ratios.contains(where: matchesLevel)
      case .ordinal: return reading.value >= 1 && reading.value <= Double(rowCount)
      case .date: return cells.contains(reading.value)
      }
    }
  }

  private func isSame(_ number: WrittenNumber, _ known: WrittenNumber) -> Bool {
    guard number.kind == known.kind || (number.kind == .ordinal && known.kind != .percent) else { return false }
    if let direction = number.direction, let other = known.direction, direction != other { return false }
    return number.readings.contains { reading in
      known.readings.contains { abs($0.value - reading.value) <= min($0.tolerance, reading.tolerance) }
    }
  }
}
