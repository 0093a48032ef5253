#if canImport(Glibc)
import Glibc
#else
import Foundation
#endif

/// Forecasts one series at a time: the median of several models, with intervals from rolling-origin errors.
///
/// The same input gives the same output; nothing here is random.
public struct Forecaster: Sendable {
  /// The furthest horizon.
  public static let maximumHorizon = 1_000
  /// The longest series.
  public static let maximumCount = 200_000
  /// The fewest known values.
  public static let minimumCount = 4
  /// Models see at most this many of the latest values, for time and because older ones say little.
  static let window = 1_000

  /// A forecaster.
  public init() {}

  /// Forecasts a series.
  ///
  /// - Parameters:
  ///   - values: equally spaced, oldest first; not-a-number where a value is missing.
  ///   - periods: seasonal periods in values, for instance `[7]` for days or `[24, 168]` for hours; those that the
  ///     series holds less than twice are passed over.
  ///   - horizon: how many values to forecast, 1...``maximumHorizon``.
  /// - Returns: the forecast with its intervals.
  /// - Throws: ``ForecastFault`` for a series or horizon that cannot be forecast.
  public func forecast(_ values: [Double], periods: [Int] = [], horizon: Int) throws(ForecastFault) -> Forecast {
    guard (1...Self.maximumHorizon).contains(horizon) else { throw .horizonOutOfRange(horizon) }
    guard values.count <= Self.maximumCount else { throw .tooLong(count: values.count) }
    if let index = values.firstIndex(where: { $0.isInfinite }) { throw .infiniteValue(index: index) }
    let known = values.count { !$0.isNaN }
    guard known >= Self.minimumCount else { throw .tooLittleHistory(known: known, needed: Self.minimumCount) }
    let seasonal = Array(Set(periods.filter { $0 > 1 })).sorted()
    let latest = Array(values.suffix(max(Self.window, 3 * (seasonal.last ?? 1))))
    let series = PreparedSeries(latest, period: seasonal.first ?? 1)
    let members = EnsembleMembers(series.values, periods: seasonal)
    return Self.forecast(series, members, seasonal, horizon)
  }

  private static func forecast(
    _ series: PreparedSeries,
    _ members: EnsembleMembers,
    _ periods: [Int],
    _ horizon: Int
  ) -> Forecast {
    let values = series.values
    let origins = origins(count: values.count, period: periods.first ?? 1, horizon: horizon)
    let rolling = members.forecasts(from: origins + [values.count], horizon: horizon)
    let isNonnegative = values.allSatisfy { $0 >= 0 }
    var mean = rolling[rolling.count - 1]
    if isNonnegative { mean = mean.map { max($0, 0) } }
    let actual = origins.map { values[$0..<min($0 + horizon, values.count)] }
    let errors = ForecastErrorModel(
      forecasts: Array(rolling.dropLast()),
      actual: actual,
      mayDependOnLevel: (values.min() ?? 0) > 0,
      inflation: inflation(count: values.count, periods: periods, horizon: horizon)
    )
    return Forecast(
      mean: mean,
      errors: errors,
      isNonnegative: isNonnegative,
      models: members.names,
      filled: series.filled,
      moved: series.moved.count
    )
  }

  /// How much larger errors of new forecasts are than those of forecasts with the same parameters from the past.
  ///
  /// Set by the coverage of held-out forecasts: short series and far horizons need more; a second period whose season
  /// was estimated from r repetitions shrinks past errors by √(1-1/r) and adds its own by √(1+1/r).
  private static func inflation(count: Int, periods: [Int], horizon: Int) -> Double {
    let base = 1 + (0.5 * Double(horizon) + 1.5) / Double(count)
    guard let long = periods.dropFirst().last(where: { count >= 2 * $0 + 1 }) else { return base }
    let repetitions = Double(count) / Double(long)
    return base * ((1 + 1 / repetitions) / (1 - 1 / repetitions)).squareRoot()
  }

  /// From where past forecasts are made: at most 40 places in the later part of the series.
  private static func origins(count: Int, period: Int, horizon: Int) -> [Int] {
    let first = min(max(count / 3, min(2 * period, count / 2), 4), count - 1)
    let places = count - first
    let step = max(1, (places + 39) / 40)
    return Array(stride(from: count - 1, through: first, by: -step).reversed())
  }
}
