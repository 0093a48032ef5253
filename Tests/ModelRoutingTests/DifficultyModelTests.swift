import CoachVocabulary
import FoundationEssentials
import Glibc
import Testing

@testable import ModelRouting

@Suite struct DifficultyModelTests {
  @Test func `the shipped weights are read and written back as they are`() throws {
    let model = try TrainedRouter.model()
    #expect(try DifficultyModel(parsing: model.text) == model)
    #expect(model.report["trained"] == true)
    #expect(model.quantiles.count == 51)
  }

  @Test func `the shipped weights were measured on parts left out, and reach what they must`() throws {
    let sets = try #require(try TrainedRouter.model().report["sets"]?.arrayValue)
    func figure(_ name: String) -> Double? { sets.first { $0["set"]?.stringValue == name }?["apgr"]?.doubleValue }
    #expect(try #require(figure("mmlu")) >= 0.62)
    #expect(try #require(figure("gsm8k")) >= 0.60)
  }

  @Test(arguments: TrainedRouter.prompts)
  func `case, white space and trailing signs do not change the score`(prompt: String) throws {
    let model = try TrainedRouter.model()
    let score = model.score(prompt)
    let blanks = prompt.split(separator: " ").joined(separator: " \n\t\u{A0} ")
    let variants = [
      prompt.uppercased(), prompt.lowercased(), "  \(prompt)\n\n", blanks, prompt + " …", prompt + "?!", prompt + " .",
      String(prompt.reversed().drop { "?.:!".contains($0) }.reversed()),
    ]
    for variant in variants { #expect(model.score(variant).gain == score.gain, "\(variant)") }
  }

  @Test func `noise of any length changes nothing, also at the limit of what is read`() throws {
    let model = try TrainedRouter.model()
    let long = (0..<6_000).map { "word\($0 % 977)" }.joined(separator: " ")
    #expect(long.utf8.count > PromptText.byteLimit)
    let score = model.score(long)
    #expect(model.score(long.uppercased()).gain == score.gain)
    #expect(model.score(long.split(separator: " ").joined(separator: "   ")).gain == score.gain)
    #expect(model.score(long + " and what comes behind the limit").gain == score.gain)
  }

  @Test(arguments: TrainedRouter.prompts + ["", "?", "   ", "7", "\u{0}\u{FFFD}", "''"])
  func `the parts sum to the gain, and the score stays between 0 and 1`(prompt: String) throws {
    let score = try TrainedRouter.model().score(prompt)
    #expect(score.features.map(\.name) == PromptFeatures.names + (score.kind == .choice ? ["wording"] : []))
    #expect(abs(score.features.reduce(score.constant) { $0 + $1.points } - score.gain) < 1e-12)
    #expect((0...1).contains(score.value))
    #expect(score.features.allSatisfy { $0.measure.isFinite && $0.points.isFinite })
  }

  @Test func `every measure has a name, and each its own`() {
    for prompt in TrainedRouter.prompts {
      #expect(PromptFeatures(PromptText(prompt)).values.count == PromptFeatures.names.count)
    }
    #expect(Set(PromptFeatures.names).count == PromptFeatures.names.count)
  }

  @Test(arguments: [
    ("words", "What was revenue last month", 5), ("numbers", "3 of 12.5 and 1,000", 3),
    ("options", "x A. a B) b C. c", 3),
    ("negations", "not except the least", 3), ("largest number", "1,000 or 20", 1_000), ("commas", "a, b, c", 2),
    ("distinct words", "one two one two", 0.5), ("share of long words", "gigantic big", 0.5),
    ("decimals", "2.5 or 3", 1),
  ])
  func `measures are what their names say`(name: String, prompt: String, expected: Double) throws {
    let index = try #require(PromptFeatures.names.firstIndex(of: name))
    let value = PromptFeatures(PromptText(prompt)).values[index]
    let isShare = ["distinct words", "share of long words", "options"].contains(name)
    #expect(abs((isShare ? value : exp(value) - 1) - expected) < 1e-9)
  }

  @Test(arguments: [
    ("Iron? A. a B. b C. c", PromptKind.choice), ("Iron? a) x b) y c) z", .choice), ("A. b", .open),
    ("He said: a. Then C. and B.", .open), ("Why?", .open),
  ])
  func `lettered options make a choice`(prompt: String, kind: PromptKind) {
    #expect(PromptFeatures(PromptText(prompt)).kind == kind)
  }

  @Test func `words that count are shown with what they add`() throws {
    let model = try TrainedRouter.model()
    let prompt = TrainedRouter.prompts[3]
    let words = model.words(in: prompt)
    #expect(!words.isEmpty)
    #expect(zip(words, words.dropFirst()).allSatisfy { abs($0.points) >= abs($1.points) })
    #expect(model.words(in: "Why?").isEmpty)
  }

  @Test func `the event holds numbers and no words of the prompt`() throws {
    let json = try TrainedRouter.model().score("Why did Zanzibar fall?").json
    #expect(json["version"] == 2)
    #expect(json["kind"] == "open")
    #expect(!json.text.lowercased().contains("zanzibar"))
  }

  @Test func `without weights, longer is harder`() {
    let model = DifficultyModel.byLength
    #expect(model.score("revenue").value < model.score("revenue by region and month").value)
  }

  // MARK: - Files that are wrong

  private func changed(_ change: (inout [String: JSONValue]) -> Void) throws -> String {
    guard case .object(var members) = try JSONValue(parsing: TrainedRouter.file()) else { return "" }
    change(&members)
    return JSONValue.object(members).text
  }

  @Test func `a file that is wrong is refused with the reason`() throws {
    let cases: [(text: String, fault: DifficultyModelFault)] = [
      (try changed { $0["version"] = 1 }, .otherVersion(found: 1, known: 2)),
      (try changed { $0["version"] = nil }, .malformed("'version' is missing or no whole number")),
      (
        try changed { $0["features"] = ["words"] }, .wrongSize("features", found: 1, wanted: PromptFeatures.names.count)
      ),
      (try changed { $0["kinds"] = [:] }, .malformed("kinds.choice is missing")),
      (try changed { $0["deviation"] = 0 }, .badNumber("deviation")),
      (try changed { $0["deviation"] = 1e300 }, .badNumber("deviation")),
      (try changed { $0["quantiles"] = [0.5] }, .wrongSize("quantiles", found: 1, wanted: 51)),
      (try changed { $0["quantiles"] = [0.5, 0.1] }, .badNumber("quantiles")),
      (try changed { $0["quantiles"] = [0.5, 7] }, .badNumber("quantiles")),
      (String(repeating: " ", count: DifficultyModel.byteLimit + 1), .tooLarge(DifficultyModel.byteLimit + 1)),
    ]
    for (text, fault) in cases {
      #expect(throws: fault) { try DifficultyModel(parsing: text) }
      #expect(fault.description.contains("coach router fit"))
    }
    #expect(throws: DifficultyModelFault.self) { try DifficultyModel(parsing: "{") }
  }

  @Test(arguments: [
    (
      #"{"constant": 0, "steps": [], "lines": [{"feature": "no such", "mean": 0, "deviation": 1, "weight": 1}]}"#,
      DifficultyModelFault.malformed("a weight belongs to no feature that this program measures")
    ),
    (
      #"{"constant": 0, "steps": [{"feature": "words", "thresholds": [1], "values": [1]}], "lines": []}"#,
      .wrongSize("values", found: 1, wanted: 2)
    ),
    (
      #"{"constant": 0, "steps": [{"feature": "words", "thresholds": [2, 1], "values": [1, 2, 3]}], "lines": []}"#,
      .badNumber("thresholds")
    ),
    (
      #"{"constant": 0, "steps": [], "lines": [], "wording": {"unit": 1, "weights": "00ff"}}"#,
      .wrongSize("wording", found: 2, wanted: 16_384)
    ),
    (
      #"{"constant": 0, "steps": [], "lines": [{"feature": "words", "mean": 0, "deviation": 0, "weight": 1}]}"#,
      .badNumber("deviation")
    ),
  ])
  func `weights that are wrong are refused`(weights: String, fault: DifficultyModelFault) throws {
    let weights = try JSONValue(parsing: weights)
    let text = try changed { members in
      guard case .object(var kinds)? = members["kinds"] else { return }
      kinds["open"] = weights
      members["kinds"] = .object(kinds)
    }
    #expect(throws: fault) { try DifficultyModel(parsing: text) }
  }
}
