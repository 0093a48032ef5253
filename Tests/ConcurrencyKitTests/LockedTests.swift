import ConcurrencyKit
import Testing

@Suite struct `A locked value` {
  @Test func `counts every one of many concurrent steps`() async {
    let count = Locked(0)
    await withTaskGroup { group in
      for _ in 0..<50 {
        group.addTask {
          for _ in 0..<100 { count.withLock { $0 += 1 } }
        }
      }
    }
    #expect(count.current == 5_000)
  }

  @Test func `hands on the error of its body with its type and stays usable`() {
    let locked = Locked([1])
    #expect(throws: DeadlineExceeded()) {
      try locked.withLock { (_: inout sending [Int]) throws(DeadlineExceeded) in throw DeadlineExceeded() }
    }
    locked.withLock { $0.append(2) }
    #expect(locked.current == [1, 2])
  }
}
