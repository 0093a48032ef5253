import CoachVocabulary

/// What most cells of most files are, told from their bytes alone, so that millions of them take no time.
///
/// It answers only where the full reading in ``ValueReading`` would say the same.
enum PlainValue: Hashable {
  /// Digits alone, perhaps with a minus.
  case integer(Int)
  /// Digits with one mark, which cannot be one of thousands.
  case real(Double, ValueReading.DecimalMark)
  /// `2025-08-05`, a day that exists.
  case day
  /// It begins with a letter, and is neither a number, nor a day, nor a word for nothing.
  case words
  /// It has to be looked at closely.
  case other

  init(_ text: String) {
    var text = text
    self = text.withUTF8 { Self.read($0) }
  }

  private static func read(_ bytes: UnsafeBufferPointer<UInt8>) -> PlainValue {
    guard let first = bytes.first else { return .other }
    if isLetter(first) { return mayBeMore(bytes) ? .other : .words }
    let isNegative = first == UInt8(ascii: "-")
    let digits = isNegative ? bytes.dropFirst() : bytes[...]
    guard let lead = digits.first, isDigit(lead), digits.count <= 15 else { return .other }
    var mark: Int?
    for (offset, byte) in digits.enumerated() where !isDigit(byte) {
      if byte == UInt8(ascii: "-") { return isNegative ? .other : day(bytes) }
      guard mark == nil, byte == UInt8(ascii: ".") || byte == UInt8(ascii: ",") else { return .other }
      mark = offset
    }
    let whole = digits.prefix(mark ?? digits.count)
    if lead == UInt8(ascii: "0"), whole.count > 1 { return .other }
    let value = whole.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    guard let mark else { return .integer(isNegative ? -value : value) }
    let fraction = digits.dropFirst(mark + 1)
    // Three digits behind the mark may be a group of thousands.
    guard !fraction.isEmpty, fraction.count != 3 else { return .other }
    let scaled = fraction.reduce(value) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    let number = Double(scaled) / powers[fraction.count]
    let place = digits[digits.startIndex + mark]
    return .real(isNegative ? -number : number, place == UInt8(ascii: ".") ? .point : .comma)
  }

  /// Both sides of the division are exact below 2^53, so its result is the nearest number, as reading the text gives.
  private static let powers: [Double] = [
    1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
  ]

  private static func day(_ bytes: UnsafeBufferPointer<UInt8>) -> PlainValue {
    guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-") else { return .other }
    func number(_ range: Range<Int>) -> Int? {
      var value = 0
      for index in range {
        guard isDigit(bytes[index]) else { return nil }
        value = value * 10 + Int(bytes[index] - UInt8(ascii: "0"))
      }
      return value
    }
    guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
      CivilDate(year: year, month: month, day: day) != nil
    else { return .other }
    return .day
  }

  /// Words that begin like a currency or may be one for "nothing".
  private static func mayBeMore(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    switch bytes[0] | 0x20 {
    case UInt8(ascii: "n"), UInt8(ascii: "m"): bytes.count <= 10
    case UInt8(ascii: "e"), UInt8(ascii: "u"), UInt8(ascii: "g"), UInt8(ascii: "c"): bytes.contains(where: isDigit)
    default: false
    }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
