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
        page: PageAssets(),
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

  /// Begins to listen, and to start what is scheduled.
  ///
  /// - Returns: the port.
  /// - Throws: ``StartFailure`` when the port is taken.
  public func start() throws(StartFailure) -> Int {
    do throws(CoachServerFailure) {
      try server.start()
    } catch {
      throw StartFailure(error.description)
    }
    background.withLock { task in
      task = task ?? Task { [application] in await application.workInBackground() }
    }
    return server.port ?? 0
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
