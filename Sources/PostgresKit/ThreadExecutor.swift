import ConcurrencyKit
import Dispatch
import Glibc

/// A serial executor with a thread of its own, for work that waits for the network as long as it takes.
///
/// A dispatch queue will not do: on Linux the threads of queues and of tasks come from one pool, which grows only while
/// fewer threads than cores are running. A few connections that wait, and tasks that compute, would keep every other
/// connection from being served.
final class ThreadExecutor: SerialExecutor {
  /// What the thread works on; it outlives the executor until the thread has seen that it is closed.
  private final class Inbox: Sendable {
    private struct Contents: Sendable {
      var jobs: [@Sendable () -> Void] = []
      var isClosed = false
    }

    private let contents = Locked(Contents())
    private let bell = DispatchSemaphore(value: 0)

    func put(_ job: @escaping @Sendable () -> Void) {
      contents.withLock { $0.jobs.append(job) }
      bell.signal()
    }

    func close() {
      contents.withLock { $0.isClosed = true }
      bell.signal()
    }

    /// The whole life of the thread.
    func work() {
      while !workOff() { bell.wait() }
    }

    /// Runs what is there; true after the last.
    private func workOff() -> Bool {
      let batch = contents.withLock { contents in
        defer { contents.jobs = [] }
        return contents
      }
      for job in batch.jobs { job() }
      return batch.isClosed
    }
  }

  private let inbox = Inbox()

  /// Starts the thread.
  ///
  /// - Throws: `PostgresFailure` of kind `outOfMemory` when the system has no more threads.
  init() throws(PostgresFailure) {
    let context = Unmanaged.passRetained(inbox)
    var thread = pthread_t()
    let code = pthread_create(&thread, nil, Self.main, context.toOpaque())
    guard code == 0 else {
      context.release()
      throw PostgresFailure(kind: .outOfMemory, message: "no thread can be started: \(String(cString: strerror(code)))")
    }
    pthread_detach(thread)
  }

  // Each job holds the executor, so no job is left when it goes.
  deinit { inbox.close() }

  private static let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
    guard let context else { return nil }
    Unmanaged<Inbox>.fromOpaque(context).takeRetainedValue().work()
    return nil
  }

  /// Runs the job on the thread, after the jobs that came before it.
  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    inbox.put { [self] in job.runSynchronously(on: asUnownedSerialExecutor()) }
  }
}
