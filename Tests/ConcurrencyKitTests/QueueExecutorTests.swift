import ConcurrencyKit
import Dispatch
import Glibc
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

    nonisolated func stepAtOnce() -> Void? {
      executor.runIfIdle { assumeIsolated { counter in counter.step() } }
    }

    func runsMoreMeanwhile() -> Bool { executor.runIfIdle {} != nil }
  }

  @Test func `runs an actor on its own queue and one step at a time`() async {
    let counter = Counter()
    await withTaskGroup { group in
      for _ in 0..<200 { group.addTask { await counter.step() } }
    }
    #expect(await counter.count == 200)
  }

  @Test func `runs short work on the calling thread, and on its queue, when it has nothing else to do`() {
    let executor = QueueExecutor(label: "coach.test")
    let caller = pthread_self()
    let isHere = executor.runIfIdle {
      dispatchPrecondition(condition: .onQueue(executor.queue))
      return pthread_equal(caller, pthread_self()) != 0
    }
    #expect(isHere == true)
  }

  @Test func `leaves short work alone while a job runs`() async {
    let counter = Counter()
    #expect(await counter.runsMoreMeanwhile() == false)
  }

  @Test func `takes turns with short work of many threads`() async {
    let counter = Counter()
    await withTaskGroup { group in
      for _ in 0..<200 {
        group.addTask { if counter.stepAtOnce() == nil { await counter.step() } }
      }
    }
    #expect(await counter.count == 200)
  }
}
