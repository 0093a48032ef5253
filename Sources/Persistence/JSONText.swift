import CoachVocabulary

/// JSON in the form in which it is stored: compact, keys sorted, fractions recognisable.
///
/// `2.0` stays a fraction and `2` a whole number, which the general coder does not promise, so that a run that was
/// loaded goes on with exactly the values it had.
enum JSONText {
  /// The stored form of a value; numbers that JSON cannot say become null.
  static func encode(_ value: JSONValue) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(256)
    write(value, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The value of a stored form.
  static func decode(_ text: String) throws(StoredValueFailure) -> JSONValue {
    var reader = JSONTextReader(Array(text.utf8))
    return try reader.readAll()
  }

  private static func write(_ value: JSONValue, to bytes: inout [UInt8]) {
    switch value {
    case .null: bytes += "null".utf8
    case .bool(let truth): bytes += (truth ? "true" : "false").utf8
    case .int(let number): bytes += String(number).utf8
    case .double(let number): bytes += (number.isFinite ? "\(number)" : "null").utf8
    case .string(let text): write(text, to: &bytes)
    case .array(let items):
      bytes.append(UInt8(ascii: "["))
      for (index, item) in items.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        write(item, to: &bytes)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let members):
      bytes.append(UInt8(ascii: "{"))
      for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        write(member.key, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        write(member.value, to: &bytes)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }

  private static func write(_ text: String, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    defer { bytes.append(UInt8(ascii: "\"")) }
    // Most texts are copied as they are.
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
      bytes += text.utf8
      return
    }
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
      case 0x0A: bytes += "\\n".utf8
      case 0..<0x20: bytes += ((byte < 0x10 ? "\\u000" : "\\u00") + String(byte, radix: 16)).utf8
      default: bytes.append(byte)
      }
    }
  }
}

/// Reads stored JSON byte by byte.
private struct JSONTextReader {
  private let bytes: [UInt8]
  private var place = 0
  private var depth = 0
  private static let deepest = 512

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func readAll() throws(StoredValueFailure) -> JSONValue {
    let value = try readValue()
    skipSpace()
    guard place == bytes.count else { throw fault("something follows the value") }
    return value
  }

  private mutating func readValue() throws(StoredValueFailure) -> JSONValue {
    skipSpace()
    guard place < bytes.count else { throw fault("the text ends too early") }
    switch bytes[place] {
    case UInt8(ascii: "{"): return try readObject()
    case UInt8(ascii: "["): return try readArray()
    case UInt8(ascii: "\""): return .string(try readString())
    case UInt8(ascii: "t"): return try readWord("true", .bool(true))
    case UInt8(ascii: "f"): return try readWord("false", .bool(false))
    case UInt8(ascii: "n"): return try readWord("null", .null)
    default: return try readNumber()
    }
  }

  private mutating func readObject() throws(StoredValueFailure) -> JSONValue {
    var members: [String: JSONValue] = [:]
    try enter()
    if takes(UInt8(ascii: "}")) { return leave(.object(members)) }
    repeat {
      skipSpace()
      let key = try readString()
      guard takes(UInt8(ascii: ":")) else { throw fault("a colon is missing") }
      members[key] = try readValue()
    } while takes(UInt8(ascii: ","))
    guard takes(UInt8(ascii: "}")) else { throw fault("an object does not end") }
    return leave(.object(members))
  }

  private mutating func readArray() throws(StoredValueFailure) -> JSONValue {
    var items: [JSONValue] = []
    try enter()
    if takes(UInt8(ascii: "]")) { return leave(.array(items)) }
    repeat { items.append(try readValue()) } while takes(UInt8(ascii: ","))
    guard takes(UInt8(ascii: "]")) else { throw fault("a list does not end") }
    return leave(.array(items))
  }

  private mutating func readString() throws(StoredValueFailure) -> String {
    guard place < bytes.count, bytes[place] == UInt8(ascii: "\"") else { throw fault("a text is missing") }
    place += 1
    let start = place
    while place < bytes.count, bytes[place] != UInt8(ascii: "\""), bytes[place] != UInt8(ascii: "\\") { place += 1 }
    var text = Array(bytes[start..<place])
    while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
      if bytes[place] == UInt8(ascii: "\\") {
        text += try readEscape()
      } else {
        text.append(bytes[place])
        place += 1
      }
    }
    guard place < bytes.count else { throw fault("a text does not end") }
    place += 1
    return String(decoding: text, as: UTF8.self)
  }

  /// Reads one escape that ``JSONText`` writes, or any other of JSON except halves of surrogate pairs.
  private mutating func readEscape() throws(StoredValueFailure) -> [UInt8] {
    guard place + 1 < bytes.count else { throw fault("an escape does not end") }
    let letter = bytes[place + 1]
    place += 2
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [letter]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "u"):
      let digits = String(decoding: bytes[place..<min(place + 4, bytes.count)], as: UTF8.self)
      guard digits.utf8.count == 4, let code = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(code) else {
        throw fault("an escape is not a character")
      }
      place += 4
      return Array(String(scalar).utf8)
    default: throw fault("an escape is unknown")
    }
  }

  private mutating func readNumber() throws(StoredValueFailure) -> JSONValue {
    let start = place
    var isWhole = true
    while place < bytes.count {
      switch bytes[place] {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): break
      case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"): isWhole = false
      default: return try number(bytes[start..<place], isWhole: isWhole)
      }
      place += 1
    }
    return try number(bytes[start..<place], isWhole: isWhole)
  }

  private func number(_ digits: ArraySlice<UInt8>, isWhole: Bool) throws(StoredValueFailure) -> JSONValue {
    let text = String(decoding: digits, as: UTF8.self)
    if isWhole, let number = Int(text) { return .int(number) }
    guard let number = Double(text) else { throw fault("a value is unreadable") }
    return .double(number)
  }

  private mutating func readWord(_ word: String, _ value: JSONValue) throws(StoredValueFailure) -> JSONValue {
    guard bytes[place...].starts(with: word.utf8) else { throw fault("a word is unknown") }
    place += word.utf8.count
    return value
  }

  private mutating func takes(_ byte: UInt8) -> Bool {
    skipSpace()
    guard place < bytes.count, bytes[place] == byte else { return false }
    place += 1
    return true
  }

  private mutating func skipSpace() {
    while place < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[place]) { place += 1 }
  }

  private mutating func enter() throws(StoredValueFailure) {
    place += 1
    depth += 1
    guard depth <= Self.deepest else { throw fault("it nests deeper than \(Self.deepest) levels") }
  }

  private mutating func leave(_ value: JSONValue) -> JSONValue {
    depth -= 1
    return value
  }

  private func fault(_ message: String) -> StoredValueFailure {
    StoredValueFailure(message: "stored JSON, byte \(place): \(message)")
  }
}
