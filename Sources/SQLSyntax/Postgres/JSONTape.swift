/// The JSON that libpg_query writes, cut into values without recursion, so that no nesting can exhaust the stack.
struct JSONTape {
  enum Kind: UInt8 {
    case object
    case array
    case string
    case number
    case word
  }

  struct Entry {
    var kind: Kind
    /// Where the value begins; for a text after its quote.
    var start: Int32
    /// Where it ends; for a text before its quote.
    var end: Int32
    /// The entry after this value and all that is in it.
    var next: Int32
  }

  private let bytes: UnsafeBufferPointer<UInt8>
  private(set) var entries: [Entry] = []

  /// Reads a text; nil when it is no JSON.
  ///
  /// The bytes must outlive the tape.
  init?(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
    entries.reserveCapacity(bytes.count / 12 + 8)
    guard scan() else { return nil }
  }

  private mutating func scan() -> Bool {
    var open: [Int] = []
    var place = 0
    while place < bytes.count {
      let byte = bytes[place]
      switch byte {
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        open.append(entries.count)
        add(byte == UInt8(ascii: "{") ? .object : .array, place, place)
        place += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        guard let start = open.popLast() else { return false }
        entries[start].end = Int32(place)
        entries[start].next = Int32(entries.count)
        place += 1
      case UInt8(ascii: "\""):
        guard let end = endOfText(after: place + 1) else { return false }
        add(.string, place + 1, end)
        place = end + 1
      case UInt8(ascii: ","), UInt8(ascii: ":"), 0x20, 0x0A, 0x0D, 0x09: place += 1
      default:
        let start = place
        while place < bytes.count, !Self.isEnd(bytes[place]) { place += 1 }
        let isNumber = byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte)
        add(isNumber ? .number : .word, start, place)
      }
    }
    return open.isEmpty && !entries.isEmpty
  }

  private mutating func add(_ kind: Kind, _ start: Int, _ end: Int) {
    entries.append(Entry(kind: kind, start: Int32(start), end: Int32(end), next: Int32(entries.count + 1)))
  }

  private static func isEnd(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") || byte <= 0x20
  }

  private func endOfText(after start: Int) -> Int? {
    var place = start
    while place < bytes.count {
      if bytes[place] == UInt8(ascii: "\\") {
        place += 2
      } else if bytes[place] == UInt8(ascii: "\"") {
        return place
      } else {
        place += 1
      }
    }
    return nil
  }
}

// MARK: - Reading

extension JSONTape {
  /// The entries of an array's elements, or of an object's keys and values in turn.
  func children(of index: Int) -> [Int] {
    var found: [Int] = []
    var child = index + 1
    let end = Int(entries[index].next)
    while child < end {
      found.append(child)
      child = Int(entries[child].next)
    }
    return found
  }

  /// Shows the entry of each key of an object; its value is the next entry.
  func forEachKey(of index: Int, _ body: (Int) -> Void) {
    var key = index + 1
    let end = Int(entries[index].next)
    while key + 1 < end {
      body(key)
      key = Int(entries[key + 1].next)
    }
  }

  /// Whether a text has no escapes and is this one.
  func matches(_ index: Int, _ name: StaticString) -> Bool {
    let entry = entries[index]
    let count = Int(entry.end - entry.start)
    guard count == name.utf8CodeUnitCount else { return false }
    let start = name.utf8Start
    let own = Int(entry.start)
    for place in 0..<count where bytes[own + place] != start[place] { return false }
    return true
  }

  func isObject(_ index: Int) -> Bool { entries[index].kind == .object }
  func isArray(_ index: Int) -> Bool { entries[index].kind == .array }

  func isTrue(_ index: Int) -> Bool {
    entries[index].kind == .word && bytes[Int(entries[index].start)] == UInt8(ascii: "t")
  }

  func integer(_ index: Int) -> Int? { entries[index].kind == .number ? Int(raw(index)) : nil }

  /// A text with its escapes resolved.
  func text(_ index: Int) -> String {
    let slice = slice(index)
    guard slice.contains(UInt8(ascii: "\\")) else { return String(decoding: slice, as: UTF8.self) }
    return unescaped(Array(slice))
  }

  private func raw(_ index: Int) -> String { String(decoding: slice(index), as: UTF8.self) }

  private func slice(_ index: Int) -> UnsafeBufferPointer<UInt8>.SubSequence {
    bytes[Int(entries[index].start)..<Int(entries[index].end)]
  }

  private func unescaped(_ slice: [UInt8]) -> String {
    var result: [UInt8] = []
    var place = 0
    while place < slice.count {
      guard slice[place] == UInt8(ascii: "\\"), place + 1 < slice.count else {
        result.append(slice[place])
        place += 1
        continue
      }
      let letter = slice[place + 1]
      place += 2
      switch letter {
      case UInt8(ascii: "n"): result.append(0x0A)
      case UInt8(ascii: "t"): result.append(0x09)
      case UInt8(ascii: "r"): result.append(0x0D)
      case UInt8(ascii: "b"): result.append(0x08)
      case UInt8(ascii: "f"): result.append(0x0C)
      case UInt8(ascii: "u"):
        // libpg_query escapes single bytes below 0x80 only; all else stands there as UTF-8.
        let digits = String(decoding: slice[place..<min(place + 4, slice.count)], as: UTF8.self)
        place = min(place + 4, slice.count)
        let scalar = UInt32(digits, radix: 16).flatMap(Unicode.Scalar.init) ?? "\u{FFFD}"
        result.append(contentsOf: Array(String(Character(scalar)).utf8))
      default: result.append(letter)
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
