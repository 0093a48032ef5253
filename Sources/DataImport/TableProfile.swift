import SpreadsheetKit

/// What a whole file holds: its head, the types of its columns, how many rows.
struct TableProfile {
  private(set) var headings: [String] = []
  private(set) var columns: [ColumnProfile] = []
  private(set) var rows = 0
  /// The row of the head; 0 when the first row holds values already.
  private(set) var headRow = 0
  private var isStarted = false

  /// Takes the next row; the first that can be read is the head, when it looks like one.
  mutating func add(_ row: SheetRow) {
    guard row.problem == nil else { return }
    if !isStarted {
      isStarted = true
      columns = Array(repeating: ColumnProfile(), count: row.cells.count)
      headings = Self.headings(row.cells) ?? []
      if !headings.isEmpty {
        headRow = row.number
        return
      }
      headings = row.cells.indices.map { "column \($0 + 1)" }
    }
    rows += 1
    for (place, cell) in row.cells.enumerated() where place < columns.count { columns[place].add(cell) }
  }

  /// The texts of a head: every cell has one (but perhaps the last ones), none is a number or a day.
  private static func headings(_ cells: [SheetCell]) -> [String]? {
    var headings: [String] = []
    for (place, cell) in cells.enumerated() {
      switch cell {
      case .text(let text):
        guard ValueReading.number(text, .point) == nil || Int(text).map({ (1_900...2_100).contains($0) }) ?? false,
          ValueReading.moment(text, .dayFirst)?.time == nil
        else { return nil }
        headings.append(text.trimmedBlanks)
      case .empty: headings.append("column \(place + 1)")
      case .integer(let number) where (1_900...2_100).contains(number): headings.append("\(number)")
      default: return nil
      }
    }
    return headings.contains { !$0.hasPrefix("column ") } ? headings : nil
  }

  /// The names of the columns in the database: small letters, digits and `_`, each once.
  var names: [String] {
    var taken: Set<String> = []
    return headings.enumerated().map { place, heading in
      let base = heading.columnName ?? "column_\(place + 1)"
      var name = base
      var number = 2
      while !taken.insert(name).inserted {
        name = "\(base)_\(number)"
        number += 1
      }
      return name
    }
  }
}

extension String {
  /// The text without blanks at its ends.
  var trimmedBlanks: String {
    var text = self[...]
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }

  /// A name for a table or column, of at most 60 characters; nil when nothing of the text can be one.
  var columnName: String? {
    let plain: [Character: String] = [
      "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "%": " percent ", "&": " and ", "#": " number ",
    ]
    var words: [String] = []
    var word = ""
    var wasLower = false
    for character in self {
      let isUpper = character.isUppercase
      if isUpper, wasLower, !word.isEmpty {
        words.append(word)
        word = ""
      }
      let folded = plain[Character(character.lowercased())] ?? String(character).folded
      for piece in folded {
        if piece.isASCII, piece.isLetter || piece.isNumber {
          word.append(piece)
        } else if !word.isEmpty {
          words.append(word)
          word = ""
        }
      }
      wasLower = character.isLowercase || character.isNumber
    }
    if !word.isEmpty { words.append(word) }
    var name = words.joined(separator: "_")
    guard !name.isEmpty else { return nil }
    if name.first?.isNumber == true { name = "c_\(name)" }
    return String(name.prefix(60))
  }

  /// Small letters without accents.
  private var folded: String {
    var result = ""
    for scalar in lowercased().unicodeScalars {
      if scalar.isASCII {
        result.unicodeScalars.append(scalar)
      } else if let name = scalar.properties.name, name.hasPrefix("LATIN SMALL LETTER "),
        let letter = name.dropFirst("LATIN SMALL LETTER ".count).split(separator: " ").first, letter.count == 1
      {
        result += letter.lowercased()
      } else if scalar.properties.canonicalCombiningClass == .notReordered {
        result += " "
      }
    }
    return result
  }
}
