import CoachVocabulary
import HTTPServerKit

/// `POST /api/v1/coach/chat`: asks the coach; answers with the whole answer or with the run's events.
struct StartChat: Route {
  static let method = Method.post
  static let path = "/api/v1/coach/chat"

  struct Body: Decodable {
    var message: String
    var sessionID: String?
    var domain: String?
    var isPrivate: Bool?

    enum CodingKeys: String, CodingKey {
      case message
      case sessionID = "session_id"
      case domain
      case isPrivate = "private"
    }
  }

  let service: any CoachService
  let streams: EventStreams

  func respond(to request: APIRequest) async throws(APIProblem) -> HTTPServerResponse {
    let media = try request.negotiate(.json, .eventStream)
    let run = try await start(try Self.read(request))
    if media == .eventStream { return streams.response(run.events) }
    return .json(try await WholeRun.answer(of: run.events))
  }

  /// In a task of its own: a client that hangs up cancels the handler, and must not catch the service half way.
  private func start(_ chat: ChatRequest) async throws(APIProblem) -> StartedRun {
    let service = service
    let starting = Task { () -> Result<StartedRun, CoachProblem> in
      do throws(CoachProblem) {
        return .success(try await service.ask(chat))
      } catch {
        return .failure(error)
      }
    }
    let result = await starting.value
    return try await asking { () throws(CoachProblem) in try result.get() }
  }

  private static func read(_ request: APIRequest) throws(APIProblem) -> ChatRequest {
    let body = try request.decode(Body.self)
    let message = try message(body.message)
    let sessionID = body.sessionID.map { SessionID($0) }
    if let sessionID, !sessionID.rawValue.isPlainIdentifier { throw APIProblem(.unknownSession(sessionID)) }
    return ChatRequest(
      message: message,
      sessionID: sessionID,
      domain: try DomainName.check(body.domain),
      isPrivate: body.isPrivate ?? false
    )
  }

  /// The text without blanks around it: 422 when there is none or it is too long, 400 for control characters.
  static func message(_ text: String) throws(APIProblem) -> String {
    guard text.unicodeScalars.count <= ChatRequest.messageLimit else {
      throw APIProblem(.messageTooLong(limit: ChatRequest.messageLimit))
    }
    guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }) else {
      throw .badRequest("control_character", "The field 'message' holds a control character.", field: "message")
    }
    let isSpace: (Character) -> Bool = \.isWhitespace
    guard let last = text.lastIndex(where: { !isSpace($0) }) else { throw APIProblem(.emptyMessage) }
    return String(text[...last].drop(while: isSpace))
  }
}

/// Names of domains in requests.
enum DomainName {
  /// The name, or nil when there is none or it is empty; 400 when it cannot be one.
  static func check(_ name: String?) throws(APIProblem) -> String? {
    guard let name, !name.isEmpty else { return nil }
    guard name.isPlainIdentifier else {
      throw .badRequest("bad_domain", "The field 'domain' is not the name of a domain.", field: "domain")
    }
    return name
  }
}
