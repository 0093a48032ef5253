import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import Glibc
import Persistence
import PostgresKit
import StateGraph

/// A process that the crash tests kill: it starts a run or goes on with it, and says how it went.
///
/// Words: the store (a file, or the address of a PostgreSQL server), the tenant, the log, the graph, the thread, the run,
/// the owner, how many hours its clock is ahead, the task at which it holds, and `run`, `start`, `resume`, `takeover` or
/// `replay`.
@main
struct Subject {
  private let log: EffectLog
  private let store: any CheckpointStore
  private let runner: GraphRunner
  private let graph: String
  private let thread: ThreadID
  private let run: RunID

  static func main() async {
    do {
      let subject = try await Subject(Array(CommandLine.arguments.dropFirst()))
      try await subject.work(CommandLine.arguments.last ?? "")
    } catch {
      say("refused \(error)")
      exit(4)
    }
    exit(0)
  }

  private init(_ words: [String]) async throws {
    guard words.count == 10, let ahead = Double(words[7]) else {
      throw SubjectFailure("store, tenant, log, graph, thread, run, owner, hours, task and command are wanted")
    }
    log = try EffectLog(path: words[2])
    graph = words[3]
    thread = ThreadID(words[4])
    run = RunID(words[5])
    store = try await Self.open(words[0], TenantID(words[1]))
    runner = GraphRunner(
      graphs: try CrashGraphs(log: log, hold: Hold(task: words[8])).all(),
      store: store,
      configuration: GraphRunner.Configuration(
        owner: words[6],
        // A lease ends when the test says so, by a clock that is hours ahead, and never because the machine is busy.
        leaseDuration: .seconds(1_800),
        maximumRecoveries: 100
      ),
      clock: WallClock { Date() + ahead * 3_600 }
    )
  }

  private static func open(_ place: String, _ tenant: TenantID) async throws -> any CheckpointStore {
    guard place.hasPrefix("host=") else { return try await MetadataDatabase(path: place).checkpoints(of: tenant) }
    let limits = PostgresPool.Limits(connections: 2, waiting: .seconds(300))
    var configuration = try PostgresConfiguration(address: place)
    configuration.connectTimeout = .seconds(300)
    return try await PostgresMetadataDatabase(configuration, limits: limits).checkpoints(of: tenant)
  }

  // MARK: - Work

  private func work(_ command: String) async throws {
    try log.add("begin")
    switch command {
    case "start": try await finish(runner.start(run: run, thread: thread, graph: graph, input: [:]))
    case "resume": try await finish(runner.resume(run))
    case "takeover": try await finish(takeOver())
    case "replay": try await finish(replay())
    default: try await finish(goOn())
    }
  }

  /// Starts the run, answers what it asks, or goes on with it, whatever is saved of it.
  private func goOn() async throws -> RunHandle {
    guard let record = try await store.record(of: run) else {
      return try await runner.start(run: run, thread: thread, graph: graph, input: [:])
    }
    try await logSavedTasks()
    guard record.status == .waiting else { return try await runner.resume(run) }
    let questions = try await runner.questions(of: run)
    return try await runner.answer(
      run,
      Dictionary(questions.map { ($0.id, .string("yes, \($0.id)")) }, uniquingKeysWith: { $1 })
    )
  }

  /// Logs which tasks were saved as finished, those of subgraphs included; none of them may be executed again.
  private func logSavedTasks() async throws {
    for record in try await store.records(matching: RunQuery()) {
      for task in try await runner.history(of: record.run, limit: 1_000).flatMap(\.finishedTasks) {
        try log.add("saved \(record.run)/\(task.step)/\(task.node)")
      }
    }
  }

  /// Waits until the run has lost its owner or is at its end, and takes it.
  private func takeOver() async throws -> RunHandle {
    while try await runner.recoverable().allSatisfy({ $0.run != run }) {
      if try await store.record(of: run)?.status == .finished { break }
      try await Task.sleep(for: .milliseconds(5))
    }
    return try await runner.resume(run)
  }

  /// Starts a run that does again what run `r` did from its beginning.
  private func replay() async throws -> RunHandle {
    try await runner.fork(from: CheckpointReference(run: "r", revision: 0), as: run, thread: thread)
  }

  private func finish(_ handle: RunHandle) async throws {
    let outcome = try await handle.outcome()
    let state = JSONValue.object(outcome.state.values).text
    Self.say("outcome \(outcome.record.status.rawValue) \(outcome.record.error?.description ?? "") \(state)")
  }

  private static func say(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = write(1, bytes, bytes.count)
  }
}
