import Dispatch
import Testing

@testable import ConcurrencyKit

@Suite(.timeLimit(.minutes(1))) struct `The alarm of deadlines` {
  @Test func `rings in the order of the deadlines and not before them`() async {
    let alarm = DeadlineAlarm()
    let (rings, report) = AsyncStream.makeStream(of: Int.self)
    let start = ContinuousClock.now
    for delay in [30, 10, 20, 0] {
      _ = alarm.set(.after(.milliseconds(delay), from: start)) {
        #expect(start.duration(to: .now) >= .milliseconds(delay))
        report.yield(delay)
      }
    }
    var order: [Int] = []
    for await ring in rings {
      order.append(ring)
      if order.count == 4 { break }
    }
    #expect(order == [0, 10, 20, 30])
  }

  @Test func `does not ring for what was taken back`() async {
    let alarm = DeadlineAlarm()
    let (rings, report) = AsyncStream.makeStream(of: String.self)
    let ticket = alarm.set(.after(.milliseconds(5))) { report.yield("taken back") }
    #expect(alarm.takeBack(ticket))
    #expect(!alarm.takeBack(ticket))
    _ = alarm.set(.after(.milliseconds(10))) { report.yield("kept") }
    #expect(await rings.first { _ in true } == "kept")
  }

  @Test func `says when it is too late to take an entry back`() async {
    let alarm = DeadlineAlarm()
    let (rings, report) = AsyncStream.makeStream(of: Void.self)
    let ticket = alarm.set(.after(.milliseconds(1))) { report.yield() }
    _ = await rings.first { _ in true }
    #expect(!alarm.takeBack(ticket))
  }

  @Test func `keeps little of what was taken back long before its time`() {
    let alarm = DeadlineAlarm()
    let kept = (0..<10).map { _ in alarm.set(.after(.seconds(3_600))) {} }
    for _ in 0..<10_000 { #expect(alarm.takeBack(alarm.set(.after(.seconds(600))) {})) }
    #expect(alarm.count < 200)
    for ticket in kept { #expect(alarm.takeBack(ticket)) }
  }

  @Test(arguments: UInt64(1)...20)
  func `keeps the earliest first whatever comes and goes`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let start = ContinuousClock.now
    var queue = DeadlineQueue()
    var expected: [Int] = []
    for step in 0..<300 {
      if step % 50 == 49 {
        let odd = expected.filter { $0 % 2 == 1 }
        queue.removeAll { $0 % 2 == 1 }
        expected.removeAll { odd.contains($0) }
      } else if Bool.random(using: &random) || expected.isEmpty {
        let number = Int.random(in: 0..<1_000_000, using: &random)
        queue.insert(start + .milliseconds(number), UInt64(number))
        expected.append(number)
        expected.sort()
      } else {
        queue.removeFirst()
        expected.removeFirst()
      }
      #expect(queue.first.map { Int($0.number) } == expected.first)
      #expect(queue.count == expected.count)
    }
  }
}
