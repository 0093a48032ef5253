import CoachAPI
import CoachVocabulary
import SemanticLayer
import SpreadsheetKit
import Testing

@testable import CoachApp

@Suite struct ExportTests {
  private func lines(_ file: ExportedRows) -> [String] {
    String(decoding: file.bytes.dropFirst(3), as: UTF8.self).split(separator: "\r\n").map(String.init)
  }

  @Test func `all rows of an answer come as CSV, exact and typed`() async throws {
    try await RunningCoach.run { coach in
      let reply = try await coach.ask("revenue by region in 2025")
      let file = try await coach.application.rows(of: reply.run, as: .csv)
      let rows = reply.answer["rows"]?.arrayValue ?? []
      #expect(file.rowCount == rows.count && !file.isCut && !file.hasChanged)
      #expect(file.fileName == "revenue-by-region-in-2025.csv")
      #expect(lines(file).first == "Region,Net revenue (EUR)")
      let first = try #require(rows.first?.arrayValue)
      #expect(lines(file)[1] == "\(first[0].stringValue ?? ""),\(first[1].text)")
    }
  }

  @Test func `an export has the rows that an answer was too long for`() async throws {
    try await RunningCoach.run { coach in
      let reply = try await coach.ask("revenue by dealer and month")
      let file = try await coach.application.rows(of: reply.run, as: .csv)
      #expect(reply.answer["rows"]?.arrayValue?.count == 1_000)
      #expect(file.rowCount > 1_000 && !file.isCut)
      #expect(lines(file).count == file.rowCount + 1)
    }
  }

  @Test func `a workbook is a workbook`() async throws {
    try await RunningCoach.run { coach in
      let reply = try await coach.ask("revenue by month in 2025")
      let file = try await coach.application.rows(of: reply.run, as: .xlsx)
      #expect(file.bytes.prefix(4) == [0x50, 0x4B, 0x03, 0x04])
      #expect(file.fileName.hasSuffix(".xlsx"))
    }
  }

  @Test func `a chart is drawn as it was configured`() async throws {
    try await RunningCoach.run { coach in
      let reply = try await coach.ask("revenue by month in 2025")
      let svg = String(decoding: try await coach.application.chart(of: reply.run, as: .svg), as: UTF8.self)
      #expect(svg.hasPrefix("<svg ") && svg.contains("<polyline"))
      let config = try JSONValue(parsing: try await coach.application.chart(of: reply.run, as: .configuration))
      #expect(config == reply.answer["chart_config"])
    }
  }

  @Test func `an investigation gives the rows that it shows`() async throws {
    try await RunningCoach.run { coach in
      let reply = try await coach.ask("Why did revenue drop in November 2025?")
      let file = try await coach.application.rows(of: reply.run, as: .csv)
      #expect(file.rowCount == reply.answer["rows"]?.arrayValue?.count)
    }
  }

  @Test func `what is not there is named`() async throws {
    try await RunningCoach.run { coach in
      await #expect(throws: CoachProblem.unknownRun("nobody")) {
        try await coach.application.rows(of: "nobody", as: .csv)
      }
      let clarify = try await coach.ask("How was performance last month?")
      await #expect(throws: CoachProblem.nothingToExport(clarify.run, what: "rows")) {
        try await coach.application.rows(of: clarify.run, as: .csv)
      }
      let number = try await coach.ask("What was revenue last month?")
      await #expect(throws: CoachProblem.nothingToExport(number.run, what: "chart")) {
        try await coach.application.chart(of: number.run, as: .svg)
      }
    }
  }

  @Test func `cells have the type of their column`() {
    func column(_ role: ResultColumn.Role, _ format: ResultColumn.Format, unit: String? = nil) -> ResultColumn {
      ResultColumn(name: "c", label: "C", role: role, unit: unit, format: format, member: "c")
    }
    let columns = [
      column(.time, .date), column(.dimension, .text), column(.metric, .currency, unit: "EUR"),
      column(.metric, .percent, unit: "percent"), column(.metric, .number),
    ]
    let row: [JSONValue] = ["2025-08", "=cmd", 1.5, 12.5, nil]
    let book = AnswerSheet(columns: columns, form: .xlsx).sheet([row], about: [])
    #expect(
      book.rows == [[.date(year: 2025, month: 8, day: 1), .text("=cmd"), .real(1.5), .real(12.5), .empty]]
    )
    #expect(book.columns.map(\.numberFormat) == ["yyyy-mm-dd", nil, "\"€\"#,##0.00", "0.0\" %\"", "#,##0"])
    let text = AnswerSheet(columns: columns, form: .csv).sheet([row], about: [])
    #expect(text.rows[0][0] == .text("2025-08"))
  }
}
