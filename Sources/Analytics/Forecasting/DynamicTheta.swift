#if canImport(Glibc)
import Glibc
#else
import Foundation
#endif

/// The dynamic optimised Theta model on the seasonally adjusted series.
///
/// Source: Fiorucci, Pellegrini, Louzada, Petropoulos, Koehler (2016), "Models for optimising the theta method and
/// their relationship to state space models", IJF 32(4), equations of DOTM.
struct DynamicTheta: FittedModel {
  private let adjusted: [Double]
  private let season: [Double]
  private let multiplicative: Bool
  private let level: Double
  private let alpha: Double
  private let theta: Double

  /// Fits by least squares of the one-step errors.
  ///
  /// - Parameters:
  ///   - values: at least 4, all finite.
  ///   - period: the seasonal period, 1 for none; used where the autocorrelation at it is significant.
  init?(_ values: [Double], period: Int) {
    guard values.count >= 4 else { return nil }
    let seasonal = ClassicalSeason.isSignificant(values, period: period)
    let multiplicative = (values.min() ?? 0) > 0
    let indices =
      seasonal
      ? ClassicalSeason.indices(values, period: period, multiplicative: multiplicative) : [multiplicative ? 1.0 : 0.0]
    let adjusted = values.indices.map { index in
      multiplicative ? values[index] / indices[index % indices.count] : values[index] - indices[index % indices.count]
    }
    var steps = 0.0
    for index in 1..<adjusted.count { steps += abs(adjusted[index] - adjusted[index - 1]) }
    let scale = max(steps / Double(adjusted.count - 1), abs(adjusted[0]) * 1e-3, 1e-9)
    let found = adjusted.withUnsafeBufferPointer { adjusted in
      NelderMead.minimize(
        from: [0, 0.5, 2],
        steps: [1, -0.2, 1],
        maximumEvaluations: 160,
        tolerance: 1e-6
      ) { point in
        guard point[1] > 0.1, point[1] < 0.99, point[2] >= 1, point[2] < 50 else { return .infinity }
        var state = State(level: adjusted[0] + point[0] * scale, alpha: point[1], theta: point[2])
        var squares = 0.0
        for index in 0..<adjusted.count {
          let error = adjusted[index] - state.advance(to: adjusted[index])
          if index >= 3 { squares += error * error }
        }
        return squares.isFinite ? squares : .infinity
      }
    }
    guard found.value.isFinite else { return nil }
    self.adjusted = adjusted
    self.season = indices
    self.multiplicative = multiplicative
    level = adjusted[0] + found.point[0] * scale
    alpha = found.point[1]
    theta = found.point[2]
  }

  func forecasts(from origins: [Int], horizon: Int) -> [[Double]] {
    var answers: [[Double]] = []
    var state = State(level: level, alpha: alpha, theta: theta)
    var known = 0
    for origin in origins {
      while known < origin {
        _ = state.advance(to: adjusted[known])
        known += 1
      }
      var future = state
      var answer = [Double](repeating: 0, count: horizon)
      for step in 0..<horizon {
        // The model's own forecast is the next value: lines and mean move on with it.
        let forecast = future.forecast
        _ = future.advance(to: forecast)
        let factor = season[(origin + step) % season.count]
        answer[step] = multiplicative ? forecast * factor : forecast + factor
      }
      answers.append(answer)
    }
    return answers
  }

  /// Level, running mean and the running line's coefficients after `count` values.
  private struct State {
    var level: Double
    let alpha: Double
    let weight: Double
    var count = 0.0
    var mean = 0.0
    var intercept = 0.0
    var slope = 0.0
    /// (1 - alpha) to the power of `count`.
    var power = 1.0

    init(level: Double, alpha: Double, theta: Double) {
      self.level = level
      self.alpha = alpha
      weight = 1 - 1 / theta
    }

    /// The forecast of the next value.
    var forecast: Double {
      level + weight * (power * intercept + (1 - power * (1 - alpha)) / alpha * slope)
    }

    /// Takes the next value; gives what was forecast for it.
    @inline(__always)
    mutating func advance(to value: Double) -> Double {
      let expected = forecast
      let next = count + 1
      level = alpha * value + (1 - alpha) * level
      if count == 0 {
        mean = value
        intercept = value
        slope = 0
      } else {
        slope = ((next - 2) * slope + 6 * (value - mean) / next) / (next + 1)
        mean = (count * mean + value) / next
        intercept = mean - slope * (next + 1) / 2
      }
      count = next
      power *= 1 - alpha
      return expected
    }
  }
}
