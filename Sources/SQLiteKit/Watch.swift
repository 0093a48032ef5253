import CSQLite
import ConcurrencyKit

/// Tells SQLite's progress callback now and then whether the statement may go on.
final class Watch {
  /// Instructions between two looks: some ten thousandths of a second.
  private static let interval: Int32 = 1_000

  private let deadline: Deadline
  private(set) var stop: SQLiteFailure.Kind?

  init(deadline: Deadline) {
    self.deadline = deadline
  }

  /// Whether the statement may go on; notes the reason when it may not.
  func mayGoOn() -> Bool {
    // The callback runs on the thread of the task that runs the statement, so this is that task's own flag.
    if Task.isCancelled {
      stop = .cancelled
    } else if deadline.hasPassed {
      stop = .timedOut
    }
    return stop == nil
  }

  /// Runs `body` with this watch installed on the connection.
  func installed<Value>(
    on connection: OpaquePointer,
    _ body: () throws(SQLiteFailure) -> Value
  ) throws(SQLiteFailure) -> Value {
    let context = Unmanaged.passRetained(self)
    sqlite3_progress_handler(connection, Self.interval, Self.callback, context.toOpaque())
    defer {
      sqlite3_progress_handler(connection, 0, nil, nil)
      context.release()
    }
    return try body()
  }

  private static let callback: @convention(c) (UnsafeMutableRawPointer?) -> Int32 = { context in
    guard let context else { return 1 }
    return Unmanaged<Watch>.fromOpaque(context).takeUnretainedValue().mayGoOn() ? 0 : 1
  }
}
