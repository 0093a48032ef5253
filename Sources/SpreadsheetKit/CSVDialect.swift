/// How a CSV file is written: nothing in it says so, so it is found out from its beginning.
public struct CSVDialect: Hashable, Sendable {
  /// What bytes mean.
  public enum Encoding: String, Hashable, Sendable, CaseIterable {
    /// UTF-8, also without any character beyond ASCII.
    case utf8 = "UTF-8"
    /// UTF-16, small end first.
    case utf16LittleEndian = "UTF-16LE"
    /// UTF-16, big end first.
    case utf16BigEndian = "UTF-16BE"
    /// Western European Windows.
    case windows1252 = "windows-1252"
  }

  /// What bytes mean.
  public var encoding: Encoding
  /// What stands between fields.
  public var delimiter: UInt8
  /// How many bytes of mark stand before the text.
  public var markBytes: Int

  /// Looks at the beginning of a file.
  ///
  /// A byte order mark decides; without one, text that is valid UTF-8 is that, text with a NUL in every other byte is
  /// UTF-16, and anything else is Windows'. The delimiter is the one of `,` `;` tab `|` that stands in the first row and gives
  /// the most rows with as many fields; ``none`` when no such is there.
  ///
  /// - Parameters:
  ///   - head: the first bytes; more make it surer.
  ///   - isWhole: whether that is all of the file.
  public init(ofHead head: [UInt8], isWhole: Bool) {
    (encoding, markBytes) = Self.encoding(of: head, isWhole: isWhole)
    var decoder = TextDecoder(encoding)
    var text = decoder.decode(head[markBytes...])
    // The last line may be cut.
    if !isWhole, let end = text.lastIndex(of: 0x0A) ?? text.lastIndex(of: 0x0D) { text = Array(text[..<end]) }
    delimiter = Self.delimiter(of: text)
  }

  private static func encoding(of head: [UInt8], isWhole: Bool) -> (Encoding, mark: Int) {
    if head.starts(with: [0xEF, 0xBB, 0xBF]) { return (.utf8, 3) }
    if head.starts(with: [0xFF, 0xFE]) { return (.utf16LittleEndian, 2) }
    if head.starts(with: [0xFE, 0xFF]) { return (.utf16BigEndian, 2) }
    let sample = head.prefix(4_096)
    if sample.count >= 4 {
      let zeros = sample.enumerated().filter { $0.element == 0 }.map { $0.offset & 1 }
      let odd = zeros.reduce(0, +)
      if odd * 10 > sample.count * 3, zeros.count - odd < odd / 10 + 1 { return (.utf16LittleEndian, 0) }
      if (zeros.count - odd) * 10 > sample.count * 3, odd < (zeros.count - odd) / 10 + 1 { return (.utf16BigEndian, 0) }
    }
    // A character that is cut at the end of the head is no fault.
    let lengths = isWhole ? [0] : [0, 1, 2, 3]
    let isUTF8 = lengths.contains { cut in
      head.count >= cut && String(validating: head.dropLast(cut), as: UTF8.self) != nil
    }
    return (isUTF8 ? .utf8 : .windows1252, 0)
  }

  /// What stands for "nothing separates fields": the unit separator of ASCII, which nobody types.
  public static let none: UInt8 = 0x1F

  private static func delimiter(of text: [UInt8]) -> UInt8 {
    var best: (delimiter: UInt8, score: Double) = (none, 0)
    for candidate in [UInt8(ascii: ","), UInt8(ascii: ";"), 0x09, UInt8(ascii: "|")] {
      var counts: [Int] = []
      var splitter = CSVSplitter(delimiter: candidate, limits: SheetLimits())
      func take(_ record: CSVSplitter.Record) -> SheetReading {
        counts.append(record.fields.count)
        return counts.count < 100 ? .goOn : .stop
      }
      if splitter.feed(text[...], take) == .goOn { splitter.finish(take) }
      // The head tells how many fields there are; a comma below it alone stands in numbers.
      guard let first = counts.first, first > 1 else { continue }
      let alike = counts.count { $0 == first }
      let score = Double(alike) / Double(counts.count) + Double(min(first, 50)) / 1_000
      if score > best.score { best = (candidate, score) }
    }
    return best.delimiter
  }
}

/// Turns bytes of an encoding into UTF-8, piece by piece; UTF-8 stays as it is, right or wrong.
struct TextDecoder {
  private let encoding: CSVDialect.Encoding
  private var rest: [UInt8] = []
  private var high: UInt16?

  init(_ encoding: CSVDialect.Encoding) { self.encoding = encoding }

  mutating func decode(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    switch encoding {
    case .utf8: return Array(bytes)
    case .windows1252:
      var text: [UInt8] = []
      text.reserveCapacity(bytes.count + bytes.count / 8)
      for byte in bytes {
        if byte < 0x80 { text.append(byte) } else { text += Self.windows(byte).utf8 }
      }
      return text
    case .utf16LittleEndian, .utf16BigEndian: return decode16(bytes)
    }
  }

  private mutating func decode16(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    let all = rest + bytes
    rest = all.count % 2 == 1 ? [all[all.count - 1]] : []
    var text: [UInt8] = []
    for index in stride(from: 0, to: all.count - all.count % 2, by: 2) {
      let (one, two) = (UInt16(all[index]), UInt16(all[index + 1]))
      let unit = encoding == .utf16LittleEndian ? two << 8 | one : one << 8 | two
      if let first = high, (0xDC00..<0xE000).contains(unit) {
        high = nil
        let value = 0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(unit) - 0xDC00)
        text += String(Character(Unicode.Scalar(value) ?? "\u{FFFD}")).utf8
        continue
      }
      if high != nil { text += "\u{FFFD}".utf8 }
      high = nil
      if (0xD800..<0xDC00).contains(unit) {
        high = unit
      } else {
        text += String(Character(Unicode.Scalar(unit) ?? "\u{FFFD}")).utf8
      }
    }
    return text
  }

  /// The characters of 0x80 to 0x9F, which are no letters in Unicode's first block; holes are the control characters.
  private static let high: [UInt16] = [
    0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D, 0x017D,
    0x8F,
    0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D, 0x017E,
    0x0178,
  ]

  private static func windows(_ byte: UInt8) -> String {
    let code = byte < 0xA0 ? high[Int(byte) - 0x80] : UInt16(byte)
    return String(Character(Unicode.Scalar(code) ?? "\u{FFFD}"))
  }
}
