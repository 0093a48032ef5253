import CoachAPI
import CoachVocabulary
import HTTPClientKit
import Testing

@Suite struct ExportRouteTests {
  /// Exports of one run, `run-1`.
  private struct OneRun: AnswerExports {
    func chart(of run: RunID, as form: ChartForm) async throws(CoachProblem) -> [UInt8] {
      guard run == "run-1" else { throw .nothingToExport(run, what: "chart") }
      return Array((form == .svg ? "<svg/>" : "{}").utf8)
    }

    func rows(of run: RunID, as form: SheetForm) async throws(CoachProblem) -> ExportedRows {
      guard run == "run-1" else { throw .unknownRun(run) }
      return ExportedRows(
        bytes: Array(form.rawValue.utf8),
        fileName: "answer.\(form.rawValue)",
        rowCount: 3,
        isCut: false,
        hasChanged: true
      )
    }
  }

  private func served(_ body: (ServedCoach) async throws -> Void) async throws {
    let served = try ServedCoach(extensions: CoachServer.Extensions(exports: OneRun()))
    do {
      try await body(served)
    } catch {
      await served.stop()
      throw error
    }
    await served.stop()
  }

  private static let run = "/api/v1/coach/runs/run-1"

  @Test func `a chart comes as its configuration or, where the client takes drawings, as one`() async throws {
    try await served { served in
      let config = try await served.send("GET", Self.run + "/chart")
      #expect(config.text == "{}" && config.headers["content-type"] == "application/json")
      let drawing = try await served.send("GET", Self.run + "/chart", headers: [("Accept", "image/svg+xml")])
      #expect(drawing.text == "<svg/>" && drawing.headers["content-type"] == "image/svg+xml")
      #expect(drawing.headers["content-security-policy"]?.hasPrefix("default-src 'none'") == true)
      let other = try await served.send("GET", Self.run + "/chart", headers: [("Accept", "image/png")])
      #expect(other.status == 406)
      let link = try await served.send("GET", Self.run + "/chart.svg")
      #expect(link.headers["content-disposition"] == "attachment; filename=\"chart.svg\"")
    }
  }

  @Test(arguments: [
    ("csv", "text/csv; charset=utf-8"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
  ])
  func `rows come as a file that says what it is`(form: String, type: String) async throws {
    try await served { served in
      let file = try await served.send("GET", Self.run + "/rows.\(form)")
      #expect(file.status == 200 && file.text == form)
      #expect(file.headers["content-type"] == type)
      #expect(file.headers["content-disposition"] == "attachment; filename=\"answer.\(form)\"")
      #expect(file.headers["coach-rows"] == "3" && file.headers["coach-data-changed"] == "true")
    }
  }

  @Test func `runs without a chart and unknown runs are told apart`() async throws {
    try await served { served in
      let chart = try await served.send("GET", "/api/v1/coach/runs/run-2/chart")
      #expect(chart.status == 404 && chart.code == "nothing_to_export")
      let rows = try await served.send("GET", "/api/v1/coach/runs/run-2/rows.csv")
      #expect(rows.status == 404 && rows.code == "unknown_run")
    }
  }

  @Test func `without exports the addresses do not exist`() async throws {
    let served = try ServedCoach()
    let answer = try await served.send("GET", Self.run + "/chart")
    await served.stop()
    #expect(answer.status == 404 && answer.code == "not_found")
  }
}
