import CoachAPI
import CoachVocabulary
import ConcurrencyKit
import Declarations

/// The HTTP server over an application.
public struct Serving: Sendable {
  private let server: CoachServer
  private let application: CoachApplication
  private let background = Locked<Task<Void, Never>?>(nil)

  /// Makes the server of an application.
  ///
  /// - Parameters:
  ///   - application: what answers.
  ///   - host: where to listen; nil takes `config/server.yaml`.
  ///   - port: the port; nil takes `config/server.yaml`, 0 any that is free.
  ///   - log: takes a line for each request.
  /// - Throws: ``StartFailure``, for instance for a host that others could reach.
  public init(
    _ application: CoachApplication,
    host: String?,
    port: Int?,
    log: @escaping @Sendable (String) -> Void
  ) throws(StartFailure) {
    let declared = application.installation.folder.server
    var settings = CoachServer.Settings()
    settings.host = host ?? declared.host
    settings.port = port ?? declared.port
    settings.bodyLimit = declared.bodyLimitBytes
    settings.maximumConnections = declared.connectionLimit
    settings.pingInterval = declared.pingInterval
    // `stop_grace` is for runs, which come to rest before the server stops; what is left then has its own short grace.
    self.application = application
    do throws(CoachServerFailure) {
      server = try CoachServer(
        settings: settings,
        service: application,
        evidence: application,
        page: PageAssets(),
        extensions: CoachServer.Extensions(exports: application, precomputed: application, datasets: application),
        identifiers: application.surroundings.identifiers,
        onRequest: { method, path, status, duration, id in
          let milliseconds = ((duration / .milliseconds(1)) * 10).rounded() / 10
          log("\(method) \(path) \(status) \(milliseconds) ms \(id)")
        }
      )
    } catch {
      throw StartFailure(error.description)
    }
  }

  /// What a start came to.
  public struct Started: Sendable {
    /// Where it listens.
    public var port: Int
    /// How many runs of an earlier process go on.
    public var resumed: Int
    /// How many of them cannot.
    public var failed: Int
  }

  /// Begins to listen, goes on with what an earlier process left behind, and begins to start what is scheduled.
  ///
  /// - Returns: the port, and how many runs went on.
  /// - Throws: ``StartFailure`` when the port is taken.
  public func start() async throws(StartFailure) -> Started {
    do throws(CoachServerFailure) {
      try server.start()
    } catch {
      throw StartFailure(error.description)
    }
    let recovered = await application.recover()
    background.withLock { task in
      task = task ?? Task { [application] in await application.workInBackground() }
    }
    return Started(port: server.port ?? 0, resumed: recovered.resumed, failed: recovered.failed)
  }

  /// Lets runs come to a place where they can go on later and tells their readers, then stops.
  public func stop() async {
    let work = background.withLock(\.self)
    work?.cancel()
    await work?.value
    await application.drain()
    await server.stop()
    await application.close()
  }
}
