import CoachVocabulary
import HTTPServerKit

/// `GET /api/v1/coach/runs/{id}/events`: joins a run, after the event that `Last-Event-ID` names.
struct ReadRunEvents: Route {
  static let method = Method.get
  static let path = "/api/v1/coach/runs/{id}/events"
  let service: any CoachService
  let streams: EventStreams

  func respond(to request: APIRequest) async throws(APIProblem) -> HTTPServerResponse {
    _ = try request.negotiate(.eventStream)
    let run = try request.identifier("id", else: CoachProblem.unknownRun)
    let sequence = try Self.lastSequence(request.http.headers["last-event-id"])
    let events = try await asking { () throws(CoachProblem) in try await service.events(of: run, after: sequence) }
    return streams.response(events, after: sequence)
  }

  private static func lastSequence(_ header: String?) throws(APIProblem) -> Int {
    guard let header, !header.isEmpty else { return 0 }
    guard let sequence = Int(header), sequence >= 0, sequence < Int(Int32.max) else {
      throw .badRequest(
        "bad_event_id",
        "The header Last-Event-ID must be the number of an event.",
        field: "Last-Event-ID"
      )
    }
    return sequence
  }
}

/// `POST /api/v1/coach/runs/{id}/stop`: asks a run to stop; its events say when it has.
struct StopRun: Route {
  static let method = Method.post
  static let path = "/api/v1/coach/runs/{id}/stop"
  let service: any CoachService

  func respond(to request: APIRequest) async throws(APIProblem) -> HTTPServerResponse {
    let run = try request.identifier("id", else: CoachProblem.unknownRun)
    try await asking { () throws(CoachProblem) in try await service.stop(run) }
    return .json([:], status: 202)
  }
}

/// `GET /api/v1/coach/runs/{id}/questions`: what a run asks and nobody has answered.
struct ReadQuestions: Route {
  static let method = Method.get
  static let path = "/api/v1/coach/runs/{id}/questions"
  let service: any CoachService

  func respond(to request: APIRequest) async throws(APIProblem) -> HTTPServerResponse {
    _ = try request.negotiate(.json)
    let run = try request.identifier("id", else: CoachProblem.unknownRun)
    return .json(try await asking { () throws(CoachProblem) in try await service.questions(of: run) })
  }
}

/// `POST /api/v1/coach/runs/{id}/answers`: answers questions of a run, which then goes on; its events say how.
struct AnswerQuestions: Route {
  static let method = Method.post
  static let path = "/api/v1/coach/runs/{id}/answers"

  struct Body: Decodable {
    var answers: [String: JSONValue]
  }

  let service: any CoachService

  func respond(to request: APIRequest) async throws(APIProblem) -> HTTPServerResponse {
    let run = try request.identifier("id", else: CoachProblem.unknownRun)
    let answers = try request.decode(Body.self).answers
    guard !answers.isEmpty else {
      throw .badRequest("no_answers", "The field 'answers' is empty; give answers by question.", field: "answers")
    }
    let service = service
    // In a task of its own: a client that hangs up must not catch the service half way.
    let answering = Task { () -> Result<Void, CoachProblem> in
      do throws(CoachProblem) {
        return .success(try await service.answer(run, answers))
      } catch {
        return .failure(error)
      }
    }
    let result = await answering.value
    try await asking { () throws(CoachProblem) in try result.get() }
    return .json([:], status: 202)
  }
}

/// `POST /api/v1/coach/runs/{id}/rating`: says whether the answer of a run was right.
struct RateRun: Route {
  static let method = Method.post
  static let path = "/api/v1/coach/runs/{id}/rating"

  struct Body: Decodable {
    var isRight: Bool

    enum CodingKeys: String, CodingKey {
      case isRight = "right"
    }
  }

  let service: any CoachService

  func respond(to request: APIRequest) async throws(APIProblem) -> HTTPServerResponse {
    let run = try request.identifier("id", else: CoachProblem.unknownRun)
    let isRight = try request.decode(Body.self).isRight
    try await asking { () throws(CoachProblem) in try await service.rate(run, isRight: isRight) }
    return .json([:], status: 202)
  }
}
