/// The text forms in which values travel.
///
/// See https://www.postgresql.org/docs/15/arrays.html#ARRAYS-IO for lists.
enum PostgresText {
  /// The text of a parameter; nil for null.
  static func encode(_ value: PostgresValue) -> String? {
    switch value {
    case .null: nil
    case .bool(let truth): truth ? "t" : "f"
    case .integer(let number): String(number)
    case .real(let number): encode(number)
    case .text(let text): text
    case .bytes(let bytes): encode(bytes)
    case .array(let items): "{" + items.map(encodeItem).joined(separator: ",") + "}"
    }
  }

  private static func encode(_ number: Double) -> String {
    if number.isNaN { return "NaN" }
    if number.isInfinite { return number > 0 ? "Infinity" : "-Infinity" }
    return "\(number)"
  }

  private static func encode(_ bytes: [UInt8]) -> String {
    var text = Array("\\x".utf8)
    text.reserveCapacity(2 + bytes.count * 2)
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  private static let digits = Array("0123456789abcdef".utf8)

  private static func encodeItem(_ value: PostgresValue) -> String {
    if case .array = value { return encode(value) ?? "{}" }
    guard let text = encode(value) else { return "NULL" }
    var quoted = [UInt8(ascii: "\"")]
    quoted.reserveCapacity(text.utf8.count + 2)
    for byte in text.utf8 {
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { quoted.append(UInt8(ascii: "\\")) }
      quoted.append(byte)
    }
    quoted.append(UInt8(ascii: "\""))
    return String(decoding: quoted, as: UTF8.self)
  }

  /// The value of a column, by the number of its type in the catalogue.
  static func decode(_ text: UnsafeBufferPointer<UInt8>, type: UInt32) -> PostgresValue {
    switch type {
    case 16: .bool(text.first == UInt8(ascii: "t"))
    case 17: .bytes(bytes(text))
    case 20, 21, 23, 26: Int64(string(text)).map { .integer($0) } ?? .text(string(text))
    case 700, 701: Double(string(text)).map { .real($0) } ?? .text(string(text))
    default:
      if let item = itemTypes[type], let items = list(text, of: item) {
        .array(items)
      } else {
        .text(string(text))
      }
    }
  }

  /// From the types of lists that are taken apart to those of their items.
  private static let itemTypes: [UInt32: UInt32] = [
    1000: 16, 1001: 17, 1005: 21, 1007: 23, 1016: 20, 1021: 700, 1022: 701, 1009: 25, 1015: 1043, 1003: 19,
    1231: 1700, 2951: 2950, 199: 114, 3807: 3802, 1182: 1082, 1115: 1114, 1185: 1184,
  ]

  private static func string(_ text: UnsafeBufferPointer<UInt8>) -> String { String(decoding: text, as: UTF8.self) }

  private static func bytes(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    guard text.starts(with: "\\x".utf8) else { return Array(text) }
    return stride(from: 2, to: text.count - 1, by: 2).map { nibble(text[$0]) << 4 | nibble(text[$0 + 1]) }
  }

  private static func nibble(_ digit: UInt8) -> UInt8 {
    digit < UInt8(ascii: "a") ? digit &- UInt8(ascii: "0") : digit &- UInt8(ascii: "a") &+ 10
  }

  /// The items of a list of one dimension; nil for any other form, which is left as text.
  private static func list(_ text: UnsafeBufferPointer<UInt8>, of type: UInt32) -> [PostgresValue]? {
    guard text.first == UInt8(ascii: "{"), text.last == UInt8(ascii: "}") else { return nil }
    var items: [PostgresValue] = []
    var place = 1
    while place < text.count - 1 {
      guard let item = item(text, &place) else { return nil }
      let isNull = !item.isQuoted && item.bytes.elementsEqual("NULL".utf8)
      items.append(isNull ? .null : item.bytes.withUnsafeBufferPointer { decode($0, type: type) })
      place += 1  // the comma
    }
    return items
  }

  private static func item(
    _ text: UnsafeBufferPointer<UInt8>,
    _ place: inout Int
  ) -> (bytes: [UInt8], isQuoted: Bool)? {
    let isQuoted = text[place] == UInt8(ascii: "\"")
    if text[place] == UInt8(ascii: "{") { return nil }
    if isQuoted { place += 1 }
    var bytes: [UInt8] = []
    while place < text.count - 1 {
      switch text[place] {
      case UInt8(ascii: "\\"):
        bytes.append(text[place + 1])
        place += 2
      case UInt8(ascii: "\"") where isQuoted:
        place += 1
        return (bytes, true)
      case UInt8(ascii: ",") where !isQuoted: return (bytes, false)
      default:
        bytes.append(text[place])
        place += 1
      }
    }
    return isQuoted ? nil : (bytes, false)
  }
}
