import CoachVocabulary
import HTTPServerKit

/// Answers every request: judges where it comes from, finds its route, adds what all responses carry.
struct RequestHandler: Sendable {
  private let table: RouteTable
  private let identifiers: IdentifierSource
  private let onRequest: CoachServer.RequestObserver

  init(
    service: any CoachService,
    evidence: (any EvidenceService)?,
    page: PageAssets,
    extensions: CoachServer.Extensions = CoachServer.Extensions(),
    streams: EventStreams,
    identifiers: IdentifierSource,
    onRequest: @escaping CoachServer.RequestObserver
  ) {
    let routes: [any Route] = [
      StartChat(service: service, streams: streams), ReadRunEvents(service: service, streams: streams),
      StopRun(service: service), ReadQuestions(service: service), AnswerQuestions(service: service),
      RateRun(service: service),
      ListSessions(service: service), ReadSession(service: service), ReadSessionLedger(service: service),
      ReadStarters(service: service), ReadHealth(service: service), ReadPlainHealth(service: service),
      ReadPage(page: page), ReadAsset(page: page),
    ]
    let coaching: [any Route] =
      evidence.map { evidence in
        [
          StartInvestigation(evidence: evidence, streams: streams),
          MakeForecast(evidence: evidence), ListAnomalies(evidence: evidence),
          PlanGoals(evidence: evidence, streams: streams),
          ListGoals(evidence: evidence), ReadGoal(evidence: evidence), ApproveGoal(evidence: evidence),
          CheckInGoal(evidence: evidence), CloseGoal(evidence: evidence),
        ]
      } ?? []
    table = RouteTable(routes + coaching + extensions.routes)
    self.identifiers = identifiers
    self.onRequest = onRequest
  }

  func response(to request: HTTPServerRequest) async -> HTTPServerResponse {
    let start = ContinuousClock.now
    let requestID = RequestID(of: request, else: identifiers)
    let response = await answer(request, requestID)
    onRequest(request.method, request.path, response.status, start.duration(to: .now), requestID)
    return finish(response, requestID)
  }

  /// The answer to a request that the server refused before its method and path were known.
  func refusal(status: Int, reason: String) -> HTTPServerResponse {
    let requestID: RequestID = identifiers.next()
    onRequest("-", "-", status, .zero, requestID)
    return finish(APIProblem.refused(status: status, reason: reason).response(requestID: requestID), requestID)
  }

  private func answer(_ request: HTTPServerRequest, _ requestID: RequestID) async -> HTTPServerResponse {
    do throws(APIProblem) {
      try RequestOrigin.check(request)
      switch table.match(method: request.method, path: request.path) {
      case .nothing: throw .notFound
      case .otherMethods(let allowed): throw .notAllowed(request.method, allowed: allowed)
      case .route(let route, let parameters):
        return try await route.respond(
          to: APIRequest(http: request, parameters: parameters, requestID: requestID)
        )
      }
    } catch {
      return error.response(requestID: requestID)
    }
  }

  private func finish(_ response: HTTPServerResponse, _ requestID: RequestID) -> HTTPServerResponse {
    var response = response
    response.headers += [
      ("X-Request-Id", requestID.rawValue), ("X-Content-Type-Options", "nosniff"),
      ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Resource-Policy", "same-origin"),
    ]
    return response
  }
}
