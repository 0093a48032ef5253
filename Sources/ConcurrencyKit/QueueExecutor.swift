public import Dispatch
import Synchronization

/// A serial executor over its own dispatch queue, so that blocking C calls stay off the shared thread pool.
///
/// An actor holds one and returns it as its `unownedExecutor`.
public final class QueueExecutor: SerialExecutor {
  /// The serial queue that runs every job.
  public let queue: DispatchQueue
  /// The jobs that wait or run.
  private let jobs = Atomic(0)

  /// Makes an executor with a serial queue of its own; `label` shows up in debuggers.
  public init(label: String) {
    queue = DispatchQueue(label: label)
  }

  /// Runs the job on the queue, after the jobs that came before it.
  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    jobs.add(1, ordering: .acquiringAndReleasing)
    queue.async { [self] in
      // The queue orders the jobs; the counter says so in a way that ThreadSanitizer understands.
      _ = jobs.load(ordering: .acquiring)
      job.runSynchronously(on: asUnownedSerialExecutor())
      jobs.subtract(1, ordering: .acquiringAndReleasing)
    }
  }

  /// Runs `body` on the queue but on the calling thread, without changing threads, if no job waits or runs.
  ///
  /// A job that comes between the look and the start is waited for.
  ///
  /// - Returns: what `body` returns, or nil when there were jobs; then `body` has not run.
  /// - Throws: what `body` throws.
  public func runIfIdle<Value>(_ body: () throws -> Value) rethrows -> Value? {
    guard jobs.compareExchange(expected: 0, desired: 1, ordering: .acquiringAndReleasing).exchanged else { return nil }
    defer { jobs.subtract(1, ordering: .acquiringAndReleasing) }
    return try queue.sync(execute: body)
  }

  /// Traps unless it is called on the queue.
  public func checkIsolated() {
    dispatchPrecondition(condition: .onQueue(queue))
  }
}
