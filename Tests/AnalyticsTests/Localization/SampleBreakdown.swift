import Analytics
import Glibc

/// The same numbers for the same seed (SplitMix64).
struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: Int) { state = UInt64(truncatingIfNeeded: seed) &* 0x9e37_79b9_7f4a_7c15 &+ 1 }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  mutating func uniform() -> Double { Double.random(in: 0..<1, using: &self) }

  mutating func normal() -> Double {
    (-2 * log(max(uniform(), 1e-300))).squareRoot() * cos(2 * .pi * uniform())
  }

  /// A count around a mean: a Poisson variable, or its normal limit.
  mutating func count(_ mean: Double) -> Double {
    if mean > 50 { return max((mean + mean.squareRoot() * normal()).rounded(), 0) }
    var product = uniform()
    var count = 0.0
    while product > exp(-mean) {
      product *= uniform()
      count += 1
    }
    return count
  }

  /// How many of `trials` succeed.
  mutating func successes(of trials: Double, rate: Double) -> Double {
    var count = 0.0
    for _ in 0..<Int(trials) where uniform() < rate { count += 1 }
    return count
  }
}

/// A made-up business: countries, devices and plans over 56 days with a weekly rhythm, and a day to explain.
struct SampleBreakdown {
  static let dimensions = [
    BreakdownTable.Dimension(name: "country", values: ["DE", "FR", "US", "GB"]),
    BreakdownTable.Dimension(name: "device", values: ["desktop", "mobile", "tablet"]),
    BreakdownTable.Dimension(name: "plan", values: ["free", "starter", "pro"]),
  ]
  static let periods = 56
  static let weekdays = [1.0, 1.05, 0.95, 1.1, 1.2, 0.8, 0.7]

  /// A factor on the last day for the leaves that meet all conditions.
  struct Event: Sendable {
    var conditions: [String: String]
    var factor: Double
  }

  var codes: [[UInt32]] = [[], [], []]
  private var names: [[String: String]] = []
  private var sizes: [Double] = []

  init() {
    for (c, country) in Self.dimensions[0].values.enumerated() {
      for (d, device) in Self.dimensions[1].values.enumerated() {
        for (p, plan) in Self.dimensions[2].values.enumerated() {
          for (column, code) in [c, d, p].enumerated() { codes[column].append(UInt32(code)) }
          names.append(["country": country, "device": device, "plan": plan])
          sizes.append(40 * [1, 0.6, 0.8, 0.4][c] * [1, 0.8, 0.3][d] * [1, 0.7, 0.5][p])
        }
      }
    }
  }

  private func factor(_ leaf: Int, _ events: [Event]) -> Double {
    events.reduce(1) { factor, event in
      event.conditions.allSatisfy { names[leaf][$0.key] == $0.value } ? factor * event.factor : factor
    }
  }

  private func volume(_ leaf: Int, _ day: Int, _ shocks: [Double], scale: Double) -> Double {
    sizes[leaf] * scale * Self.weekdays[day % 7] * shocks[day]
  }

  /// Counts of orders.
  func orders(seed: Int, events: [Event] = [], scale: Double = 3) -> BreakdownTable {
    var numbers = SeededNumbers(seed)
    let shocks = (0...Self.periods).map { _ in exp(0.03 * numbers.normal()) }
    var values: [Double] = []
    var actual: [Double] = []
    for leaf in sizes.indices {
      for day in 0..<Self.periods { values.append(numbers.count(volume(leaf, day, shocks, scale: scale))) }
      let mean = volume(leaf, Self.periods, shocks, scale: scale) * factor(leaf, events)
      actual.append(numbers.count(mean))
    }
    return BreakdownTable(
      dimensions: Self.dimensions,
      codes: codes,
      measure: .sum(actual: actual, expected: []),
      history: BreakdownTable.History(periods: Self.periods, season: 7, values: values)
    )
  }

  /// Orders per visit, of which `rates` change the ratio and `volumes` the visits.
  ///
  /// Mobile converts at half of the others' rate.
  func conversion(seed: Int, rates: [Event] = [], volumes: [Event] = [], base: Double = 0.2) -> BreakdownTable {
    var numbers = SeededNumbers(seed)
    let shocks = (0...Self.periods).map { _ in exp(0.03 * numbers.normal()) }
    var history = BreakdownTable.History(periods: Self.periods, season: 7, values: [])
    var now = BreakdownTable.Parts.none
    for leaf in sizes.indices {
      let rate = base * (names[leaf]["device"] == "mobile" ? 0.5 : 1)
      for day in 0..<Self.periods {
        let visits = numbers.count(volume(leaf, day, shocks, scale: 5))
        history.denominators.append(visits)
        history.values.append(numbers.successes(of: visits, rate: rate))
      }
      let visits = numbers.count(volume(leaf, Self.periods, shocks, scale: 5) * factor(leaf, volumes))
      now.denominator.append(visits)
      now.numerator.append(numbers.successes(of: visits, rate: rate * factor(leaf, rates)))
    }
    return BreakdownTable(
      dimensions: Self.dimensions,
      codes: codes,
      measure: .ratio(actual: now, expected: .none),
      history: history
    )
  }
}
