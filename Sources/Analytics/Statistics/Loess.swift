#if canImport(Glibc)
import Glibc
#else
import Foundation
#endif

/// Local linear regression with tricube weights on equally spaced values.
///
/// Source: Cleveland (1979), "Robust locally weighted regression and smoothing scatterplots", JASA 74.
enum Loess {
  /// Smooths every value.
  ///
  /// - Parameters:
  ///   - values: all finite.
  ///   - window: how many neighbours count, odd.
  ///   - weights: one more weight per value, or nil.
  /// - Returns: as many values.
  static func smooth(_ values: [Double], window: Int, weights: [Double]?) -> [Double] {
    smooth(values, window: window, weights: weights, from: 0, through: values.count - 1)
  }

  /// Smooths every value, and one place before the first and behind the last.
  static func smoothWithEnds(_ values: [Double], window: Int, weights: [Double]?) -> [Double] {
    smooth(values, window: window, weights: weights, from: -1, through: values.count)
  }

  private static func smooth(
    _ values: [Double],
    window: Int,
    weights: [Double]?,
    from first: Int,
    through last: Int
  ) -> [Double] {
    let count = values.count
    guard count > 1 else { return [Double](repeating: values.first ?? 0, count: max(0, last - first + 1)) }
    let half = window / 2
    let kernel = tricube(half: Double(half))
    let sum = kernel.reduce(0, +)
    return values.withUnsafeBufferPointer { values in
      (first...last).map { place in
        // Symmetric and unweighted: the line's value at its middle is the weighted mean.
        if weights == nil, place >= half, place + half < count {
          var top = 0.0
          for offset in 0..<kernel.count { top += kernel[offset] * values[place - half + offset] }
          return top / sum
        }
        return local(values, place, window, weights)
      }
    }
  }

  private static func tricube(half: Double) -> [Double] {
    let whole = Int(half)
    return (-whole...whole).map { weight(Double(abs($0)) / (half + 1e-12)) }
  }

  private static func weight(_ distance: Double) -> Double {
    if distance >= 0.999 { return 0 }
    let rest = 1 - distance * distance * distance
    return rest * rest * rest
  }

  private static func local(
    _ values: UnsafeBufferPointer<Double>,
    _ place: Int,
    _ window: Int,
    _ weights: [Double]?
  ) -> Double {
    let count = values.count
    let width = min(window, count)
    let start = min(max(place - width / 2, 0), count - width)
    var reach = Double(max(place - start, start + width - 1 - place))
    if window > count { reach += Double((window - count) / 2) }
    reach = max(reach, 1)
    var (s0, s1, s2, t0, t1) = (0.0, 0.0, 0.0, 0.0, 0.0)
    for index in start..<(start + width) {
      let distance = Double(index - place)
      let share = weight(abs(distance) / reach) * (weights?[index] ?? 1)
      s0 += share
      s1 += share * distance
      s2 += share * distance * distance
      t0 += share * values[index]
      t1 += share * distance * values[index]
    }
    guard s0 > 0 else { return values[min(max(place, 0), count - 1)] }
    let determinant = s0 * s2 - s1 * s1
    guard determinant > 1e-9 * s0 * s0 else { return t0 / s0 }
    return (s2 * t0 - s1 * t1) / determinant
  }
}
