/// Parses one JSON text by RFC 8259, in one pass over its bytes.
///
/// It takes what the RFC calls JSON and nothing more, except for a leading byte order mark, which the RFC lets parsers
/// pass over, and a comma after the last element where that is allowed. Of equal names in an object the first stays.
struct JSONParser {
  /// What a text may be and what is wanted of it.
  struct Rules {
    /// Which members are kept; all are checked.
    var shape = JSONShape.whole
    /// Whether a comma may stand after the last element.
    var allowsTrailingCommas = false
    /// How deep arrays and objects may nest.
    var deepest = 64
  }

  // Valid as long as the parser, which lives only inside the call that borrowed the bytes.
  private let bytes: UnsafeBufferPointer<UInt8>
  private let allowsTrailingCommas: Bool
  private let deepest: Int
  private var place = 0
  private var depth = 0

  private init(_ bytes: UnsafeBufferPointer<UInt8>, _ rules: Rules) {
    self.bytes = bytes
    allowsTrailingCommas = rules.allowsTrailingCommas
    deepest = rules.deepest
  }

  /// Parses a whole text.
  static func parse(_ bytes: some Sequence<UInt8>, _ rules: Rules) throws(JSONFailure) -> JSONValue {
    func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Result<JSONValue, JSONFailure> {
      Result { () throws(JSONFailure) in try Self.parse(bytes, rules) }
    }
    return try (bytes.withContiguousStorageIfAvailable(parse) ?? Array(bytes).withUnsafeBufferPointer(parse)).get()
  }

  private static func parse(_ bytes: UnsafeBufferPointer<UInt8>, _ rules: Rules) throws(JSONFailure) -> JSONValue {
    var parser = JSONParser(bytes, rules)
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { parser.place = 3 }
    parser.skipSpace()
    let value = try parser.value(rules.shape)
    parser.skipSpace()
    guard parser.place == bytes.count else { throw parser.failure }
    return value
  }

  // MARK: - Values

  /// Reads the value that begins here.
  private mutating func value(_ shape: JSONShape) throws(JSONFailure) -> JSONValue {
    switch next {
    case UInt8(ascii: "{"): return .object(try object(shape))
    case UInt8(ascii: "["): return .array(try array(shape))
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func object(_ shape: JSONShape) throws(JSONFailure) -> [String: JSONValue] {
    var members: [String: JSONValue] = [:]
    var isFirst = true
    try enter()
    while try hasElement(before: UInt8(ascii: "}"), &isFirst) {
      guard let (name, memberShape) = try name(shape) else {
        try skipValue()
        continue
      }
      let value = try value(memberShape)
      if members[name] == nil { members[name] = value }
    }
    return members
  }

  private mutating func array(_ shape: JSONShape) throws(JSONFailure) -> [JSONValue] {
    var elements: [JSONValue] = []
    var isFirst = true
    try enter()
    while try hasElement(before: UInt8(ascii: "]"), &isFirst) { elements.append(try value(shape)) }
    return elements
  }

  /// Reads a member's name and the colon, up to its value; nil when the member is not wanted.
  private mutating func name(_ shape: JSONShape) throws(JSONFailure) -> (name: String, shape: JSONShape)? {
    guard next == UInt8(ascii: "\"") else { throw failure }
    let found = shape.members == nil ? (try string(), .whole) : try wantedName(shape)
    skipSpace()
    guard next == UInt8(ascii: ":") else { throw failure }
    place += 1
    skipSpace()
    return found
  }

  private mutating func wantedName(_ shape: JSONShape) throws(JSONFailure) -> (name: String, shape: JSONShape)? {
    let start = place
    let isPlain = try skipString()
    if isPlain {
      let member = shape.member(UnsafeBufferPointer(rebasing: bytes[(start + 1)..<(place - 1)]))
      return member.map { ($0.name, $0.shape) }
    }
    place = start
    let name = try string()
    return shape.member(name).map { (name, $0.shape) }
  }

  private mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONFailure) -> JSONValue {
    let end = place + word.utf8CodeUnitCount
    guard end <= bytes.count, word.withUTF8Buffer({ bytes[place..<end].elementsEqual($0) }) else { throw failure }
    place = end
    return value
  }

  // MARK: - What is not kept

  /// Checks the value that begins here and passes over it.
  private mutating func skipValue() throws(JSONFailure) {
    switch next {
    case UInt8(ascii: "{"): try skipElements(until: UInt8(ascii: "}"), isObject: true)
    case UInt8(ascii: "["): try skipElements(until: UInt8(ascii: "]"), isObject: false)
    case UInt8(ascii: "\""): _ = try skipString()
    case UInt8(ascii: "t"): _ = try word("true", .null)
    case UInt8(ascii: "f"): _ = try word("false", .null)
    case UInt8(ascii: "n"): _ = try word("null", .null)
    default: _ = try number()
    }
  }

  private mutating func skipElements(until closing: UInt8, isObject: Bool) throws(JSONFailure) {
    var isFirst = true
    try enter()
    while try hasElement(before: closing, &isFirst) {
      if isObject {
        guard next == UInt8(ascii: "\"") else { throw failure }
        _ = try skipString()
        skipSpace()
        guard next == UInt8(ascii: ":") else { throw failure }
        place += 1
        skipSpace()
      }
      try skipValue()
    }
  }

  // MARK: - Structure

  /// The byte at the place; 0, which no token begins with, at the end.
  private var next: UInt8 { place < bytes.count ? bytes[place] : 0 }

  private mutating func skipSpace() {
    while place < bytes.count {
      switch bytes[place] {
      case 0x20, 0x0A, 0x0D, 0x09: place += 1
      default: return
      }
    }
  }

  private mutating func enter() throws(JSONFailure) {
    depth += 1
    guard depth <= deepest else {
      throw JSONFailure(message: "JSON is nested deeper than \(deepest) levels; flatten it")
    }
    place += 1
    skipSpace()
  }

  /// Moves to the next element, or behind the closing bracket.
  private mutating func hasElement(before closing: UInt8, _ isFirst: inout Bool) throws(JSONFailure) -> Bool {
    if !isFirst {
      skipSpace()
      if next == UInt8(ascii: ",") {
        place += 1
        skipSpace()
        guard next != closing || allowsTrailingCommas else { throw failure }
      } else if next != closing {
        throw failure
      }
    }
    isFirst = false
    guard next == closing else { return true }
    place += 1
    depth -= 1
    return false
  }

  private var failure: JSONFailure {
    guard place < bytes.count else { return JSONFailure(message: "not valid JSON: the text ends too early") }
    return JSONFailure(message: "not valid JSON: byte \(place + 1) cannot stand where it is")
  }

  // MARK: - Numbers

  private mutating func number() throws(JSONFailure) -> JSONValue {
    let start = place
    let isNegative = next == UInt8(ascii: "-")
    if isNegative { place += 1 }
    var whole = 0
    var isWhole = true
    let first = next
    let digits = try skipDigits { digit in
      // Counted down, since the smallest number has no positive relative.
      let (tens, overflow) = whole.multipliedReportingOverflow(by: 10)
      let (sum, carry) = tens.subtractingReportingOverflow(Int(digit))
      isWhole = isWhole && !overflow && !carry
      whole = sum
    }
    guard first != UInt8(ascii: "0") || digits == 1 else {
      place = start
      throw failure
    }
    if next == UInt8(ascii: ".") {
      isWhole = false
      place += 1
      _ = try skipDigits { _ in }
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      isWhole = false
      place += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { place += 1 }
      _ = try skipDigits { _ in }
    }
    if isWhole, isNegative || whole != .min { return .int(isNegative ? whole : -whole) }
    return try fraction(from: start)
  }

  /// The number as the nearest double; whole ones below 2^53, where all have a neighbour apart from them, as integers.
  private func fraction(from start: Int) throws(JSONFailure) -> JSONValue {
    let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<place]), as: UTF8.self)
    guard let number = Double(text), number.isFinite else {
      throw JSONFailure(message: "not valid JSON: the number at byte \(start + 1) is too large")
    }
    if number.magnitude < 0x1p53, let whole = Int(exactly: number) { return .int(whole) }
    return .double(number)
  }

  /// Passes over at least one digit; says how many.
  private mutating func skipDigits(_ take: (UInt8) -> Void) throws(JSONFailure) -> Int {
    let start = place
    while place < bytes.count {
      let digit = bytes[place] &- 0x30
      guard digit < 10 else { break }
      take(digit)
      place += 1
    }
    guard place > start else { throw failure }
    return place - start
  }

  // MARK: - Strings

  private mutating func string() throws(JSONFailure) -> String {
    let start = place
    if try skipString(isChecked: false) {
      return try text(UnsafeBufferPointer(rebasing: bytes[(start + 1)..<(place - 1)]), at: start)
    }
    let end = place
    place = start + 1
    var unescaped: [UInt8] = []
    unescaped.reserveCapacity(end - start)
    while place < end - 1 {
      if next == UInt8(ascii: "\\") {
        try readEscape(into: &unescaped)
      } else {
        unescaped.append(next)
        place += 1
      }
    }
    place = end
    return try unescaped.withUnsafeBufferPointer { bytes throws(JSONFailure) in try text(bytes, at: start) }
  }

  private func text(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) throws(JSONFailure) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw JSONFailure(message: "not valid JSON: the string at byte \(start + 1) is not UTF-8")
    }
    return text
  }

  /// Passes over a string and says whether it stands for itself, without escapes; escapes and encoding are checked
  /// unless somebody reads it anyway.
  private mutating func skipString(isChecked: Bool = true) throws(JSONFailure) -> Bool {
    let start = place
    var isPlain = true
    var union: UInt8 = 0
    place += 1
    while place < bytes.count {
      let byte = bytes[place]
      switch byte {
      case UInt8(ascii: "\""):
        place += 1
        if isChecked, union >= 0x80 {
          _ = try text(UnsafeBufferPointer(rebasing: bytes[(start + 1)..<(place - 1)]), at: start)
        }
        return isPlain
      case UInt8(ascii: "\\"):
        isPlain = false
        if isChecked {
          var unused: [UInt8] = []
          try readEscape(into: &unused)
        } else {
          place += 2
        }
      case 0..<0x20: throw failure
      default:
        union |= byte
        place += 1
      }
    }
    throw failure
  }

  private mutating func readEscape(into text: inout [UInt8]) throws(JSONFailure) {
    place += 1
    let letter = next
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(letter)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      place += 1
      text += String(try readScalar()).utf8
      return
    default: throw failure
    }
    place += 1
  }

  /// Reads the four digits behind `\u`, and those of the second half of a pair.
  private mutating func readScalar() throws(JSONFailure) -> Unicode.Scalar {
    let first = try readUnit()
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard first < 0xDC00, next == UInt8(ascii: "\\") else { throw failure }
    place += 1
    guard next == UInt8(ascii: "u") else { throw failure }
    place += 1
    let second = try readUnit()
    guard (0xDC00...0xDFFF).contains(second),
      let scalar = Unicode.Scalar(0x10000 + ((UInt32(first) & 0x3FF) << 10) + (UInt32(second) & 0x3FF))
    else { throw failure }
    return scalar
  }

  private mutating func readUnit() throws(JSONFailure) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let digit = Self.hexadecimal(next) else { throw failure }
      unit = unit << 4 | UInt16(digit)
      place += 1
    }
    return unit
  }

  private static func hexadecimal(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
