public import CoachVocabulary
public import HTTPServerKit

/// The coach over HTTP: the API under `/api`, the page at `/`.
///
/// There is no sign-in yet, so it listens on the loopback only, and answers only to requests for it.
public final class CoachServer: Sendable {
  /// What is told of each request, for an access log: neither bodies nor queries.
  ///
  /// It is called when the head of the response is ready; for an event stream the duration is the time until then. The
  /// method and the path are `-` for a request that was refused before they were known.
  public typealias RequestObserver =
    @Sendable (_ method: String, _ path: String, _ status: Int, _ duration: Duration, _ requestID: RequestID) -> Void

  private let server: HTTPServer

  /// Makes a server that does not listen yet.
  ///
  /// - Parameters:
  ///   - settings: where to listen and what to accept.
  ///   - service: what answers.
  ///   - evidence: what answers investigations, forecasts, anomalies and goals; without it their addresses do not exist.
  ///   - page: the files of the page.
  ///   - extensions: what answers beyond the service.
  ///   - identifiers: where the ids of requests come from.
  ///   - onRequest: called once for each request.
  /// - Throws: ``CoachServerFailure/notLoopback(host:)`` when others could reach the host.
  public init(
    settings: Settings = Settings(),
    service: any CoachService,
    evidence: (any EvidenceService)? = nil,
    page: PageAssets,
    extensions: Extensions = Extensions(),
    identifiers: IdentifierSource,
    onRequest: @escaping RequestObserver = { _, _, _, _, _ in }
  ) throws(CoachServerFailure) {
    guard Loopback.includes(settings.host) else { throw .notLoopback(host: settings.host) }
    let handler = RequestHandler(
      service: service,
      evidence: evidence,
      page: page,
      extensions: extensions,
      streams: EventStreams(pingInterval: settings.pingInterval),
      identifiers: identifiers,
      onRequest: onRequest
    )
    var serverSettings = HTTPServer.Settings()
    serverSettings.host = settings.host
    serverSettings.port = settings.port
    serverSettings.bodyLimit = settings.bodyLimit
    serverSettings.maximumConnections = settings.maximumConnections
    serverSettings.stopGrace = settings.stopGrace
    if extensions.datasets != nil {
      serverSettings.spooledBodyLimit = { method, path in
        method == ImportDataset.method.rawValue && path == ImportDataset.path ? settings.uploadLimit : nil
      }
    }
    serverSettings.errorResponse = { handler.refusal(status: $0, reason: $1) }
    server = try CoachServerFailure.wrap { () throws(HTTPServerFailure) in
      try HTTPServer(settings: serverSettings) { await handler.response(to: $0) }
    }
  }

  /// The port that the server listens on; `nil` when it does not run.
  public var port: Int? { server.port }

  /// Listens and begins to answer.
  ///
  /// - Throws: ``CoachServerFailure/server(_:)``, for instance when the port is taken.
  public func start() throws(CoachServerFailure) {
    try CoachServerFailure.wrap { () throws(HTTPServerFailure) in try server.start() }
  }

  /// Takes no more requests, breaks off event streams, waits for the other answers and closes every connection.
  ///
  /// Runs are the service's: stop them before this if their last events are to reach their readers.
  public func stop() async {
    await server.stop()
  }
}

extension CoachServer {
  /// What answers beyond the service; the addresses of what is nil do not exist.
  public struct Extensions: Sendable {
    /// Takes away charts and rows.
    public var exports: (any AnswerExports)?
    /// Answers from what was computed beforehand.
    public var precomputed: (any PrecomputedAnswers)?
    /// Takes in tables of people.
    public var datasets: (any DatasetImports)?

    /// Makes extensions.
    public init(
      exports: (any AnswerExports)? = nil,
      precomputed: (any PrecomputedAnswers)? = nil,
      datasets: (any DatasetImports)? = nil
    ) {
      self.exports = exports
      self.precomputed = precomputed
      self.datasets = datasets
    }

    /// Their routes.
    var routes: [any Route] {
      var routes: [any Route] = []
      if let exports {
        routes += [
          ReadChart(exports: exports), ReadChartDrawing(exports: exports), ReadRowsAsCSV(exports: exports),
          ReadRowsAsXLSX(exports: exports),
        ]
      }
      if let answers = precomputed {
        routes += [
          AskQuery(answers: answers), AskBatch(answers: answers), ReadSuggestions(answers: answers),
          ReadDumpStatus(answers: answers), ReadCapabilities(answers: answers), ListDumps(answers: answers),
          RunDumps(answers: answers),
        ]
      }
      if let datasets {
        routes += [
          ImportDataset(datasets: datasets), ListDatasets(datasets: datasets), ReadDatasetDomain(datasets: datasets),
          DeleteDataset(datasets: datasets), RestoreDataset(datasets: datasets),
        ]
      }
      return routes
    }
  }

  /// Where to listen and what to accept.
  public struct Settings: Sendable {
    /// An address of the loopback (127.0.0.0/8, ::1) or `localhost`.
    public var host = "127.0.0.1"
    /// The port; 0 takes any that is free, see ``CoachServer/port``.
    public var port = 0
    /// The most bytes of a request's body; a longer one is answered with 413.
    public var bodyLimit = 1 << 20
    /// The most bytes of an uploaded file, which goes to the disk while it comes in.
    public var uploadLimit = 100 << 20
    /// The most connections at once; more are closed as they come.
    public var maximumConnections = 1_000
    /// The time between two pings of an event stream.
    public var pingInterval = Duration.seconds(15)
    /// How long ``CoachServer/stop()`` waits for answers that are under way.
    public var stopGrace = Duration.seconds(5)

    /// Makes settings: the loopback, any free port, limits that suit the API.
    public init() {}
  }
}

/// Why the server could not be made or started.
public enum CoachServerFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// Others could reach this host, and there is no sign-in to tell them apart.
  case notLoopback(host: String)
  /// The HTTP server below failed.
  case server(HTTPServerFailure)

  /// What happened, and what to do about it.
  public var description: String {
    switch self {
    case .notLoopback(let host):
      "cannot listen on '\(host)': without sign-in only this machine may connect; use 127.0.0.1, ::1 or localhost"
    case .server(let failure): failure.description
    }
  }

  static func wrap<Value>(_ work: () throws(HTTPServerFailure) -> Value) throws(CoachServerFailure) -> Value {
    do throws(HTTPServerFailure) {
      return try work()
    } catch {
      throw .server(error)
    }
  }
}
