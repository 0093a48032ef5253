import Testing

@testable import HTTPClientKit

@Suite struct `The deadlines of a transfer` {
  let start = ContinuousClock.now
  let limits = HTTPTimeLimits(firstByte: .seconds(10), idle: .seconds(5), total: .seconds(60))

  @Test func `before the first byte its limit counts, not the idle one`() {
    let deadlines = TransferDeadlines(limits, start: start)
    #expect(deadlines.next == start + .seconds(10))
    #expect(deadlines.expired(at: start + .seconds(9)) == nil)
    #expect(deadlines.expired(at: start + .seconds(10)) == .firstByteTimeout)
  }

  @Test func `each byte starts the idle limit anew`() {
    var deadlines = TransferDeadlines(limits, start: start)
    deadlines.bytesArrived(at: start + .seconds(9))
    #expect(deadlines.next == start + .seconds(14))
    deadlines.bytesArrived(at: start + .seconds(12))
    #expect(deadlines.expired(at: start + .seconds(16)) == nil)
    #expect(deadlines.expired(at: start + .seconds(17)) == .idleTimeout)
  }

  @Test func `a slow reader stops the idle limit but not the total`() {
    var deadlines = TransferDeadlines(limits, start: start)
    deadlines.bytesArrived(at: start)
    deadlines.pause()
    #expect(deadlines.expired(at: start + .seconds(59)) == nil)
    #expect(deadlines.expired(at: start + .seconds(60)) == .totalTimeout)
    deadlines.resume(at: start + .seconds(50))
    #expect(deadlines.next == start + .seconds(55))
  }

  @Test func `without limits nothing runs out`() {
    let deadlines = TransferDeadlines(HTTPTimeLimits(connect: nil, firstByte: nil, idle: nil), start: start)
    #expect(deadlines.next == nil)
    #expect(deadlines.expired(at: start + .seconds(1_000_000)) == nil)
  }
}
