#if canImport(Glibc)
import Glibc
#else
import Foundation
#endif

/// How far forecasts have been off, by steps ahead: the source of intervals and simulated futures.
///
/// Errors grow like those of exponential smoothing with smoothing constant a and slope constant b: the error k steps
/// ahead is the sum of k shocks with weights 1, a+b, a+2b, … (Hyndman, Koehler, Ord, Snyder (2008), "Forecasting with
/// Exponential Smoothing", table 6.1). Scale, a and b are those most likely to have made the rolling-origin errors.
/// Where errors grow with the level, shocks are shares of a power of the forecast.
struct ForecastErrorModel: Sendable {
  /// The standard deviation of one shock, in units of forecast to the power of `power`.
  let shock: Double
  /// The constants of growth.
  let growth: (level: Double, slope: Double)
  /// 0: errors do not depend on the level; 1: they are proportional to it.
  let power: Double
  /// How errors divided by their standard deviation are spread.
  let shape: ErrorShape
  /// The share of an error's variance that all steps have in common, beyond what growth makes them share.
  let common: Double

  /// The weight of a shock `lag` steps before.
  func weight(_ lag: Int) -> Double { lag == 0 ? 1 : growth.level + growth.slope * Double(lag) }

  /// The standard deviation of the error at each of `horizon` steps around `forecast`.
  func deviations(around forecast: [Double]) -> [Double] {
    var squares = 0.0
    return forecast.enumerated().map { step, value in
      squares += weight(step) * weight(step)
      return shock * squares.squareRoot() * Self.unit(value, power)
    }
  }

  /// The standard deviation of the error at each step, for shocks of 1 and without the level's influence.
  func standardScales(horizon: Int) -> [Double] {
    var squares = 0.0
    return (0..<horizon).map { step in
      squares += weight(step) * weight(step)
      return squares.squareRoot()
    }
  }

  /// What a relative error is relative to.
  static func unit(_ forecast: Double, _ power: Double) -> Double {
    power == 0 ? 1 : pow(max(abs(forecast), 1e-9), power)
  }

  /// Fits to rolling-origin forecasts and what then happened.
  ///
  /// - Parameters:
  ///   - forecasts: one row per origin.
  ///   - actual: for each row the values that followed, possibly fewer than forecast.
  ///   - mayDependOnLevel: whether the series is positive, so that relative errors make sense.
  ///   - inflation: how much larger errors of new forecasts are than these.
  init?(forecasts: [[Double]], actual: [ArraySlice<Double>], mayDependOnLevel: Bool, inflation: Double) {
    let horizon = forecasts.map(\.count).max() ?? 0
    var best: (likelihood: Double, shock: Double, level: Double, slope: Double, power: Double)?
    for power in mayDependOnLevel ? [0, 0.5, 1] : [0] {
      var squares = [Double](repeating: 0, count: horizon)
      var counts = squares
      var logarithms = 0.0
      for (forecast, happened) in zip(forecasts, actual) {
        for (step, value) in happened.enumerated() {
          let unit = Self.unit(forecast[step], power)
          let error = (value - forecast[step]) / unit
          squares[step] += error * error
          counts[step] += 1
          if power > 0 { logarithms += log(unit) }
        }
      }
      let total = counts.reduce(0, +)
      guard total > 0 else { return nil }
      for level in stride(from: 0.0, through: 1.5, by: 0.1) {
        for slope in [0, 0.02, 0.05, 0.1, 0.2] {
          var variance = 1.0
          var sum = 0.0
          var spread = 0.0
          for step in 0..<horizon {
            if step > 0 {
              let weight = level + slope * Double(step)
              variance += weight * weight
            }
            sum += squares[step] / variance
            spread += counts[step] * log(variance)
          }
          let shock = sum / total
          let likelihood = -0.5 * (total * log(shock + 1e-300) + spread) - logarithms
          if likelihood > (best?.likelihood ?? -.infinity) {
            best = (likelihood, shock.squareRoot(), level, slope, power)
          }
        }
      }
    }
    guard let best, best.shock.isFinite else { return nil }
    shock = best.shock
    growth = (best.level, best.slope)
    power = best.power
    var standardized: [Double] = []
    for (forecast, happened) in zip(forecasts, actual) {
      var variance = 0.0
      for (step, value) in happened.enumerated() {
        let weight = step == 0 ? 1 : best.level + best.slope * Double(step)
        variance += weight * weight
        let scale = best.shock * variance.squareRoot() * Self.unit(forecast[step], best.power)
        if scale > 0 { standardized.append(abs(value - forecast[step]) / scale) }
      }
    }
    shape = ErrorShape(sortedErrors: standardized.sorted(), inflation: inflation)
    common = 0.1
  }
}
