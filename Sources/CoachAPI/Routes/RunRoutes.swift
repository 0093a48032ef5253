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
