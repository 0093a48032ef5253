/// An axis of values with round marks: 1, 2 or 5 times a power of ten apart.
struct AxisScale: Hashable {
  let low: Double
  let high: Double
  let ticks: [Double]

  /// A scale that holds all values, and nought when bars begin there.
  init(_ values: [Double], includesZero: Bool, count: Int = 5) {
    var low = values.min() ?? 0
    var high = values.max() ?? 1
    if includesZero {
      low = min(0, low)
      high = max(0, high)
    }
    if low == high {
      let half = max(abs(low) * 0.5, 0.5)
      (low, high) = includesZero ? (min(0, low - half), max(0, high + half)) : (low - half, high + half)
      if includesZero, values.allSatisfy({ $0 >= 0 }) { low = 0 }
      if includesZero, values.allSatisfy({ $0 <= 0 }), !values.allSatisfy({ $0 == 0 }) { high = 0 }
    }
    let step = Self.step((high - low) / Double(max(1, count)))
    self.low = (low / step).rounded(.down) * step
    self.high = (high / step).rounded(.up) * step
    var ticks: [Double] = []
    var index = 0.0
    while self.low + index * step <= self.high + step / 2, ticks.count < 40 {
      ticks.append(self.low + index * step)
      index += 1
    }
    self.ticks = ticks
  }

  /// Where a value lies, 0 at the low end and 1 at the high end.
  func share(of value: Double) -> Double { high == low ? 0.5 : (value - low) / (high - low) }

  /// The next larger of 1, 2, 5 times a power of ten.
  private static func step(_ rough: Double) -> Double {
    guard rough.isFinite, rough > 0 else { return 1 }
    var power = 1.0
    while power * 10 <= rough { power *= 10 }
    while power > rough { power /= 10 }
    for factor in [1.0, 2, 5] where factor * power >= rough { return factor * power }
    return 10 * power
  }
}
