import ConcurrencyKit
import SQLiteKit
import StateGraph

/// Puts what several callers write at the same time into one transaction; each goes on when it is committed.
///
/// A write must refuse itself, by a `CheckpointFailure`, before it has changed anything: then the others of its group are
/// kept. Any other failure undoes the group, and each write is tried in a transaction of its own.
final class GroupCommit: Sendable {
  typealias Body = @Sendable (borrowing SQLiteSession) throws -> Void

  private struct Job: Sendable {
    let body: Body
    let continuation: CheckedContinuation<Result<Void, any Error>, Never>
  }

  private struct State: Sendable {
    var waiting: [Job] = []
    var isAtWork = false
  }

  /// The most writes of one transaction.
  private static let most = 256

  private let connection: SQLiteConnection
  private let waitsForDisk: Bool
  private let state = Locked(State())

  init(_ connection: SQLiteConnection, waitsForDisk: Bool) {
    self.connection = connection
    self.waitsForDisk = waitsForDisk
  }

  /// Runs a write and returns when it is committed.
  func write(_ body: @escaping Body) async throws {
    let isLeader = state.withLock { state in
      guard state.isAtWork else {
        state.isAtWork = true
        return true
      }
      return false
    }
    guard isLeader else {
      return try await withCheckedContinuation { continuation in enqueue(Job(body: body, continuation: continuation)) }
        .get()
    }
    // Nobody else is writing: no need to wait for company.
    let result = await commit([body])
    passOn()
    try result[0].get()
  }

  private func enqueue(_ job: Job) {
    let isLeader = state.withLock { state in
      state.waiting.append(job)
      // The leader may have left between the two looks.
      if state.isAtWork { return false }
      state.isAtWork = true
      return true
    }
    if isLeader { passOn() }
  }

  /// Commits what has gathered meanwhile, in a task of its own, until nothing is left.
  private func passOn() {
    let isDone = state.withLock { state in
      if state.waiting.isEmpty { state.isAtWork = false }
      return state.waiting.isEmpty
    }
    guard !isDone else { return }
    Task {
      while let jobs = take() {
        let results = await commit(jobs.map(\.body))
        for (job, result) in zip(jobs, results) { job.continuation.resume(returning: result) }
      }
    }
  }

  private func take() -> [Job]? {
    state.withLock { state -> [Job]? in
      guard !state.waiting.isEmpty else {
        state.isAtWork = false
        return nil
      }
      let jobs = Array(state.waiting.prefix(Self.most))
      state.waiting.removeFirst(jobs.count)
      return jobs
    }
  }

  private func commit(_ bodies: [Body]) async -> [Result<Void, any Error>] {
    let work: @Sendable (borrowing SQLiteSession) throws -> [Result<Void, any Error>] = { session in
      try bodies.map { body in
        do {
          return .success(try body(session))
        } catch let refusal as CheckpointFailure {
          return .failure(refusal)
        }
      }
    }
    do {
      // A single write goes to the page cache within microseconds, less than two changes of thread take.
      if bodies.count == 1, !waitsForDisk, let results = try connection.transactionAtOnce(work) { return results }
      return try await connection.transaction(work)
    } catch {
      if bodies.count == 1 { return [.failure(error)] }
      var results: [Result<Void, any Error>] = []
      for body in bodies { results += await commit([body]) }
      return results
    }
  }
}
