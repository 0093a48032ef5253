import Testing

@Suite(.timeLimit(.minutes(1)))
struct ChatTests {
  @Test func `follow-ups are read in the light of what was asked before`() async throws {
    let script = "What was revenue last month?\nand by region?\nonly in Germany\n\nWhat was revenue last month?\n"
    let result = try await Coach.withDemo().run("chat", input: script)
    #expect(result.status == 0)
    let answers = result.output.split(separator: "\n").filter { $0.hasPrefix("Net revenue") }
    try #require(answers.count == 3, "an empty line ends the chat: \(result.output)")
    #expect(answers[0].hasPrefix("Net revenue was "))
    #expect(answers[1].hasPrefix("Net revenue by region in May 2026"))
    #expect(answers[2].contains("Germany"))
    #expect(result.errors.contains("session "))
  }

  @Test func `a question without an answer does not end the chat`() async throws {
    let result = try await Coach.withDemo().run("chat", input: "qwfp zxcv\nWhat was revenue last month?")
    #expect(result.status == 0)
    let lines = result.output.split(separator: "\n")
    #expect(lines.first?.contains("qwfp") == true)
    #expect(lines.last?.hasPrefix("Net revenue was ") == true)
  }

  @Test func `a chat goes on where its session ended`() async throws {
    let coach = try await Coach.withDemo()
    let first = try await coach.run("chat", input: "What was revenue last month?\n")
    let session = try #require(first.errors.firstMatch(of: #/session ([0-9a-z]+)/#)?.1)
    let second = try await coach.run("chat", "--session", String(session), input: "and by region?\n")
    #expect(second.output.hasPrefix("Net revenue by region in May 2026"))
  }

  @Test func `nothing to read ends the chat at once`() async throws {
    let result = try await Coach.withDemo().run("chat")
    #expect(result.status == 0)
    #expect(result.output.isEmpty)
  }
}
