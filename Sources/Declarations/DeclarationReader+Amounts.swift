public import CoachVocabulary

extension DeclarationReader {
  /// A length of time such as `500ms`, `30s`, `5m` or `2h`.
  ///
  /// - Parameters:
  ///   - key: the key.
  ///   - range: what is allowed; anything else is reported.
  /// - Returns: the length of time, or nil when it is absent or wrong.
  public func duration(_ key: String, in range: ClosedRange<Duration> = .zero ... .seconds(86_400)) -> Duration? {
    guard let text = string(key) else { return nil }
    guard let duration = Duration(declared: text) else {
      diagnostics.error(
        "'\(key)' must be a length of time such as 30s, 500ms, 5m or 2h, not '\(text)'",
        at: position(of: key)
      )
      return nil
    }
    guard range.contains(duration) else {
      let bounds = "from \(range.lowerBound) to \(range.upperBound)"
      diagnostics.error("'\(key)' must be \(bounds), not \(text)", at: position(of: key))
      return nil
    }
    return duration
  }

  /// An amount of money such as `0.02 USD`.
  public func cost(_ key: String) -> NanoDollars? {
    guard let text = string(key) else { return nil }
    let words = text.split(separator: " ")
    guard words.count == 2, words[1] == "USD", let cost = NanoDollars(dollars: String(words[0])), cost >= .zero else {
      diagnostics.error("'\(key)' must be an amount such as 0.02 USD, not '\(text)'", at: position(of: key))
      return nil
    }
    return cost
  }
}

extension Duration {
  /// Reads digits with a unit: `ms`, `s`, `m` or `h`.
  init?(declared text: String) {
    let digits = text.prefix { ("0"..."9").contains($0) }
    guard digits.count <= 9, let count = Int(digits) else { return nil }
    switch text.dropFirst(digits.count) {
    case "ms": self = .milliseconds(count)
    case "s": self = .seconds(count)
    case "m": self = .seconds(count * 60)
    case "h": self = .seconds(count * 3_600)
    default: return nil
    }
  }
}
