#if canImport(Glibc)
import Glibc
#else
import Foundation
#endif

/// Seasonal indices by the ratio-to-moving-average method, and the test that says whether to use them.
///
/// Source: Makridakis, Wheelwright, Hyndman (1998), "Forecasting: Methods and Applications", chapter 3.
enum ClassicalSeason {
  /// One index per phase, centred: summing to 0 (additive) or averaging 1 (multiplicative).
  ///
  /// - Parameters:
  ///   - values: at least two periods, all finite; positive for multiplicative indices.
  ///   - period: at least 2.
  ///   - multiplicative: whether the index is a factor.
  /// - Returns: `period` indices; neutral ones where the series is too short.
  static func indices(_ values: [Double], period: Int, multiplicative: Bool) -> [Double] {
    let neutral = multiplicative ? 1.0 : 0.0
    guard period > 1, values.count >= 2 * period else { return [Double](repeating: neutral, count: max(period, 1)) }
    let (trend, offset) = movingAverage(values, period: period)
    var sums = [Double](repeating: 0, count: period)
    var counts = [Double](repeating: 0, count: period)
    for (index, level) in trend.enumerated() {
      let phase = (index + offset) % period
      let value = values[index + offset]
      if multiplicative {
        guard level > 0 else { continue }
        sums[phase] += value / level
      } else {
        sums[phase] += value - level
      }
      counts[phase] += 1
    }
    var indices = (0..<period).map { counts[$0] > 0 ? sums[$0] / counts[$0] : neutral }
    let mean = indices.reduce(0, +) / Double(period)
    if multiplicative {
      guard mean > 0 else { return [Double](repeating: 1, count: period) }
      for phase in 0..<period { indices[phase] = max(indices[phase] / mean, 0.01) }
    } else {
      for phase in 0..<period { indices[phase] -= mean }
    }
    return indices
  }

  /// The centred moving average over one period, and the place of its first value.
  static func movingAverage(_ values: [Double], period: Int) -> (values: [Double], offset: Int) {
    let even = period % 2 == 0
    let width = even ? period + 1 : period
    guard values.count >= width else { return ([], 0) }
    var answer: [Double] = []
    answer.reserveCapacity(values.count - width + 1)
    var sum = 0.0
    for index in 0..<width { sum += values[index] }
    for start in 0...(values.count - width) {
      if start > 0 { sum += values[start + width - 1] - values[start - 1] }
      let ends = even ? 0.5 * (values[start] + values[start + width - 1]) : 0
      answer.append((sum - ends) / Double(period))
    }
    return (answer, width / 2)
  }

  /// Whether the autocorrelation at the period is larger than chance makes it, at 90 %.
  ///
  /// Source: Assimakopoulos and Nikolopoulos (2000), "The theta model", IJF 16(4); the limit is Bartlett's.
  static func isSignificant(_ values: [Double], period: Int) -> Bool {
    guard period > 1, values.count >= 3 * period else { return false }
    let correlations = Autocorrelation.of(values, upTo: period)
    var squares = 0.0
    for lag in 1..<period { squares += correlations[lag] * correlations[lag] }
    let limit = 1.645 * ((1 + 2 * squares) / Double(values.count)).squareRoot()
    return abs(correlations[period]) > limit
  }
}
