import CoachAPI
import CoachVocabulary
import FoundationEssentials
import Testing

@testable import CoachApp

@Suite struct WithoutModelTests {
  @Test func `the shipped folder wires up without a finding`() throws {
    let (installation, findings) = Installation.load(.init(root: Shipped.root), environment: [:])
    #expect(findings.map(\.description) == [])
    #expect(try #require(installation).defaultDomain == "dealer")
  }

  @Test func `every starter is answered, and so is what is offered after it`() async throws {
    try await RunningCoach.run { coach in
      let starters = try await coach.application.starters(domain: nil)["starters"]?.arrayValue ?? []
      #expect(starters.count >= 10)
      for starter in starters.compactMap(\.stringValue) {
        let reply = try await coach.ask(starter)
        #expect(reply.outcome == "answer", "\(starter): \(reply.text)")
        #expect(reply.answer["rows"]?.arrayValue?.isEmpty == false, "\(starter)")
        #expect(reply.answer["usage"]?["calls"] == 0)
        let suggestions = (reply.answer["suggestions"]?.arrayValue ?? []).compactMap(\.stringValue)
        #expect(!suggestions.isEmpty, "\(starter)")
        // That all of them can be asked is tested below the application; here the first goes the whole way.
        let next = try await coach.ask(try #require(suggestions.first), in: reply.session)
        #expect(next.outcome == "answer", "\(starter) → \(suggestions): \(next.text)")
        #expect(next.answer["sql"] != reply.answer["sql"], "\(suggestions)")
      }
    }
  }

  @Test func `an answer always has the members that clients count on`() async throws {
    try await RunningCoach.run { coach in
      for (question, outcome) in [
        ("What was revenue last month?", "answer"), ("How was performance last month?", "clarify"),
        ("What is the salary of our salespeople?", "decline"),
        ("Why did revenue drop in November 2025?", "investigate"),
      ] {
        let reply = try await coach.ask(question)
        #expect(reply.outcome == outcome, "\(question): \(reply.text)")
        #expect(!reply.text.isEmpty)
        for member in [
          "options", "missing", "suggestions", "notes", "steps", "parameters", "columns", "rows", "rows_note",
          "interpretation", "usage", "session_usage", "latency_ms", "as_of", "written_by", "run_id", "session_id",
          "message_id", "question", "text", "outcome",
        ] { #expect(reply.answer[member] != nil, "\(question) lacks \(member)") }
        for column in reply.answer["columns"]?.arrayValue ?? [] {
          for member in ["name", "label", "role", "format"] { #expect(column[member] != nil) }
        }
      }
    }
  }

  @Test func `a question with unknown words is declined with those words`() async throws {
    try await RunningCoach.run { coach in
      let reply = try await coach.ask("blorb the frobnicator of revenue")
      #expect(reply.outcome == "decline")
      #expect(reply.text.contains("blorb"))
      #expect(reply.text.contains("no language model is configured"))
      #expect(reply.answer["missing"] == ["blorb", "frobnicator"])
      #expect(reply.answer["suggestions"]?.arrayValue?.isEmpty == false)
    }
  }

  @Test func `the options of a clarification can be asked`() async throws {
    try await RunningCoach.run { coach in
      let reply = try await coach.ask("How was performance last month?")
      let options = reply.answer["options"]?.arrayValue ?? []
      #expect(options.count >= 2)
      for option in options {
        let next = try await coach.ask(try #require(option["question"]?.stringValue), in: reply.session)
        #expect(next.outcome == "answer", "\(next.text)")
      }
    }
  }

  @Test func `an investigation finds the region of the planted strike`() async throws {
    try await RunningCoach.run { coach in
      let reply = try await coach.ask("Why did revenue drop in November 2025?")
      #expect(reply.text.contains("Region West had"), "\(reply.text)")
      let claims = reply.answer["investigation"]?["claims"]?.arrayValue ?? []
      #expect(claims.contains { $0["kind"] == "segment" && $0["title"] == "Region West" && $0["query"] != nil })
      #expect(reply.answer["sql"]?.stringValue?.contains("region") == true)
    }
  }

  @Test func `follow-ups edit the frame of the conversation`() async throws {
    try await RunningCoach.run { coach in
      let first = try await coach.ask("Revenue by region in May 2026")
      let second = try await coach.ask("and by country?", in: first.session)
      #expect(second.answer["frame"]?["dimensions"] == ["country"])
      #expect(second.answer["frame"]?["time"] == first.answer["frame"]?["time"])
      let third = try await coach.ask("only Germany", in: first.session)
      #expect(third.answer["parameters"]?.arrayValue?.contains("Germany") == true)
      let session = try await coach.application.session(first.session)
      #expect(session["messages"]?.arrayValue?.count == 6)
      let alone = try await coach.ask("and by country?")
      #expect(alone.outcome != "answer", "a follow-up to nothing has nothing to follow")
    }
  }

  @Test func `what cannot be asked is refused with a typed problem`() async throws {
    try await RunningCoach.run { coach in
      func problem(_ request: ChatRequest) async -> String? {
        do throws(CoachProblem) {
          _ = try await coach.application.ask(request)
          return nil
        } catch { return error.code }
      }
      #expect(await problem(ChatRequest(message: "")) == CoachProblem.emptyMessage.code)
      let long = String(repeating: "a", count: ChatRequest.messageLimit + 1)
      #expect(await problem(ChatRequest(message: long)) == CoachProblem.messageTooLong(limit: 1).code)
      let unknown = SessionID("01NOBODY")
      #expect(await problem(ChatRequest(message: "x", sessionID: unknown)) == CoachProblem.unknownSession(unknown).code)
      #expect(
        await problem(ChatRequest(message: "x", domain: "moon")) == CoachProblem.unknownDomain("", known: []).code
      )
      let first = try await coach.ask("What was revenue last month?")
      #expect(
        await problem(ChatRequest(message: "x", sessionID: first.session, domain: "moon"))
          == CoachProblem.domainMismatch(asked: "", session: "").code
      )
    }
  }

  @Test func `a database that is not there is said at the question, not at the start`() async throws {
    let coach = try await RunningCoach(database: "/nowhere/dealer.sqlite")
    do throws(CoachProblem) {
      _ = try await coach.application.ask(ChatRequest(message: "What was revenue last month?"))
      Issue.record("a question without data was taken")
    } catch {
      guard case .databaseMissing(let detail) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(!detail.isEmpty)
    }
    #expect(await coach.application.health()["status"] == "degraded")
    await coach.application.shutdown()
  }

  @Test func `events rise, end once, and can be taken up after any of them`() async throws {
    try await RunningCoach.run { coach in
      let reply = try await coach.ask("What was revenue last month?")
      #expect(reply.events.isRising)
      #expect(reply.events.filter { $0.type == CoachEvent.runFinished }.count == 1)
      #expect(reply.events.last?.type == CoachEvent.runFinished)
      #expect(reply.events.first?.type == "run_started")
      for after in [0, 1, reply.events.count / 2, reply.events.count - 1] {
        var rest: [CoachEvent] = []
        let sequence = after == 0 ? 0 : reply.events[after - 1].sequence
        for await event in try await coach.application.events(of: reply.run, after: sequence) { rest.append(event) }
        #expect(rest == Array(reply.events.dropFirst(after)), "after \(after)")
      }
      var again: [CoachEvent] = []
      for await event in try await coach.application.events(of: reply.run, after: 9_999) { again.append(event) }
      #expect(again.map(\.type) == [CoachEvent.runFinished])
      await #expect(throws: CoachProblem.self) {
        _ = try await coach.application.events(of: RunID("01NOBODY"), after: 0)
      }
    }
  }

  @Test func `measurement answers good lines in order and says what is wrong with others`() async throws {
    try await RunningCoach.run { coach in
      let evaluation = try QuestionEvaluation(coach.application, domain: "dealer")
      let lines = [
        #"{"id": 1, "question": "What was revenue last month?"}"#,
        "no json",
        #"{"id": "b"}"#,
        #"{"id": 3, "question": "Revenue last month", "as_of": "soon"}"#,
        #"{"id": 4, "question": "What was revenue last month?", "as_of": "2025-06-15"}"#,
        #"{"id": 5, "question": "and by region?", "history": ["What was revenue in May 2026?"]}"#,
        #"{"id": 6, "question": ""}"#,
      ]
      var outputs: [JSONValue] = []
      for line in lines { outputs.append(await evaluation.answer(line)) }
      #expect(outputs.map { $0["id"] } == [1, nil, "b", 3, 4, 5, 6].map { $0 as JSONValue })
      for place in [1, 2, 3, 6] { #expect(outputs[place]["error"] != nil, "\(lines[place])") }
      for place in [0, 4, 5] { #expect(outputs[place]["outcome"] == "answer") }
      #expect(outputs[0]["parameters"]?.arrayValue?.contains("2026-05-01") == true)
      #expect(outputs[4]["parameters"]?.arrayValue?.contains("2025-05-01") == true)
      #expect(outputs[5]["columns"]?.arrayValue?.first == "region")
      #expect(outputs[5]["chart"] == "bar")
      #expect(outputs[0]["tokens"] == 0)
      #expect(throws: StartFailure.self) { try QuestionEvaluation(coach.application, domain: "moon") }
    }
  }
}
