import CoachVocabulary
import Declarations
import SQLiteKit
import SemanticLayer

@testable import Questions

/// A company of the tests: a domain file, small tables, and questions with what they mean.
struct SampleCompany: Sendable {
  var name: String
  var domain: String
  var tables: String
  var questions: String

  static let all = [hotels, onlineShop, freight, energySupplier]

  /// A question, perhaps after others (`>>`), with the frames and outcomes that are right.
  struct Case: Sendable, CustomStringConvertible {
    var conversation: String
    var readings: [String]

    var description: String { conversation }
  }

  /// The questions, in their order; lines that begin with `=` are readings of the line above.
  var cases: [Case] {
    var cases: [Case] = []
    for line in questions.split(separator: "\n").map(String.init) {
      if line.hasPrefix("  = ") {
        cases[cases.count - 1].readings.append(String(line.dropFirst(4)))
      } else {
        cases.append(Case(conversation: line, readings: []))
      }
    }
    return cases
  }

  /// The company with its database open.
  func open() throws -> OpenCompany {
    let collector = DiagnosticCollector()
    let tree = DeclarationTree.reading(yaml: domain.utf8, file: "\(name).yaml", reporting: collector)
    guard let tree, let model = SemanticModel(reading: tree, reporting: collector),
      case .date(let today) = model.calendar.asOf
    else { throw Fault(message: collector.diagnostics.map(\.description).joined(separator: "\n")) }
    let database = try SQLiteDatabase(path: ":memory:", configuration: .ours)
    try database.session.executeScript(tables)
    var values: [String: [String]] = [:]
    for dimension in model.dimensions where dimension.indexesValues {
      guard let table = model.dataset(dimension.dataset)?.table else { continue }
      let column = SQLName.quoted(dimension.column)
      values[dimension.name] = try database.query("SELECT DISTINCT \(column) FROM \(SQLName.quoted(table)) ORDER BY 1").rows
        .compactMap { $0[0].string }
    }
    let calendar = BusinessCalendar(
      asOf: today,
      weekStart: model.calendar.weekStart,
      fiscalStartMonth: model.calendar.fiscalStartMonth
    )
    let compiler = FrameCompiler(model: model, calendar: calendar)
    return OpenCompany(
      parser: QuestionParser(lexicon: Lexicon(model: model, values: values), compiler: compiler),
      database: database
    )
  }

  /// The fixture itself is wrong.
  struct Fault: Error {
    var message: String
  }
}

/// A company of the tests whose questions can be asked.
struct OpenCompany {
  let parser: QuestionParser
  let database: SQLiteDatabase

  /// The columns and rows of a frame.
  func rows(_ frame: Frame) throws -> (columns: [String], rows: [[SQLiteValue]]) {
    let query = try parser.compiler.compile(frame)
    let binds = query.parameters.map { value -> SQLiteValue in
      if let text = value.stringValue { return .text(text) }
      if let number = value.intValue { return .integer(Int64(number)) }
      return value.doubleValue.map(SQLiteValue.real) ?? .null
    }
    let result = try database.query(query.sql, binds)
    return (result.columns, result.rows)
  }
}
