public import Dispatch

/// A serial executor over its own dispatch queue, so that blocking C calls stay off the shared thread pool.
///
/// An actor holds one and returns it as its `unownedExecutor`.
public final class QueueExecutor: SerialExecutor {
  /// The serial queue that runs every job.
  public let queue: DispatchQueue

  /// Makes an executor with a serial queue of its own; `label` shows up in debuggers.
  public init(label: String) {
    queue = DispatchQueue(label: label)
  }

  /// Runs the job on the queue, after the jobs that came before it.
  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { [self] in
      job.runSynchronously(on: asUnownedSerialExecutor())
    }
  }

  /// Traps unless it is called on the queue.
  public func checkIsolated() {
    dispatchPrecondition(condition: .onQueue(queue))
  }
}
