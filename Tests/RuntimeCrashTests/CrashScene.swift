import CoachTesting
import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import Persistence
import PostgresKit
import StateGraph
import Testing

/// Where the runs of crash tests are saved.
enum StoreKind: String, CaseIterable, CustomTestStringConvertible {
  case sqlite = "SQLite"
  case postgres = "PostgreSQL"

  var testDescription: String { rawValue }

  /// Those that are installed; says so once when PostgreSQL is not.
  static let available: [StoreKind] = {
    if TemporaryPostgreSQL.isAvailable { return allCases }
    print("Crash tests run on SQLite only: \(TemporaryPostgreSQL.absence).")
    return [.sqlite]
  }()
}

/// One run with a store and a log of its own, and the processes that work on it.
final class CrashScene {
  private let folder: String
  private let place: String
  private let tenant: TenantID
  private let graph: String
  private let kind: StoreKind

  private static let tenants = Locked(0)
  private static let server = Task {
    let server = try await TemporaryPostgreSQL.shared()
    let configuration = try await server.makeDatabase().owner
    // The first to come makes the tables.
    let limits = PostgresPool.Limits(waiting: .seconds(300))
    let database = try await PostgresMetadataDatabase(configuration, limits: limits)
    return (database, try address(of: configuration))
  }

  init(_ kind: StoreKind, _ graph: String) async throws {
    self.kind = kind
    self.graph = graph
    let number = Self.tenants.withLock { count in
      count += 1
      return count
    }
    tenant = TenantID("tenant-\(number)")
    folder = FileManager.default.temporaryDirectory.appending(path: "coach-crash-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    place = kind == .sqlite ? "\(folder)/runs.sqlite" : try await Self.server.value.1
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// The address in libpq's own form, since the host is a folder.
  private static func address(of configuration: PostgresConfiguration) throws -> String {
    let parts = "\(configuration)".split(separator: "@", maxSplits: 1)
    let rest = parts.last.map { $0.split(separator: ":", maxSplits: 1) } ?? []
    guard parts.count == 2, rest.count == 2, let port = rest[1].split(separator: "/").first else {
      throw ProcessFailure("the address of the server is unreadable: \(configuration)")
    }
    return "host=\(rest[0]) port=\(port) dbname=\(configuration.database) user=\(configuration.user)"
  }

  /// Starts a process.
  ///
  /// - Parameters:
  ///   - command: what it does.
  ///   - owner: who it is.
  ///   - thread: the thread of the run.
  ///   - run: the run.
  ///   - hours: how far its clock is ahead of ours; to it, leases of others have long ended.
  ///   - task: the task at which it holds until it is released; nil when it does not.
  ///   - death: when it is killed; nil when it is not.
  /// - Returns: the process.
  /// - Throws: ``ProcessFailure``.
  func process(
    _ command: String = "run",
    owner: String = "coach",
    thread: String = "thread",
    run: String = "r",
    ahead hours: Int = 0,
    holdingAt task: String? = nil,
    death: SubjectProcess.Death? = nil
  ) throws -> SubjectProcess {
    try SubjectProcess(
      [place, tenant.rawValue, "\(folder)/log", graph, thread, run, owner, "\(hours)", task ?? "-", command],
      death: death
    )
  }

  /// Starts processes until the run is finished, without disturbing it.
  func finish(run: String = "r", beginningWith command: String = "run") async throws -> String {
    for number in 0..<10 {
      let process = try process(number == 0 ? command : "run", thread: "thread of \(run)", run: run)
      guard try await process.end() == .ended(code: 0), let outcome = process.lines.last else {
        throw ProcessFailure("the run does not go on: \(process.lines.suffix(3))")
      }
      if outcome.hasPrefix("outcome finished") { return outcome }
    }
    throw ProcessFailure("the run does not come to its end")
  }

  /// What happened in the outside world.
  func log() throws -> [String] {
    try String(contentsOfFile: "\(folder)/log", encoding: .utf8).split(separator: "\n").map { String($0) }
  }

  /// Uses the store.
  func withStore<Value>(_ body: (any CheckpointStore) async throws -> Value) async throws -> Value {
    guard kind == .sqlite else { return try await body(Self.server.value.0.checkpoints(of: tenant)) }
    let database = try await MetadataDatabase(path: place)
    do {
      let value = try await body(database.checkpoints(of: tenant))
      await database.close()
      return value
    } catch {
      await database.close()
      throw error
    }
  }
}
