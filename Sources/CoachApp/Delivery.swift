import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import Ledger
import Persistence

/// Completes an answer with identifiers and cost, and keeps it with its conversation.
struct Delivery: Sendable {
  let sessions: any SessionStore
  let ledger: Ledger
  let surroundings: Surroundings

  /// The complete answer; a run that is resumed after it had answered gives the answer it gave.
  func deliver(run: RunID, session: SessionID, answer: JSONValue) async throws -> JSONValue {
    var members = answer.objectValue ?? [:]
    let id = surroundings.identifiers.next(MessageKind.self)
    // Members that may be null are there all the same, so that clients need not tell the two apart.
    for key in ["sql", "frame", "chart_config"] where members[key] == nil { members[key] = .null }
    members["run_id"] = .string(run.rawValue)
    members["session_id"] = .string(session.rawValue)
    members["message_id"] = .string(id.rawValue)
    members["usage"] = Self.usage(try await ledger.totals(in: LedgerScope(.run(run))))
    members["session_usage"] = Self.usage(try await ledger.totals(in: LedgerScope(.session(session))))
    let complete = JSONValue.object(members)
    let frame: JSONValue? = if let frame = members["frame"], !frame.isNull { frame } else { nil }
    let message = ChatMessage(
      id: id,
      session: session,
      role: .assistant,
      text: members["text"]?.stringValue ?? "",
      createdAt: surroundings.clock.now,
      answer: complete,
      frame: frame,
      run: run
    )
    return try await sessions.answer(message).answer ?? complete
  }

  /// Tokens and cost as clients see them.
  static func usage(_ totals: LedgerTotals) -> JSONValue {
    let tokens = totals.tokens
    return [
      "input_tokens": .int(tokens.input + tokens.cachedInput + tokens.cacheWrite),
      "output_tokens": .int(tokens.output),
      "total_tokens": .int(tokens.total),
      "cost_usd": .string(totals.cost.dollarText),
      "calls": .int(totals.calls),
      "unpriced_calls": .int(totals.unpriced),
      "estimated_calls": .int(totals.estimated),
    ]
  }
}
