import Glibc

/// An autoregression: how much of a series is carried over from its own past.
struct Memory {
  /// Weight of the last value, of the one before it, and so on.
  let coefficients: [Double]

  /// The order of least corrected AIC up to `maximum`, fitted by Burg's method (stable for short series).
  init(_ series: [Double], maximum: Int) {
    let n = series.count
    let power = DriverStatistics.dot(series, series) / Double(max(n, 1))
    guard power > 0, n > maximum + 8 else {
      coefficients = []
      return
    }
    var forward = series
    var backward = series
    var weights: [Double] = []
    var best: [Double] = []
    var error = power
    var least = Self.criterion(error, order: 0, count: n)
    for order in 1...maximum {
      var numerator = 0.0
      var denominator = 0.0
      for t in order..<n {
        numerator += forward[t] * backward[t - 1]
        denominator += forward[t] * forward[t] + backward[t - 1] * backward[t - 1]
      }
      guard denominator > 0 else { break }
      let reflection = 2 * numerator / denominator
      let previous = weights
      for k in previous.indices { weights[k] = previous[k] - reflection * previous[previous.count - 1 - k] }
      weights.append(reflection)
      for t in stride(from: n - 1, through: order, by: -1) {
        let ahead = forward[t]
        forward[t] = ahead - reflection * backward[t - 1]
        backward[t] = backward[t - 1] - reflection * ahead
      }
      error *= 1 - reflection * reflection
      let criterion = Self.criterion(error, order: order, count: n)
      if criterion < least {
        least = criterion
        best = weights
      }
    }
    coefficients = Self.unbiased(best, count: n)
  }

  private static func criterion(_ error: Double, order: Int, count: Int) -> Double {
    let n = Double(count)
    let k = Double(order + 1)
    return n * log(max(error, 1e-300)) + 2 * k + 2 * k * (k + 1) / max(n - k - 1, 1)
  }

  /// Raises the sum of the weights by its small-sample bias, about (2 + 4 sum) / n with level and trend fitted
  /// (Shaman and Stine, JASA 1988); the first weight takes it up.
  private static func unbiased(_ weights: [Double], count: Int) -> [Double] {
    guard !weights.isEmpty else { return [] }
    let sum = weights.reduce(0, +)
    let lifted = min(sum + (2 + 4 * sum) / Double(count), max(sum, 0.98))
    var result = weights
    result[0] += lifted - sum
    return result
  }

  /// The series with what is carried over taken out; shorter by the order.
  func whitened(_ series: [Double]) -> [Double] {
    let order = coefficients.count
    guard order > 0 else { return series }
    var result = [Double](repeating: 0, count: series.count - order)
    for t in result.indices {
      var value = series[t + order]
      for k in 0..<order { value -= coefficients[k] * series[t + order - 1 - k] }
      result[t] = value
    }
    return result
  }
}
