/// What an asker says about a word of the question beside it: "turnover means net revenue".
///
/// Only plain definitions are used, and only where the word stands in the question; the word is then read as what it
/// was said to mean. Anything else in a hint is left alone.
struct QuestionHint {
  private var definitions: [(word: [String], meaning: [String])] = []

  /// Finds the definitions in a hint; sentences end with a full stop, a semicolon or a line.
  init(_ text: String) {
    for sentence in text.prefix(2_000).split(whereSeparator: { ".;\n".contains($0) }) {
      guard let definition = Self.definition(Self.words(String(sentence))) else { continue }
      definitions.append(definition)
    }
  }

  /// A question with the defined words replaced by what they mean.
  func applied(to question: String) -> String {
    var words = question.split(separator: " ").map(String.init)
    for (word, meaning) in definitions {
      var index = 0
      while index + word.count <= words.count {
        let here = words[index..<index + word.count].map(Self.bare)
        if here == word {
          let end = words[index + word.count - 1].reversed().prefix { ".,;:?!".contains($0) }.reversed()
          let last = (meaning.last ?? "") + String(end)
          words.replaceSubrange(index..<index + word.count, with: meaning.dropLast() + [last])
          index += meaning.count
        } else {
          index += 1
        }
      }
    }
    return words.joined(separator: " ")
  }

  /// "A means B", "A refers to B", "A stands for B", "A = B".
  private static func definition(_ words: [String]) -> (word: [String], meaning: [String])? {
    for (index, word) in words.enumerated() {
      var end = index + 1
      switch word {
      case "means", "=": break
      case "refers" where end < words.count && words[end] == "to", "stands" where end < words.count && words[end] == "for":
        end += 1
      default: continue
      }
      let defined = words[..<index].map(bare).filter { $0 != "by" }
      let meaning = Array(words[end...])
      guard (1...4).contains(defined.count), (1...5).contains(meaning.count), defined != meaning.map(bare) else {
        return nil
      }
      return (defined, meaning)
    }
    return nil
  }

  private static func words(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }

  /// A word in small letters without quotes and marks around it.
  private static func bare(_ word: String) -> String {
    word.lowercased().filter { !"\"'.,;:?!()".contains($0) }
  }
}
