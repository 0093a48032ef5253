import CoachAPI
import CoachApp
import CoachVocabulary
import FoundationEssentials

extension CoachCommand {
  static func ask(_ words: [String]) async throws -> ExitStatus {
    let arguments = try Arguments(
      words,
      options: commonOptions.union(["session", "csv", "xlsx", "svg"]),
      flags: ["json", "sql", "timing", "private"]
    )
    let question = arguments.rest.joined(separator: " ")
    guard !question.allSatisfy(\.isWhitespace) else {
      throw Arguments.Fault(description: "ask needs a question: coach ask \"What was revenue last month?\"")
    }
    let surroundings = Surroundings.machine
    let (installation, domain) = try load(arguments, surroundings)
    let application = try await CoachApplication(
      installation,
      surroundings: surroundings,
      owner: "ask-\(surroundings.random())",
      store: installation.store
    )
    let session = arguments.value("session").map { SessionID($0) }
    let start = ContinuousClock.now
    let reply: Reply
    do throws(CoachProblem) {
      reply = try await send(question, session, domain: session == nil ? domain : nil, arguments, to: application)
    } catch {
      await application.shutdown()
      throw Refused(text: "coach: \(error)", status: .failure)
    }
    let elapsed = (ContinuousClock.now - start) / .milliseconds(1)
    let problem = await export(reply, arguments, from: application)
    await application.shutdown()
    guard let answer = reply.answer else {
      throw Refused(text: "coach: \(reply.failure ?? "the run ended without an answer")", status: .failure)
    }
    if arguments.flags.contains("json") {
      output(answer.text)
    } else {
      show(answer, withSQL: arguments.flags.contains("sql"))
    }
    if arguments.flags.contains("timing") { message("\((elapsed * 10).rounded() / 10) ms") }
    if let problem { throw Refused(text: "coach: \(problem)", status: .failure) }
    return answer["outcome"] == "answer" || answer["outcome"] == "investigate" ? .success : .unanswered
  }

  static func chat(_ words: [String]) async throws -> ExitStatus {
    let arguments = try Arguments(words, options: commonOptions.union(["session"]), flags: ["sql", "private"])
    let surroundings = Surroundings.machine
    let (installation, domain) = try load(arguments, surroundings)
    let application = try await CoachApplication(
      installation,
      surroundings: surroundings,
      owner: "chat-\(surroundings.random())",
      store: installation.store
    )
    var session = arguments.value("session").map { SessionID($0) }
    if isInteractive { message("Ask about \(domain); an empty line or Ctrl-D ends the chat.") }
    while true {
      if isInteractive { outputPart("> ") }
      guard let line = readLine(), !line.allSatisfy(\.isWhitespace) else { break }
      do throws(CoachProblem) {
        let reply = try await send(line, session, domain: session == nil ? domain : nil, arguments, to: application)
        session = reply.session
        if let answer = reply.answer { show(answer, withSQL: arguments.flags.contains("sql")) }
        if let failure = reply.failure { message("coach: \(failure)") }
      } catch {
        message("coach: \(error)")
      }
    }
    if let session { message("session \(session)") }
    await application.shutdown()
    return .success
  }

  /// Writes the files that were asked for; answers with what went wrong.
  private static func export(
    _ reply: Reply,
    _ arguments: Arguments,
    from application: CoachApplication
  ) async -> String? {
    guard let run = reply.answer?["run_id"]?.stringValue.map({ RunID($0) }) else { return nil }
    do {
      for form in SheetForm.allCases {
        guard let path = arguments.value(form.rawValue) else { continue }
        let file = try await application.rows(of: run, as: form)
        try write(file.bytes, to: path)
        message(
          "  wrote \(file.rowCount) row\(file.rowCount == 1 ? "" : "s") to \(path)\(file.isCut ? ", cut off there" : "")"
        )
      }
      if let path = arguments.value("svg") {
        try write(try await application.chart(of: run, as: .svg), to: path)
        message("  wrote the chart to \(path)")
      }
      return nil
    } catch {
      return "\(error)"
    }
  }

  private static func write(_ bytes: [UInt8], to path: String) throws {
    do {
      try Data(bytes).write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw Refused(text: "\(path) cannot be written; check the folder", status: .failure)
    }
  }

  private struct Reply {
    var session: SessionID
    var answer: JSONValue?
    var failure: String?
  }

  private static func send(
    _ question: String,
    _ session: SessionID?,
    domain: String?,
    _ arguments: Arguments,
    to application: CoachApplication
  ) async throws(CoachProblem) -> Reply {
    let request = ChatRequest(
      message: question.trimmedOfBlanks,
      sessionID: session,
      domain: domain,
      isPrivate: arguments.flags.contains("private")
    )
    let run = try await application.ask(request)
    var reply = Reply(session: run.sessionID)
    for await event in run.events {
      if event.type == CoachEvent.answer { reply.answer = event.data }
      if event.type == CoachEvent.runFailed { reply.failure = event.data["detail"]?.stringValue }
    }
    return reply
  }

  // MARK: - On the terminal

  private static func show(_ answer: JSONValue, withSQL: Bool) {
    say(answer["text"]?.stringValue ?? "")
    for option in answer["options"]?.arrayValue ?? [] {
      say("  - \(option["label"]?.stringValue ?? ""): \(option["preview"]?.stringValue ?? "")")
    }
    let interpretation = answer["interpretation"]?.stringValue ?? ""
    if !interpretation.isEmpty { remark("  \(interpretation)") }
    for line in TerminalTable(answer).lines { say("  \(line)") }
    if withSQL, let sql = answer["sql"]?.stringValue {
      remark(sql)
      let parameters = answer["parameters"]?.arrayValue ?? []
      if !parameters.isEmpty { remark("-- parameters: \(JSONValue.array(parameters).text)") }
    }
    for note in answer["notes"]?.arrayValue ?? [] { remark("  note: \(note.stringValue ?? "")") }
    let tokens = answer["usage"]?["total_tokens"]?.intValue ?? 0
    let cost = answer["usage"]?["cost_usd"]?.stringValue ?? "0"
    let latency = answer["latency_ms"]?.doubleValue ?? 0
    message("  \(tokens) tokens, $\(cost), \(latency) ms")
  }

  // What comes from data, models and people must not steer the terminal.
  private static func remark(_ text: String) { message(text.withoutControls) }
}

extension String {
  /// The text with every control character but the line feed made visible.
  var withoutControls: String {
    String(String.UnicodeScalarView(unicodeScalars.map { Self.isControl($0) ? "\u{FFFD}" : $0 }))
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.generalCategory == .control && scalar != "\n"
  }

  fileprivate var trimmedOfBlanks: String {
    var text = self[...]
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
