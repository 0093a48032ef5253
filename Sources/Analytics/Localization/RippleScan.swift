import Glibc

/// The likelihood-ratio scan: finds the few segments whose leaves moved together.
///
/// Ripple effect (Squeeze, ISSRE 2019; RiskLoc, arXiv 2205.10004): inside a true cause all leaves change by about the
/// same factor. A segment e with A = sum of x h and B = sum of h has the effect r = A / B and explains
/// G(e) = B ((1 + r) ln(1 + r) - r) nats (quasi-Poisson) or B r^2 / 2 (normal); the price of having looked at all segments
/// of its layer is the logarithm of their number, and half a nat per condition (a bound on the family-wise error).
/// Causes are taken greedily, then replaced by wider segments that are affected as a whole; the whole, as "everything
/// moved together", competes with them. Of several such explanations the simplest one wins that no richer one beats by
/// more than its price, measured in units of what it leaves unexplained (quasi-likelihood): real causes are not exact.
struct RippleScan {
  /// What the scan can be told.
  struct Settings {
    /// Nats a cause must bring after its price.
    var evidence = 6.5
    /// Impact a cause must have, as a share of that of the largest.
    var share = 0.05
    /// Causes reported at most.
    var causes = 8
    /// The same for a segment that moved against the sum of all.
    var againstShare = 0.3
    /// Tables of so many leaves are searched from several first choices.
    var smallTable = 5000
    var firstChoices = 4
    /// Price of an exception to a common change: nats, and a share of all that is explained.
    var exceptionPrice = 15.0
    var exceptionShare = 0.1
    /// Part of a wider segment that is too small to be asked.
    var negligibleRest = 0.1
    /// How much further than the other side's noise a single leaf must be.
    var tailMargin = 1.15
    /// Segments that are looked at more closely in each round.
    var shortlist = 24
    /// Effect the rest of a wider segment must have, as a share of the narrower one's.
    var widening = 0.2
    /// Nats the rest must show by itself.
    var wideningEvidence = 6.0
    /// Change of everything that is worth reporting, as a multiple of the usual, and at least.
    var commonFactor = 3.2
    var commonLeast = 0.1
    /// Nats that a change of everything out of the ordinary costs at most.
    var commonPrice = 5.0
  }

  /// A segment that was accepted.
  struct Finding {
    var slot: Int
    var cuboid: Int
    var leaves: [Int]
    var effect: Double
    var gain: Double
    var impact: Double
  }

  /// What a scan found.
  struct Outcome {
    var findings: [Finding]
    /// Common relative change of what no finding explains.
    var common: Double
    /// Nats explained, before prices.
    var explained: Double
    /// Mean square of what is left, in units of its variance.
    var dispersion: Double
  }

  /// Sums over every slot, of the leaves that no cause explains yet.
  struct Sums {
    var a: [Double]
    var b: [Double]
    var exposure: [Double]
    /// How much more the unexplained leaves vary than their history says.
    var dispersion = 1.0
  }

  let model: LeafModel
  let lattice: CuboidLattice
  let settings: Settings
  let prices: [Double]
  /// Sums over every slot at no common change.
  let weightedSums: [Double]
  let informationSums: [Double]
  let exposureSums: [Double]
  /// Single leaves must be beyond these effects, up and down.
  let singleLimits: (up: Double, down: Double)

  init(_ model: LeafModel, _ lattice: CuboidLattice, _ settings: Settings) {
    self.model = model
    self.lattice = lattice
    self.settings = settings
    prices = Self.prices(lattice)
    weightedSums = lattice.sums(zip(model.effect, model.information).map { $0 * $1 })
    informationSums = lattice.sums(model.information)
    singleLimits = Self.singleLimits(model, settings)
    exposureSums = model.exposure == model.information ? informationSums : lattice.sums(model.exposure)
  }

  /// How far the noise of single leaves reaches, by that of the other side: errors of forecasts have longer tails than a
  /// normal variable, and causes rarely have both directions. (RiskLoc puts its cutoff by the same thought.)
  private static func singleLimits(_ model: LeafModel, _ settings: Settings) -> (up: Double, down: Double) {
    guard model.family == .normal else { return (0, 0) }
    var up = 0.0
    var down = 0.0
    for effect in model.effect {
      up = max(up, effect)
      down = max(down, -effect)
    }
    return (settings.tailMargin * down, settings.tailMargin * up)
  }

  /// ln(number of segments of the layer) + 0.5 * layer, per cuboid.
  private static func prices(_ lattice: CuboidLattice) -> [Double] {
    var perLayer: [Int: Int] = [:]
    for cuboid in lattice.cuboids { perLayer[cuboid.dimensions.count, default: 0] += cuboid.occupied }
    return lattice.cuboids.map {
      log(Double(max(perLayer[$0.dimensions.count] ?? 1, 1))) + 0.5 * Double($0.dimensions.count)
    }
  }

  /// The best explanation: with the usual common change, or with one that is out of the ordinary.
  func run() -> Outcome {
    let total = zip(model.effect, model.information).reduce((0.0, 0.0)) { ($0.0 + $1.0 * $1.1, $0.1 + $1.1) }
    guard total.1 > 0 else { return Outcome(findings: [], common: 0, explained: 0, dispersion: 1) }
    var outcomes = [explained(startingAt: 0, skipping: 0)]
    let isSmall = model.effect.count <= settings.smallTable
    if isSmall, !outcomes[0].findings.isEmpty {
      for rank in 1..<max(settings.firstChoices, 2) { outcomes.append(explained(startingAt: 0, skipping: rank)) }
    }
    var starts = weightedMedian().map { [$0] } ?? []
    if isSmall { starts.append(total.0 / total.1) }
    for start in starts where abs(start - outcomes[0].common) > max(2 * model.commonDeviation, 0.05) {
      outcomes.append(explained(startingAt: max(start, -0.95), skipping: 0))
    }
    if isSmall { outcomes += outcomes.flatMap(shortened) }
    return simplest(outcomes)
  }

  /// The same explanation with only its first causes.
  private func shortened(_ outcome: Outcome) -> [Outcome] {
    outcome.findings.indices.dropFirst().map { count in
      let findings = Array(outcome.findings[..<count])
      var rest = baseSums(given: outcome.common)
      for finding in findings { take(finding.leaves, outcome.common, from: &rest) }
      return fitted(widened(findings, given: outcome.common, rest), common: outcome.common)
    }
  }

  /// The explanation with the fewest causes that no richer one beats by more than its price.
  ///
  /// Quasi-likelihood: the gain of a richer explanation is measured in units of what the simpler one leaves unexplained,
  /// since the leaves of a real cause never move by exactly the same factor.
  private func simplest(_ outcomes: [Outcome]) -> Outcome {
    var best: Outcome?
    for count in Set(outcomes.map(\.findings.count)).sorted() {
      for rival in outcomes where rival.findings.count == count {
        guard let leader = best else {
          best = rival
          continue
        }
        // What a first cause explains is not to be held against it.
        let noise = leader.findings.isEmpty ? min(leader.dispersion, rival.dispersion) : leader.dispersion
        let dispersion = max(noise, 1)
        if objective(rival, dispersion) > objective(leader, dispersion) + 1 { best = rival }
      }
    }
    return best ?? outcomes[0]
  }

  private func fitted(_ findings: [Finding], common: Double) -> Outcome {
    let fit = RippleFit(model, lattice, findings, common: common)
    return Outcome(findings: findings, common: common, explained: fit.value, dispersion: fit.dispersion)
  }

  /// The effect that half of the information lies below; of large tables, by every so-manieth leaf.
  private func weightedMedian() -> Double? {
    let step = model.effect.count / 4096 + 1
    let order = stride(from: 0, to: model.effect.count, by: step).filter { model.information[$0] > 0 }.sorted {
      model.effect[$0] < model.effect[$1]
    }
    let half = order.reduce(0) { $0 + model.information[$1] } / 2
    var sum = 0.0
    for i in order {
      sum += model.information[i]
      if sum >= half { return model.effect[i] }
    }
    return nil
  }

  /// A difference of the common change that matters to nothing.
  private var convergence: Double {
    let perLeaf = model.family == .normal ? model.information.max() ?? 0 : 0
    return max(0.25 * model.commonDeviation, perLeaf > 0 ? 0.1 / perLeaf.squareRoot() : 0)
  }

  /// Alternates between causes given the common change and the common change given the causes.
  private func explained(startingAt start: Double, skipping rank: Int) -> Outcome {
    var common = start
    var findings: [Finding] = []
    for _ in 0..<3 {
      findings = causes(given: common, skipping: rank)
      let next = commonChange(without: findings)
      if abs(next - common) < convergence { return fitted(findings, common: next) }
      common = next
    }
    return fitted(causes(given: common, skipping: rank), common: common)
  }

  /// Posterior mean of the common change: what is not explained, against what is usual.
  private func commonChange(without findings: [Finding]) -> Double {
    var a = 0.0
    var b = 0.0
    var free = [Bool](repeating: true, count: model.effect.count)
    for finding in findings { for i in finding.leaves { free[i] = false } }
    for i in free.indices where free[i] {
      a += model.effect[i] * model.information[i]
      b += model.information[i]
    }
    guard b > 0 else { return 0 }
    let mean = a / b
    // Past four deviations, the usual no longer speaks against it: it is a global event.
    let usual = model.commonDeviation
    if mean * mean > settings.commonFactor * settings.commonFactor * (usual * usual + 1 / b) { return mean }
    return mean * b / (b + 1 / (usual * usual))
  }

  /// Nats explained after all prices.
  private func objective(_ outcome: Outcome, _ dispersion: Double) -> Double {
    let g = outcome.common
    let explained = outcome.explained / dispersion
    var value = explained
    for finding in outcome.findings { value -= prices[finding.cuboid] + settings.evidence * 0.5 }
    let usual = model.commonDeviation
    value -= min(g * g / (2 * usual * usual), settings.commonPrice)
    // "Everything changed except these" is a poor explanation next to "these changed".
    if abs(g) > 2 * usual {
      let exceptions = outcome.findings.count { $0.effect * g < 0 }
      value -= Double(exceptions) * (settings.exceptionPrice + settings.exceptionShare * max(explained, 0))
    }
    return value
  }

  /// Log-likelihood ratio of one leaf, or of one segment's sums, for the effect r.
  func gain(_ x: Double, _ h: Double, at r: Double) -> Double {
    switch model.family {
    case .poisson: h * ((1 + x) * log1p(max(r, -0.999)) - r)
    case .normal: h * (x * r - r * r / 2)
    }
  }

  func bestGain(_ a: Double, _ b: Double) -> Double {
    let r = a / b
    switch model.family {
    case .poisson: return r <= -1 ? b : b * ((1 + r) * log1p(r) - r)
    case .normal: return b * r * r / 2
    }
  }
}
