#if canImport(Glibc)
import Glibc
#else
import Foundation
#endif

/// The scale on which a metric's noise is even: logarithms for positive values, else the values themselves.
struct MetricScale {
  private let isLogarithmic: Bool
  /// Smaller values count as this one, so that an outage is a large but finite fall.
  private let floor: Double

  /// - Parameter values: not-a-number where a value is missing.
  init(_ values: [Double]) {
    let known = values.filter { !$0.isNaN }
    let zeros = known.count { $0 == 0 }
    let median = Robust.median(known)
    isLogarithmic = (known.min() ?? -1) >= 0 && median > 0 && zeros * 10 <= known.count
    floor = median * 0.02
  }

  func transform(_ value: Double) -> Double { isLogarithmic && !value.isNaN ? log(max(value, floor)) : value }

  func restore(_ value: Double) -> Double { isLogarithmic ? exp(value) : value }
}
