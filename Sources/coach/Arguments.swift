/// A command line, taken apart: options by name, the rest in order.
struct Arguments: Sendable {
  /// What is wrong with a command line.
  struct Fault: Error, CustomStringConvertible {
    var description: String
  }

  private var values: [String: [String]] = [:]
  private(set) var flags: Set<String> = []
  private(set) var rest: [String] = []

  /// Takes a command line apart; behind `--` everything is taken as it is.
  ///
  /// - Parameters:
  ///   - words: the words behind the command.
  ///   - options: names of options with a value, without dashes.
  ///   - flags: names of options without one.
  /// - Throws: ``Fault`` for an unknown option or one without its value.
  init(_ words: [String], options: Set<String>, flags: Set<String>) throws(Fault) {
    var index = 0
    while index < words.count {
      let word = words[index]
      index += 1
      if word == "--" {
        rest += words[index...]
        break
      }
      guard word.hasPrefix("--"), word.count > 2 else {
        rest.append(word)
        continue
      }
      let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0])
      if flags.contains(name) {
        guard parts.count == 1 else { throw Fault(description: "--\(name) takes no value") }
        self.flags.insert(name)
      } else if options.contains(name) {
        if parts.count == 2 {
          values[name, default: []].append(String(parts[1]))
        } else if index < words.count {
          values[name, default: []].append(words[index])
          index += 1
        } else {
          throw Fault(description: "--\(name) needs a value")
        }
      } else {
        let known = (options.union(flags)).sorted().map { "--\($0)" }.joined(separator: ", ")
        throw Fault(description: "unknown option --\(name); known options: \(known)")
      }
    }
  }

  /// The last value of an option.
  func value(_ name: String) -> String? { values[name]?.last }

  /// Every value of an option.
  func all(_ name: String) -> [String] { values[name] ?? [] }

  /// A whole number within a range.
  func number(_ name: String, in range: ClosedRange<Int>) throws(Fault) -> Int? {
    guard let text = value(name) else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw Fault(
        description: "--\(name) must be a number from \(range.lowerBound) to \(range.upperBound), not '\(text)'"
      )
    }
    return number
  }
}
