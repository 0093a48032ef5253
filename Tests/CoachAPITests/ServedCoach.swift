import CoachAPI
import CoachVocabulary
import ConcurrencyKit
import HTTPClientKit

/// A fake coach behind a real server on the loopback, with a client for it.
struct ServedCoach: Sendable {
  struct Logged: Hashable, Sendable {
    var method: String
    var path: String
    var status: Int
    var requestID: RequestID
  }

  /// A response whose body was read as JSON; the body is null when it is empty.
  struct Answer: Sendable {
    var status: Int
    var headers: HTTPHeaders
    var bytes: [UInt8]

    var text: String { String(decoding: bytes, as: UTF8.self) }
    var json: JSONValue { (try? JSONValue(parsing: bytes)) ?? .null }
    var code: String? { json["code"]?.stringValue }
  }

  let coach: FakeCoach
  let server: CoachServer
  let client: HTTPClient
  private let log = Locked<[Logged]>([])
  let origin: String

  init(
    _ coach: FakeCoach = FakeCoach(),
    evidence: FakeEvidence? = nil,
    settings: CoachServer.Settings = CoachServer.Settings(),
    page: PageAssets = PageAssets(chartLibraries: []),
    extensions: CoachServer.Extensions = CoachServer.Extensions()
  ) throws {
    let log = log
    self.coach = coach
    client = try HTTPClient()
    server = try CoachServer(
      settings: settings,
      service: coach,
      evidence: evidence,
      page: page,
      extensions: extensions,
      identifiers: IdentifierSource(milliseconds: { 0 }, random: { 0 })
    ) { method, path, status, _, requestID in
      log.withLock { $0.append(Logged(method: method, path: path, status: status, requestID: requestID)) }
    }
    try server.start()
    origin = "http://127.0.0.1:\(server.port ?? 0)"
  }

  var logged: [Logged] { log.current }

  /// What the injected source of identifiers always makes.
  static let requestID: RequestID = "00000000000000000000000000"

  func request(
    _ method: String,
    _ path: String,
    headers: [(String, String)] = [],
    body: [UInt8]? = nil
  ) -> HTTPRequest {
    HTTPRequest(method: method, url: origin + path, headers: headers, body: body)
  }

  func send(
    _ method: String,
    _ path: String,
    headers: [(String, String)] = [],
    body: [UInt8]? = nil
  ) async throws -> Answer {
    let answer = try await client.send(request(method, path, headers: headers, body: body))
    return Answer(status: answer.status, headers: answer.headers, bytes: answer.body)
  }

  static let chatPath = "/api/v1/coach/chat"

  func chat(
    _ body: String = #"{"message": "What was revenue last month?"}"#,
    accept: String? = nil,
    headers: [(String, String)] = []
  ) async throws -> Answer {
    try await send("POST", Self.chatPath, headers: Self.chatHeaders(accept) + headers, body: Array(body.utf8))
  }

  static func chatHeaders(_ accept: String?) -> [(String, String)] {
    [("Content-Type", "application/json")] + (accept.map { [("Accept", $0)] } ?? [])
  }

  func stop() async {
    await server.stop()
    await client.shutdown()
  }
}
