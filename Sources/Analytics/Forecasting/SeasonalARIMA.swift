#if canImport(Glibc)
import Glibc
#else
import Foundation
#endif

/// A seasonal ARIMA model with its coefficients.
///
/// Source: Box, Jenkins (1970), "Time Series Analysis"; estimated by conditional least squares with the
/// Levenberg–Marquardt method, stationary and invertible by the transformation of Monahan (1984), "A note on enforcing
/// stationarity in autoregressive-moving average models", Biometrika 71(2).
struct SeasonalARIMA: FittedModel {
  /// Orders of the model, without the differences.
  struct Order: Hashable {
    var autoregressive = 0
    var movingAverage = 0
    var seasonalAutoregressive = 0
    var seasonalMovingAverage = 0
    var hasConstant = false

    var coefficientCount: Int { autoregressive + movingAverage + seasonalAutoregressive + seasonalMovingAverage }
    var parameterCount: Int { coefficientCount + (hasConstant ? 1 : 0) }
  }

  /// One term of a polynomial in the lag operator.
  struct Term {
    var lag: Int
    var coefficient: Double
  }

  let values: [Double]
  let order: Order
  let differences: Int
  let seasonalDifferences: Int
  let period: Int
  private let autoregressive: [Term]
  private let movingAverage: [Term]
  private let mean: Double
  /// The corrected Akaike criterion, without the constant that all orders share.
  let criterion: Double

  func forecasts(from origins: [Int], horizon: Int) -> [[Double]] {
    let integration = Self.integration(differences, seasonalDifferences, period)
    let lost = integration.map(\.lag).max() ?? 0
    let centered = Difference.apply(values, differences, seasonalDifferences, period).map { $0 - mean }
    var errors = [Double](repeating: 0, count: centered.count)
    for index in centered.indices.dropFirst(order.autoregressive) {
      errors[index] =
        centered[index] - Self.expected(index, centered, errors, autoregressive, movingAverage)
    }
    return origins.map { origin in
      // Too few known values for the differences: the last known value stands.
      guard origin > lost else { return [Double](repeating: values[max(origin - 1, 0)], count: horizon) }
      var past = Array(values[..<origin])
      var series = Array(centered[..<(origin - lost)])
      var shocks = Array(errors[..<(origin - lost)])
      for _ in 0..<horizon {
        let next = Self.expected(series.count, series, shocks, autoregressive, movingAverage)
        series.append(next)
        shocks.append(0)
        var value = next + mean
        for term in integration { value += term.coefficient * past[past.count - term.lag] }
        past.append(value)
      }
      return Array(past[origin...])
    }
  }

  /// What the model expects at `index`; values before the first count as the mean.
  @inline(__always)
  private static func expected(
    _ index: Int,
    _ series: [Double],
    _ errors: [Double],
    _ autoregressive: [Term],
    _ movingAverage: [Term]
  ) -> Double {
    var sum = 0.0
    for term in autoregressive where term.lag <= index { sum += term.coefficient * series[index - term.lag] }
    for term in movingAverage where term.lag <= index { sum += term.coefficient * errors[index - term.lag] }
    return sum
  }

  /// The terms by which a value follows from earlier values and its own difference.
  private static func integration(_ differences: Int, _ seasonalDifferences: Int, _ period: Int) -> [Term] {
    var polynomial: [Int: Double] = [0: 1]
    func multiply(_ lag: Int) {
      var next = polynomial
      for (other, coefficient) in polynomial { next[other + lag, default: 0] -= coefficient }
      polynomial = next
    }
    for _ in 0..<differences { multiply(1) }
    for _ in 0..<seasonalDifferences { multiply(period) }
    return polynomial.filter { $0.key > 0 && $0.value != 0 }.sorted { $0.key < $1.key }
      .map { Term(lag: $0.key, coefficient: -$0.value) }
  }
}

// MARK: - Fitting one order

extension SeasonalARIMA {
  /// A series made stationary, on which orders are tried.
  struct Workbench {
    let values: [Double]
    let series: [Double]
    let differences: Int
    let seasonalDifferences: Int
    let period: Int
    let mean: Double
    let spread: Double

    init(_ values: [Double], differences: Int, seasonalDifferences: Int, period: Int) {
      self.values = values
      self.differences = differences
      self.seasonalDifferences = seasonalDifferences
      self.period = period
      series = Difference.apply(values, differences, seasonalDifferences, period)
      let size = Double(max(series.count, 1))
      let mean = series.reduce(0, +) / size
      self.mean = mean
      spread = max((series.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / size).squareRoot(), 1e-12)
    }
  }

  /// A fitted order in its unconstrained parameters.
  struct Fit {
    var order: Order
    var point: [Double]
    var criterion: Double
  }

  static func fit(_ order: Order, on bench: Workbench, from start: [Double]?, iterations: Int) -> Fit? {
    let count = bench.series.count
    let skipped = order.autoregressive
    let parameterCount = order.parameterCount
    guard count - skipped > parameterCount + 3 else { return nil }
    var point = start ?? [Double](repeating: 0.1, count: order.coefficientCount) + (order.hasConstant ? [0] : [])
    var residuals = [Double](repeating: 0, count: count)
    var moved = residuals
    var columns = [[Double]](repeating: residuals, count: parameterCount)
    var best = squares(order, point, bench, skipped, &residuals)
    guard best.isFinite else { return nil }
    var damping = 1e-2
    var trial = [Double](repeating: 0, count: count)
    search: for _ in 0..<(parameterCount == 0 ? 0 : iterations) {
      var normal = [Double](repeating: 0, count: parameterCount * parameterCount)
      var right = [Double](repeating: 0, count: parameterCount)
      for column in 0..<parameterCount {
        var shifted = point
        shifted[column] += 1e-4
        _ = squares(order, shifted, bench, skipped, &moved)
        columns[column].withUnsafeMutableBufferPointer { target in
          for index in skipped..<count { target[index] = (moved[index] - residuals[index]) * 1e4 }
        }
      }
      for row in 0..<parameterCount {
        right[row] = -product(columns[row], residuals, from: skipped)
        for column in 0...row {
          normal[row * parameterCount + column] = product(columns[row], columns[column], from: skipped)
        }
      }
      for _ in 0..<6 {
        var damped = normal
        for row in 0..<parameterCount { damped[row * parameterCount + row] *= 1 + damping }
        for row in 0..<parameterCount { damped[row * parameterCount + row] += 1e-9 * best / Double(count) }
        guard let step = LinearFit.solve(damped, right) else {
          damping *= 10
          continue
        }
        var next = point
        for index in 0..<parameterCount { next[index] += min(max(step[index], -1), 1) }
        let value = squares(order, next, bench, skipped, &trial)
        if value.isFinite, value < best {
          let gain = (best - value) / best
          point = next
          best = value
          swap(&residuals, &trial)
          damping = max(damping * 0.2, 1e-6)
          if gain < 1e-4 { break search }
          continue search
        }
        damping *= 6
      }
      break
    }
    let size = Double(count)
    let k = Double(parameterCount + 1)
    guard size - k - 1 > 0 else { return nil }
    let variance = max(best / Double(count - skipped), 1e-300)
    return Fit(order: order, point: point, criterion: size * log(variance) + 2 * k + 2 * k * (k + 1) / (size - k - 1))
  }

  private static func product(_ left: [Double], _ right: [Double], from start: Int) -> Double {
    left.withUnsafeBufferPointer { left in
      right.withUnsafeBufferPointer { right in
        var sum = 0.0
        for index in start..<left.count { sum += left[index] * right[index] }
        return sum
      }
    }
  }

  /// Fills in the one-step errors and gives the sum of their squares behind the first `skipped`.
  private static func squares(
    _ order: Order,
    _ point: [Double],
    _ bench: Workbench,
    _ skipped: Int,
    _ errors: inout [Double]
  ) -> Double {
    let (autoregressive, movingAverage, shift) = polynomials(order, point, bench)
    return bench.series.withUnsafeBufferPointer { series in
      errors.withUnsafeMutableBufferPointer { errors in
        autoregressive.withUnsafeBufferPointer { autoregressive in
          movingAverage.withUnsafeBufferPointer { movingAverage in
            var total = 0.0
            for index in 0..<skipped { errors[index] = 0 }
            for index in skipped..<series.count {
              var error = series[index] - shift
              for term in autoregressive where term.lag <= index {
                error -= term.coefficient * (series[index - term.lag] - shift)
              }
              for term in movingAverage where term.lag <= index { error -= term.coefficient * errors[index - term.lag] }
              errors[index] = error
              total += error * error
            }
            return total
          }
        }
      }
    }
  }

  private static func polynomials(
    _ order: Order,
    _ point: [Double],
    _ bench: Workbench
  ) -> (autoregressive: [Term], movingAverage: [Term], mean: Double) {
    var rest = point[...]
    func take(_ count: Int) -> [Double] {
      defer { rest = rest.dropFirst(count) }
      return stationary(rest.prefix(count))
    }
    let autoregressive = take(order.autoregressive)
    let movingAverage = take(order.movingAverage)
    let seasonalAutoregressive = take(order.seasonalAutoregressive)
    let seasonalMovingAverage = take(order.seasonalMovingAverage)
    let mean = order.hasConstant ? bench.mean + (rest.first ?? 0) * bench.spread : 0
    return (
      terms(autoregressive, seasonalAutoregressive, bench.period, sign: 1),
      terms(movingAverage, seasonalMovingAverage, bench.period, sign: -1),
      mean
    )
  }

  /// The terms of 1 - (1 - Σ aᵢ Bⁱ)(1 - Σ sⱼ Bʲᵐ), times `sign`: -1 gives an invertible moving average.
  private static func terms(_ short: [Double], _ seasonal: [Double], _ period: Int, sign: Double) -> [Term] {
    var answer: [Term] = []
    for (index, value) in short.enumerated() { answer.append(Term(lag: index + 1, coefficient: sign * value)) }
    for (outer, factor) in seasonal.enumerated() {
      answer.append(Term(lag: (outer + 1) * period, coefficient: sign * factor))
      for (index, value) in short.enumerated() {
        answer.append(Term(lag: (outer + 1) * period + index + 1, coefficient: -sign * factor * value))
      }
    }
    return answer
  }

  /// Coefficients of a stationary autoregression from any real numbers (partial autocorrelations by tanh).
  private static func stationary(_ numbers: ArraySlice<Double>) -> [Double] {
    var coefficients: [Double] = []
    for number in numbers {
      let partial = 0.995 * tanh(number)
      var next = coefficients
      for index in coefficients.indices {
        next[index] = coefficients[index] - partial * coefficients[coefficients.count - 1 - index]
      }
      next.append(partial)
      coefficients = next
    }
    return coefficients
  }

  private init(_ fit: Fit, on bench: Workbench) {
    let (autoregressive, movingAverage, mean) = Self.polynomials(fit.order, fit.point, bench)
    values = bench.values
    order = fit.order
    differences = bench.differences
    seasonalDifferences = bench.seasonalDifferences
    period = bench.period
    self.autoregressive = autoregressive
    self.movingAverage = movingAverage
    self.mean = mean
    criterion = fit.criterion
  }
}

// MARK: - Choosing the order

extension SeasonalARIMA {
  /// Chooses differences by tests and orders step by step.
  ///
  /// Source: Hyndman, Khandakar (2008), "Automatic time series forecasting: the forecast package for R", JSS 27(3):
  /// seasonal difference where the seasonal strength exceeds 0.64, further differences by the KPSS test, then the
  /// neighbours of the best order until none is better by the corrected Akaike criterion.
  ///
  /// - Parameters:
  ///   - values: at least 6, all finite.
  ///   - period: the seasonal period; 1 for none.
  ///   - seasonalStrength: how much of the variation is seasonal, 0...1 (see ``SeasonalDecomposition``).
  /// - Returns: the best model, nil where none could be fitted.
  static func automatic(_ values: [Double], period: Int, seasonalStrength: Double) -> SeasonalARIMA? {
    let seasonal = period > 1 && values.count >= 2 * period + 6
    let lag = seasonal ? period : 1
    let seasonalDifferences = seasonal && seasonalStrength > 0.64 ? 1 : 0
    var differences = 0
    while differences < 2 - (seasonalDifferences > 0 ? 1 : 0),
      !StationarityTest.accepts(Difference.apply(values, differences, seasonalDifferences, lag))
    { differences += 1 }
    let bench = Workbench(values, differences: differences, seasonalDifferences: seasonalDifferences, period: lag)
    guard bench.series.count >= 5, bench.spread > 1e-10 else { return nil }
    return search(bench, seasonal: seasonal, canHaveConstant: differences + seasonalDifferences < 2)
      .map { SeasonalARIMA($0, on: bench) }
  }

  private static func search(_ bench: Workbench, seasonal: Bool, canHaveConstant: Bool) -> Fit? {
    var tried: Set<Order> = []
    var best: Fit?
    func attempt(_ order: Order) {
      guard tried.count < 60, tried.insert(order).inserted else { return }
      let warm = best.map { warmStart(order, from: $0) }
      guard let fit = fit(order, on: bench, from: warm, iterations: 6) else { return }
      if fit.criterion < (best?.criterion ?? .infinity) { best = fit }
    }
    let season = seasonal ? 1 : 0
    let firstSeasonalMA = seasonal ? 1 : 0
    attempt(Order(hasConstant: canHaveConstant))
    attempt(Order(autoregressive: 1, seasonalAutoregressive: season, hasConstant: canHaveConstant))
    attempt(Order(movingAverage: 1, seasonalMovingAverage: firstSeasonalMA, hasConstant: canHaveConstant))
    attempt(
      Order(
        autoregressive: 2,
        movingAverage: 2,
        seasonalAutoregressive: season,
        seasonalMovingAverage: firstSeasonalMA,
        hasConstant: canHaveConstant
      )
    )
    if canHaveConstant { attempt(Order()) }
    while let center = best?.order {
      let before = best?.criterion ?? .infinity
      for order in neighbours(of: center, seasonal: seasonal, canHaveConstant: canHaveConstant) {
        attempt(order)
        if (best?.criterion ?? .infinity) < before - 1e-9 { break }
      }
      if (best?.criterion ?? .infinity) >= before - 1e-9 { break }
    }
    return best.flatMap { fit($0.order, on: bench, from: $0.point, iterations: 20) }
  }

  private static func neighbours(of order: Order, seasonal: Bool, canHaveConstant: Bool) -> [Order] {
    var answer: [Order] = []
    func add(_ change: (inout Order) -> Void) {
      var other = order
      change(&other)
      let allowed =
        (0...3).contains(other.autoregressive) && (0...3).contains(other.movingAverage)
        && (0...2).contains(other.seasonalAutoregressive) && (0...2).contains(other.seasonalMovingAverage)
        && other.coefficientCount <= 6
      if allowed { answer.append(other) }
    }
    if seasonal {
      add { $0.seasonalAutoregressive -= 1 }
      add { $0.seasonalMovingAverage -= 1 }
      add { $0.seasonalAutoregressive += 1 }
      add { $0.seasonalMovingAverage += 1 }
      add {
        $0.seasonalAutoregressive -= 1
        $0.seasonalMovingAverage += 1
      }
      add {
        $0.seasonalAutoregressive += 1
        $0.seasonalMovingAverage -= 1
      }
    }
    add { $0.autoregressive -= 1 }
    add { $0.movingAverage -= 1 }
    add { $0.autoregressive += 1 }
    add { $0.movingAverage += 1 }
    add {
      $0.autoregressive -= 1
      $0.movingAverage -= 1
    }
    add {
      $0.autoregressive -= 1
      $0.movingAverage += 1
    }
    add {
      $0.autoregressive += 1
      $0.movingAverage -= 1
    }
    add {
      $0.autoregressive += 1
      $0.movingAverage += 1
    }
    if canHaveConstant { add { $0.hasConstant.toggle() } }
    return answer
  }

  /// The best point so far, cut or filled up to another order.
  private static func warmStart(_ order: Order, from fit: Fit) -> [Double] {
    var rest = fit.point[...]
    func part(_ had: Int, _ wanted: Int) -> [Double] {
      let old = rest.prefix(had)
      rest = rest.dropFirst(had)
      return Array(old.prefix(wanted)) + [Double](repeating: 0.05, count: max(0, wanted - had))
    }
    var answer = part(fit.order.autoregressive, order.autoregressive)
    answer += part(fit.order.movingAverage, order.movingAverage)
    answer += part(fit.order.seasonalAutoregressive, order.seasonalAutoregressive)
    answer += part(fit.order.seasonalMovingAverage, order.seasonalMovingAverage)
    if order.hasConstant { answer.append(fit.order.hasConstant ? rest.first ?? 0 : 0) }
    return answer
  }
}
