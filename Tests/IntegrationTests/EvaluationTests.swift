import CoachVocabulary
import FoundationEssentials
import Testing

@Suite(.timeLimit(.minutes(3)))
struct EvaluationTests {
  @Test func `answers keep the order of the questions, and a bad line gives an error`() async throws {
    let lines = [
      #"{"id": "a", "question": "What was revenue last month?"}"#,
      "no JSON at all",
      "",
      #"{"id": "b"}"#,
      #"{"id": 7, "question": "and by region?", "history": ["What was revenue last month?"]}"#,
      #"{"id": "c", "question": "qwfp zxcv"}"#,
      #"{"id": "d", "question": "What was revenue last month?", "as_of": "2026-05-15"}"#,
      #"{"id": "e", "question": "revenue", "as_of": "someday"}"#,
      #"{"id": "f", "question": ""}"#,
    ]
    let result = try await Coach.withDemo().run("eval", "questions", input: lines.joined(separator: "\n"))
    #expect(result.status == 0)
    let answers = try result.output.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
    #expect(answers.map { $0["id"] } == ["a", .null, "b", 7, "c", "d", "e", "f"])
    #expect(answers.map { $0["error"] != nil } == [false, true, true, false, false, false, true, true])
    let expected = try await DemoDatabase.lastMonthsRevenue()
    #expect(answers.first?["rows"]?.arrayValue?.first?.arrayValue?.first?.doubleValue == expected)
    #expect(answers[3]["columns"] == ["region", "revenue"])
    #expect(answers[4]["outcome"] == "decline")
    #expect(answers[5]["parameters"] == ["2026-04-01", "2026-05-01"])
  }

  @Test func `nothing is kept of an evaluation`() async throws {
    let coach = try await Coach.withDemo()
    _ = try await coach.run("eval", "questions", input: #"{"id": 1, "question": "What was revenue last month?"}"#)
    #expect(!FileManager.default.fileExists(atPath: coach.metadata))
  }

  @Test func `an unknown domain is a failure that names those there are`() async throws {
    let result = try await Coach.withDemo().run("eval", "questions", "--domain", "nowhere", input: "{}")
    #expect(result.status == 3)
    #expect(result.errors.contains("dealer"))
  }

  private static let cases = Project.resolved("\(Project.root)/../shared/eval/questions")

  @Test(
    .enabled(
      if: FileManager.default.fileExists(atPath: "\(cases)/score.py"),
      "the development questions (../shared/eval) are not beside the project"
    )
  )
  func `the development questions are answered well enough and hardly ever wrongly`() async throws {
    let coach = try Coach.withoutData()
    let (questions, answers) = (coach.folder.file("questions.jsonl"), coach.folder.file("answers.jsonl"))
    let database = coach.folder.file("dealer.sqlite")
    let files = ["--cases", "\(Self.cases)/cases.jsonl"]
    try await Self.python("generate.py", ["--profile", "\(Self.cases)/profile.json", "--out", database])
    try await Self.python("score.py", ["inputs"] + files + ["--out", questions])
    let domain = "\(Project.root)/Benchmarks/domains/apex_motors.yaml"
    let result = try await coach.run(
      "eval",
      "questions",
      "--domain",
      domain,
      "--data",
      database,
      input: text(of: questions)
    )
    #expect(result.status == 0, "\(result.errors)")
    try coach.folder.write(result.output, to: "answers.jsonl")
    let scores = coach.folder.file("scores.json")
    try await Self.python(
      "score.py",
      ["score"] + files + ["--root", coach.folder.path, "--pred", answers, "--json", scores]
    )
    let total = try JSONValue(parsing: text(of: scores))["total"] ?? .null
    let correct = try #require(total["overall_correct"]?.doubleValue)
    let silentWrong = try #require(total["silent_wrong_rate"]?.doubleValue)
    print("development questions: overall_correct \(correct), silent_wrong_rate \(silentWrong)")
    #expect(correct >= 0.60)
    #expect(silentWrong <= 0.05)
  }

  private static func python(_ script: String, _ arguments: [String]) async throws {
    let words = (["python3", "\(cases)/\(script)"] + arguments).map { Array($0.utf8) }
    let process = try ChildProcess("/usr/bin/env", words, environment: ProcessInfo.processInfo.environment)
    guard try await process.ending(within: .seconds(120)) == .exited(0) else {
      throw Complaint("\(script): \(process.errors)")
    }
  }
}
