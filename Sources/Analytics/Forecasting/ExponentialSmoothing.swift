#if canImport(Glibc)
import Glibc
#else
import Foundation
#endif

/// Exponential smoothing in its innovations state space form, the form chosen by the corrected Akaike criterion.
///
/// Source: Hyndman, Koehler, Snyder, Grose (2002), "A state space framework for automatic forecasting using exponential
/// smoothing methods", IJF 18(3), with its admissible forms: a multiplicative trend and the combination of an additive
/// error with a multiplicative season are left out, for they are unstable.
struct ExponentialSmoothing: FittedModel {
  enum Trend: CaseIterable { case none, additive, damped }
  enum Season: CaseIterable { case none, additive, multiplicative }

  /// Which of the forms.
  struct Form: Hashable {
    var multiplicativeError: Bool
    var trend: Trend
    var season: Season
  }

  /// Smoothing parameters and the state before the first value.
  struct Parameters {
    var alpha = 0.1
    var beta = 0.0
    var gamma = 0.0
    var phi = 1.0
    var level = 0.0
    var slope = 0.0
  }

  let values: [Double]
  let form: Form
  let period: Int
  let parameters: Parameters
  /// The season before the first value, phase by phase; one neutral value without a season.
  let season: [Double]
  /// The corrected Akaike criterion, without the constant that all forms share.
  let criterion: Double

  func forecasts(from origins: [Int], horizon: Int) -> [[Double]] {
    var answers: [[Double]] = []
    answers.reserveCapacity(origins.count)
    values.withUnsafeBufferPointer { values in
      var state = season
      state.withUnsafeMutableBufferPointer { state in
        var level = parameters.level
        var slope = parameters.slope
        var known = 0
        for origin in origins {
          _ = Self.run(form, parameters, values, known..<origin, period, &level, &slope, state)
          known = origin
          answers.append(Self.ahead(form, parameters, level, slope, state, origin, horizon, period))
        }
      }
    }
    return answers
  }

  private static func ahead(
    _ form: Form,
    _ parameters: Parameters,
    _ level: Double,
    _ slope: Double,
    _ season: UnsafeMutableBufferPointer<Double>,
    _ origin: Int,
    _ horizon: Int,
    _ period: Int
  ) -> [Double] {
    var answer = [Double](repeating: 0, count: horizon)
    var base = level
    var growth = slope
    for step in 0..<horizon {
      if form.trend != .none {
        growth *= parameters.phi
        base += growth
      }
      switch form.season {
      case .none: answer[step] = base
      case .additive: answer[step] = base + season[(origin + step) % period]
      case .multiplicative: answer[step] = base * season[(origin + step) % period]
      }
    }
    return answer
  }

  /// Runs the recursions over `range`, changing the state.
  ///
  /// - Returns: the sum of squared errors (relative errors for a multiplicative error) and the sum of ln |forecast|.
  private static func run(
    _ form: Form,
    _ parameters: Parameters,
    _ values: UnsafeBufferPointer<Double>,
    _ range: Range<Int>,
    _ period: Int,
    _ level: inout Double,
    _ slope: inout Double,
    _ season: UnsafeMutableBufferPointer<Double>
  ) -> (squares: Double, logarithms: Double) {
    let (alpha, beta, gamma, phi) = (parameters.alpha, parameters.beta, parameters.gamma, parameters.phi)
    let seasonal = form.season
    let hasTrend = form.trend != .none
    let relative = form.multiplicativeError
    var current = level
    var growth = slope
    var squares = 0.0
    var product = 1.0
    var logarithms = 0.0
    var phase = range.lowerBound % period
    for index in range {
      var base = current
      if hasTrend {
        growth *= phi
        base += growth
      }
      let value = values[index]
      let forecast: Double
      switch seasonal {
      case .none:
        forecast = base
        let error = value - forecast
        current = base + alpha * error
        if hasTrend { growth += beta * error }
      case .additive:
        forecast = base + season[phase]
        let error = value - forecast
        current = base + alpha * error
        if hasTrend { growth += beta * error }
        season[phase] += gamma * error
      case .multiplicative:
        let factor = season[phase]
        forecast = base * factor
        let error = value - forecast
        let scaled = factor != 0 ? error / factor : 0
        current = base + alpha * scaled
        if hasTrend { growth += beta * scaled }
        if base != 0 { season[phase] = factor + gamma * error / base }
      }
      phase += 1
      if phase == period { phase = 0 }
      if relative {
        let error = (value - forecast) / forecast
        squares += error * error
        product *= abs(forecast)
        // One logarithm for many factors: as exact, and a good deal cheaper.
        if product > 1e200 || product < 1e-200 {
          logarithms += log(product)
          product = 1
        }
      } else {
        let error = value - forecast
        squares += error * error
      }
    }
    level = current
    slope = growth
    if relative { logarithms += log(product) }
    return (squares, logarithms)
  }
}

// MARK: - Fitting

extension ExponentialSmoothing {
  /// Fits every admissible form and keeps the one with the smallest corrected Akaike criterion.
  ///
  /// - Parameters:
  ///   - values: at least 4, all finite.
  ///   - period: the seasonal period; 1 for none. A period above 24 or more than half the series is treated as none.
  ///   - mustBeSeasonal: true to try seasonal forms only.
  /// - Returns: the best form, nil where none could be fitted.
  static func automatic(_ values: [Double], period: Int, mustBeSeasonal: Bool = false) -> ExponentialSmoothing? {
    let isPositive = (values.min() ?? 0) > 0
    let canBeSeasonal = period > 1 && period <= 24 && values.count >= 2 * period
    var best: ExponentialSmoothing?
    for season in Season.allCases {
      if season != .none, !canBeSeasonal { continue }
      if season == .multiplicative, !isPositive { continue }
      if season == .none, mustBeSeasonal, canBeSeasonal { continue }
      let start = initialSeason(values, period: season == .none ? 1 : period, season: season)
      var warm: Parameters?
      for trend in Trend.allCases {
        for multiplicativeError in [false, true] {
          if multiplicativeError, !isPositive { continue }
          if season == .multiplicative, !multiplicativeError { continue }
          let form = Form(multiplicativeError: multiplicativeError, trend: trend, season: season)
          guard
            let fitted = fit(
              form,
              values,
              period: season == .none ? 1 : period,
              season: start.season,
              adjusted: start.adjusted,
              warm: warm
            )
          else { continue }
          warm = fitted.parameters
          if fitted.criterion < (best?.criterion ?? .infinity) { best = fitted }
        }
      }
    }
    return best
  }

  private static func initialSeason(
    _ values: [Double],
    period: Int,
    season: Season
  ) -> (season: [Double], adjusted: [Double]) {
    guard season != .none else { return ([0], values) }
    let multiplicative = season == .multiplicative
    let head = Array(values.prefix(max(2 * period, min(values.count, 5 * period))))
    let indices = ClassicalSeason.indices(head, period: period, multiplicative: multiplicative)
    let adjusted = values.indices.map { index in
      multiplicative ? values[index] / max(indices[index % period], 1e-9) : values[index] - indices[index % period]
    }
    return (indices, adjusted)
  }

  private static func fit(
    _ form: Form,
    _ values: [Double],
    period: Int,
    season: [Double],
    adjusted: [Double],
    warm: Parameters?
  ) -> ExponentialSmoothing? {
    let count = values.count
    let seasonal = form.season != .none
    let hasTrend = form.trend != .none
    let parameterCount =
      1 + (hasTrend ? 2 : 0) + (form.trend == .damped ? 1 : 0) + (seasonal ? period : 0) + 1
    guard count > parameterCount + 2 else { return nil }
    let head = adjusted.prefix(max(min(10, count), min(2 * period, count)))
    let line = LinearFit.line(through: head)
    let level =
      hasTrend
      ? line.intercept - line.slope : head.prefix(max(4, period)).reduce(0, +) / Double(min(head.count, max(4, period)))
    let scale = max(spread(adjusted), abs(level) * 1e-4, 1e-9)
    let slope = hasTrend ? line.slope : 0

    func parameters(_ point: [Double]) -> Parameters? {
      var answer = Parameters()
      var index = 0
      func next() -> Double {
        index += 1
        return point[index - 1]
      }
      answer.alpha = next()
      guard answer.alpha > 0.0001, answer.alpha < 0.9999 else { return nil }
      if hasTrend {
        let share = next()
        guard share > 0.0001, share < 0.9999 else { return nil }
        answer.beta = share * answer.alpha
      }
      if seasonal {
        let share = next()
        guard share > 0.0001, share < 0.9999 else { return nil }
        answer.gamma = share * (1 - answer.alpha)
      }
      if form.trend == .damped {
        answer.phi = next()
        guard answer.phi >= 0.8, answer.phi <= 0.98 else { return nil }
      }
      answer.level = level + next() * scale
      if hasTrend { answer.slope = slope + next() * scale * 0.1 }
      return answer
    }

    var start = [min(max(warm?.alpha ?? 0.3, 0.02), 0.95)]
    var steps = [start[0] > 0.5 ? -0.2 : 0.2]
    if hasTrend {
      start.append(warm.map { $0.beta > 0 ? min(max($0.beta / $0.alpha, 0.02), 0.9) : 0.1 } ?? 0.1)
      steps.append(0.1)
    }
    if seasonal {
      start.append(warm.map { min(max($0.gamma / (1 - $0.alpha), 0.02), 0.9) } ?? 0.1)
      steps.append(0.1)
    }
    if form.trend == .damped {
      start.append(0.95)
      steps.append(-0.05)
    }
    start.append(0)
    steps.append(0.5)
    if hasTrend {
      start.append(0)
      steps.append(0.5)
    }

    let size = Double(count)
    var scratch = season
    let found = values.withUnsafeBufferPointer { values in
      scratch.withUnsafeMutableBufferPointer { scratch in
        NelderMead.minimize(from: start, steps: steps, maximumEvaluations: 60 * start.count, tolerance: 1e-6) { point in
          guard let candidate = parameters(point) else { return .infinity }
          for phase in 0..<scratch.count { scratch[phase] = season[phase] }
          var level = candidate.level
          var slope = candidate.slope
          let (squares, logarithms) = run(form, candidate, values, 0..<count, period, &level, &slope, scratch)
          let value = size * log(squares + 1e-300) + (form.multiplicativeError ? 2 * logarithms : 0)
          return value.isFinite ? value : .infinity
        }
      }
    }
    guard found.value.isFinite, let parameters = parameters(found.point) else { return nil }
    let k = Double(parameterCount)
    let criterion = found.value + 2 * k + 2 * k * (k + 1) / max(size - k - 1, 0.5)
    return ExponentialSmoothing(
      values: values,
      form: form,
      period: period,
      parameters: parameters,
      season: season,
      criterion: criterion
    )
  }

  /// The mean absolute step from value to value.
  private static func spread(_ values: [Double]) -> Double {
    var sum = 0.0
    for index in 1..<values.count { sum += abs(values[index] - values[index - 1]) }
    return sum / Double(values.count - 1)
  }
}
