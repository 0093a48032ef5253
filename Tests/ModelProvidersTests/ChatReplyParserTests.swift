import CoachVocabulary
import LanguageModel
import Testing

@testable import ModelProviders

@Suite struct ChatReplyParserTests {
  /// The reply that the bytes give when they come in these pieces, or the failure.
  private func parse(
    _ pieces: [[UInt8]],
    contentType: String? = "text/event-stream",
    limit: Int = 1 << 20,
    secret: Secret? = nil
  ) throws -> ModelReply {
    var progress = Progress(contentType: contentType, limit: limit, secret: secret)
    for piece in pieces { progress.push(piece) }
    return try progress.finish()
  }

  private func kind(of body: String, contentType: String? = "text/event-stream") -> ModelFailure.Kind? {
    do {
      _ = try parse([Array(body.utf8)], contentType: contentType)
      return nil
    } catch {
      return (error as? ModelFailure)?.kind
    }
  }

  private func expected(_ recorded: RecordedReply) -> ModelReply {
    ModelReply(
      text: recorded.text,
      toolCalls: recorded.toolCalls,
      finishReason: recorded.reason,
      usage: recorded.usage
    )
  }

  @Test(arguments: RecordedReply.all)
  func `a recorded reply means the same in one piece and byte by byte`(recorded: RecordedReply) throws {
    let bytes = Array(recorded.body.utf8)
    #expect(try parse([bytes], contentType: recorded.contentType) == expected(recorded))
    #expect(try parse(bytes.map { [$0] }, contentType: recorded.contentType) == expected(recorded))
  }

  @Test(arguments: RecordedReply.all)
  func `a recorded reply means the same wherever it is cut in two`(recorded: RecordedReply) throws {
    let bytes = Array(recorded.body.utf8)
    var head = Progress(contentType: recorded.contentType)
    for place in 0...bytes.count {
      var whole = head
      whole.push(Array(bytes[place...]))
      #expect(try whole.finish() == expected(recorded), "cut at byte \(place)")
      if place < bytes.count { head.push([bytes[place]]) }
    }
  }

  @Test(arguments: RecordedReply.all)
  func `a reply that ends early is never taken for a whole one`(recorded: RecordedReply) {
    var head = Progress(contentType: recorded.contentType)
    for byte in recorded.body.utf8 {
      if let reply = try? head.finish() {
        // Once the reason for stopping has come, only the usage can still be missing.
        #expect(reply.text == recorded.text)
        #expect(reply.toolCalls == recorded.toolCalls)
        #expect(reply.finishReason == recorded.reason)
      }
      head.push([byte])
    }
  }

  @Test func `text comes out as soon as its chunk is complete`() {
    var parser = ChatReplyParser(contentType: "text/event-stream", limit: 1_000)
    let chunk = Array("data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n".utf8)
    #expect(parser.push(Array(chunk.dropLast())).isEmpty)
    #expect(parser.push([0x0A]) == [.text("a")])
  }

  @Test func `an error inside a stream after text keeps the text`() {
    let body = """
      data: {"choices":[{"delta":{"content":"half"}}]}

      data: {"error":{"message":"boom","type":"server_error","code":500}}


      """
    #expect(kind(of: body) == .cut(textSoFar: "half"))
  }

  @Test(arguments: [
    (
      #"{"message":"slow down","type":"requests","code":"rate_limit_exceeded"}"#,
      ModelFailure.Kind.rateLimited(retryAfter: nil)
    ),
    (#"{"message":"m","type":"invalid_request_error","code":"context_length_exceeded"}"#, .contextTooLong),
    (#"{"code":400,"message":"m","type":"exceed_context_size_error","n_prompt_tokens":9,"n_ctx":8}"#, .contextTooLong),
    (#"{"message":"m","type":"server_error","code":503}"#, .serverError(status: 503)),
    (#"{"message":"m","type":"server_error"}"#, .serverError(status: 500)),
    (#"{"message":"m","type":"invalid_request_error","code":400}"#, .badRequest),
    (#"{"message":"m","code":"invalid_api_key"}"#, .unauthorized),
    (#""out of memory""#, .serverError(status: 500)),
  ])
  func `an error in place of a reply is told apart by its codes`(error: String, expected: ModelFailure.Kind) {
    #expect(kind(of: "data: {\"error\":\(error)}\n\n") == expected)
    #expect(kind(of: "{\"error\":\(error)}", contentType: "application/json") == expected)
  }

  @Test(arguments: [
    "", "\n\n", ": ping\n\n", "data: [DONE]\n\n", "data: {\"choices\"\n\n", "data: 7\n\n", "<html>busy</html>",
    "data: {\"choices\":[]}\n\n",
  ])
  func `what is no reply is malformed`(body: String) {
    #expect(kind(of: body) == .malformed)
    #expect(kind(of: body, contentType: nil) == .malformed)
  }

  @Test(arguments: ["", "{}", "[]", "{\"choices\":[]}", "{\"choices\":[{\"message\""])
  func `a whole body that is no reply is malformed`(body: String) {
    #expect(kind(of: body, contentType: "application/json") == .malformed)
  }

  @Test func `a stream that stops without a reason is cut`() {
    #expect(kind(of: "data: {\"choices\":[{\"delta\":{\"content\":\"half\"}}]}\n\n") == .cut(textSoFar: "half"))
  }

  @Test func `a broken chunk after text is cut`() {
    let body = "data: {\"choices\":[{\"delta\":{\"content\":\"half\"}}]}\n\ndata: {\"choi\n\n"
    #expect(kind(of: body) == .cut(textSoFar: "half"))
  }

  @Test func `a refusal is a failure with its usage`() {
    let body = """
      {"choices":[{"message":{"content":null,"refusal":"I can't."},"finish_reason":"stop"}],"usage":{"prompt_tokens":4,"completion_tokens":3,"total_tokens":7}}
      """
    let failure = #expect(throws: ModelFailure.self) { try parse([Array(body.utf8)], contentType: "application/json") }
    #expect(failure?.kind == .refused)
    #expect(failure?.usage.tokens == TokenCounts(input: 4, output: 3))
  }

  @Test func `a filter that leaves nothing is a refusal and one that leaves text is a reason`() throws {
    #expect(kind(of: "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"content_filter\"}]}\n\n") == .refused)
    let partial = "data: {\"choices\":[{\"delta\":{\"content\":\"x\"},\"finish_reason\":\"content_filter\"}]}\n\n"
    #expect(try parse([Array(partial.utf8)]).finishReason == .contentFilter)
  }

  @Test func `a reply beyond the limit is given up`() {
    let chunk = Array("data: {\"choices\":[{\"delta\":{\"content\":\"aaaaaaaa\"}}]}\n\n".utf8)
    let failure = #expect(throws: ModelFailure.self) { try parse(Array(repeating: chunk, count: 10), limit: 200) }
    #expect(failure?.kind == .cut(textSoFar: "aaaaaaaaaaaaaaaaaaaaaaaa"))
  }

  @Test(arguments: [
    #"{"prompt_tokens":0,"completion_tokens":4,"total_tokens":4}"#, #"{"completion_tokens":4}"#,
    #"{"prompt_tokens":-3,"completion_tokens":4}"#, #"{"prompt_tokens":5}"#, "null", "{}",
    #"{"prompt_tokens":1e30,"completion_tokens":4}"#,
  ])
  func `counts that cannot be true are not known`(usage: String) throws {
    let body = "data: {\"choices\":[{\"delta\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}],\"usage\":\(usage)}\n\n"
    #expect(try parse([Array(body.utf8)]).usage == .unknown)
  }

  @Test func `an error's detail repeats neither its text nor a key`() {
    let body = #"{"error":{"message":"bad key sk-abc, prompt was: who earns most","type":"sk-abc","code":"bad key"}}"#
    let failure = #expect(throws: ModelFailure.self) {
      try parse([Array(body.utf8)], contentType: "application/json", secret: Secret("sk-abc"))
    }
    #expect(failure?.detail == "")
  }
}

/// A parser with what it gave so far; a copy goes on from the same place.
private struct Progress {
  private var parser: ChatReplyParser
  private var builder = ModelReply.Builder()

  init(contentType: String?, limit: Int = 1 << 20, secret: Secret? = nil) {
    parser = ChatReplyParser(contentType: contentType, limit: limit, secret: secret)
  }

  mutating func push(_ bytes: [UInt8]) {
    for event in parser.push(bytes) { builder.add(event) }
  }

  /// The reply when the bytes end here; the parser itself stays as it is.
  func finish() throws -> ModelReply {
    var copy = self
    for event in copy.parser.finish() { copy.builder.add(event) }
    if let failure = copy.parser.failure { throw failure }
    return try copy.builder.reply()
  }
}
