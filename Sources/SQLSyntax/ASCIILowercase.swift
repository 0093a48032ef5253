extension String {
  /// The text with A to Z in small letters and all else kept: how SQLite compares names.
  ///
  /// Unicode's own rule would make one name of two that the engine tells apart.
  package var asciiLowercased: String {
    guard utf8.contains(where: { (0x41...0x5A).contains($0) }) else { return self }
    return String(decoding: utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
  }
}
