/// The records of a CSV file, one after the other, as RFC 4180 has them; the separator may also be a semicolon or a tab.
struct CSVRecords {
  /// What is wrong with a file.
  struct Fault: Error {
    let line: Int
    let message: String
  }

  private let bytes: [UInt8]
  private let separator: UInt8
  private var place: Int
  /// The line on which the record that was read last begins, from 1.
  private(set) var line = 0
  private var nextLine = 1

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    // A byte order mark is no part of the first name.
    place = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    let header = bytes[place...].prefix { $0 != UInt8(ascii: "\n") }
    let candidates = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")]
    separator =
      candidates.max { left, right in
        header.count { $0 == left } < header.count { $0 == right }
      } ?? candidates[0]
  }

  /// The fields of the next record, nil at the end; a quoted field is never nil, an empty one without quotes is.
  mutating func next() throws(Fault) -> [String?]? {
    while place < bytes.count, bytes[place] == UInt8(ascii: "\n") || bytes[place] == UInt8(ascii: "\r") { skip() }
    guard place < bytes.count else { return nil }
    line = nextLine
    var fields: [String?] = []
    while true {
      fields.append(try field())
      guard place < bytes.count else { return fields }
      if bytes[place] == separator {
        place += 1
        if place == bytes.count { return fields + [nil] }
        continue
      }
      if bytes[place] == UInt8(ascii: "\r") { place += 1 }
      if place < bytes.count, bytes[place] == UInt8(ascii: "\n") { skip() }
      return fields
    }
  }

  private mutating func skip() {
    if bytes[place] == UInt8(ascii: "\n") { nextLine += 1 }
    place += 1
  }

  private mutating func field() throws(Fault) -> String? {
    guard place < bytes.count, bytes[place] == UInt8(ascii: "\"") else {
      let start = place
      while place < bytes.count, bytes[place] != separator, bytes[place] != UInt8(ascii: "\n"),
        bytes[place] != UInt8(ascii: "\r")
      { place += 1 }
      return start == place ? nil : String(decoding: bytes[start..<place], as: UTF8.self)
    }
    return try quotedField()
  }

  private mutating func quotedField() throws(Fault) -> String {
    var text: [UInt8] = []
    place += 1
    while place < bytes.count {
      let byte = bytes[place]
      if byte == UInt8(ascii: "\n") { nextLine += 1 }
      place += 1
      guard byte == UInt8(ascii: "\"") else {
        text.append(byte)
        continue
      }
      if place < bytes.count, bytes[place] == UInt8(ascii: "\"") {
        text.append(byte)
        place += 1
        continue
      }
      let isEnd =
        place == bytes.count || bytes[place] == separator || bytes[place] == UInt8(ascii: "\n")
        || bytes[place] == UInt8(ascii: "\r")
      guard isEnd else { throw Fault(line: nextLine, message: "something follows the end of a quoted field") }
      return String(decoding: text, as: UTF8.self)
    }
    throw Fault(line: line, message: "a quoted field has no end")
  }
}
