import Glibc

extension LeafModel {
  /// The model of a ratio whose earlier periods are known, given the actual denominators.
  ///
  /// A leaf's expected ratio is that of its history, shrunk towards what the main effects of its values give, by
  /// pseudo-trials worth three events. A proportion is worked on its rarer outcome, for which relative effects are far
  /// from their limit; the variance is binomial times a factor of its own that the history gives, shrunk as for sums.
  /// - Returns: the model, and whether it counts the complement (failures instead of successes).
  static func history(
    _ history: BreakdownTable.History,
    actual: BreakdownTable.Parts,
    table: BreakdownTable
  ) -> (model: LeafModel, complement: Bool) {
    var rates = RatioHistory(history, actual: actual, table: table)
    return (rates.model(), rates.complement)
  }
}

private struct RatioHistory {
  let periods: Int
  let leaves: Int
  var values: [Double]
  let trials: [Double]
  var actual: [Double]
  let actualTrials: [Double]
  let weights: [Double]
  let complement: Bool
  let proportion: Bool

  let table: BreakdownTable

  init(_ history: BreakdownTable.History, actual: BreakdownTable.Parts, table: BreakdownTable) {
    self.table = table
    periods = history.periods
    leaves = actual.numerator.count
    values = history.values
    trials = history.denominators
    self.actual = actual.numerator
    actualTrials = actual.denominator
    weights = Self.weights(history)
    proportion =
      !zip(values, trials).contains { $0 > $1 } && !zip(actual.numerator, actual.denominator).contains { $0 > $1 }
    let all = trials.reduce(0, +)
    complement = proportion && all > 0 && values.reduce(0, +) / all > 0.5
    if complement {
      for k in values.indices { values[k] = trials[k] - values[k] }
      for i in self.actual.indices { self.actual[i] = actualTrials[i] - self.actual[i] }
    }
  }

  mutating func model() -> LeafModel {
    let (numerators, denominators) = weighted()
    let allNumerators = numerators.reduce(0, +)
    let allDenominators = denominators.reduce(0, +)
    let overall = max(allNumerators, 0.5) / max(allDenominators, 1)
    let rates = shrunk(numerators, denominators, towards: overall)
    let noise = noiseFactors(rates)
    var effect = [Double](repeating: 0, count: leaves)
    var information = effect
    var exposure = effect
    var expected = effect
    for i in 0..<leaves {
      let due = actualTrials[i] * rates[i]
      expected[i] = due
      guard due > 0 else { continue }
      effect[i] = actual[i] / due - 1
      let spread = proportion ? max(1 - rates[i], 0.05) : 1
      let known = (denominators[i] * rates[i] + 3) / noise[i]
      information[i] = 1 / (noise[i] * spread / due + 1 / known)
      exposure[i] = complement ? information[i] * (1 - rates[i]) / rates[i] : information[i]
    }
    return LeafModel(
      family: .poisson,
      effect: effect,
      information: information,
      exposure: exposure,
      commonDeviation: commonDeviation(overall),
      actual: actual,
      expected: expected
    )
  }

  private func weighted() -> (numerators: [Double], denominators: [Double]) {
    var numerators = [Double](repeating: 0, count: leaves)
    var denominators = numerators
    for i in 0..<leaves {
      for t in 0..<periods {
        numerators[i] += weights[t] * values[i * periods + t]
        denominators[i] += weights[t] * trials[i * periods + t]
      }
    }
    return (numerators, denominators)
  }

  /// Rates shrunk towards the product of the main effects of their values.
  private func shrunk(_ numerators: [Double], _ denominators: [Double], towards overall: Double) -> [Double] {
    var typical = [Double](repeating: overall, count: leaves)
    for (dimension, codes) in zip(table.dimensions, table.codes) {
      var above = [Double](repeating: 3, count: dimension.values.count)
      var below = [Double](repeating: 3 / overall, count: dimension.values.count)
      for i in 0..<leaves {
        above[Int(codes[i])] += numerators[i]
        below[Int(codes[i])] += denominators[i]
      }
      for i in 0..<leaves { typical[i] *= above[Int(codes[i])] / below[Int(codes[i])] / overall }
    }
    return (0..<leaves).map { i in
      let prior = min(max(typical[i], overall / 30), proportion ? 0.95 : overall * 30)
      let rate = (numerators[i] + 3) / (denominators[i] + 3 / prior)
      return proportion ? min(rate, 0.99) : rate
    }
  }

  /// Recent periods count more, and periods in which the whole ratio was out of the ordinary do not count.
  ///
  /// An earlier incident is no baseline.
  private static func weights(_ history: BreakdownTable.History) -> [Double] {
    let periods = history.periods
    var weights = LeafStatistics.recencyWeights(periods)
    var numerators = [Double](repeating: 0, count: periods)
    var denominators = numerators
    for k in history.values.indices {
      numerators[k % periods] += history.values[k]
      denominators[k % periods] += history.denominators[k]
    }
    let ratios = (0..<periods).map { denominators[$0] > 0 ? numerators[$0] / denominators[$0] : .nan }
    let known = ratios.filter { !$0.isNaN }
    guard known.count >= 4 else { return weights }
    let center = LeafStatistics.quantile(known, 0.5)
    let spread = LeafStatistics.spreadAroundZero(known.map { $0 - center })
    for t in 0..<periods where !ratios[t].isNaN {
      let sampling = center * abs(1 - min(center, 1)) / denominators[t]
      if abs(ratios[t] - center) > 5 * (spread * spread + sampling).squareRoot() { weights[t] = 0 }
    }
    return weights
  }

  /// Variance over its binomial value per leaf, shrunk towards the typical one; never below 1 for proportions.
  ///
  /// Squares are capped, and periods without weight are left out.
  private func noiseFactors(_ rates: [Double]) -> [Double] {
    var own = [Double](repeating: 0, count: leaves)
    var events = own
    var pooledSquares = 0.0
    var pooledMeans = 0.0
    let counted = (0..<periods).filter { weights[$0] > 0 }
    for i in 0..<leaves {
      let spread = proportion ? max(1 - rates[i], 0.05) : 1
      var squares = 0.0
      var means = 0.0
      for t in counted {
        let mu = trials[i * periods + t] * rates[i]
        let deviation = values[i * periods + t] - mu
        squares += min(deviation * deviation, proportion ? 12 * (mu + 1) : .infinity)
        means += mu * spread
      }
      guard means > 0 else { continue }
      own[i] = squares / means
      events[i] = min(Double(counted.count), means)
      pooledSquares += min(own[i], 20) * events[i]
      pooledMeans += events[i]
    }
    let typical = pooledMeans > 0 ? max(pooledSquares / pooledMeans, 0.1) : 1
    let prior = 60.0
    return own.indices.map { i in
      let factor = (own[i] * events[i] + typical * prior) / (events[i] + prior)
      return proportion ? max(factor, 1) : max(factor, 1e-9)
    }
  }

  /// How much the overall ratio moves from period to period, beyond chance.
  private func commonDeviation(_ overall: Double) -> Double {
    var logs: [Double] = []
    var sampling = 0.0
    for t in 0..<periods where weights[t] > 0 {
      var numerator = 0.0
      var denominator = 0.0
      for i in 0..<leaves {
        numerator += values[i * periods + t]
        denominator += trials[i * periods + t]
      }
      guard numerator > 0, denominator > 0 else { continue }
      logs.append(log(numerator / denominator / overall))
      sampling += 1 / numerator
    }
    guard logs.count >= 3 else { return 0.05 }
    sampling /= Double(logs.count)
    let center = LeafStatistics.quantile(logs, 0.5)
    let spread = LeafStatistics.spreadAroundZero(logs.map { $0 - center })
    return min(max(max(spread * spread - sampling, 0).squareRoot(), 0.01), 0.5)
  }
}
