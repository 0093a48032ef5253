public import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import HTTPServerKit
import LanguageModel

/// A server in this process that plays a script and remembers what it was asked.
///
/// It speaks OpenAI's chat completions (also under Azure's and Gemini's paths), OpenAI's embeddings and Anthropic's
/// Messages API, whole and streamed.
public final class ScriptedModelServer: Sendable {
  /// A request that came in.
  public struct RecordedRequest: Hashable, Sendable {
    /// The path, for instance `/v1/chat/completions`.
    public var path: String
    /// The format that the path stands for.
    public var format: WireFormat
    /// The `Authorization` header.
    public var authorization: String?
    /// The header `x-api-key` or `api-key`.
    public var apiKey: String?
    /// The body.
    public var body: JSONValue
    /// Whether the client hung up before the reply was complete.
    public var wasAbandoned = false

    /// The text of the last user message.
    public var lastUserText: String { texts(of: "user").last ?? "" }
    /// All system messages, one after the other.
    public var systemText: String {
      let outside = body["system"].map { [Self.text(of: $0)] } ?? []
      return (outside + texts(of: "system")).joined(separator: "\n")
    }

    private func texts(of role: String) -> [String] {
      (body["messages"]?.arrayValue ?? []).filter { $0["role"]?.stringValue == role }
        .map { Self.text(of: $0["content"] ?? .null) }
    }

    /// Content is a text, or a list of blocks of which some are texts.
    private static func text(of content: JSONValue) -> String {
      content.stringValue ?? (content.arrayValue ?? []).compactMap { $0["text"]?.stringValue }.joined(separator: "\n")
    }
  }

  private struct State {
    var uses: [Int]
    var requests: [RecordedRequest] = []
  }

  private let script: ModelScript
  private let modelName: String
  private let state: Locked<State>
  private let server = Locked<HTTPServer?>(nil)

  /// Makes a server that does not listen yet.
  ///
  /// - Parameters:
  ///   - script: what to play.
  ///   - modelName: the name that the list of models and the replies give.
  public init(_ script: ModelScript, modelName: String = "scripted") {
    self.script = script
    self.modelName = modelName
    state = Locked(State(uses: Array(repeating: 0, count: script.exchanges.count)))
  }

  /// Makes a server that plays these exchanges.
  public convenience init(_ exchanges: [ScriptedExchange]) { self.init(ModelScript(exchanges)) }

  /// The chat requests that came in so far, in order.
  public var requests: [RecordedRequest] { state.withLock { $0.requests } }

  /// The port, once the server listens; else 0.
  public var port: Int { server.withLock { $0?.port ?? 0 } }

  /// The base URL for clients, once the server listens.
  public var baseURL: String { "http://127.0.0.1:\(port)/v1" }

  /// Listens on the loopback.
  ///
  /// - Parameter port: the port; 0 takes any that is free.
  /// - Throws: when the port is taken.
  public func start(port: Int = 0) throws {
    var settings = HTTPServer.Settings()
    settings.port = port
    settings.bodyLimit = 16 << 20
    settings.stopGrace = .milliseconds(200)
    let server = try HTTPServer(settings: settings) { [weak self] request in
      await self?.answer(request) ?? .text("stopped", status: 503)
    }
    try server.start()
    self.server.withLock { $0 = server }
  }

  /// Stops listening and breaks off what is under way.
  public func stop() async { await server.withLock { $0.take() }?.stop() }

  /// Plays a script file until the task is cancelled.
  ///
  /// - Parameters:
  ///   - scriptFile: the path of the script.
  ///   - port: the port; 0 takes any that is free.
  ///   - onStart: told the port once the server listens.
  /// - Throws: `JSONFailure` for a faulty script, or the failure of reading the file or of listening.
  public static func run(
    scriptFile: String,
    port: Int,
    onStart: @Sendable (_ port: Int) -> Void
  ) async throws {
    let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: scriptFile)), as: UTF8.self)
    let server = ScriptedModelServer(try ModelScript(parsing: text))
    try server.start(port: port)
    onStart(server.port)
    while !Task.isCancelled { try? await Task.sleep(for: .seconds(3_600)) }
    await server.stop()
  }
}

// MARK: - Answering

extension ScriptedModelServer {
  private func answer(_ request: HTTPServerRequest) async -> HTTPServerResponse {
    let path = request.path
    switch request.method {
    case "GET" where path.hasSuffix("/models"):
      return Self.json(["object": "list", "data": [["id": .string(modelName), "object": "model"]]])
    case "GET" where path == "/health": return Self.json(["status": "ok"])
    case "POST" where path.hasSuffix("/chat/completions"): return await chat(request, .chatCompletions)
    case "POST" where path.hasSuffix("/messages"): return await chat(request, .messages)
    case "POST" where path.hasSuffix("/embeddings"): return embeddings(request)
    default: return Self.failure("no such path", status: 404, .chatCompletions)
    }
  }

  private func embeddings(_ request: HTTPServerRequest) -> HTTPServerResponse {
    guard let body = try? JSONValue(parsing: request.body),
      let reply = ScriptedEmbeddings.reply(to: body, model: modelName)
    else { return Self.failure("the body is no embeddings request", status: 400, .chatCompletions) }
    return Self.json(reply)
  }

  private func chat(_ request: HTTPServerRequest, _ format: WireFormat) async -> HTTPServerResponse {
    guard let body = try? JSONValue(parsing: request.body), body["messages"]?.arrayValue != nil else {
      return Self.failure("the body is no chat request", status: 400, format)
    }
    if format == .messages, let fault = Self.fault(inMessages: body, request) {
      return Self.failure(fault, status: 400, format)
    }
    let record = RecordedRequest(
      path: request.path,
      format: format,
      authorization: request.headers["authorization"],
      apiKey: request.headers["x-api-key"] ?? request.headers["api-key"],
      body: body
    )
    let (exchange, index) = take(record, agent: request.headers["x-coach-agent"] ?? "")
    guard let exchange else {
      return Self.failure("the script has no exchange for this request", status: 500, format)
    }
    do {
      try await Self.wait(exchange.firstDelay)
    } catch {
      noteAbandoned(index)
      return Self.failure("the client hung up", status: 500, format)
    }
    return response(exchange, to: body, format, index)
  }

  /// What the Messages API would refuse.
  private static func fault(inMessages body: JSONValue, _ request: HTTPServerRequest) -> String? {
    if request.headers["anthropic-version"] == nil { return "anthropic-version: header is required" }
    if (body["max_tokens"]?.intValue ?? 0) < 1 { return "max_tokens: field required" }
    let messages = body["messages"]?.arrayValue ?? []
    if messages.first?["role"] != "user" { return "messages: first message must use the user role" }
    for message in messages {
      guard let role = message["role"], ["user", "assistant"].contains(role) else { return "messages: unknown role" }
      let blocks = message["content"]?.arrayValue ?? []
      if blocks.contains(where: { $0["type"] == "text" && $0["text"] == "" }) {
        return "messages: text content blocks must be non-empty"
      }
    }
    return nil
  }

  /// Chooses the exchange and remembers the request in one step, so that parallel requests never share one.
  private func take(_ record: RecordedRequest, agent: String) -> (ScriptedExchange?, Int) {
    state.withLock { state in
      state.requests.append(record)
      let position = script.exchanges.indices.first { index in
        let exchange = script.exchanges[index]
        guard exchange.times == 0 || state.uses[index] < exchange.times else { return false }
        guard let match = exchange.match?.lowercased() else { return true }
        return [record.lastUserText, record.systemText, agent].contains { $0.lowercased().contains(match) }
      }
      if let position { state.uses[position] += 1 }
      return (position.map { script.exchanges[$0] }, state.requests.count - 1)
    }
  }

  private func response(
    _ exchange: ScriptedExchange,
    to body: JSONValue,
    _ format: WireFormat,
    _ index: Int
  ) -> HTTPServerResponse {
    if case .status(let status, let retryAfter, let error)? = exchange.fault {
      var response = Self.json(Self.envelope(error, format), status: status)
      if let retryAfter { response.headers.append(("Retry-After", retryAfter)) }
      return response
    }
    let reply = ScriptedReply(exchange, to: body, as: format, model: modelName)
    if body["stream"] == true {
      return HTTPServerResponse(
        headers: EventStreamEncoder.headers,
        body: .stream(HTTPStreamBody { try await self.play(reply, of: exchange, format, to: $0, index) })
      )
    }
    switch exchange.fault {
    case .malformed?: return .text("{\"choices\": [{\"message\"", status: 200)
    case .garbage?: return Self.json(Self.garbage)
    case .error(afterChunks: _, let error)?: return Self.json(Self.envelope(error, format))
    case .cut?: return HTTPServerResponse(body: .stream(HTTPStreamBody { _ in throw ScriptedCut() }))
    case .stall?: return HTTPServerResponse(body: .stream(HTTPStreamBody { _ in try await Self.waitForEver() }))
    case .drip(let pause)?:
      return HTTPServerResponse(
        headers: [("Content-Type", "application/json")],
        body: .stream(HTTPStreamBody { try await Self.drip(reply.whole, pause, to: $0) })
      )
    default: return Self.json(reply.whole)
    }
  }

  private func noteAbandoned(_ index: Int) { state.withLock { $0.requests[index].wasAbandoned = true } }

  private static func json(_ value: JSONValue, status: Int = 200) -> HTTPServerResponse {
    json(Array(value.text.utf8), status: status)
  }

  private static func json(_ bytes: [UInt8], status: Int = 200) -> HTTPServerResponse {
    HTTPServerResponse(status: status, headers: [("Content-Type", "application/json")], body: .bytes(bytes))
  }

  private static func failure(_ message: String, status: Int, _ format: WireFormat) -> HTTPServerResponse {
    let type = format == .messages ? (status < 500 ? "invalid_request_error" : "api_error") : "scripted_model"
    return json(envelope(["message": .string(message), "type": .string(type), "code": .null], format), status: status)
  }

  private static func envelope(_ error: JSONValue, _ format: WireFormat) -> JSONValue {
    format == .messages ? ["type": "error", "error": error] : ["error": error]
  }
}

// MARK: - Streams and their faults

extension ScriptedModelServer {
  private func play(
    _ reply: ScriptedReply,
    of exchange: ScriptedExchange,
    _ format: WireFormat,
    to writer: HTTPStreamWriter,
    _ index: Int
  ) async throws {
    do {
      if exchange.delay == .zero, exchange.fault == nil || exchange.fault == .refuse {
        // Without waits and faults one write will do: what is measured against this server is not the server.
        return try await writer.write(reply.chunks.flatMap { $0 } + reply.ending + reply.done)
      }
      for (number, chunk) in reply.chunks.enumerated() {
        try await Self.wait(exchange.delay)
        if try await Self.strike(exchange.fault, beforeChunk: number, format, writer) { return }
        try await Self.write(chunk, exchange.fault, to: writer)
      }
      if try await Self.strike(exchange.fault, beforeChunk: .max, format, writer) { return }
      try await Self.write(reply.ending + (exchange.fault == .omitDone ? [] : reply.done), exchange.fault, to: writer)
    } catch let cut as ScriptedCut {
      throw cut
    } catch {
      noteAbandoned(index)
      throw error
    }
  }

  private static func write(_ bytes: [UInt8], _ fault: ModelFault?, to writer: HTTPStreamWriter) async throws {
    if case .drip(let pause)? = fault { return try await drip(bytes, pause, to: writer) }
    try await writer.write(bytes)
  }

  /// Lets the fault happen when its chunk has come; true when the stream ends with it.
  private static func strike(
    _ fault: ModelFault?,
    beforeChunk number: Int,
    _ format: WireFormat,
    _ writer: HTTPStreamWriter
  ) async throws -> Bool {
    switch fault {
    case .cut(let chunks)? where number >= chunks: throw ScriptedCut()
    case .stall(let chunks)? where number >= chunks: try await waitForEver()
    case .error(let chunks, let error)? where number >= chunks:
      try await writer.write(ScriptedReply.error(error, as: format))
      return true
    case .malformed?:
      try await writer.write(ScriptedReply.brokenEvent(format))
      return true
    case .garbage?:
      try await writer.write(garbage)
      return true
    case .endless(let bytes)?:
      try await writer.write(Array("data: ".utf8))
      let block = [UInt8](repeating: UInt8(ascii: "x"), count: 16 << 10)
      for _ in 0..<max(1, bytes / block.count) { try await writer.write(block) }
      return true
    default: return false
    }
    return true
  }

  /// The same 1,024 bytes each time, of every value.
  private static let garbage: [UInt8] = {
    var state: UInt32 = 2_463_534_242
    return (0..<1_024).map { _ in
      state ^= state << 13
      state ^= state >> 17
      state ^= state << 5
      return UInt8(truncatingIfNeeded: state)
    }
  }()

  private static func drip(_ bytes: [UInt8], _ pause: Duration, to writer: HTTPStreamWriter) async throws {
    for byte in bytes {
      try await wait(pause)
      try await writer.write([byte])
    }
  }

  private static func waitForEver() async throws {
    while true { try await Task.sleep(for: .seconds(3_600)) }
  }

  private static func wait(_ delay: Duration) async throws {
    if delay > .zero { try await Task.sleep(for: delay) }
  }
}

/// Breaks a connection off on purpose.
private struct ScriptedCut: Error {}
