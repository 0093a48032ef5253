import ConcurrencyKit
import Testing

@Suite struct `A backoff` {
  @Test(arguments: zip([0, 1, 2, 3, 4, 5, 1_000_000], [100, 100, 200, 400, 800, 1_000, 1_000]))
  func `grows by its factor up to its maximum`(retry: Int, milliseconds: Int) {
    let backoff = Backoff(initial: .milliseconds(100), multiplier: 2, maximum: .seconds(1), jitter: 0)
    var generator = SplitMix64(seed: 1)
    let delay = backoff.delay(beforeRetry: retry, using: &generator)
    #expect(abs((delay - .milliseconds(milliseconds)) / .milliseconds(1)) < 0.001)
  }

  @Test func `spreads its delays downwards only, by no more than its share`() {
    let backoff = Backoff(initial: .seconds(1), multiplier: 3, maximum: .seconds(10), jitter: 0.25)
    var generator = SplitMix64(seed: 7)
    let delays = (0..<1_000).map { _ in backoff.delay(beforeRetry: 9, using: &generator) }
    #expect(delays.allSatisfy { $0 <= .seconds(10) && $0 >= .milliseconds(7_499) })
    #expect(Set(delays).count > 900)
  }

  @Test func `gives equal delays for equal seeds`() {
    let backoff = Backoff(initial: .seconds(1), maximum: .seconds(60))
    func delays(seed: UInt64) -> [Duration] {
      var generator = SplitMix64(seed: seed)
      return (1...5).map { backoff.delay(beforeRetry: $0, using: &generator) }
    }
    #expect(delays(seed: 1) == delays(seed: 1))
    #expect(delays(seed: 1) != delays(seed: 2))
  }

  @Test func `brings senseless settings to their nearest sense`() {
    let backoff = Backoff(initial: .seconds(9), multiplier: .nan, maximum: .seconds(5), jitter: 7)
    #expect(backoff.initial == .seconds(5))
    #expect(backoff.multiplier == 1)
    #expect(backoff.jitter == 1)
    #expect(backoff.ceiling(beforeRetry: 3) == .seconds(5))
  }
}

@Suite struct `The SplitMix64 generator` {
  // The published sequence for seed 1234567; see https://rosettacode.org/wiki/Pseudo-random_numbers/Splitmix64.
  @Test func `repeats the published sequence`() {
    var generator = SplitMix64(seed: 1_234_567)
    #expect(generator.next() == 6_457_827_717_110_365_317)
    #expect(generator.next() == 3_203_168_211_198_807_973)
    #expect(generator.next() == 9_817_491_932_198_370_423)
  }
}
