import CoachAPI
import CoachVocabulary
import ConcurrencyKit
import Declarations
import FoundationEssentials
import SemanticLayer
import Testing

@testable import CoachApp

@Suite struct DumpTests {
  private func ask(_ question: String, _ coach: RunningCoach) async throws -> JSONValue {
    try JSONValue(parsing: try await coach.application.query(QueryRequest(question: question)))
  }

  /// A coach with the category computed.
  private func computed(_ category: String, _ body: (RunningCoach) async throws -> Void) async throws {
    try await RunningCoach.run { coach in
      let job = try await coach.application.runDumps(category: category)
      #expect(job["failed"] == 0, "\(job.text)")
      try await body(coach)
    }
  }

  @Test func `a computed question is answered from memory, in other words too`() async throws {
    try await computed("executive") { coach in
      let first = try await ask("revenue last month", coach)
      #expect(first["source"] == "precomputed" && first["match"] == "frame")
      #expect(first["query_name"] == "executive_revenue")
      let again = try await ask("Revenue last month?", coach)
      #expect(again["match"] == "text" && again["question"] == "Revenue last month?")
      #expect(again["usage"]?["total_tokens"] == 0)
      #expect(again["computed_at"] != nil && again["age_s"] != nil)
    }
  }

  @Test func `the answer is the one that a run gives`() async throws {
    try await computed("executive") { coach in
      let dump = try await ask("Revenue this year compared to last year", coach)
      let run = try await coach.ask("Revenue this year compared to last year").answer
      for member in [
        "text", "rows", "columns", "sql", "chart_config", "interpretation", "frame", "as_of", "suggestions",
      ] {
        #expect(dump[member] == run[member], "\(member)")
      }
      let record = try #require(dump["data"]?.arrayValue?.first)
      #expect(record.objectValue?.count == dump["columns"]?.arrayValue?.count)
    }
  }

  @Test(arguments: [
    "revenue last year", "revenue this month", "revenue in the west last month", "units sold last month",
    "revenue last month compared to the month before",
  ])
  func `a question that differs in a value, a number or a date is not answered by it`(question: String) async throws {
    try await computed("executive") { coach in
      let answer = try await ask(question, coach)
      #expect(answer["source"] == "coach", "\(question)")
      #expect(answer["query_name"]?.isNull == true)
    }
  }

  @Test func `what was asked once is remembered, and the oldest forgotten`() async throws {
    try await RunningCoach.run { coach in
      let question = "units sold in Berlin in 2025"
      #expect(try await ask(question, coach)["source"] == "coach")
      let again = try await ask(question, coach)
      #expect(again["source"] == "memory" && again["run_id"] == nil)
      let status = await coach.application.dumpStatus()
      #expect(status["hits"] == 1 && status["misses"] == 1 && status["hit_rate"] == 0.5)
      #expect(status["tokens"]?["saved"] == 2_000, "assumed until a model has answered")
    }
  }

  @Test func `what cannot be answered goes to the agents each time`() async throws {
    try await RunningCoach.run { coach in
      for _ in 1...2 {
        let answer = try await ask("What is the salary of our salespeople?", coach)
        #expect(answer["outcome"] == "decline" && answer["source"] == "coach")
      }
    }
  }

  @Test func `the shelf keeps as many as it may, and what was asked for last`() {
    func entry(_ frame: String, name: String? = nil) -> DumpEntry {
      let key = DumpKey(
        domain: "d",
        frame: frame,
        domainVersion: "1",
        dataVersion: "1",
        asOf: .init(dayNumber: 0),
        policy: ""
      )
      return DumpEntry(
        key: key,
        name: name,
        category: name,
        answer: [:],
        computedAt: Date(timeIntervalSince1970: 0),
        milliseconds: 1
      )
    }
    var shelf = DumpShelf(rememberedLimit: 2)
    shelf.put(entry("fixed", name: "n"))
    for frame in ["a", "b"] { shelf.remember(entry(frame)) }
    #expect(shelf.entry(entry("a").key) != nil)
    shelf.remember(entry("c"))
    #expect(shelf.entry(entry("b").key) == nil, "b was asked for longest ago")
    #expect(shelf.entry(entry("a").key) != nil && shelf.entry(entry("fixed").key) != nil)
    shelf.put(entry("other", name: "n"))
    #expect(shelf.entry(entry("fixed").key) == nil, "a question has one answer")
    shelf.put(entry("other", name: "m"))
    #expect(shelf.computed.map(\.name) == ["m", "n"], "two questions may ask the same")
  }

  @Test func `another day, data, model or policy is another key`() async throws {
    try await computed("executive") { coach in
      let domain = try #require(coach.application.domains["dealer"])
      let context = try await coach.application.dumps.context(of: "dealer", domain)
      func isFound(_ change: (inout Dumps.Context) -> Void) -> Bool {
        var other = context
        change(&other)
        if case .found = coach.application.dumps.lookUp("What was revenue last month?", domain, other) { return true }
        return false
      }
      #expect(isFound { _ in })
      #expect(!isFound { $0.dataVersion += "x" })
      #expect(!isFound { $0.domainVersion += "x" })
      #expect(!isFound { $0.asOf = $0.asOf.adding(days: 40) })
      #expect(!isFound { $0.policy = "north" })
    }
  }

  @Test func `data that changes makes answers stale, and they are computed again`() async throws {
    let folder = try PrivateFolder()
    defer { folder.remove() }
    let copy = folder.file("dealer.sqlite")
    try FileManager.default.copyItem(atPath: Shipped.database, toPath: copy)
    let coach = try await RunningCoach(database: copy)
    _ = try await coach.application.runDumps(category: "executive")
    func states() async throws -> Set<String> {
      let dumps = try await coach.application.dumps(category: "executive")["dumps"]?.arrayValue ?? []
      return Set(dumps.compactMap { $0["state"]?.stringValue })
    }
    #expect(try await states() == ["ready"])
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 1_000_000)],
      ofItemAtPath: copy
    )
    #expect(try await states() == ["stale"])
    #expect(try await ask("What was revenue last month?", coach)["source"] == "coach")
    let job = await coach.application.dumps.compute(category: "executive", reason: .changed, onlyMissing: true)
    #expect(job?.computed == 5)
    #expect(try await states() == ["ready"])
    await coach.application.shutdown()
  }

  @Test func `categories come due by the clock, all of them when everything does`() async throws {
    try await RunningCoach.run { coach in
      func due(_ from: String, _ to: String) throws -> [String?] {
        coach.application.dumps.dueCategories(
          after: try Date(from, strategy: .iso8601),
          until: try Date(to, strategy: .iso8601)
        )
      }
      let night = try due("2026-06-02T01:59:50Z", "2026-06-02T02:00:10Z")
      #expect(night == ["sales", "kpi", "inventory"])
      let sunday = try due("2026-06-07T02:59:50Z", "2026-06-07T03:00:10Z")
      #expect(sunday == ["executive", "warranty"])
      let first = try due("2026-07-01T03:59:50Z", "2026-07-01T04:00:10Z")
      #expect(first == [nil])
      let quiet = try due("2026-06-02T05:00:00Z", "2026-06-02T05:00:30Z")
      #expect(quiet.isEmpty)
    }
  }

  @Test func `computed answers and their log outlive the process`() async throws {
    let folder = try PrivateFolder()
    defer { folder.remove() }
    let file = DumpFile(path: folder.file("kept/dumps.json"))
    try await computed("warranty") { coach in
      let (entries, jobs) = coach.application.dumps.shelf.withLock { ($0.computed, $0.jobs) }
      try file.write(entries, jobs: jobs)
      let kept = file.read()
      #expect(kept.entries == entries && kept.jobs.map(\.id) == jobs.map(\.id))
    }
    try Data("{".utf8).write(to: URL(filePath: file.path))
    #expect(file.read().entries.isEmpty, "a damaged file counts as none")
  }

  @Test func `every computed question of the demo is found by its words and by no others`() async throws {
    try await RunningCoach.run { coach in
      let findings = try await DumpTest(coach.application).run(category: nil)
      #expect(findings.count >= 30)
      for finding in findings { #expect(finding.faults.isEmpty, "\(finding.name): \(finding.faults)") }
      #expect(findings.reduce(0) { $0 + $1.variants } > 100)
    }
  }

  @Test func `suggestions are computed questions, the most alike first`() async throws {
    try await RunningCoach.run { coach in
      let all = try await coach.application.suggestions(like: nil, domain: nil, limit: 5)
      #expect(all["suggestions"]?.arrayValue?.count == 5)
      let alike = try await coach.application.suggestions(like: "warranty comp", domain: nil, limit: 1)
      #expect(alike["suggestions"]?.arrayValue?.first?["query_name"] == "warranty_cost_by_component")
      await #expect(throws: CoachProblem.unknownDomain("x", known: ["dealer"])) {
        try await coach.application.suggestions(like: nil, domain: "x", limit: 1)
      }
    }
  }

  @Test(arguments: [
    ("match: {keyword: 2}", "'keyword' must be from 0 to 1"),
    ("categories: {sales: {cron: \"0 2 * *\"}}", "needs five fields"),
    ("questions: {elsewhere: {}}", "there is no domain 'elsewhere'"),
    ("questions: {dealer: {sales: {q: What?}}}", "there is no category 'sales'"),
    ("categories: {a: {}}\nquestions: {dealer: {a: {q: \"  \"}}}", "must be a question"),
    ("categories: {a: {}, b: {}}\nquestions: {dealer: {a: {q: x}, b: {q: y}}}", "names are unique"),
    ("colour: red", "colour"),
  ])
  func `faults of the file are named`(text: String, message: String) {
    let diagnostics = DiagnosticCollector()
    let tree = DeclarationTree.reading(yaml: text.utf8, file: "config/dumps.yaml", reporting: diagnostics)
    _ = DumpSettings(tree, starters: ["dealer": []], reporting: diagnostics)
    #expect(diagnostics.diagnostics.contains { $0.message.contains(message) }, "\(diagnostics.diagnostics)")
  }

  @Test func `a server computes what its file says by itself, by the clock too, and nothing without a file`()
    async throws
  {
    let time = try HandTime("2026-06-02T01:00:00Z")
    let coach = try await RunningCoach(time: time)
    let work = Task { await coach.application.dumps.keepFull() }
    func reasons() -> [DumpJob.Reason] { coach.application.dumps.shelf.withLock { $0.jobs.map(\.reason) } }
    try await eventually { time.waits == 1 }
    #expect(reasons() == [.start])
    time.clock.advance(by: .seconds(3_600))
    try await eventually { reasons() == [.start, .schedule, .schedule, .schedule] }
    work.cancel()
    await work.value
    await coach.application.shutdown()
    let root = try Shipped.copy(changing: ["config/dumps.yaml": nil])
    try await RunningCoach.run(root: root) { bare in
      await bare.application.dumps.keepFull()
      #expect(bare.application.dumps.shelf.withLock(\.jobs).isEmpty)
      #expect(bare.application.dumps.settings.questions.count >= 10, "the starters can be computed by hand")
    }
  }
}
