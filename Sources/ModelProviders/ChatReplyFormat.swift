import CoachVocabulary
import HTTPClientKit
import LanguageModel

/// The replies of OpenAI's chat completions, as many servers write them.
///
/// It takes `choices` that are empty or null, a missing `[DONE]`, an error object inside a stream, tool calls without
/// an index, and usage in any chunk: counts are totals, so the last ones replace those before.
struct ChatReplyFormat: ReplyFormat {
  private var calls = ToolCallGatherer()
  private var refusal = ""
  private var finishReason: String?

  mutating func take(_ event: ServerSentEvent, into draft: inout ReplyDraft) throws(ModelFailure) {
    if event.data.drop(while: \.isWhitespace).hasPrefix("[DONE]") { return try complete(&draft) }
    guard let chunk = try? JSONValue(parsing: event.data), chunk.objectValue != nil else {
      throw draft.failure(.malformed, "a chunk is not a JSON object")
    }
    if let error = chunk["error"], !error.isNull { throw draft.failure(reported: error) }
    takeUsage(chunk, &draft)
    guard let choice = firstChoice(chunk) else { return }
    finishReason = choice["finish_reason"]?.stringValue ?? finishReason
    take(delta: choice["delta"] ?? .null, &draft)
  }

  mutating func take(whole body: JSONValue, into draft: inout ReplyDraft) throws(ModelFailure) {
    takeUsage(body, &draft)
    guard let choice = firstChoice(body) else { throw draft.failure(.malformed, "the reply has no choices") }
    finishReason = choice["finish_reason"]?.stringValue
    take(delta: choice["message"] ?? .null, &draft)
    try complete(&draft)
  }

  mutating func endStream(into draft: inout ReplyDraft) throws(ModelFailure) {
    if finishReason != nil { try complete(&draft) }
  }

  private mutating func take(delta: JSONValue, _ draft: inout ReplyDraft) {
    if let piece = delta["refusal"]?.stringValue { refusal += piece }
    let pieces = delta["tool_calls"]?.arrayValue ?? []
    if !pieces.isEmpty { draft.beginToolCall() }
    for (position, piece) in pieces.enumerated() { calls.add(piece, at: position) }
    if let piece = delta["content"]?.stringValue { draft.add(text: piece) }
  }

  /// Several choices are never asked for; a server that sends them anyway counts from 0.
  private func firstChoice(_ chunk: JSONValue) -> JSONValue? {
    chunk["choices"]?.arrayValue?.first { ($0["index"]?.intValue ?? 0) == 0 }
  }

  private func takeUsage(_ chunk: JSONValue, _ draft: inout ReplyDraft) {
    // `usage` is what the server bills by; `timings` stands in where there is none.
    if let usage = ChatUsage.read(chunk["usage"]) ?? ChatUsage.readTimings(chunk["timings"]) {
      draft.usage = .all(usage)
    }
  }

  private func complete(_ draft: inout ReplyDraft) throws(ModelFailure) {
    if !refusal.isEmpty { throw ModelFailure(.refused, usage: draft.usage.known) }
    let toolCalls = calls.calls
    let reason = reason(hasTools: !toolCalls.isEmpty)
    if reason == .contentFilter, !draft.hasBegun {
      throw ModelFailure(.refused, detail: "content filter", usage: draft.usage.known)
    }
    if finishReason == nil, !draft.hasBegun { throw draft.failure(.malformed, "the reply is empty") }
    for call in toolCalls { draft.add(call) }
    draft.complete(reason)
  }

  private func reason(hasTools: Bool) -> FinishReason {
    switch finishReason {
    // Some servers say "stop" although they ask for tools.
    case "stop": hasTools ? .toolCalls : .stop
    case "tool_calls", "function_call": .toolCalls
    case "length": .length
    case "content_filter": .contentFilter
    default: hasTools ? .toolCalls : .other
    }
  }
}

/// Puts together tool calls whose parts come in pieces.
private struct ToolCallGatherer: Sendable {
  private var parts: [(index: Int, id: String, name: String, arguments: String)] = []

  /// Adds a piece; a server that leaves `index` out is taken at the piece's position, or at its new identifier.
  mutating func add(_ piece: JSONValue, at position: Int) {
    let id = piece["id"]?.stringValue ?? ""
    let place = place(of: piece["index"]?.intValue, id: id, position: position)
    if parts[place].id.isEmpty { parts[place].id = id }
    if let name = piece["function"]?["name"]?.stringValue, parts[place].name.isEmpty { parts[place].name = name }
    switch piece["function"]?["arguments"] {
    case .string(let text)?: parts[place].arguments += text
    case .object(let members)?: parts[place].arguments = JSONValue.object(members).text
    default: break
    }
  }

  /// The calls in their order; a call without an identifier gets one.
  var calls: [ToolCall] {
    parts.filter { !$0.name.isEmpty }.enumerated().map { position, part in
      ToolCall(id: part.id.isEmpty ? "call_\(position)" : part.id, name: part.name, argumentsText: part.arguments)
    }
  }

  private mutating func place(of index: Int?, id: String, position: Int) -> Int {
    if let index, let known = parts.firstIndex(where: { $0.index == index }) { return known }
    if index == nil {
      if !id.isEmpty, let known = parts.firstIndex(where: { $0.id == id }) { return known }
      if id.isEmpty, !parts.isEmpty { return min(position, parts.count - 1) }
    }
    parts.append((index ?? parts.count, "", "", ""))
    return parts.count - 1
  }
}
