import Testing

@testable import Analytics

@Suite struct `Simulated futures` {
  private static func futures(
    _ values: [Double],
    seed: UInt64 = 1,
    horizon: Int = 10
  ) throws -> (Forecast, SimulatedFutures) {
    let forecast = try Forecaster().forecast(values, periods: [7], horizon: horizon)
    var generator = SeededGenerator(seed: seed)
    return (forecast, forecast.futures(4_000, using: &generator))
  }

  @Test func `equal seeds give equal futures, other seeds others`() throws {
    let values = MadeSeries.weekly(90)
    let first = try Self.futures(values).1.measures(.sum)
    #expect(try first == Self.futures(values).1.measures(.sum))
    #expect(try first != Self.futures(values, seed: 2).1.measures(.sum))
  }

  @Test func `the seeded generator is SplitMix64`() {
    var generator = SeededGenerator(seed: 1_234_567)
    #expect(generator.next() == 6_457_827_717_110_365_317)
    #expect(generator.next() == 3_203_168_211_198_807_973)
  }

  @Test func `a higher target is less probable, and its opposite the rest`() throws {
    let (forecast, futures) = try Self.futures(MadeSeries.weekly(120))
    let expected = forecast.mean.reduce(0, +)
    let shares = [-30.0, -5, 0, 5, 30].map { futures.probability(of: Target(.sum, .atLeast, expected + $0)) }
    #expect(shares == shares.sorted(by: >))
    #expect(abs(shares[2] - 0.5) < 0.03)
    let below = futures.probability(of: Target(.sum, .atMost, expected + 5))
    #expect(abs(below + shares[3] - 1) < 1e-9)
  }

  @Test(arguments: [0.3, 0.5, 0.7])
  func `a suggested target is reached with the probability asked for`(_ probability: Double) throws {
    let (_, futures) = try Self.futures(MadeSeries.walk(100, seed: 3).map { 500 + $0 })
    for direction in [Target.Direction.atLeast, .atMost] {
      for measure in [Target.Measure.end, .sum, .mean] {
        let threshold = futures.threshold(reachedWith: probability, measure, direction)
        let share = futures.probability(of: Target(measure, direction, threshold))
        #expect(abs(share - probability) < 0.01)
      }
    }
  }

  @Test func `each step is spread as the intervals say`() throws {
    let (forecast, futures) = try Self.futures(MadeSeries.walk(100, seed: 4).map { 500 + $0 })
    for step in [0, 4, 9] {
      let band = forecast.interval(0.8)[step]
      let inside = (0..<futures.count).count { band.contains(futures[$0][futures[$0].startIndex + step]) }
      #expect(abs(Double(inside) / Double(futures.count) - 0.8) < 0.03)
    }
  }

  @Test func `a constant series has one future`() throws {
    let (_, futures) = try Self.futures([Double](repeating: 3, count: 20))
    #expect(futures.probability(of: Target(.end, .atLeast, 3)) == 1)
    #expect(futures.probability(of: Target(.end, .atLeast, 3.1)) == 0)
  }

  @Test func `futures of what was never negative are not negative`() throws {
    let (_, futures) = try Self.futures(MadeSeries.noise(60, seed: 2).map { abs($0) })
    #expect((0..<futures.count).allSatisfy { futures[$0].allSatisfy { $0 >= 0 } })
  }
}
