#if canImport(Glibc)
import Glibc
#else
import Foundation
#endif

/// The scale on which a metric's noise is even: logarithms, as for most money and counts, or the values themselves.
///
/// Values stay as they are where some are negative, where zeros are common, or where logarithms turn ordinary low days
/// into a long lower tail that the values themselves do not have.
struct MetricScale {
  private let isLogarithmic: Bool
  /// Smaller values count as this one, so that an outage is a large but finite fall.
  private let floor: Double

  /// - Parameters:
  ///   - values: not-a-number where a value is missing.
  ///   - period: a seasonal period to compare over; 1 for none.
  init(_ values: [Double], period: Int) {
    let known = values.filter { !$0.isNaN }
    let median = Robust.median(known)
    let zeros = known.count { $0 == 0 }
    let floor = max(median * 0.02, 1e-12)
    self.floor = floor
    guard (known.min() ?? -1) >= 0, median > 0, zeros * 10 <= known.count else {
      isLogarithmic = false
      return
    }
    let logarithmic = Tails(known.map { log(max($0, floor)) }, period: period)
    let plain = Tails(known, period: period)
    let isLowTailLong = logarithmic.lowCount >= max(3, 0.02 * Double(known.count))
    isLogarithmic = !isLowTailLong || logarithmic.skewness + 0.1 + abs(plain.skewness) >= 0
  }

  /// How values lie around those of neighbouring periods.
  private struct Tails {
    /// How many lie more than four robust deviations below.
    var lowCount = 0.0
    /// Bowley's skewness with the outermost 2 % on both sides: -1...1.
    var skewness = 0.0

    init(_ values: [Double], period: Int) {
      let width = 2 * period
      guard values.count > 2 * width + 8 else { return }
      let rest = (width..<(values.count - width)).map { index in
        let (first, second) = (values[index - width], values[index - period])
        let (third, fourth) = (values[index + period], values[index + width])
        let extremes = max(max(first, second), max(third, fourth)) + min(min(first, second), min(third, fourth))
        // The mean of the two middle ones.
        return values[index] - (first + second + third + fourth - extremes) / 2
      }.sorted()
      let center = Robust.quantile(ofSorted: rest, 0.5)
      let limit = center - 4 * Robust.scale(rest, around: center)
      lowCount = Double(rest.prefix { $0 < limit }.count)
      let low = Robust.quantile(ofSorted: rest, 0.02)
      let high = Robust.quantile(ofSorted: rest, 0.98)
      if high > low { skewness = (high + low - 2 * center) / (high - low) }
    }
  }

  func transform(_ value: Double) -> Double { isLogarithmic && !value.isNaN ? log(max(value, floor)) : value }

  func restore(_ value: Double) -> Double { isLogarithmic ? exp(value) : value }
}
