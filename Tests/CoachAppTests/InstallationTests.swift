import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import Testing

@testable import CoachApp

@Suite struct InstallationTests {
  private func findings(_ files: [String: String?]) throws -> [String] {
    let root = try Shipped.copy(changing: files)
    defer { try? FileManager.default.removeItem(atPath: root) }
    let (installation, findings) = Installation.load(.init(root: root), environment: [:])
    #expect((installation == nil) == findings.contains { $0.severity == .error })
    return findings.map(\.description)
  }

  private func edited(_ name: String, _ old: String, _ new: String) throws -> String {
    let text = try Shipped.text(name)
    #expect(text.contains(old), "\(name) has no '\(old)' any more")
    return text.replacing(old, with: new)
  }

  private func line(of text: String, in file: String) throws -> Int {
    let lines = file.split(separator: "\n", omittingEmptySubsequences: false)
    return try #require(lines.firstIndex { $0.contains(text) }) + 1
  }

  @Test func `every fault of every file is told at once, with file and line`() throws {
    let agent = try edited("agents/sql_generator.yaml", "tools: []", "tools: []\ncolour: blue")
    let graph = try edited("graphs/coach.yaml", "{agent: answer_formatter", "{agent: nobody")
    let domain = try edited("config/domains/dealer.yaml", "numerator: cancelled_orders", "numerator: canceled_things")
    let server = try edited("config/server.yaml", "port: 8080", "prot: 8080")
    let found = try findings([
      "agents/sql_generator.yaml": agent,
      "graphs/coach.yaml": graph,
      "config/domains/dealer.yaml": domain,
      "config/server.yaml": server,
      "config/models.yaml": "endpoints: [\n",
      "prompts/answer_formatter/user.md": nil,
    ])
    func has(_ file: String, _ line: Int?, _ words: String) -> Bool {
      found.contains { $0.hasPrefix("\(file):\(line.map(String.init) ?? "")") && $0.contains(words) }
    }
    #expect(has("agents/sql_generator.yaml", try line(of: "colour", in: agent), "colour"), "\(found)")
    #expect(has("graphs/coach.yaml", try line(of: "nobody", in: graph), "nobody"), "\(found)")
    #expect(has("config/domains/dealer.yaml", nil, "canceled_things"), "\(found)")
    #expect(has("config/server.yaml", try line(of: "prot:", in: server), "prot"), "\(found)")
    #expect(has("config/models.yaml", nil, ""), "\(found)")
    #expect(found.contains { $0.contains("prompts/answer_formatter/user.md") || $0.contains("user.md") }, "\(found)")
  }

  @Test(arguments: [
    ("agents/answer_formatter.yaml", "writes: [wording]", "writes: [worded_answer]", "worded_answer"),
    ("agents/answer_formatter.yaml", "  - notes ", "  - weather\n  - notes ", "weather"),
    ("agents/sql_generator.yaml", "schema: SQLProposal", "schema: Poem", "Poem"),
    ("agents/sql_generator.yaml", "tools: []", "tools: [hammer]", "tools"),
    ("graphs/coach.yaml", "graph: coach", "graph: couch", "must be called 'coach'"),
    ("graphs/coach.yaml", "use: gate.check", "use: gate.czech", "gate.czech"),
    ("graphs/coach.yaml", "  options:         {type: list, default: []}\n", "", "options"),
    ("config/domains/dealer.yaml", "domain: dealer\n", "domain: dealers\n", "must be called 'dealer'"),
    ("prompts/sql_generator/user.md", "{{question}}", "{{riddle}}", "riddle"),
  ])
  func `a single fault is found`(file: String, old: String, new: String, words: String) throws {
    let found = try findings([file: try edited(file, old, new)])
    #expect(found.contains { $0.contains(words) }, "\(found)")
    #expect(found.count <= 2, "\(found)")
  }

  @Test func `a folder without a domain or graph says so`() throws {
    let found = try findings(["config/domains/dealer.yaml": nil, "graphs/coach.yaml": nil])
    #expect(found.contains { $0.contains("there is no domain") }, "\(found)")
    #expect(found.contains { $0.contains("graphs/coach.yaml") }, "\(found)")
  }

  @Test func `the data folder comes from the flag, then the environment, then the file`() throws {
    func data(_ options: Installation.Options, _ environment: [String: String]) throws -> String {
      try #require(Installation.load(options, environment: environment).installation).dataFolder
    }
    #expect(try data(.init(root: Shipped.root), [:]) == "\(Shipped.root)/data")
    #expect(try data(.init(root: Shipped.root), ["COACH_DATA": "/env"]) == "/env")
    #expect(try data(.init(root: Shipped.root, dataFolder: "/flag"), ["COACH_DATA": "/env"]) == "/flag")
  }

  @Test func `the doctor says what is set where, and nothing secret`() async throws {
    let options = Installation.Options(root: Shipped.root, databases: ["dealer": Shipped.database])
    let surroundings = Surroundings(
      environment: ["COACH_LOCAL_URL": "http://127.0.0.1:1", "OPENAI_API_KEY": "sk-very-secret"],
      clock: .system,
      random: { 1 }
    )
    let findings = await Doctor(options, surroundings: surroundings).examine()
    #expect(!findings.contains { $0.state == .problem }, "\(findings)")
    #expect(findings.contains { $0.subject == "model local" && $0.detail.contains("http://127.0.0.1:1") })
    #expect(findings.contains { $0.subject == "model cloud" && $0.detail.contains("key set") })
    #expect(!findings.contains { "\($0)".contains("very-secret") })
    let broken = try Shipped.copy(changing: ["graphs/coach.yaml": "graph: ["])
    defer { try? FileManager.default.removeItem(atPath: broken) }
    let faults = await Doctor(.init(root: broken), surroundings: surroundings).examine()
    #expect(faults.contains { $0.state == .problem && $0.subject.hasPrefix("graphs/coach.yaml") }, "\(faults)")
  }
}
