#if canImport(Glibc)
import Glibc
#else
import Foundation
#endif

/// The season of a series that may hold anomalies.
enum SeasonalPattern {
  /// The first candidate period that the detrended, winsorised series repeats at.
  ///
  /// - Parameters:
  ///   - values: all finite.
  ///   - candidates: periods to try; one needs three repetitions.
  /// - Returns: a period whose autocorrelation exceeds 0.15 and what chance makes it at 95 % (1.7/√n), or nil.
  static func period(of values: [Double], among candidates: [Int]) -> Int? {
    candidates.first { period in
      guard period > 1, values.count >= 3 * period else { return false }
      let rest = zip(values, rollingMedian(values, window: 2 * period + 1)).map { $0 - $1 }
      let low = Robust.quantile(rest, 0.02)
      let high = Robust.quantile(rest, 0.98)
      let limit = max(0.15, 1.7 / Double(values.count).squareRoot())
      return Autocorrelation.of(rest.map { min(max($0, low), high) }, upTo: period)[period] > limit
    }
  }

  /// The season value by value: phase medians around the rolling median, summing to zero.
  ///
  /// - Parameters:
  ///   - values: all finite.
  ///   - period: at least 2.
  /// - Returns: one value per value.
  static func season(_ values: [Double], period: Int) -> [Double] {
    let rest = zip(values, rollingMedian(values, window: 2 * period + 1)).map { $0 - $1 }
    var phases = (0..<period).map { phase in
      Robust.median(stride(from: phase, to: rest.count, by: period).map { rest[$0] })
    }
    let mean = phases.reduce(0, +) / Double(period)
    for phase in 0..<period { phases[phase] -= mean }
    return values.indices.map { phases[$0 % period] }
  }

  /// The median over a window around each value; at the ends over what there is.
  static func rollingMedian(_ values: [Double], window: Int) -> [Double] {
    let half = window / 2
    var sorted = Array(values.prefix(half)).sorted()
    func place(_ value: Double) -> Int {
      var low = 0
      var high = sorted.count
      while low < high {
        let middle = (low + high) / 2
        if sorted[middle] < value { low = middle + 1 } else { high = middle }
      }
      return low
    }
    return values.indices.map { index in
      if index + half < values.count { sorted.insert(values[index + half], at: place(values[index + half])) }
      if index - half - 1 >= 0 { sorted.remove(at: place(values[index - half - 1])) }
      return Robust.quantile(ofSorted: sorted, 0.5)
    }
  }
}
