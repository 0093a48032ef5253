/// Splits UTF-8 text into records and fields after RFC 4180, piece by piece, with mercy for what people write.
///
/// Lines may end in CR LF, LF or CR. A quotation mark inside an unquoted field is a character like any other, and so is
/// what stands between a closing mark and the next delimiter. Empty lines are passed over.
struct CSVSplitter {
  /// One record as it stands in the file.
  struct Record {
    /// The line in which it begins.
    var line: Int
    /// The bytes of each field, without quotation marks.
    var fields: [ArraySlice<UInt8>]
    /// What is wrong with it.
    var problem: String?
  }

  private enum Place {
    case fieldStart
    case bare
    case quoted
    case quoteInQuoted
  }

  private let delimiter: UInt8
  private let limits: SheetLimits
  private var place = Place.fieldStart
  private var bytes: [UInt8] = []
  private var ends: [Int] = []
  private var line = 1
  private var firstLine = 1
  private var sawReturn = false
  private var wasQuoted = false
  private var problem: String?

  init(delimiter: UInt8, limits: SheetLimits) {
    self.delimiter = delimiter
    self.limits = limits
  }

  /// Takes the next piece; answers `.stop` once `body` did.
  @discardableResult
  mutating func feed(_ piece: ArraySlice<UInt8>, _ body: (Record) -> SheetReading) -> SheetReading {
    for byte in piece {
      if sawReturn {
        sawReturn = false
        if byte == 0x0A { continue }
      }
      switch place {
      case .quoted:
        if byte == UInt8(ascii: "\"") {
          place = .quoteInQuoted
        } else {
          if byte == 0x0A { line += 1 }
          append(byte)
        }
        continue
      case .quoteInQuoted:
        if byte == UInt8(ascii: "\"") {
          append(byte)
          place = .quoted
          continue
        }
        place = .bare
      case .fieldStart:
        if byte == UInt8(ascii: "\"") {
          place = .quoted
          wasQuoted = true
          continue
        }
        place = .bare
      case .bare: break
      }
      if byte == delimiter {
        endField()
      } else if byte == 0x0A || byte == 0x0D {
        sawReturn = byte == 0x0D
        let reading = endRecord(body)
        line += 1
        firstLine = line
        if reading == .stop { return .stop }
      } else {
        append(byte)
      }
    }
    return .goOn
  }

  /// The file has ended: hands on the last record, if its line has no end.
  mutating func finish(_ body: (Record) -> SheetReading) {
    if place == .quoted { problem = "a quotation mark that is opened here is never closed" }
    if place != .fieldStart || !ends.isEmpty || !bytes.isEmpty { _ = endRecord(body) }
  }

  private mutating func append(_ byte: UInt8) {
    guard bytes.count - (ends.last ?? 0) < limits.cellBytes else {
      problem = "a field is longer than \(limits.cellBytes) bytes"
      return
    }
    bytes.append(byte)
  }

  private mutating func endField() {
    if ends.count < limits.columns {
      ends.append(bytes.count)
    } else {
      problem = "there are more than \(limits.columns) fields"
    }
    place = .fieldStart
  }

  private mutating func endRecord(_ body: (Record) -> SheetReading) -> SheetReading {
    defer {
      bytes.removeAll(keepingCapacity: true)
      ends.removeAll(keepingCapacity: true)
      place = .fieldStart
      wasQuoted = false
      problem = nil
    }
    if ends.isEmpty, bytes.isEmpty, !wasQuoted, problem == nil { return .goOn }
    endField()
    var fields: [ArraySlice<UInt8>] = []
    fields.reserveCapacity(ends.count)
    var start = 0
    for end in ends {
      fields.append(bytes[start..<end])
      start = end
    }
    return body(Record(line: firstLine, fields: fields, problem: problem))
  }
}
