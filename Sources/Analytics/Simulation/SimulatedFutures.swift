/// What a goal asks of a series.
public struct Target: Hashable, Sendable {
  /// Which number of the future is compared.
  public enum Measure: Hashable, Sendable {
    /// The value at the last step.
    case end
    /// The sum over all steps.
    case sum
    /// The mean over all steps.
    case mean
  }

  /// From which side the threshold is met.
  public enum Direction: Hashable, Sendable {
    /// The measure must be the threshold or more.
    case atLeast
    /// The measure must be the threshold or less.
    case atMost
  }

  /// Which number of the future is compared.
  public var measure: Measure
  /// From which side the threshold is met.
  public var direction: Direction
  /// What it is compared with, in the series' unit.
  public var threshold: Double

  /// A target.
  public init(_ measure: Measure, _ direction: Direction, _ threshold: Double) {
    self.measure = measure
    self.direction = direction
    self.threshold = threshold
  }
}

/// Many equally likely futures of one series.
///
/// Each future follows the error model of the forecast, so that neighbouring steps err together as they did in the
/// past, and has at each step exactly the distribution that the forecast's intervals show.
public struct SimulatedFutures: Sendable {
  /// How many futures there are.
  public let count: Int
  /// How many steps each has.
  public let horizon: Int
  /// Future by future, step by step.
  private let values: [Double]

  init(values: [Double], horizon: Int) {
    self.values = values
    self.horizon = horizon
    count = values.count / horizon
  }

  /// One future, `horizon` values.
  public subscript(future: Int) -> ArraySlice<Double> { values[(future * horizon)..<((future + 1) * horizon)] }

  /// The share of futures that reach a target: what makes a goal achievable.
  public func probability(of target: Target) -> Double {
    let reached = measures(target.measure).count { value in
      target.direction == .atLeast ? value >= target.threshold : value <= target.threshold
    }
    return Double(reached) / Double(count)
  }

  /// The threshold that a share of the futures reaches, for instance the target met with 70 % probability.
  ///
  /// - Parameters:
  ///   - probability: 0...1.
  ///   - measure: what is compared.
  ///   - direction: from which side.
  /// - Returns: the threshold in the series' unit.
  public func threshold(
    reachedWith probability: Double,
    _ measure: Target.Measure,
    _ direction: Target.Direction
  ) -> Double {
    Robust.quantile(measures(measure), direction == .atLeast ? 1 - probability : probability)
  }

  /// The same number of every future.
  public func measures(_ measure: Target.Measure) -> [Double] {
    (0..<count).map { future in
      let path = self[future]
      return switch measure {
      case .end: path[path.endIndex - 1]
      case .sum: path.reduce(0, +)
      case .mean: path.reduce(0, +) / Double(horizon)
      }
    }
  }
}

extension Forecast {
  /// Simulates futures from the fitted model.
  ///
  /// Equal generators give equal futures. Every second future mirrors the one before it (antithetic variates), which
  /// halves the noise of the answers.
  ///
  /// - Parameters:
  ///   - count: how many, at least 2; odd numbers count as the next even one. 2,000 give probabilities to about ±1 %.
  ///   - generator: the only source of chance, for instance ``SeededGenerator``.
  /// - Returns: the futures; all equal to the mean for a series without errors.
  public func futures(_ count: Int, using generator: inout some RandomNumberGenerator) -> SimulatedFutures {
    let horizon = mean.count
    let pairs = max(1, (count + 1) / 2)
    var values = [Double](repeating: 0, count: 2 * pairs * horizon)
    let deviations = deviations
    guard let errors else {
      for index in values.indices { values[index] = mean[index % horizon] }
      return SimulatedFutures(values: values, horizon: horizon)
    }
    var normals = NormalSource()
    let scales = errors.standardScales(horizon: horizon)
    let shape = errors.shape
    let (level, slope) = errors.growth
    let common = errors.common.squareRoot()
    let own = (1 - errors.common).squareRoot()
    for pair in 0..<pairs {
      var drift = 0.0
      var growth = 0.0
      let shared = common * normals.next(using: &generator)
      for step in 0..<horizon {
        let shock = normals.next(using: &generator)
        let error = shape.value(at: own * (shock + drift) / scales[step] + shared) * deviations[step]
        growth += slope * shock
        drift += level * shock + growth
        let place = 2 * pair * horizon + step
        values[place] = mean[step] + error
        values[place + horizon] = mean[step] - error
      }
    }
    if isNonnegative {
      for index in values.indices where values[index] < 0 { values[index] = 0 }
    }
    return SimulatedFutures(values: values, horizon: horizon)
  }
}
