#if canImport(Glibc)
import Glibc
#else
import Foundation
#endif

/// How standardised forecast errors are spread: a monotone, symmetric function of a standard normal value.
///
/// A blend of the absolute errors seen (their empirical quantiles) and Student's t with 4 degrees of freedom, which
/// holds where few errors were seen. The weights were set by the coverage of held-out forecasts.
struct ErrorShape: Sendable {
  /// Error counts at which both sides weigh the same.
  private static let priorCount = 150.0
  /// Tabulated at 0, 1/8, … standard deviations.
  private static let resolution = 8.0
  private static let last = 5.0
  private let table: [Double]

  /// - Parameters:
  ///   - errors: absolute standardised errors, ascending.
  ///   - inflation: a factor on all of them.
  init(sortedErrors errors: [Double], inflation: Double) {
    let weight = Double(errors.count) / (Double(errors.count) + Self.priorCount)
    table = (0...Int(Self.last * Self.resolution)).map { index in
      let share = 2 * Distributions.normalShare(below: Double(index) / Self.resolution) - 1
      let student = 0.93 * Distributions.student4Quantile(0.5 + share / 2)
      // Far tails were seen rarely or never: the largest errors are stretched a little.
      let seen = Robust.quantile(ofSorted: errors, share) * (1 + 0.05 * min(1, max(0, (share - 0.8) / 0.15)))
      return inflation * (weight * max(seen, index == 0 ? 0 : 1e-12) + (1 - weight) * student)
    }
  }

  /// The standardised error that lies where `normal` lies among standard normal values.
  func value(at normal: Double) -> Double {
    let place = abs(normal) * Self.resolution
    let below = min(Int(place), table.count - 2)
    let value = table[below] + (place - Double(below)) * (table[below + 1] - table[below])
    return normal < 0 ? -value : value
  }
}
