#if canImport(Glibc)
import Glibc
#else
import Foundation
#endif

/// Complex exponential smoothing: level and "information potential" smoothed by one complex parameter.
///
/// Source: Svetunkov, Kourentzes, Ord (2022), "Complex exponential smoothing", Naval Research Logistics 69(8): the
/// forms without season and with simple, partial and full season; the form is chosen by the corrected Akaike criterion
/// and the first state by running the recursions back from the end.
struct ComplexSmoothing: FittedModel {
  enum Form: CaseIterable { case none, simple, partial, full }

  /// The complex smoothing parameter of the level, and the season's (real or complex).
  struct Parameters {
    var alpha: (real: Double, imaginary: Double)
    var beta: (real: Double, imaginary: Double) = (0, 0)
  }

  /// What the recursions carry from value to value; without season the arrays have one element.
  private struct State {
    var level: Double
    var potential: Double
    var season: [Double]
    var seasonPotential: [Double]
  }

  private let values: [Double]
  private let form: Form
  private let period: Int
  private let parameters: Parameters
  private let start: State
  /// The corrected Akaike criterion, without the constant that all forms share.
  let criterion: Double

  func forecasts(from origins: [Int], horizon: Int) -> [[Double]] {
    var state = start
    var known = 0
    return origins.map { origin in
      _ = Self.run(form, parameters, period, values, known..<origin, &state)
      known = origin
      var future = state
      return (0..<horizon).map { step in Self.advance(form, parameters, (origin + step) % period, nil, &future) }
    }
  }

  /// One step: gives the forecast, and moves the state by the value, or by the forecast itself where there is none.
  @inline(__always)
  private static func advance(
    _ form: Form,
    _ parameters: Parameters,
    _ phase: Int,
    _ value: Double?,
    _ state: inout State
  ) -> Double {
    let (alpha, beta) = (parameters.alpha, parameters.beta)
    if form == .simple {
      let level = state.season[phase]
      let potential = state.seasonPotential[phase]
      let error = value.map { $0 - level } ?? 0
      state.season[phase] = level - (1 - alpha.imaginary) * potential + (alpha.real - alpha.imaginary) * error
      state.seasonPotential[phase] = level + (1 - alpha.real) * potential + (alpha.real + alpha.imaginary) * error
      return level
    }
    let level = state.level
    let potential = state.potential
    let seasonal = form == .none ? 0 : state.season[phase]
    let forecast = level + seasonal
    let error = value.map { $0 - forecast } ?? 0
    state.level = level - (1 - alpha.imaginary) * potential + (alpha.real - alpha.imaginary) * error
    state.potential = level + (1 - alpha.real) * potential + (alpha.real + alpha.imaginary) * error
    if form == .partial {
      state.season[phase] = seasonal + beta.real * error
    } else if form == .full {
      let other = state.seasonPotential[phase]
      state.season[phase] = seasonal - (1 - beta.imaginary) * other + (beta.real - beta.imaginary) * error
      state.seasonPotential[phase] = seasonal + (1 - beta.real) * other + (beta.real + beta.imaginary) * error
    }
    return forecast
  }

  /// Runs over `range` forwards; gives the sum of squared errors.
  private static func run(
    _ form: Form,
    _ parameters: Parameters,
    _ period: Int,
    _ values: [Double],
    _ range: Range<Int>,
    _ state: inout State
  ) -> Double {
    var squares = 0.0
    var phase = range.lowerBound % period
    values.withUnsafeBufferPointer { values in
      for index in range {
        let error = values[index] - advance(form, parameters, phase, values[index], &state)
        squares += error * error
        phase += 1
        if phase == period { phase = 0 }
      }
    }
    return squares
  }

  /// Runs back from the end, so that the state is what the first values themselves suggest.
  private static func runBack(
    _ form: Form,
    _ parameters: Parameters,
    _ period: Int,
    _ values: [Double],
    _ state: inout State
  ) {
    var phase = (values.count - 1) % period
    values.withUnsafeBufferPointer { values in
      for index in stride(from: values.count - 1, through: 0, by: -1) {
        _ = advance(form, parameters, phase, values[index], &state)
        phase = phase == 0 ? period - 1 : phase - 1
      }
    }
  }
}

// MARK: - Fitting

extension ComplexSmoothing {
  /// Fits every form that the length allows and keeps the one with the smallest corrected Akaike criterion.
  ///
  /// - Parameters:
  ///   - values: at least 6, all finite.
  ///   - period: the seasonal period; 1 for none.
  /// - Returns: the best form, nil where none could be fitted.
  static func automatic(_ values: [Double], period: Int) -> ComplexSmoothing? {
    let seasonal = period > 1 && values.count >= 2 * period + 2
    var best: ComplexSmoothing?
    for form in seasonal ? Form.allCases : [.none] {
      guard let fitted = fit(form, values, period: form == .none ? 1 : period) else { continue }
      if fitted.criterion < (best?.criterion ?? .infinity) { best = fitted }
    }
    return best
  }

  private static func fit(_ form: Form, _ values: [Double], period: Int) -> ComplexSmoothing? {
    let first = firstState(form, values, period)
    var scratch = first
    func parameters(_ point: [Double]) -> Parameters? {
      guard point[0] > 0.01, point[0] < 1.8, point[1] > 0.01, point[1] < 1.9 else { return nil }
      var answer = Parameters(alpha: (point[0], point[1]))
      if point.count > 2 {
        guard point[2] > 0.01, point[2] < 1.5 else { return nil }
        answer.beta.real = point[2]
      }
      if point.count > 3 {
        guard point[3] > 0.01, point[3] < 1.5 else { return nil }
        answer.beta.imaginary = point[3]
      }
      return answer
    }
    func begin(_ parameters: Parameters) {
      scratch.level = first.level
      scratch.potential = first.potential
      for phase in 0..<period {
        scratch.season[phase] = first.season[phase]
        scratch.seasonPotential[phase] = first.seasonPotential[phase]
      }
      _ = run(form, parameters, period, values, 0..<values.count, &scratch)
      runBack(form, parameters, period, values, &scratch)
    }
    let start: [Double] =
      switch form {
      case .none, .simple: [1.3, 1]
      case .partial: [1.3, 1, 0.1]
      case .full: [1.3, 1, 1.3, 1]
      }
    let found = NelderMead.minimize(
      from: start,
      steps: start.map { $0 > 0.5 ? -0.2 : 0.1 },
      maximumEvaluations: 45 * start.count,
      tolerance: 1e-5
    ) { point in
      guard let candidate = parameters(point) else { return .infinity }
      begin(candidate)
      let squares = run(form, candidate, period, values, 0..<values.count, &scratch)
      return squares.isFinite ? squares : .infinity
    }
    guard found.value.isFinite, let parameters = parameters(found.point) else { return nil }
    begin(parameters)
    let states =
      switch form {
      case .none: 2
      case .simple: 2 * period
      case .partial: 2 + period
      case .full: 2 + 2 * period
      }
    let size = Double(values.count)
    let k = Double(start.count + states + 1)
    // With more states than values the correction has no meaning; a form that rich is not compared.
    guard size - k - 1 > 1 || form == .none else { return nil }
    let criterion = size * log(found.value / size + 1e-300) + 2 * k + 2 * k * (k + 1) / max(size - k - 1, 0.5)
    return ComplexSmoothing(
      values: values,
      form: form,
      period: period,
      parameters: parameters,
      start: scratch,
      criterion: criterion
    )
  }

  private static func firstState(_ form: Form, _ values: [Double], _ period: Int) -> State {
    let head = values.prefix(max(10, period))
    let mean = head.reduce(0, +) / Double(head.count)
    switch form {
    case .none:
      return State(level: mean, potential: mean / 1.1, season: [0], seasonPotential: [0])
    case .simple:
      let season = Array(values.prefix(period))
      return State(level: 0, potential: 0, season: season, seasonPotential: season.map { $0 / 1.1 })
    case .partial, .full:
      let season = ClassicalSeason.indices(values, period: period, multiplicative: false)
      return State(level: mean, potential: mean / 1.1, season: season, seasonPotential: season.map { $0 / 1.1 })
    }
  }
}
