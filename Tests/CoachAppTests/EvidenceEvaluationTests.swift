import CoachApp
import CoachVocabulary
import Foundation
import Testing

@Suite struct `Measuring the evidence analyzer` {
  /// A folder of its own, gone afterwards.
  private func withFolder(_ files: [String: Data], _ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "coach-evidence-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, data) in files { try data.write(to: folder.appending(path: name)) }
    try body(folder.path)
  }

  private static let packed =
    "H4sICAAAAAAC/3guY3N2AGXSuwmAABAE0dwqLMDA3fVbjlqAYGL7CkbewEUTPZa7zrvtu3bbj++a6w2qwTWkhqGGsYap"
    + "hrmGpYYVMFJhFbCCVuAKXgEsiAWyYDbM5r4wG2bDbJgNs2E2zIY5MAfm8ClgDsyBOTAH5sCcn/kBqzWpIMYCAAA="

  private static func data(_ base64: String) throws -> Data { try #require(Data(base64Encoded: base64)) }

  @Test func `packed files are read as they were`() throws {
    let files = [
      "dynamic.gz": try Self.data(Self.packed),
      "fixed.gz": try Self.data("H4sIAAAAAAACAytIzEvN0SlLLNIpAZI5palcAKcKSfMSAAAA"),
      "stored.gz": try Self.data("H4sIAAAAAAAEAwEGAPn/c3RvcmVkC/lDVgYAAAA="),
      "plain.csv": Data("a,b\n".utf8),
    ]
    try withFolder(files) { folder in
      func text(_ name: String) throws -> String {
        String(decoding: try GzipFile.bytes(ofFile: "\(folder)/\(name)"), as: UTF8.self)
      }
      let dynamic = try text("dynamic.gz")
      #expect(dynamic == (0..<40).map { "row \($0), abcabcabc\n" }.joined())
      let fixed = try text("fixed.gz")
      #expect(fixed == "panel,var,t,value\n")
      let stored = try text("stored.gz")
      #expect(stored == "stored")
      let plain = try text("plain.csv")
      #expect(plain == "a,b\n")
    }
  }

  @Test func `a damaged file is refused wherever it is damaged`() throws {
    let whole = try Self.data(Self.packed)
    let original = Array((0..<40).map { "row \($0), abcabcabc\n" }.joined().utf8)
    for position in 0..<whole.count {
      var turned = whole
      turned[position] ^= 0x10
      try withFolder(["cut.gz": whole.prefix(position), "turned.gz": turned]) { folder in
        if position > 1 { #expect(throws: GzipFile.Fault.self) { try GzipFile.bytes(ofFile: "\(folder)/cut.gz") } }
        // Some bits of the header and of the padding mean nothing; what is read is right, or refused.
        let read = try? GzipFile.bytes(ofFile: "\(folder)/turned.gz")
        if position > 1 { #expect(read == nil || read == original) }
      }
    }
    #expect(throws: GzipFile.Fault.self) { try GzipFile.bytes(ofFile: "/nowhere/at-all.gz") }
  }

  @Test func `a case is localised, and a bad one says what is wrong`() throws {
    let rows = ["a", "b", "c", "d"].flatMap { x in ["u", "v"].map { y in "\(x),\(y),\(x == "b" ? 40 : 100),100" } }
    let cases = [
      #"{"id":"one","kind":"sum","dims":["x","y"],"file":"one.csv","history":null,"target":null}"#,
      #"{"id":"two","kind":"sum","dims":["x","z"],"file":"one.csv","history":null,"target":null}"#,
      #"{"id":"three","kind":"sum","dims":["x"],"file":"none.csv","history":null,"target":null}"#,
      "no object",
    ]
    let files = [
      "cases.jsonl": Data(cases.joined(separator: "\n").utf8),
      "one.csv": Data((["x,y,real,predict"] + rows).joined(separator: "\n").utf8),
    ]
    try withFolder(files) { folder in
      let evaluation = LocalizationEvaluation(folder: folder)
      let answers = try evaluation.lines().map(evaluation.answer)
      #expect(answers.count == 4)
      #expect(answers[0]["causes"]?.arrayValue == [["x": "b"]])
      #expect(answers[0]["effect"]?.stringValue == "volume")
      #expect(answers[0]["elapsed_ms"]?.doubleValue ?? -1 >= 0)
      #expect(answers[1]["error"]?.stringValue == "there is no column 'z'")
      #expect(answers[2]["error"]?.stringValue?.contains("none.csv") == true)
      #expect(answers[3]["error"]?.stringValue != nil)
    }
  }

  @Test func `history before the target is used, and nothing later`() throws {
    var rows = ["date,shop,a"]
    for day in 1...29 {
      for shop in ["n", "s", "w"] {
        let date = "2024-03-\(day < 10 ? "0" : "")\(day)"
        // What the history says of the day to explain, and of later days, would be another story.
        let value = day > 27 ? (shop == "n" ? 1_000_000 : 100) : 100 + (day * 7 + shop.utf8.count * 3) % 5
        rows.append("\(date),\(shop),\(value)")
      }
    }
    let line = #"{"id":"h","kind":"sum","dims":["shop"],"file":"f.csv","history":"h.csv","target":"2024-03-28"}"#
    let files = [
      "cases.jsonl": Data(line.utf8), "h.csv": Data(rows.joined(separator: "\n").utf8),
      "f.csv": Data("shop,real,predict\nn,101,100\ns,20,100\nw,102,100\n".utf8),
    ]
    try withFolder(files) { folder in
      let answer = LocalizationEvaluation(folder: folder).answer(line)
      #expect(answer["causes"]?.arrayValue == [["shop": "s"]])
    }
  }

  @Test func `drivers of a panel are told in the scorer's form`() throws {
    var rows = ["panel,var,t,value"]
    var state: UInt64 = 1
    func chance() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 33) / Double(1 << 31) - 0.5
    }
    let driver = (0..<120).map { _ in chance() }
    for t in 0..<120 {
      rows.append("p,x,\(t),\(driver[t])")
      rows.append("p,z,\(t),\(chance())")
      rows.append("p,y,\(t),\((t > 1 ? 2 * driver[t - 2] : 0) + 0.3 * chance())")
    }
    let line = #"{"panel":"p","n":120,"target":"y","candidates":["x","z"],"max_lag":14,"season":7}"#
    let other = #"{"panel":"q","n":120,"target":"y","candidates":["x"],"max_lag":14,"season":7}"#
    let files = [
      "panels.jsonl": Data("\(line)\n\(other)\n".utf8),
      "panels.csv.gz": Data(rows.joined(separator: "\n").utf8),
    ]
    try withFolder(files) { folder in
      let evaluation = try DriverEvaluation(folder: folder)
      let answers = evaluation.lines.map(evaluation.answer)
      let found = try #require(answers[0]["found"]?.arrayValue)
      #expect(found.map { $0["var"] } == ["x"])
      #expect(found[0]["lag"]?.intValue == 2)
      #expect(found[0]["sign"]?.intValue == 1)
      #expect(answers[1]["error"]?.stringValue == "'panel' is missing or has no values")
    }
    #expect(throws: DriverEvaluation.Fault.self) { try DriverEvaluation(folder: "/nowhere/at-all") }
  }
}
