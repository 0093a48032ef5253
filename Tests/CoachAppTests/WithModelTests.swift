import CoachAPI
import CoachTesting
import CoachVocabulary
import FoundationEssentials
import Ledger
import ModelRouting
import Persistence
import Testing

@testable import CoachApp

@Suite struct WithModelTests {
  @Test func `a question beyond the parser is answered by generated SQL, and paid for exactly`() async throws {
    // The formatter's text holds no number, so grounding has nothing to doubt.
    let exchanges: [ScriptedExchange] = [
      .sql(ScriptedExchange.goodSQL, usage: ScriptedExchange.tokens(1_200, 80, cached: 200)),
      .wording("The smallest order is shown below.", usage: ScriptedExchange.tokens(300, 12)),
    ]
    try await withModel(exchanges) { server in
      try await RunningCoach.run(cloud: server.baseURL) { coach in
        let reply = try await coach.ask(ScriptedExchange.hardQuestion)
        #expect(reply.outcome == "answer", "\(reply.text)")
        #expect(reply.text == "The smallest order is shown below.")
        #expect(reply.answer["written_by"]?.stringValue != "template")
        #expect(reply.answer["rows"]?.arrayValue?.count == 1)
        #expect(reply.answer["interpretation"] == "Smallest order, 1–31 May 2026.")
        #expect(reply.notes.contains { $0.hasPrefix("The SQL was written by") })
        #expect(reply.streamedText == reply.text)
        // 1,000 fresh tokens at 0.15, 200 cached at 0.075 and 80 at 0.60 dollars a million; then 300 and 12.
        let cost = "0.0002652"
        let usage = reply.answer["usage"]
        #expect(usage?["input_tokens"] == 1_500)
        #expect(usage?["output_tokens"] == 92)
        #expect(usage?["total_tokens"] == 1_592)
        #expect(usage?["calls"] == 2)
        #expect(usage?["cost_usd"]?.stringValue == cost)
        #expect(reply.answer["session_usage"] == usage)
        let attempts = try await coach.attempts(of: reply)
        #expect(attempts.map(\.agent) == ["sql_generator", "answer_formatter"])
        #expect(attempts.map(\.tokens.cachedInput) == [200, 0])
        #expect(attempts.allSatisfy { $0.usageSource == .reported && $0.endpoint == "cloud" })
        let session = try await coach.application.session(reply.session)
        #expect(session["usage"] == usage)
        let free = try await coach.ask("What was revenue last month?", in: reply.session)
        #expect(free.answer["usage"]?["calls"] == 0)
        #expect(free.answer["session_usage"]?["cost_usd"]?.stringValue == cost)
        #expect(server.requests.map(\.authorization) == ["Bearer sk-test", "Bearer sk-test"])
      }
    }
  }

  @Test func `prompts carry the schema, the question and the result`() async throws {
    try await withModel([.sql(ScriptedExchange.goodSQL), .wording("Done.")]) { server in
      try await RunningCoach.run(local: server.baseURL) { coach in
        _ = try await coach.ask(ScriptedExchange.hardQuestion)
        let first = try #require(server.requests.first)
        #expect(first.systemText.contains("Dialect: sqlite"))
        #expect(first.systemText.contains("Today: 2026-06-30"))
        #expect(first.systemText.contains("### warranty_claims (warranty_claims)"))
        #expect(first.systemText.contains("- join: sales.dealer_id = dealers.dealer_id"))
        #expect(first.lastUserText.contains(ScriptedExchange.hardQuestion))
        #expect(!first.lastUserText.contains("Your last attempt was refused"))
        #expect(first.body["response_format"]?["type"] == "json_schema")
        let second = try #require(server.requests.last)
        #expect(second.lastUserText.contains("Interpretation: Smallest order, 1–31 May 2026."))
        #expect(second.lastUserText.contains("- Revenue (EUR)"))
        #expect(second.lastUserText.contains("<data>"))
      }
    }
  }

  @Test(arguments: [
    "DROP TABLE sales", "PRAGMA table_info(sales)", "SELECT name FROM sqlite_master", "SELECT nope FROM sales",
  ])
  func `a statement that is not allowed is repaired with the gate's reason`(statement: String) async throws {
    try await withModel([.sql(statement), .sql(ScriptedExchange.goodSQL), .wording("Done.")]) { server in
      try await RunningCoach.run(local: server.baseURL) { coach in
        let reply = try await coach.ask(ScriptedExchange.hardQuestion)
        #expect(reply.outcome == "answer", "\(reply.text)")
        #expect(reply.answer["sql"]?.stringValue == ScriptedExchange.goodSQL)
        let gates = reply.events("gate")
        #expect(gates.count == 2)
        #expect(gates.first?["verdict"] != "pass")
        #expect(gates.last?["verdict"] == "pass")
        let problem = try #require(gates.first?["problem"]?.stringValue)
        let prompt = server.requests[1].lastUserText
        #expect(prompt.contains("Your last attempt was refused"))
        #expect(prompt.contains(problem))
        #expect(prompt.contains(statement))
      }
    }
  }

  @Test func `after three repairs the question is declined, and nothing was run`() async throws {
    try await withModel([.sql("DELETE FROM sales", times: 0)]) { server in
      try await RunningCoach.run(local: server.baseURL) { coach in
        let reply = try await coach.ask(ScriptedExchange.hardQuestion)
        #expect(reply.outcome == "decline")
        #expect(reply.text.hasPrefix("I could not find a safe way to answer that from the data."))
        #expect(server.requests.count == 4)
        #expect(reply.events("gate").count == 4)
        #expect(!reply.events("step").contains { $0["node"] == "execute" })
        #expect(reply.answer["rows"] == [])
        #expect(reply.answer["usage"]?["calls"] == 4)
      }
    }
  }

  @Test func `a run that is stopped after any piece of its wording keeps the piece, its cost and a row`() async throws {
    let wording = "The smallest order is shown below."
    let positions = [1, 2, 5, 8]
    let exchanges = positions.flatMap { position in
      [
        ScriptedExchange.sql(ScriptedExchange.goodSQL),
        ScriptedExchange(reply: wording, chunkSize: 4, fault: .stall(afterChunks: position + 1)),
      ]
    }
    try await withModel(exchanges) { server in
      try await RunningCoach.run(cloud: server.baseURL) { coach in
        for (index, position) in positions.enumerated() {
          let run = try await coach.application.ask(ChatRequest(message: ScriptedExchange.hardQuestion))
          var text = ""
          var events: [CoachEvent] = []
          for await event in run.events {
            events.append(event)
            guard event.type == "token" else { continue }
            text += event.data["text"]?.stringValue ?? ""
            if text == String(wording.prefix(4 * position)) { try await coach.application.stop(run.runID) }
          }
          #expect(events.last?.data["outcome"] == "stopped")
          let kept = try await coach.application.events(of: run.runID, after: 0)
            .reduce(into: [JSONValue]()) { if $1.type == "model_call" { $0.append($1.data) } }
          #expect(kept.last?["partial_text"]?.stringValue == text)
          let rows = try await coach.application.database.ledger.attempts(in: LedgerScope(.run(run.runID)), limit: 10)
          #expect(rows.map(\.outcome) == [.answered, .cancelled])
          #expect(rows.last?.usageSource == .estimated)
          while !server.requests[2 * index + 1].wasAbandoned { try await Task.sleep(for: .milliseconds(2)) }
        }
      }
    }
  }

  @Test func `what a person says of an answer reaches the router's memory of the model`() async throws {
    try await withModel([.sql(ScriptedExchange.goodSQL), .wording("Done.")]) { server in
      try await RunningCoach.run(cloud: server.baseURL) { coach in
        let reply = try await coach.ask(ScriptedExchange.hardQuestion)
        func kept() async throws -> [Bool?] {
          try await coach.application.database.routing.outcomes(of: .local, last: 10).map(\.isKept)
        }
        #expect(try await kept() == [nil])
        try await coach.application.rate(reply.run, isRight: false)
        #expect(try await kept() == [false])
        try await coach.application.rate(reply.run, isRight: true)
        #expect(try await kept() == [true])
        await #expect(throws: CoachProblem.unknownRun("nobody")) {
          try await coach.application.rate("nobody", isRight: true)
        }
      }
    }
  }

  @Test func `a private question is shown to no model outside the house`() async throws {
    try await withModel([.sql(ScriptedExchange.goodSQL, times: 0)]) { server in
      try await RunningCoach.run(cloud: server.baseURL) { coach in
        let request = ChatRequest(message: ScriptedExchange.hardQuestion, isPrivate: true)
        let reply = try await coach.reply(to: try await coach.application.ask(request))
        #expect(reply.outcome == "decline")
        #expect(server.requests.isEmpty)
      }
      try await RunningCoach.run(local: server.baseURL) { coach in
        let request = ChatRequest(message: ScriptedExchange.hardQuestion, isPrivate: true)
        _ = try await coach.reply(to: try await coach.application.ask(request))
        #expect(!server.requests.isEmpty)
      }
    }
  }

  @Test func `a model that finds no way is believed`() async throws {
    let reply: JSONValue = ["kind": "impossible", "sql": "", "explanation": "", "missing": "a table of test tracks"]
    try await withModel([ScriptedExchange(reply: reply.text)]) { server in
      try await RunningCoach.run(local: server.baseURL) { coach in
        let reply = try await coach.ask(ScriptedExchange.hardQuestion)
        #expect(reply.outcome == "decline")
        #expect(reply.text == "The data cannot say that: a table of test tracks.")
      }
    }
  }

  @Test func `a wrong number in the wording is caught and the plain wording stands`() async throws {
    try await withModel([.sql(ScriptedExchange.goodSQL), .wording("It was 123,456,789 euros.")]) { server in
      try await RunningCoach.run(local: server.baseURL) { coach in
        let reply = try await coach.ask(ScriptedExchange.hardQuestion)
        #expect(reply.outcome == "answer")
        #expect(reply.text.hasPrefix("Revenue is €"), "\(reply.text)")
        #expect(reply.answer["written_by"] == "template")
        #expect(reply.streamedText.isEmpty)
        #expect(reply.notes.contains { $0.contains("123,456,789") && $0.contains("plain wording") })
        let ground = try #require(reply.events("ground").first)
        #expect(ground["accepted"] == false)
        #expect(ground["untraced"] == ["123,456,789"])
      }
    }
  }

  @Test func `a wording that breaks off goes on at the other endpoint, and nothing is mixed`() async throws {
    let broken = ScriptedExchange.wording(
      "Only half of this wording arrives here",
      times: 0,
      fault: .cut(afterChunks: 3)
    )
    try await withModel([.sql(ScriptedExchange.goodSQL, times: 0), broken]) { failing in
      try await withModel([
        .sql(ScriptedExchange.goodSQL, times: 0), .wording("The whole wording.", times: 0),
      ]) { sound in
        try await RunningCoach.run(local: failing.baseURL, cloud: sound.baseURL) { coach in
          let reply = try await coach.ask(ScriptedExchange.hardQuestion)
          #expect(reply.text == "The whole wording.")
          #expect(reply.streamedText == "The whole wording.")
          #expect(reply.events("token_reset").count == 1)
          let wordings = try await coach.attempts(of: reply).filter { $0.agent == "answer_formatter" }
          #expect(wordings.map(\.endpoint) == ["local", "cloud"])
          #expect(wordings.first?.outcome != wordings.last?.outcome)
          #expect(wordings.allSatisfy { !$0.isOpen })
          #expect(try await coach.attempts(of: reply).count == 3)
          #expect(reply.answer["usage"]?["calls"] == 2)
        }
      }
    }
  }

  @Test func `with every endpoint dead the question is declined soon`() async throws {
    // A port that was free a moment ago and is closed again.
    let gone = ScriptedModelServer([])
    try gone.start()
    let address = gone.baseURL
    await gone.stop()
    try await RunningCoach.run(local: address, cloud: address) { coach in
      let start = ContinuousClock.now
      let reply = try await coach.ask(ScriptedExchange.hardQuestion)
      #expect(ContinuousClock.now - start < .seconds(10))
      #expect(reply.outcome == "decline")
      #expect(reply.text.contains("Standard"), "\(reply.text)")
      #expect(!reply.text.contains(address), "\(reply.text)")
      let plain = try await coach.ask("What was revenue last month?", in: reply.session)
      #expect(plain.outcome == "answer")
    }
  }

  @Test func `when only the wording fails the plain text stands`() async throws {
    let fault = ModelFault.status(400, retryAfter: nil, error: ["message": "no"])
    try await withModel([.sql(ScriptedExchange.goodSQL), .wording("", times: 0, fault: fault)]) { server in
      try await RunningCoach.run(local: server.baseURL) { coach in
        let reply = try await coach.ask(ScriptedExchange.hardQuestion)
        #expect(reply.outcome == "answer")
        #expect(reply.answer["written_by"] == "template")
        #expect(reply.text.hasPrefix("Revenue is €"))
      }
    }
  }

  @Test func `the last ten messages reach the prompt, oldest first`() async throws {
    try await withModel([.sql(ScriptedExchange.goodSQL), .wording("Done.")]) { server in
      try await RunningCoach.run(local: server.baseURL) { coach in
        var session: SessionID?
        for month in ["January", "February", "March", "April", "May", "June"] {
          session = try await coach.ask("What was revenue in \(month) 2025?", in: session).session
        }
        _ = try await coach.ask(ScriptedExchange.hardQuestion, in: session)
        let lines = try #require(server.requests.first).lastUserText.split(separator: "\n")
          .filter { $0.hasPrefix("Earlier question: ") }
        #expect(lines.count == 10)
        #expect(lines.first?.contains("user: What was revenue in February 2025?") == true)
        #expect(lines.last?.contains("assistant: Net revenue was") == true)
        #expect(lines.last?.contains("Jun 2025") == true)
      }
    }
  }

  @Test func `a run beyond its time limit fails in words, once, and gives the conversation back`() async throws {
    let server = try Shipped.text("config/server.yaml").replacing("run_time_limit: 120s", with: "run_time_limit: 5s")
    let root = try Shipped.copy(changing: ["config/server.yaml": server])
    defer { try? FileManager.default.removeItem(atPath: root) }
    try await withModel([ScriptedExchange(match: "You write SQL", firstDelay: .seconds(30))]) { model in
      let coach = try await RunningCoach(local: model.baseURL, root: root)
      let reply = try await coach.ask(ScriptedExchange.hardQuestion)
      #expect(reply.outcome == "failed")
      #expect(reply.events.isRising)
      let failure = try #require(reply.events(CoachEvent.runFailed).first)
      #expect(failure["detail"]?.stringValue?.contains("longer than allowed") == true, "\(failure)")
      var rest: [CoachEvent] = []
      let last = try #require(reply.events.dropLast().last)
      for await event in try await coach.application.events(of: reply.run, after: last.sequence) { rest.append(event) }
      #expect(rest == Array(reply.events.suffix(1)))
      #expect(try await coach.ask("What was revenue last month?", in: reply.session).outcome == "answer")
      await coach.application.shutdown()
    }
  }

  @Test func `stopping abandons the model call, and the conversation goes on`() async throws {
    let slow = ScriptedExchange(match: "You write SQL", firstDelay: .seconds(600))
    try await withModel([slow]) { server in
      try await RunningCoach.run(local: server.baseURL) { coach in
        let run = try await coach.application.ask(ChatRequest(message: ScriptedExchange.hardQuestion))
        try await eventually { !server.requests.isEmpty }
        do throws(CoachProblem) {
          _ = try await coach.application.ask(ChatRequest(message: "Revenue?", sessionID: run.sessionID))
          Issue.record("a second message was taken while the first is under way")
        } catch {
          #expect(error == .sessionBusy(run.sessionID))
        }
        try await coach.application.stop(run.runID)
        let reply = try await coach.reply(to: run)
        #expect(reply.outcome == "stopped")
        #expect(reply.answer == .null)
        try await eventually { server.requests.first?.wasAbandoned == true }
        #expect(try await coach.attempts(of: reply).allSatisfy { !$0.isOpen })
        let next = try await coach.ask("What was revenue last month?", in: run.sessionID)
        #expect(next.outcome == "answer")
        try await coach.application.stop(run.runID)
        await #expect(throws: CoachProblem.self) { try await coach.application.stop(RunID("01NOBODY")) }
      }
    }
  }
}

/// Waits until something is so, at most a minute: the machine may be busy with other things.
func eventually(_ condition: () async throws -> Bool) async throws {
  let deadline = ContinuousClock.now + .seconds(60)
  while try await !condition() {
    try #require(ContinuousClock.now < deadline, "it did not come about")
    try await Task.sleep(for: .milliseconds(10))
  }
}
