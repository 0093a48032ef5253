import ConcurrencyKit
import FoundationEssentials
import Testing

@Suite struct `The wall clock` {
  @Test func `of the system moves on`() {
    let before = Date()
    let now = WallClock.system.now
    #expect(now >= before)
    #expect(now <= Date())
  }

  @Test func `in the hands of a test moves only when told to`() {
    let manual = ManualClock(Date(timeIntervalSince1970: 1_000))
    let clock = manual.wallClock
    #expect(clock.now == Date(timeIntervalSince1970: 1_000))
    manual.advance(by: .milliseconds(1_500))
    #expect(clock.now == Date(timeIntervalSince1970: 1_001.5))
    manual.advance(by: .seconds(-2))
    #expect(clock.now == Date(timeIntervalSince1970: 999.5))
    manual.set(Date(timeIntervalSince1970: 7))
    #expect(clock.now == manual.now)
    #expect(clock.now == Date(timeIntervalSince1970: 7))
  }

  @Test func `can stand still`() {
    #expect(WallClock.fixed(at: Date(timeIntervalSince1970: 3)).now == Date(timeIntervalSince1970: 3))
  }
}
