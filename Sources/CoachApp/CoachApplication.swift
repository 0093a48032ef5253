import CoachAPI
import CoachAgents
import CoachVocabulary
import ConcurrencyKit
import Declarations
import FoundationEssentials
import HTTPClientKit
import Ledger
import ModelRouting
public import Persistence
import SemanticLayer
import StateGraph
import Warehouse

/// The whole coach over one project's folder: starts, answers, drains and stops.
public final class CoachApplication: Sendable {
  /// The version that the program reports.
  public static let version = "0.1.0"

  /// What it was built from.
  public let installation: Installation
  let surroundings: Surroundings
  let domains: [String: Domain]
  /// Why domains that are declared cannot be asked, by domain.
  public let unavailable: [String: String]
  let router: ModelRouter
  let ledger: Ledger
  let runner: GraphRunner
  let database: MetadataStore
  /// Whether other processes may serve the same store.
  let isShared: Bool
  let sessions: any SessionStore
  let dumps: Dumps
  private let client: HTTPClient
  /// How many runs that were asked for here are under way.
  let activeRuns = Locked(0)
  /// The runs that somebody here waits for.
  let followedRuns = Locked<Set<RunID>>([])
  private let isDrained = Locked(false)

  /// Opens databases and compiles graphs.
  ///
  /// - Parameters:
  ///   - installation: what the project's folder declares.
  ///   - surroundings: the machine.
  ///   - owner: this process's name among those that share the data folder; the same name means a restart.
  ///   - store: where the coach's own data is.
  /// - Throws: ``StartFailure``.
  public init(
    _ installation: Installation,
    surroundings: Surroundings,
    owner: String,
    store: StoreLocation
  ) async throws(StartFailure) {
    self.installation = installation
    self.surroundings = surroundings
    (domains, unavailable) = try await Self.openDomains(installation)
    isShared = store.isShared
    database = try await Self.openStore(store, clock: surroundings.clock)
    do throws(HTTPFailure) {
      client = try HTTPClient(settings: installation.clientSettings)
    } catch {
      throw StartFailure("the HTTP client cannot be started: \(error)")
    }
    let ledger = Ledger(
      store: database.ledger,
      prices: installation.prices,
      budgets: installation.budgets,
      now: { surroundings.clock.now }
    )
    self.ledger = ledger
    router = ModelRouter(
      endpoints: installation.endpoints(over: client),
      policy: installation.modelSettings.policy,
      difficulty: installation.difficulty,
      store: database.routing,
      ledger: ledger,
      environment: ModelRouter.Environment(
        wallClock: surroundings.clock,
        seed: surroundings.random(),
        identifiers: surroundings.identifiers
      )
    )
    sessions = database.sessions(of: .local)
    dumps = Dumps(
      installation,
      domains: domains,
      file: store == .memory ? nil : "\(installation.dataFolder)/dumps.json",
      surroundings: surroundings
    )
    let delivery = Delivery(sessions: sessions, ledger: ledger, surroundings: surroundings)
    let services = CoachServices(
      domains: domains,
      agents: installation.folder.agents,
      router: router,
      clock: surroundings.clock,
      audit: StatementAudit(database: database, clock: surroundings.clock),
      deliver: { try await delivery.deliver(run: $0, session: $1, answer: $2) }
    )
    let graphs = try Self.compile(installation, registry: ProjectGraphs.registry(services))
    runner = GraphRunner(
      graphs: graphs,
      store: database.checkpoints(of: .local),
      cache: database.nodeCache(of: .local),
      news: database.news(of: .local),
      configuration: .init(owner: owner, leaseDuration: installation.folder.server.store.lease),
      clock: surroundings.clock,
      sleep: surroundings.sleep
    )
  }

  /// Opens the coach's own data.
  static func openStore(_ store: StoreLocation, clock: WallClock) async throws(StartFailure) -> MetadataStore {
    do {
      if case .file(let path) = store { try makeFolder(for: path) }
      return try await MetadataStore.open(store, clock: clock)
    } catch {
      throw StartFailure("the coach's own database \(store) cannot be opened: \(error)")
    }
  }

  private static func openDomains(
    _ installation: Installation
  ) async throws(StartFailure) -> (open: [String: Domain], unavailable: [String: String]) {
    let declared = installation.folder.server
    let limits = QueryLimits(
      rows: declared.rowLimit,
      time: declared.queryTimeLimit,
      exportRows: declared.exportRowLimit
    )
    var open: [String: Domain] = [:]
    var unavailable: [String: String] = [:]
    for (name, model) in installation.models {
      let collector = DiagnosticCollector()
      do throws(WarehouseFailure) {
        let source = try await installation.openSource(of: model)
        open[name] = try await Domain.open(model, source: source, limits: limits, reporting: collector)
      } catch {
        unavailable[name] = error.description
      }
      if collector.hasErrors {
        throw StartFailure(collector.diagnostics.map(\.description).joined(separator: "\n"))
      }
    }
    return (open, unavailable)
  }

  private static func compile(
    _ installation: Installation,
    registry: NodeRegistry
  ) throws(StartFailure) -> [Graph] {
    let collector = DiagnosticCollector()
    let project = ProjectGraphs(installation.folder.graphs, registry: registry, reporting: collector)
    if collector.hasErrors {
      throw StartFailure(collector.diagnostics.map(\.description).joined(separator: "\n"))
    }
    return project.graphs.values.sorted { $0.name < $1.name }
  }

  private static func makeFolder(for file: String) throws {
    guard let slash = file.lastIndex(of: "/") else { return }
    try FileManager.default.createDirectory(atPath: String(file[..<slash]), withIntermediateDirectories: true)
  }

  // MARK: - Life

  /// Goes on with runs that a process which died left behind.
  ///
  /// - Returns: how many were taken up, and how many could not be.
  public func recover() async -> (resumed: Int, failed: Int) {
    var failed = 0
    let handles = try? await runner.recover(onFailure: { _, _ in failed += 1 })
    return (handles?.count ?? 0, failed)
  }

  /// Lets runs reach the end of their superstep, then closes everything.
  public func shutdown() async {
    await drain()
    await close()
  }

  /// Takes no more messages and lets runs reach the end of their superstep, for as long as `stop_grace` allows.
  ///
  /// - Returns: whether all of them did.
  @discardableResult
  func drain() async -> Bool {
    let wasDrained = isDrained.withLock { isDrained in
      defer { isDrained = true }
      return isDrained
    }
    // What did not come to rest the first time has had its time.
    if wasDrained { return true }
    let isAtRest = Locked(false)
    let (atRest, signal) = AsyncStream.makeStream(of: Void.self)
    let draining = Task { [runner] in
      await runner.drain()
      isAtRest.withLock { $0 = true }
      signal.finish()
    }
    let grace = Task { [limit = installation.folder.server.stopGrace] in
      try? await Task.sleep(for: limit)
      signal.finish()
    }
    for await _ in atRest {}
    grace.cancel()
    draining.cancel()
    return isAtRest.withLock(\.self)
  }

  /// Closes everything.
  ///
  /// The database goes first: a run that is still waiting for a model then stays as it was saved, and the next start
  /// goes on with it, instead of taking the end of the connection for the model's failure.
  func close() async {
    await router.close()
    await database.close()
    for domain in domains.values { await domain.source.close() }
    await client.shutdown()
  }
}

/// Why the program could not start.
public struct StartFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong and how to mend it.
  public var message: String

  init(_ message: String) { self.message = message }

  /// The message.
  public var description: String { message }
}
