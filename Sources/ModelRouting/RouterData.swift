/// Why data cannot be trained on.
public enum RouterDataFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// A column is missing.
  case missingColumn(String)
  /// A row is not as the first line says, or a number is none; rows are counted from 1 behind the head.
  case badRow(Int, String)
  /// There are fewer examples than training needs.
  case tooFew(Int)
  /// The data are larger than is read, in bytes.
  case tooLarge(Int)

  /// What is wrong and how to mend it.
  public var description: String {
    switch self {
    case .missingColumn(let name):
      "the data have no column '\(name)'; the head must name prompt, weak and strong"
    case .badRow(let row, let why): "row \(row) of the data: \(why)"
    case .tooFew(let count): "the data have \(count) examples, at least \(RouterTraining.leastExamples) are needed"
    case .tooLarge(let bytes):
      "the data take \(bytes) bytes, more than \(RouterData.byteLimit); train on a part of them"
    }
  }
}

/// Reads examples from CSV (RFC 4180): `prompt`, `weak`, `strong`, and where there are any `id`, `benchmark`, `category` and
/// `contaminated`.
public enum RouterData {
  /// The largest data that are read, in bytes.
  public static let byteLimit = 64_000_000

  /// Reads examples; rows that say `contaminated` 1 are left out.
  ///
  /// Qualities may be on any scale from 0: those of a set are divided by its largest when that is above 1.
  /// - Throws: ``RouterDataFault``.
  public static func examples(csv bytes: [UInt8]) throws(RouterDataFault) -> [RouterExample] {
    guard bytes.count <= byteLimit else { throw .tooLarge(bytes.count) }
    var rows = try records(bytes)
    guard !rows.isEmpty else { throw .missingColumn("prompt") }
    let head = rows.removeFirst()
    let columns = Dictionary(head.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    guard let prompt = columns["prompt"] else { throw .missingColumn("prompt") }
    guard let weak = columns["weak"] else { throw .missingColumn("weak") }
    guard let strong = columns["strong"] else { throw .missingColumn("strong") }
    var examples: [RouterExample] = []
    for (index, row) in rows.enumerated() {
      guard row.count == head.count else {
        throw .badRow(index + 1, "\(row.count) fields, the head has \(head.count)")
      }
      func field(_ name: String) -> String { columns[name].map { row[$0] } ?? "" }
      if field("contaminated") == "1" { continue }
      guard let weak = quality(row[weak]), let strong = quality(row[strong]) else {
        throw .badRow(index + 1, "'weak' and 'strong' must be numbers from 0 on")
      }
      examples.append(
        RouterExample(
          id: field("id"),
          set: columns["benchmark"] == nil ? "data" : field("benchmark"),
          category: field("category"),
          prompt: row[prompt],
          weak: weak,
          strong: strong
        )
      )
    }
    return scaled(examples)
  }

  /// FNV-1a with 64 bits over the data, by which a report names them.
  public static func hash(of bytes: [UInt8]) -> UInt64 { stableHash(bytes) }

  private static func quality(_ text: String) -> Double? {
    guard let value = Double(text), value.isFinite, value >= 0, value <= 1e6 else { return nil }
    return value
  }

  private static func scaled(_ examples: [RouterExample]) -> [RouterExample] {
    var largest: [String: Double] = [:]
    for example in examples {
      largest[example.set] = max(largest[example.set] ?? 1, max(example.weak, example.strong))
    }
    return examples.map { example in
      var example = example
      let scale = largest[example.set] ?? 1
      example.weak /= scale
      example.strong /= scale
      return example
    }
  }

  private static func records(_ bytes: [UInt8]) throws(RouterDataFault) -> [[String]] {
    var rows: [[String]] = []
    var row: [String] = []
    var field: [UInt8] = []
    var (isQuoted, wasQuoted, index) = (false, false, 0)
    func endField() {
      row.append(String(decoding: field, as: UTF8.self))
      field.removeAll(keepingCapacity: true)
      wasQuoted = false
    }
    func endRow() {
      if row.isEmpty, field.isEmpty, !wasQuoted { return }
      endField()
      rows.append(row)
      row = []
    }
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      if isQuoted {
        if byte != UInt8(ascii: "\"") {
          field.append(byte)
        } else if index < bytes.count, bytes[index] == UInt8(ascii: "\"") {
          field.append(byte)
          index += 1
        } else {
          isQuoted = false
        }
      } else {
        switch byte {
        case UInt8(ascii: "\"") where field.isEmpty && !wasQuoted: (isQuoted, wasQuoted) = (true, true)
        case UInt8(ascii: ","): endField()
        case UInt8(ascii: "\r"): break
        case UInt8(ascii: "\n"): endRow()
        default: field.append(byte)
        }
      }
    }
    if isQuoted { throw .badRow(rows.count, "a quotation is not closed") }
    endRow()
    return rows
  }
}
