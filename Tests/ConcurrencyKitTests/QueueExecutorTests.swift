import ConcurrencyKit
import Dispatch
import Testing

@Suite struct `A queue executor` {
  private actor Counter {
    private let executor = QueueExecutor(label: "coach.test")
    private(set) var count = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    func step() {
      dispatchPrecondition(condition: .onQueue(executor.queue))
      assertIsolated()
      count += 1
    }
  }

  @Test func `runs an actor on its own queue and one step at a time`() async {
    let counter = Counter()
    await withTaskGroup { group in
      for _ in 0..<200 { group.addTask { await counter.step() } }
    }
    #expect(await counter.count == 200)
  }
}
