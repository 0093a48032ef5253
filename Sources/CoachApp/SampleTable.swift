/// A table of comma-separated values, read whole: the form of measurement data.
///
/// No quotes: none of the samples has a comma in a value.
struct SampleTable {
  /// The column names.
  let header: [String]
  private let bytes: [UInt8]
  /// Start of each field, row by row; each row ends where the next begins.
  private let starts: [Int]
  /// How many rows there are below the header.
  let rowCount: Int

  struct Fault: Error, CustomStringConvertible {
    var description: String
  }

  /// Reads a packed or plain file.
  init(file path: String) throws(Fault) {
    do throws(GzipFile.Fault) {
      // Spreadsheets end lines with two characters.
      bytes = try GzipFile.bytes(ofFile: path).filter { $0 != UInt8(ascii: "\r") }
    } catch {
      throw Fault(description: error.description)
    }
    var fields: [Int] = [0]
    var perRow = 0
    var rows = 0
    for (index, byte) in bytes.enumerated() {
      if byte == UInt8(ascii: ",") {
        fields.append(index + 1)
      } else if byte == UInt8(ascii: "\n") {
        fields.append(index + 1)
        rows += 1
        if rows == 1 { perRow = fields.count - 1 }
        guard fields.count - 1 == rows * perRow else {
          throw Fault(description: "\(path):\(rows): expected \(perRow) fields")
        }
      }
    }
    if bytes.last != UInt8(ascii: "\n"), !bytes.isEmpty {
      fields.append(bytes.count + 1)
      rows += 1
      if rows == 1 { perRow = fields.count - 1 }
      guard fields.count - 1 == rows * perRow else {
        throw Fault(description: "\(path):\(rows): expected \(perRow) fields")
      }
    }
    guard rows > 0, perRow > 0 else { throw Fault(description: "\(path) is empty") }
    starts = fields
    rowCount = rows - 1
    let all = bytes
    header = (0..<perRow).map { String(decoding: all[fields[$0]..<(fields[$0 + 1] - 1)], as: UTF8.self) }
  }

  /// Index of a column.
  func column(_ name: String) throws(Fault) -> Int {
    guard let index = header.firstIndex(of: name) else { throw Fault(description: "there is no column '\(name)'") }
    return index
  }

  /// The text of a field.
  func text(_ row: Int, _ column: Int) -> ArraySlice<UInt8> {
    let field = (row + 1) * header.count + column
    var end = min(starts[field + 1] - 1, bytes.count)
    if end > starts[field], bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    return bytes[starts[field]..<end]
  }

  /// The number in a field; an empty field is 0.
  func number(_ row: Int, _ column: Int) throws(Fault) -> Double {
    let text = text(row, column)
    if text.isEmpty { return 0 }
    guard let value = Double(String(decoding: text, as: UTF8.self)) else {
      throw Fault(
        description: "row \(row + 1), \(header[column]): '\(String(decoding: text, as: UTF8.self))' is no number"
      )
    }
    return value
  }
}
