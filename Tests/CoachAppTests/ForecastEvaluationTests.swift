import CoachVocabulary
import Foundation
import Testing

@testable import CoachApp

@Suite struct `Measuring forecasts and detection` {
  /// A folder with the given files, gone when the body ends.
  private func withFolder(_ files: [String: String], _ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("evidence-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for (name, text) in files { try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8) }
    try body(folder)
  }

  private static let weekly = (0..<60).map { index in "a,\(index),\(100 + 10 * (index % 7) + index % 3)" }

  @Test func `a series is forecast with its bands and goals`() throws {
    let files = [
      "series.jsonl": #"{"series": "a", "freq": "D", "m": 7, "h": 7}"# + "\n" + #"{"series": "b", "h": 7}"#
        + "\nnonsense",
      "train.csv.gz": (["series,t,value"] + Self.weekly).joined(separator: "\n") + "\n",
      "goals.jsonl": #"{"goal": "a#sum", "series": "a", "kind": "sum", "direction": "ge", "threshold": 100}"#,
    ]
    try withFolder(files) { folder in
      let evaluation = try ForecastEvaluation(folder: folder)
      #expect(evaluation.lines.count == 3)
      let answer = evaluation.answer(evaluation.lines[0])
      #expect(answer["mean"]?.arrayValue?.count == 7)
      #expect(answer["lo95"]?.arrayValue?.count == 7)
      #expect(answer["goals"]?["a#sum"]?.doubleValue == 1)
      #expect(answer["elapsed_ms"]?.doubleValue != nil)
      #expect(evaluation.answer(evaluation.lines[1])["error"]?.stringValue != nil)
      #expect(evaluation.answer(evaluation.lines[2])["error"]?.stringValue != nil)
    }
  }

  @Test func `series of every part are searched`() throws {
    let jump = (0..<400).map { "a,\($0),2014-04-01 00:\($0 % 6)0:00,\($0 % 2 == 0 ? 1 : 2)" }
    let files = [
      "kpi.csv.gz": (["series,t,date,value"] + Self.weekly.map { $0.replacing(",", with: ",x,", maxReplacements: 1) })
        .joined(separator: "\n"),
      "nab.csv.gz": (["series,t,timestamp,value"] + jump).joined(separator: "\n"),
      "tcpd.csv.gz": "series,t,value\nshort,0,1\nshort,1,",
    ]
    try withFolder(files) { folder in
      let evaluation = try DetectionEvaluation(folder: folder)
      #expect(evaluation.series.map(\.part) == ["nab", "kpi", "tcpd"])
      #expect(evaluation.series[0].valuesPerDay == 144)
      let answers = evaluation.series.map(evaluation.answer)
      #expect(answers[0]["scores"]?.arrayValue?.count == 400)
      #expect(answers[1]["period"]?.intValue == 7)
      #expect(answers[2]["error"]?.stringValue?.contains("too little history") == true)
    }
  }

  @Test func `a folder without samples is refused by name`() throws {
    #expect(throws: ForecastEvaluation.Fault.self) { try ForecastEvaluation(folder: "/nowhere") }
    #expect(throws: DetectionEvaluation.Fault.self) { try DetectionEvaluation(folder: "/nowhere") }
  }
}
