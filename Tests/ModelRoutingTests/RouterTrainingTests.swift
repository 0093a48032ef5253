import CoachVocabulary
import ConcurrencyKit
import Testing

@testable import ModelRouting

@Suite struct RouterTrainingTests {
  /// Prompts where the strong model gains with each comma; the rest is noise.
  private static func examples(_ count: Int, seed: UInt64 = 3, options: Bool = false) -> [RouterExample] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { index in
      let commas = Int(random.next() % 8)
      let words = (0..<10).map { "w\(random.next() % 50)" + ($0 < commas ? "," : "") }
      let isGain = Int(random.next() % 8) < commas
      let tail = options ? " A. x B. y C. z" : ""
      return RouterExample(
        id: "\(index)",
        set: "s",
        category: "c\(index % 3)",
        prompt: words.joined(separator: " ") + tail,
        weak: isGain ? 0 : 1,
        strong: 1
      )
    }
  }

  private func training(_ seed: UInt64 = 1) -> RouterTraining {
    var configuration = RouterTraining.Configuration()
    (configuration.repeats, configuration.rounds, configuration.folds, configuration.seed) = (1, 20, 3, seed)
    return RouterTraining(configuration)
  }

  @Test(arguments: [false, true])
  func `what makes prompts hard is found, and found on prompts not seen`(options: Bool) throws {
    let outcome = try training().run(Self.examples(400, options: options), source: "d", dataHash: "h")
    #expect(try #require(outcome.figures.first).mean > 0.6)
    let (easy, hard) = ("w1 w2 w3 w4 w5 w6 w7", "w1, w2, w3, w4, w5, w6, w7,")
    let tail = options ? " A. x B. y C. z" : ""
    #expect(outcome.model.score(easy + tail).value < outcome.model.score(hard + tail).value)
    #expect(outcome.unseenScores.count == 400)
  }

  @Test func `equal data give equal weights, and another seed other parts`() throws {
    let examples = Self.examples(120)
    let one = try training().run(examples, source: "d", dataHash: "h")
    let other = try training().run(examples, source: "d", dataHash: "h")
    #expect(one.model.text == other.model.text)
    #expect(one.unseenScores == other.unseenScores)
    #expect(try training(2).run(examples, source: "d", dataHash: "h").unseenScores != one.unseenScores)
  }

  @Test func `noise teaches nothing that holds`() throws {
    var random = SplitMix64(seed: 11)
    let noise = Self.examples(400).map { example in
      var example = example
      example.weak = random.next() % 2 == 0 ? 1 : 0
      return example
    }
    let figure = try #require(try training().run(noise, source: "d", dataHash: "h").figures.first)
    #expect(abs(figure.mean - 0.5) < 0.08)
  }

  @Test func `the report says what was trained on and how it was measured`() throws {
    let report = try training().run(Self.examples(60), source: "d.csv", dataHash: "abc").model.report
    #expect(report["data"] == "d.csv" && report["data_hash"] == "abc" && report["examples"] == 60)
    #expect(report["sets"]?.arrayValue?.first?["apgr_of_folds"]?.arrayValue?.count == 3)
  }

  @Test func `too few examples are refused`() {
    #expect(throws: RouterDataFault.tooFew(39)) {
      try training().run(Self.examples(39), source: "d", dataHash: "h")
    }
  }

  // MARK: - Data

  @Test func `CSV is read with quotations, line breaks and scales`() throws {
    let csv = """
      id,benchmark,category,contaminated,weak,strong,prompt\r
      a,x,c,0,5,10,"one, ""two""
      three"\r
      b,x,c,1,0,1,left out
      c,y,c,0,0,1,plain
      """
    let examples = try RouterData.examples(csv: Array(csv.utf8))
    #expect(examples.map(\.id) == ["a", "c"])
    #expect(examples[0].prompt == "one, \"two\"\nthree")
    #expect([examples[0].weak, examples[0].strong, examples[1].strong] == [0.5, 1, 1])
  }

  @Test(arguments: [
    ("id,weak,strong\na,0,1", RouterDataFault.missingColumn("prompt")), ("", .missingColumn("prompt")),
    ("prompt,weak,strong\na,0", .badRow(1, "2 fields, the head has 3")),
    ("prompt,weak,strong\na,x,1", .badRow(1, "'weak' and 'strong' must be numbers from 0 on")),
    ("prompt,weak,strong\na,nan,1", .badRow(1, "'weak' and 'strong' must be numbers from 0 on")),
    ("prompt,weak,strong\n\"a,0,1", .badRow(1, "a quotation is not closed")),
  ])
  func `data that are wrong are refused with the row`(csv: String, fault: RouterDataFault) {
    #expect(throws: fault) { try RouterData.examples(csv: Array(csv.utf8)) }
  }
}
