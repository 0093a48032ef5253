import ConcurrencyKit
import Testing

@Suite struct `A deadline` {
  private struct Fault: Error {}

  @Test func `knows the time that is left, which is never negative`() {
    let start = ContinuousClock.now
    let deadline = Deadline.after(.seconds(10), from: start)
    #expect(deadline.remaining(at: start + .seconds(4)) == .seconds(6))
    #expect(deadline.remaining(at: start + .seconds(11)) == .zero)
    #expect(!deadline.hasPassed(at: start + .seconds(9)))
    #expect(deadline.hasPassed(at: start + .seconds(10)))
    #expect(deadline < .after(.seconds(11), from: start))
    #expect(Deadline.after(.seconds(-1)).hasPassed)
  }

  @Test func `lets an operation answer in time`() async throws {
    #expect(try await withDeadline(after: .seconds(60)) { 42 } == 42)
  }

  @Test func `hands on the error of the operation`() async {
    await #expect(throws: Fault.self) {
      try await withDeadline(after: .seconds(60)) { throw Fault() }
    }
  }

  @Test func `cancels an operation that is late`() async {
    let wasCancelled = Locked(false)
    await #expect(throws: DeadlineExceeded.self) {
      try await withDeadline(after: .milliseconds(10)) {
        try await withTaskCancellationHandler {
          try await Task.sleep(for: .seconds(60))
        } onCancel: {
          wasCancelled.withLock { $0 = true }
        }
      }
    }
    #expect(wasCancelled.current)
  }

  @Test func `that has passed starts nothing`() async {
    let hasStarted = Locked(false)
    await #expect(throws: DeadlineExceeded.self) {
      try await withDeadline(.after(.zero)) { hasStarted.withLock { $0 = true } }
    }
    #expect(!hasStarted.current)
  }

  @Test func `passes the cancellation of its caller on`() async {
    let task = Task {
      try await withDeadline(after: .seconds(60)) { try await Task.sleep(for: .seconds(60)) }
    }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test func `says how to mend it`() {
    #expect("\(DeadlineExceeded())".contains("more time"))
  }
}
