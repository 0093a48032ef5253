/// Reads the first sheet of an Excel workbook (ISO/IEC 29500) row by row.
///
/// Formulas are taken by the value that was saved with them; days and times by the format of their cells.
public struct XLSXReader: Sendable {
  private let path: String
  private let limits: SheetLimits

  /// Makes a reader of a file.
  public init(path: String, limits: SheetLimits = SheetLimits()) {
    self.path = path
    self.limits = limits
  }

  /// Hands on every row that has a cell; cells that are left out are empty.
  ///
  /// - Throws: ``SpreadsheetFailure`` `.file`, `.format`, and `.tooLarge` for what is beyond the limits.
  public func forEachRow(_ body: (SheetRow) -> SheetReading) throws(SpreadsheetFailure) {
    _ = try FileBytes(path: path, limit: limits.fileBytes)
    let archive = try ZipArchive(path: path, limits: limits)
    let book = try Workbook(archive, limits)
    try withoutActuallyEscaping(body) { body throws(SpreadsheetFailure) in
      let sheet = SheetParser(book: book, limits: limits, body: body)
      try sheet.read(archive)
    }
  }
}

/// What the sheets of a workbook share.
private struct Workbook {
  var sheetPart = ""
  var texts: [String] = []
  /// Whether a cell of a style shows a day or a time.
  var isTime: [Bool] = []
  /// Whether days are counted from 1904.
  var is1904 = false

  init(_ archive: ZipArchive, _ limits: SheetLimits) throws(SpreadsheetFailure) {
    var relation = ""
    let book = Shared()
    try XMLEvents(
      .init(start: { name, attributes in
        if name == "workbookPr" { book.is1904 = ["1", "true"].contains(attributes["date1904"] ?? "") }
        if name == "sheet", book.relation == nil, attributes["state"] != "hidden" { book.relation = attributes["id"] }
      })
    ).read("xl/workbook.xml", of: archive)
    is1904 = book.is1904
    relation = book.relation ?? ""
    try XMLEvents(
      .init(start: { name, attributes in
        if name == "Relationship", attributes["Id"] == relation { book.target = attributes["Target"] }
      })
    ).read("xl/_rels/workbook.xml.rels", of: archive)
    guard let target = book.target else {
      throw SpreadsheetFailure(.format, "the workbook has no sheet that can be read")
    }
    sheetPart = target.hasPrefix("/") ? String(target.dropFirst()) : "xl/\(target)"
    if archive.has("xl/styles.xml") { try readStyles(archive) }
    if archive.has("xl/sharedStrings.xml") { try readTexts(archive, limits) }
  }

  /// What handlers write and the initialiser reads.
  private final class Shared {
    var relation: String?
    var target: String?
    var is1904 = false
    var texts: [String] = []
    var current: [UInt8] = []
    var isText = false
    var isPhonetic = false
    var bytes = 0
    var formats: [Int: String] = [:]
    var isTime: [Bool] = []
    var isInCellFormats = false
  }

  private mutating func readStyles(_ archive: ZipArchive) throws(SpreadsheetFailure) {
    let shared = Shared()
    try XMLEvents(
      .init(
        start: { name, attributes in
          switch name {
          case "numFmt":
            if let id = attributes["numFmtId"].flatMap({ Int($0) }) { shared.formats[id] = attributes["formatCode"] }
          case "cellXfs": shared.isInCellFormats = true
          case "xf" where shared.isInCellFormats && shared.isTime.count < 70_000:
            let id = attributes["numFmtId"].flatMap { Int($0) } ?? 0
            shared.isTime.append(Self.showsTime(id, shared.formats[id]))
          default: break
          }
        },
        end: { if $0 == "cellXfs" { shared.isInCellFormats = false } }
      )
    ).read("xl/styles.xml", of: archive)
    isTime = shared.isTime
  }

  /// Formats of days and times: those with a number of their own (ISO/IEC 29500-1, 18.8.30), and codes with their letters.
  private static func showsTime(_ id: Int, _ code: String?) -> Bool {
    guard let code else {
      return (14...22).contains(id) || (27...36).contains(id) || (45...47).contains(id) || (50...58).contains(id)
    }
    var isQuoted = false
    var isBracketed = false
    var skips = false
    for character in code.lowercased().unicodeScalars {
      if skips {
        skips = false
        continue
      }
      switch character {
      case "\"": isQuoted.toggle()
      case "[": isBracketed = true
      case "]": isBracketed = false
      case "\\", "_", "*": skips = true
      case "y", "d", "h": if !isQuoted, !isBracketed { return true }
      case "m": if !isQuoted, !isBracketed, code.lowercased() != "general" { return true }
      default: break
      }
    }
    return false
  }

  private mutating func readTexts(_ archive: ZipArchive, _ limits: SheetLimits) throws(SpreadsheetFailure) {
    let shared = Shared()
    let events = try XMLEvents(
      .init(
        start: { name, _ in
          if name == "si" { shared.current.removeAll(keepingCapacity: true) }
          if name == "t", !shared.isPhonetic { shared.isText = true }
          if name == "rPh" { shared.isPhonetic = true }
        },
        text: { bytes in
          guard shared.isText, shared.current.count + bytes.count <= limits.cellBytes else { return }
          shared.current += bytes
        },
        end: { name in
          if name == "t" { shared.isText = false }
          if name == "rPh" { shared.isPhonetic = false }
          if name == "si" {
            shared.bytes += shared.current.count + 16
            shared.texts.append(String(decoding: shared.current, as: UTF8.self))
          }
        }
      )
    )
    events.afterElement = { [weak events] in if shared.bytes > limits.sharedTextBytes { events?.stop() } }
    try events.read("xl/sharedStrings.xml", of: archive)
    guard shared.bytes <= limits.sharedTextBytes else {
      throw SpreadsheetFailure(
        .tooLarge,
        "the texts of the workbook are longer than \(limits.sharedTextBytes) bytes; save it as CSV"
      )
    }
    texts = shared.texts
  }
}

/// Turns the XML of a sheet into rows.
private final class SheetParser {
  private let book: Workbook
  private let limits: SheetLimits
  private let body: (SheetRow) -> SheetReading
  private var events: XMLEvents?
  private var row = SheetRow(number: 0, cells: [])
  private var column = 0
  private var type = ""
  private var style = 0
  private var value: [UInt8] = []
  private var isValue = false
  private var isInCell = false
  private var count = 0

  init(book: Workbook, limits: SheetLimits, body: @escaping (SheetRow) -> SheetReading) {
    self.book = book
    self.limits = limits
    self.body = body
  }

  func read(_ archive: ZipArchive) throws(SpreadsheetFailure) {
    let handler = XMLEvents.Handler(
      start: { [unowned self] in start($0, $1) },
      text: { [unowned self] bytes in
        if isValue, value.count + bytes.count <= limits.cellBytes { value += bytes }
      },
      end: { [unowned self] in end($0) }
    )
    let events = try XMLEvents(handler)
    self.events = events
    try events.read(book.sheetPart, of: archive)
    self.events = nil
    guard count <= limits.rows else {
      throw SpreadsheetFailure(.tooLarge, "there are more than \(limits.rows) rows; split the file")
    }
  }

  private func start(_ name: String, _ attributes: [String: String]) {
    switch name {
    case "row":
      row = SheetRow(number: attributes["r"].flatMap { Int($0) } ?? row.number + 1, cells: [])
      column = 0
    case "c":
      isInCell = true
      if let place = attributes["r"].flatMap(Self.column) { column = place }
      type = attributes["t"] ?? "n"
      style = attributes["s"].flatMap { Int($0) } ?? -1
      value.removeAll(keepingCapacity: true)
    case "v": isValue = isInCell
    case "t": isValue = isInCell && type == "inlineStr"
    default: break
    }
  }

  private func end(_ name: String) {
    switch name {
    case "v", "t": isValue = false
    case "c":
      isInCell = false
      if column >= limits.columns {
        row.problem = "there are more than \(limits.columns) columns"
      } else {
        while row.cells.count < column { row.cells.append(.empty) }
        let cell = cell()
        if row.cells.count == column { row.cells.append(cell) } else { row.cells[column] = cell }
      }
      column += 1
    case "row":
      guard row.cells.contains(where: { $0 != .empty }) || row.problem != nil else { return }
      count += 1
      if count > limits.rows || body(row) == .stop { events?.stop() }
    default: break
    }
  }

  /// "BC12" is column 54, counted from 0.
  private static func column(of reference: String) -> Int? {
    var column = 0
    for byte in reference.utf8 {
      guard (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) else { break }
      column = column * 26 + Int(byte - UInt8(ascii: "A")) + 1
      if column > 20_000 { return nil }
    }
    return column > 0 ? column - 1 : nil
  }

  private func cell() -> SheetCell {
    guard !value.isEmpty else { return .empty }
    let text = String(decoding: value, as: UTF8.self)
    switch type {
    case "s":
      guard let place = Int(text), book.texts.indices.contains(place) else {
        row.problem = "a cell refers to a text that is not there"
        return .empty
      }
      return book.texts[place].isEmpty ? .empty : .text(book.texts[place])
    case "b": return .truth(text == "1")
    case "str", "inlineStr", "e", "d": return .text(text)
    default:
      guard let number = Double(text), number.isFinite else {
        row.problem = "'\(text.prefix(40))' is no number"
        return .empty
      }
      if book.isTime.indices.contains(style), book.isTime[style] { return time(number) }
      return Int(exactly: number).map { .integer($0) } ?? .real(number)
    }
  }

  /// A serial number of a day, its fraction the time: day 1 is 1 January 1900, and Excel has a 29 February 1900.
  private func time(_ serial: Double) -> SheetCell {
    guard serial >= 0, serial < 2_958_466 else { return .real(serial) }
    var whole = Int(serial.rounded(.down))
    var seconds = Int(((serial - serial.rounded(.down)) * 86_400).rounded())
    if seconds == 86_400 { (whole, seconds) = (whole + 1, 0) }
    if whole == 0, !book.is1904 { return .text(Self.clock(seconds)) }
    let (year, month, day) = Self.day((book.is1904 ? whole + 1_462 : whole < 60 ? whole + 1 : whole) - 25_569)
    if seconds == 0 { return .date(year: year, month: month, day: day) }
    return .text("\(DayText.iso(year: year, month: month, day: day)) \(Self.clock(seconds))")
  }

  private static func clock(_ seconds: Int) -> String {
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(two(seconds / 3_600)):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
  }

  /// The civil day of a number of days since 1970-01-01.
  ///
  /// After Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
  private static func day(_ number: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = number + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }
}
