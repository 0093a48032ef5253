public import Analytics

/// How likely a target is, from simulated futures of the metric's own course.
public struct Likelihood: Hashable, Sendable, Codable {
  /// The share of simulated futures that reach the target by the deadline, 0...1.
  public var probability: Double
  /// What the measure will probably be when everything goes on as before.
  public var asBefore: Double
  /// Four in five futures lie between these.
  public var likely: [Double]
  /// A target that 30 of 100 futures reach.
  public var stretch: Double
  /// A target that 50 of 100 futures reach.
  public var even: Double
  /// A target that 70 of 100 futures reach.
  public var safe: Double
  /// How many comparable stretches of the past there are.
  public var tries: Int
  /// In how many of them the metric moved as far as the target asks.
  public var reached: Int
  /// The largest relative move of them in the wanted direction; nil without any.
  public var best: Double?

  /// A likelihood.
  public init(
    probability: Double,
    asBefore: Double,
    likely: [Double],
    stretch: Double,
    even: Double,
    safe: Double,
    tries: Int,
    reached: Int,
    best: Double?
  ) {
    self.probability = probability
    self.asBefore = asBefore
    self.likely = likely
    self.stretch = stretch
    self.even = even
    self.safe = safe
    self.tries = tries
    self.reached = reached
    self.best = best
  }

  private enum CodingKeys: String, CodingKey {
    case probability
    case asBefore = "as_before"
    case likely
    case stretch
    case even
    case safe
    case tries
    case reached
    case best
  }
}

/// Why no likelihood can be given.
public enum LikelihoodFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// The deadline is not after the start, or less than one bucket after it.
  case noTime
  /// The forecast is impossible: too little history, or too far a horizon.
  case forecast(ForecastFault)

  /// What is wrong, and how to mend it.
  public var description: String {
    switch self {
    case .noTime: "there is no whole period left before the deadline; choose a later one"
    case .forecast(let fault): "\(fault)"
    }
  }
}

/// A metric's past and the time that a goal has, ready to weigh targets.
public struct GoalOutlook: Sendable {
  /// The number of buckets from now to the deadline.
  public let steps: Int
  /// Which number of the future is compared.
  public let measure: Goal.Measure
  /// What is already in: the sum of the buckets between the goal's start and now.
  public let done: Double
  private let history: [Double]
  private let periods: [Int]
  private let futures: SimulatedFutures

  /// Looks ahead.
  ///
  /// - Parameters:
  ///   - history: complete buckets, oldest first; not-a-number where a value is missing.
  ///   - periods: seasonal periods in buckets.
  ///   - steps: buckets from now to the deadline.
  ///   - measure: which number of the future is compared.
  ///   - done: what is already in for a sum that has begun; 0 otherwise.
  ///   - seed: where chance begins; equal seeds give equal likelihoods.
  /// - Throws: ``LikelihoodFault``.
  public init(
    history: [Double],
    periods: [Int],
    steps: Int,
    measure: Goal.Measure,
    done: Double = 0,
    seed: UInt64 = 1
  ) throws(LikelihoodFault) {
    guard steps >= 1 else { throw .noTime }
    self.history = history
    self.periods = periods
    self.steps = steps
    self.measure = measure
    self.done = measure == .sum ? done : 0
    var generator = SeededGenerator(seed: seed)
    do throws(ForecastFault) {
      futures = try Forecaster().forecast(history, periods: periods, horizon: steps).futures(4_000, using: &generator)
    } catch {
      throw .forecast(error)
    }
  }

  private var simulated: Target.Measure { measure == .sum ? .sum : .end }

  /// The probability of a target.
  public func probability(of target: Double, _ direction: Goal.Direction) -> Double {
    futures.probability(
      of: Target(simulated, direction == .atLeast ? .atLeast : .atMost, target - done)
    )
  }

  /// The target that a share of the futures reaches.
  public func target(reachedWith share: Double, _ direction: Goal.Direction) -> Double {
    done + futures.threshold(reachedWith: share, simulated, direction == .atLeast ? .atLeast : .atMost)
  }

  /// All that is said about one target.
  public func likelihood(of target: Double, _ direction: Goal.Direction, baseline: Double) -> Likelihood {
    let moves = pastMoves()
    let wanted = baseline == 0 ? 0 : target / baseline - 1
    let up = direction == .atLeast
    return Likelihood(
      probability: probability(of: target, direction),
      asBefore: self.target(reachedWith: 0.5, .atLeast),
      likely: [self.target(reachedWith: 0.9, .atLeast), self.target(reachedWith: 0.1, .atLeast)],
      stretch: self.target(reachedWith: 0.3, direction),
      even: self.target(reachedWith: 0.5, direction),
      safe: self.target(reachedWith: 0.7, direction),
      tries: moves.count,
      reached: moves.count { up ? $0 >= wanted : $0 <= wanted },
      best: up ? moves.max() : moves.min()
    )
  }

  /// How far the measure moved over stretches of the same length in the past, against the same stretch a season before
  /// or, without a season, the one just before.
  private func pastMoves() -> [Double] {
    let back = periods.first.map { $0 >= steps ? $0 : steps } ?? steps
    guard history.count >= back + steps else { return [] }
    func value(endingAt end: Int) -> Double {
      measure == .end ? history[end - 1] : history[(end - steps)..<end].reduce(0, +)
    }
    return ((back + steps)...history.count).compactMap { end in
      let (now, before) = (value(endingAt: end), value(endingAt: end - back))
      return now.isFinite && before.isFinite && before > 0 ? now / before - 1 : nil
    }
  }
}
