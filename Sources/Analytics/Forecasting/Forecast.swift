#if canImport(Glibc)
import Glibc
#else
import Foundation
#endif

/// What a series will probably do.
public struct Forecast: Sendable {
  /// The expected values, one per step.
  public let mean: [Double]
  let errors: ForecastErrorModel?
  /// Whether the series has never been negative, so that neither forecasts nor intervals are.
  public let isNonnegative: Bool
  /// The models whose median this is; empty for a constant series.
  public let models: [String]
  /// How many missing values were filled in.
  public let filled: Int
  /// How many single wild values were moved back before the models saw them.
  public let moved: Int

  /// The band that holds the future value with a probability, at each step.
  ///
  /// - Parameter level: the probability, for instance 0.8 or 0.95; strictly between 0 and 1.
  /// - Returns: one range per step; a single value where the series never changed.
  public func interval(_ level: Double) -> [ClosedRange<Double>] {
    let reach = errors?.shape.value(at: Distributions.normalQuantile(0.5 + min(max(level, 0), 0.9999) / 2)) ?? 0
    return zip(mean, deviations).map { value, deviation in
      let low = value - reach * deviation
      return (isNonnegative ? max(low, 0) : low)...(value + reach * deviation)
    }
  }

  /// The standard deviation at each step.
  public var deviations: [Double] {
    errors?.deviations(around: mean) ?? [Double](repeating: 0, count: mean.count)
  }
}
