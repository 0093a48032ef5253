import CoachAPI
import CoachAgents
public import CoachVocabulary
import Questions
import SemanticLayer

/// Answers questions for measurement: one JSON object in, one out.
public struct QuestionEvaluation: Sendable {
  private let application: CoachApplication
  private let domain: String

  /// Measures one domain of an application.
  ///
  /// - Throws: ``StartFailure`` when the domain is not there.
  public init(_ application: CoachApplication, domain: String) throws(StartFailure) {
    guard application.domains[domain] != nil else {
      let known = application.domains.keys.sorted().joined(separator: ", ")
      throw StartFailure(
        application.unavailable[domain] ?? "there is no domain '\(domain)'; domains that can be asked: \(known)"
      )
    }
    self.application = application
    self.domain = domain
  }

  /// Answers one line: `{id, question, history?, as_of?, hint?}`; a line that is no such object gets `error`.
  public func answer(_ line: String) async -> JSONValue {
    let input: JSONValue
    do throws(JSONFailure) {
      input = try JSONValue(parsing: line)
    } catch {
      return ["id": nil, "error": .string(error.message)]
    }
    let id = input["id"] ?? .null
    guard let question = input["question"]?.stringValue else {
      return ["id": id, "error": "'question' is missing or no string"]
    }
    var asOf: CivilDate?
    if let text = input["as_of"]?.stringValue {
      guard let date = CivilDate(text) else { return ["id": id, "error": "'as_of' is no date (YYYY-MM-DD)"] }
      asOf = date
    }
    let history = (input["history"]?.arrayValue ?? []).compactMap { $0.stringValue ?? $0["question"]?.stringValue }
    do throws(CoachProblem) {
      let hint = QuestionHint(input["hint"]?.stringValue ?? "")
      return try await run(id: id, question: hint.applied(to: question), history: history, asOf: asOf)
    } catch {
      return ["id": id, "error": .string(error.description)]
    }
  }

  /// Asks the earlier questions and then this one in a session of its own.
  private func run(
    id: JSONValue,
    question: String,
    history: [String],
    asOf: CivilDate?
  ) async throws(CoachProblem) -> JSONValue {
    var session: SessionID?
    for earlier in history { session = try await ask(earlier, in: session, asOf: asOf).session }
    let start = ContinuousClock.now
    let answer = try await ask(question, in: session, asOf: asOf).answer
    let elapsed = (ContinuousClock.now - start) / .milliseconds(1)
    guard let answer else { return ["id": id, "error": "the run ended without an answer"] }
    var output: [String: JSONValue] = [
      "id": id, "latency_ms": .double((elapsed * 1_000).rounded() / 1_000),
      "tokens": answer["usage"]?["total_tokens"] ?? 0,
    ]
    for key in ["outcome", "frame", "sql", "parameters", "rows", "text", "interpretation"] {
      if let value = answer[key], !value.isNull { output[key] = value }
    }
    if answer["outcome"] != "answer" { output["rows"] = nil }
    output["columns"] = .array((answer["columns"]?.arrayValue ?? []).compactMap { $0["name"] })
    output["chart"] = answer["chart_config"]?["type"] ?? .null
    return .object(output)
  }

  private func ask(
    _ question: String,
    in session: SessionID?,
    asOf: CivilDate?
  ) async throws(CoachProblem) -> (session: SessionID, answer: JSONValue?) {
    let message = String(question.unicodeScalars.prefix(ChatRequest.messageLimit).map(Character.init))
    let request = ChatRequest(message: message, sessionID: session, domain: session == nil ? domain : nil)
    let run = try await application.ask(request, asOf: asOf)
    var answer: JSONValue?
    for await event in run.events where event.type == CoachEvent.answer { answer = event.data }
    return (run.sessionID, answer)
  }
}
