import Glibc

extension LeafModel {
  /// The model of a sum whose earlier periods are known.
  ///
  /// A leaf is expected to have its usual share of the expected total, times its own seasonal deviation, shrunk by how
  /// much such deviations vary between leaves beyond chance (empirical Bayes, James-Stein form). What moves all leaves
  /// together is taken out of the history by dividing by each period's total, so that it does not count as noise.
  /// The variance of a leaf is proportional to its mean with a factor of its own, estimated from its history with
  /// capped squares (a past incident does not make a leaf deaf) and shrunk towards that of leaves of its size.
  static func history(_ history: BreakdownTable.History, actual: [Double]) -> LeafModel {
    var sums = SumHistory(history.values, periods: history.periods, season: history.season, actual: actual)
    return sums.model()
  }
}

/// The working values of ``LeafModel/history(_:actual:)``.
private struct SumHistory {
  let values: [Double]
  let periods: Int
  let season: Int
  let actual: [Double]
  let leaves: Int
  var totals: [Double]
  let weights: [Double]
  /// Share of a leaf of the total.
  var shares: [Double]
  /// Mean and count of seasonal ratios per leaf and phase, at leaf * season + phase.
  var observed: [Double]
  var due: [Double]
  /// Shrunk seasonal factor per leaf and phase.
  var factors: [Double]

  init(_ values: [Double], periods: Int, season: Int?, actual: [Double]) {
    self.values = values
    self.periods = periods
    self.actual = actual
    self.season = if let season, season > 1, periods >= 2 * season { season } else { 1 }
    leaves = actual.count
    weights = LeafStatistics.recencyWeights(periods)
    totals = [Double](repeating: 0, count: periods)
    shares = [Double](repeating: 0, count: leaves)
    observed = []
    due = []
    factors = []
    for i in 0..<leaves {
      for t in 0..<periods { totals[t] += values[i * periods + t] }
    }
    var whole = 0.0
    for t in 0..<periods { whole += weights[t] * totals[t] }
    for i in 0..<leaves where whole > 0 {
      var own = 0.0
      for t in 0..<periods { own += weights[t] * values[i * periods + t] }
      shares[i] = own / whole
    }
  }

  /// Phase of a period; the period to explain has phase 0.
  private func phase(_ period: Int) -> Int { (period - periods % season + season) % season }

  mutating func model() -> LeafModel {
    seasonalFactors()
    let (total, deviation) = expectedTotal()
    let noise = noiseFactors()
    var effect = [Double](repeating: 0, count: leaves)
    var information = effect
    var expected = effect
    for i in 0..<leaves { expected[i] = shares[i] * total * factors[i * season] }
    let sum = expected.reduce(0, +)
    for i in 0..<leaves {
      if sum > 0 { expected[i] *= total / sum }
      // A leaf that was never seen is expected to have next to nothing, not nothing.
      expected[i] = max(expected[i], noise[i] * 0.5 / Double(periods))
      effect[i] = actual[i] / expected[i] - 1
      let ownHistory = expected[i] * Double(periods) / 4
      information[i] = 1 / (noise[i] / expected[i] + noise[i] / max(ownHistory, noise[i]))
    }
    return LeafModel(
      family: .poisson,
      effect: effect,
      information: information,
      exposure: information,
      commonDeviation: deviation,
      actual: actual,
      expected: expected
    )
  }

  /// Seasonal deviations of each leaf from the total's own season.
  private mutating func seasonalFactors() {
    observed = [Double](repeating: 0, count: leaves * season)
    due = observed
    factors = [Double](repeating: 1, count: leaves * season)
    guard season > 1 else { return }
    for i in 0..<leaves {
      for t in 0..<periods {
        observed[i * season + phase(t)] += values[i * periods + t]
        due[i * season + phase(t)] += shares[i] * totals[t]
      }
    }
    let noise = withinPhaseNoise()
    // Variance of true factors between leaves, by moments, weighted by precision.
    var excess = 0.0
    var weight = 0.0
    for i in 0..<leaves where noise[i] > 0 {
      for p in 0..<season where due[i * season + p] > 0 {
        let sampling = noise[i] / due[i * season + p]
        let ratio = observed[i * season + p] / due[i * season + p] - 1
        let precision = 1 / (sampling + 0.01)
        excess += precision * precision * (min(ratio * ratio, 9 * sampling + 0.25) - sampling)
        weight += precision * precision
      }
    }
    let variance = weight > 0 ? max(excess / weight, 0) : 0
    for i in 0..<leaves {
      for p in 0..<season where due[i * season + p] > 0 {
        let k = i * season + p
        let sampling = max(noise[i], 1e-12) / due[k]
        factors[k] = max(1 + (observed[k] / due[k] - 1) * variance / (variance + sampling), 0.05)
      }
    }
  }

  /// Variance over mean of each leaf around its own phase means, pooled over all leaves.
  private func withinPhaseNoise() -> [Double] {
    noise { i, t in
      let k = i * season + phase(t)
      return due[k] > 0 ? shares[i] * totals[t] * observed[k] / due[k] : 0
    } freedom: {
      Double(periods - season)
    }
  }

  /// Variance over mean of each leaf around what the model would have expected.
  private func noiseFactors() -> [Double] {
    noise { i, t in
      shares[i] * totals[t] * factors[i * season + phase(t)]
    } freedom: {
      Double(periods - 1)
    }
  }

  /// Variance over mean per leaf, each shrunk towards a line through all leaves.
  private func noise(_ mean: (Int, Int) -> Double, freedom: () -> Double) -> [Double] {
    var squares = [Double](repeating: 0, count: leaves)
    var means = squares
    for i in 0..<leaves {
      for t in 0..<periods {
        let mu = mean(i, t)
        let deviation = values[i * periods + t] - mu
        squares[i] += deviation * deviation
        means[i] += mu
      }
    }
    let free = max(freedom(), 1)
    var own = [Double](repeating: 0, count: leaves)
    for i in 0..<leaves where means[i] > 0 {
      let rough = squares[i] / means[i]
      var capped = 0.0
      for t in 0..<periods {
        let mu = mean(i, t)
        let deviation = values[i * periods + t] - mu
        capped += min(deviation * deviation, 12 * rough * max(mu, means[i] / Double(periods)))
      }
      own[i] = capped * Double(periods) / free / means[i]
    }
    return pooled(own, means: means.map { $0 / Double(periods) }, freedom: free)
  }

  /// Shrinks each leaf's factor towards the typical one; counts never vary less than a Poisson variable does.
  private func pooled(_ own: [Double], means: [Double], freedom: Double) -> [Double] {
    let whole = !values.contains { $0 != $0.rounded() }
    let lively = own.indices.filter { means[$0] > 0 && own[$0] > 0 }
    let typical = LeafStatistics.quantile(lively.map { own[$0] }, 0.5)
    let floor = whole ? 1 : typical * 0.02
    return own.indices.map { i in
      // A leaf with few events in its history has little to say about its own variance.
      let events = own[i] > 0 ? min(freedom, freedom * means[i] / own[i]) : 0
      let prior = 6.0
      return max((own[i] * events + typical * prior) / (events + prior), floor, 1e-9)
    }
  }

  /// The total to expect, from the same phase of the last four seasons, and how far such expectations were off.
  private func expectedTotal() -> (total: Double, deviation: Double) {
    let step = season
    func expectation(before period: Int) -> Double? {
      let earlier = stride(from: period - step, through: 0, by: -step).prefix(season > 1 ? 4 : 8).map { totals[$0] }
      return earlier.isEmpty ? nil : earlier.reduce(0, +) / Double(earlier.count)
    }
    var errors: [Double] = []
    for t in (season > 1 ? 2 * season : 3)..<max(periods, season > 1 ? 2 * season : 3) {
      if let usual = expectation(before: t), usual > 0, totals[t] > 0 { errors.append(log(totals[t] / usual)) }
    }
    let center = LeafStatistics.quantile(errors, 0.5)
    let deviation = errors.count < 3 ? 0.05 : LeafStatistics.spreadAroundZero(errors.map { $0 - center })
    return (expectation(before: periods) ?? totals.last ?? 0, min(max(deviation, 0.01), 0.5))
  }
}
