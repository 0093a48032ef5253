import CoachVocabulary

/// Checks that every number in a text can be traced to the rows.
///
/// A number is traced when it equals, at the precision it is written with, a cell, a sum of a column, a difference,
/// ratio or percentage of two cells of a column, the number of rows, or a number that the question or the
/// interpretation line already holds.
struct Grounding {
  private var known: [Double] = []

  init(rows: [[JSONValue]], allowedTexts: [String]) {
    let columnCount = rows.first?.count ?? 0
    known.append(Double(rows.count))
    for column in 0..<columnCount {
      let cells = rows.prefix(200).compactMap { $0[column].doubleValue }
      known += cells
      guard cells.count > 1 else { continue }
      let sum = cells.reduce(0, +)
      known += [sum, sum / Double(cells.count)]
      known += Self.pairs(cells, whole: sum)
    }
    for row in rows.prefix(200) {
      known += Self.pairs(row.compactMap(\.doubleValue), whole: 0)
      // Dates and names hold numbers too: "2025-05" or "Model 3".
      for case .string(let text) in row { known += Self.numbers(in: text).map(\.value) }
    }
    for text in allowedTexts { known += Self.numbers(in: text).map(\.value) }
  }

  /// What can be said about two cells, and about a cell as a part of the whole.
  private static func pairs(_ cells: [Double], whole: Double) -> [Double] {
    var results: [Double] = []
    for (index, left) in cells.prefix(60).enumerated() {
      if whole != 0 { results.append(100 * left / whole) }
      for right in cells.prefix(60).dropFirst(index + 1) {
        results += [left - right, left + right]
        if right != 0 { results += [left / right, 100 * left / right, 100 * (left - right) / right] }
        if left != 0 { results += [right / left, 100 * right / left, 100 * (right - left) / left] }
      }
    }
    return results
  }

  /// The numbers of a text that cannot be traced, as written.
  func untraced(in text: String) -> [String] {
    Self.numbers(in: text).filter { number in
      !known.contains { abs(abs($0) - abs(number.value)) <= number.tolerance }
    }.map(\.written)
  }

  /// A number as written, its value, and half of its last digit.
  struct Number: Hashable {
    var written: String
    var value: Double
    var tolerance: Double
  }

  /// Every number of a text, with grouped digits and endings such as k, M or "million".
  static func numbers(in text: String) -> [Number] {
    var numbers: [Number] = []
    let characters = Array(text)
    var index = 0
    while index < characters.count {
      guard characters[index].isASCII, characters[index].isNumber else {
        index += 1
        continue
      }
      let start = index
      while index < characters.count, continues(characters, index) { index += 1 }
      let written = String(characters[start..<index])
      let (factor, length) = magnitude(characters, index)
      let digits = written.filter { $0 != "," }
      if let value = Double(digits) {
        let decimals = digits.split(separator: ".", omittingEmptySubsequences: false).dropFirst().first?.count ?? 0
        var unit = 1.0
        for _ in 0..<decimals { unit /= 10 }
        numbers.append(
          Number(
            written: String(characters[start..<index + length]),
            value: value * factor,
            // A hair more than half a digit, for sums of floating point.
            tolerance: unit * factor * 0.500_001
          )
        )
      }
      index += length
    }
    return numbers
  }

  private static func continues(_ characters: [Character], _ index: Int) -> Bool {
    let character = characters[index]
    if character.isASCII, character.isNumber { return true }
    guard character == "." || character == ",", index + 1 < characters.count else { return false }
    return characters[index + 1].isASCII && characters[index + 1].isNumber
  }

  private static func magnitude(_ characters: [Character], _ index: Int) -> (Double, Int) {
    let rest = String(characters[index..<min(index + 9, characters.count)]).lowercased()
    for (ending, factor) in [(" million", 1e6), (" billion", 1e9), (" thousand", 1e3)] where rest.hasPrefix(ending) {
      return (factor, ending.count)
    }
    for (ending, factor) in [("bn", 1e9), ("k", 1e3), ("m", 1e6), ("b", 1e9)] where rest.hasPrefix(ending) {
      let next = index + ending.count
      if next >= characters.count || !characters[next].isLetter { return (factor, ending.count) }
    }
    return (1, 0)
  }
}
