public import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import HTTPServerKit
import LanguageModel

/// An OpenAI-compatible server in this process that plays a script and remembers what it was asked.
public final class ScriptedModelServer: Sendable {
  /// A request that came in.
  public struct RecordedRequest: Hashable, Sendable {
    /// The path, for instance `/v1/chat/completions`.
    public var path: String
    /// The `Authorization` header.
    public var authorization: String?
    /// The body.
    public var body: JSONValue
    /// Whether the client hung up before the reply was complete.
    public var wasAbandoned = false

    /// The last user message.
    public var lastUserText: String { texts(of: "user").last ?? "" }
    /// All system messages, one after the other.
    public var systemText: String { texts(of: "system").joined(separator: "\n") }

    private func texts(of role: String) -> [String] {
      (body["messages"]?.arrayValue ?? []).filter { $0["role"]?.stringValue == role }
        .map { $0["content"]?.stringValue ?? "" }
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
    switch (request.method, request.path) {
    case ("GET", "/v1/models"):
      return Self.json(["object": "list", "data": [["id": .string(modelName), "object": "model"]]])
    case ("GET", "/health"): return Self.json(["status": "ok"])
    case ("POST", "/v1/chat/completions"): return await chat(request)
    default: return Self.failure("no such path", status: 404)
    }
  }

  private func chat(_ request: HTTPServerRequest) async -> HTTPServerResponse {
    guard let body = try? JSONValue(parsing: request.body), body["messages"]?.arrayValue != nil else {
      return Self.failure("the body is no chat request", status: 400)
    }
    let record = RecordedRequest(
      path: request.path,
      authorization: request.headers["authorization"],
      body: body
    )
    let (exchange, index) = take(record, agent: request.headers["x-coach-agent"] ?? "")
    guard let exchange else { return Self.failure("the script has no exchange for this request", status: 500) }
    do {
      try await Self.wait(exchange.firstDelay)
    } catch {
      noteAbandoned(index)
      return Self.failure("the client hung up", status: 500)
    }
    if case .status(let status, let retryAfter, let error)? = exchange.fault {
      var response = Self.json(["error": error], status: status)
      if let retryAfter { response.headers.append(("Retry-After", retryAfter)) }
      return response
    }
    let reply = ScriptedReply(exchange, to: body, model: modelName)
    guard body["stream"] == true else { return wholeResponse(reply, exchange) }
    return HTTPServerResponse(
      headers: EventStreamEncoder.headers,
      body: .stream(HTTPStreamBody { try await self.play(reply, of: exchange, to: $0, index) })
    )
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

  private func wholeResponse(_ reply: ScriptedReply, _ exchange: ScriptedExchange) -> HTTPServerResponse {
    switch exchange.fault {
    case .malformed?: .text("{\"choices\": [{\"message\"", status: 200)
    case .error(afterChunks: _, let error)?: Self.json(["error": error])
    case .cut?: HTTPServerResponse(body: .stream(HTTPStreamBody { _ in throw ScriptedCut() }))
    default: Self.json(reply.whole)
    }
  }

  private func play(
    _ reply: ScriptedReply,
    of exchange: ScriptedExchange,
    to writer: HTTPStreamWriter,
    _ index: Int
  ) async throws {
    do {
      for (number, chunk) in reply.chunks.enumerated() {
        try await Self.wait(exchange.delay)
        if try await Self.strike(exchange.fault, beforeChunk: number, writer) { return }
        try await writer.write(EventStreamEncoder.event(data: chunk.text))
      }
      if try await Self.strike(exchange.fault, beforeChunk: .max, writer) { return }
      for chunk in reply.ending { try await writer.write(EventStreamEncoder.event(data: chunk.text)) }
      if exchange.fault != .omitDone { try await writer.write(EventStreamEncoder.event(data: "[DONE]")) }
    } catch let cut as ScriptedCut {
      throw cut
    } catch {
      noteAbandoned(index)
      throw error
    }
  }

  /// Lets the fault happen when its chunk has come; true when the stream ends with it.
  private static func strike(
    _ fault: ModelFault?,
    beforeChunk number: Int,
    _ writer: HTTPStreamWriter
  ) async throws -> Bool {
    switch fault {
    case .cut(let chunks)? where number >= chunks: throw ScriptedCut()
    case .error(let chunks, let error)? where number >= chunks:
      try await writer.write(EventStreamEncoder.event(data: JSONValue.object(["error": error]).text))
      return true
    case .malformed?:
      try await writer.write(EventStreamEncoder.event(data: "{\"choices\": [{\"delta\""))
      return true
    default: return false
    }
  }

  private func noteAbandoned(_ index: Int) { state.withLock { $0.requests[index].wasAbandoned = true } }

  private static func wait(_ delay: Duration) async throws {
    if delay > .zero { try await Task.sleep(for: delay) }
  }

  private static func json(_ value: JSONValue, status: Int = 200) -> HTTPServerResponse {
    HTTPServerResponse(
      status: status,
      headers: [("Content-Type", "application/json")],
      body: .bytes(Array(value.text.utf8))
    )
  }

  private static func failure(_ message: String, status: Int) -> HTTPServerResponse {
    json(["error": ["message": .string(message), "type": "scripted_model", "code": .null]], status: status)
  }
}

/// Breaks a connection off on purpose.
private struct ScriptedCut: Error {}
