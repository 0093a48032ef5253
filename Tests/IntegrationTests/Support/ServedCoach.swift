import CoachVocabulary
import FoundationEssentials
import Glibc
import HTTPClientKit

/// A running `coach serve`; it goes with the value.
final class ServedCoach: Sendable {
  /// What the server answered.
  struct Reply: Sendable {
    var status: Int
    var contentType: String
    var body: [UInt8]

    func json() throws -> JSONValue { try JSONValue(parsing: body) }
  }

  let process: ChildProcess
  /// Where it listens, without a slash at the end.
  let url: String
  private let client: HTTPClient

  /// Starts a server and waits until it is ready.
  init(_ coach: Coach, _ arguments: [String] = ["--port", "0"]) async throws {
    process = try coach.start(["serve"] + arguments)
    client = try HTTPClient()
    let address = try await process.line(beginning: "Coach is ready at ")
    url = String(address.prefix { $0 != " " }.dropLast(address.hasSuffix("/") ? 1 : 0))
  }

  var port: Int { Int(url.split(separator: ":").last ?? "") ?? 0 }

  func get(_ path: String, headers: [(String, String)] = []) async throws -> Reply {
    try await send(HTTPRequest(url: url + path, headers: headers))
  }

  func post(
    _ path: String,
    body: [UInt8] = [],
    headers: [(String, String)] = [("Content-Type", "application/json")]
  ) async throws -> Reply {
    try await send(HTTPRequest(method: "POST", url: url + path, headers: headers, body: body))
  }

  /// Asks a question and waits for the whole answer.
  func chat(_ message: String, session: String? = nil, domain: String? = nil) async throws -> Reply {
    try await post(Self.chatPath, body: Self.body(message, session, domain))
  }

  /// Asks a question wherever a server listens, over a connection of its own.
  static func chat(_ message: String, at url: String) async throws -> Reply {
    let client = try HTTPClient()
    let response = try await client.send(
      HTTPRequest(
        method: "POST",
        url: url + chatPath,
        headers: [("Content-Type", "application/json")],
        body: body(message, nil, nil)
      )
    )
    await client.shutdown()
    return Reply(status: response.status, contentType: response.headers["content-type"] ?? "", body: response.body)
  }

  /// Asks a question and reads its events as they come.
  func events(of message: String, session: String? = nil) async throws -> EventReader {
    let request = HTTPRequest(
      method: "POST",
      url: url + Self.chatPath,
      headers: [("Content-Type", "application/json"), ("Accept", "text/event-stream")],
      body: Self.body(message, session, nil)
    )
    return try await EventReader(client.stream(request))
  }

  /// Joins a run after an event.
  func events(ofRun run: String, after sequence: Int) async throws -> EventReader {
    let headers = [("Accept", "text/event-stream"), ("Last-Event-ID", "\(sequence)")]
    return try await EventReader(
      client.stream(HTTPRequest(url: "\(url)/api/v1/coach/runs/\(run)/events", headers: headers))
    )
  }

  /// Ends the server as an operator would and says how it went.
  func terminate(within limit: Duration = .seconds(30)) async throws -> ChildProcess.Ending {
    process.signal(SIGTERM)
    return try await process.ending(within: limit)
  }

  static let chatPath = "/api/v1/coach/chat"

  private static func body(_ message: String, _ session: String?, _ domain: String?) -> [UInt8] {
    var members: [String: JSONValue] = ["message": .string(message)]
    if let session { members["session_id"] = .string(session) }
    if let domain { members["domain"] = .string(domain) }
    return Array(JSONValue.object(members).text.utf8)
  }

  private func send(_ request: HTTPRequest) async throws -> Reply {
    let response = try await client.send(request)
    return Reply(
      status: response.status,
      contentType: response.headers["content-type"] ?? "",
      body: response.body
    )
  }
}

/// The events of one stream, one after the other.
struct EventReader {
  /// One event.
  struct Event: Sendable {
    var id: Int
    var type: String
    var data: JSONValue
  }

  private var body: HTTPBody.Iterator
  private var parser = EventStreamParser()
  private var waiting: [ServerSentEvent] = []

  init(_ response: HTTPResponse) throws {
    guard response.status == 200, response.headers["content-type"]?.hasPrefix("text/event-stream") == true else {
      throw Complaint("no stream of events: status \(response.status)")
    }
    body = response.body.makeAsyncIterator()
  }

  /// The next event; nil at the end of the stream.
  mutating func next() async throws -> Event? {
    while waiting.isEmpty {
      guard let chunk = try await body.next() else { return nil }
      waiting = try parser.push(chunk)
    }
    let event = waiting.removeFirst()
    guard let id = Int(event.id ?? "") else { throw Complaint("an event has no number: \(event)") }
    return Event(id: id, type: event.event, data: try JSONValue(parsing: event.data))
  }

  /// The next event of a type; what comes before it is passed over.
  mutating func next(_ type: String) async throws -> Event {
    while let event = try await next() {
      if event.type == type { return event }
    }
    throw Complaint("the stream ended without '\(type)'")
  }

  /// All events that are still to come.
  mutating func rest() async throws -> [Event] {
    var events: [Event] = []
    while let event = try await next() { events.append(event) }
    return events
  }
}
