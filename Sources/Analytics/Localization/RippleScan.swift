import Glibc

/// The likelihood-ratio scan: finds the few segments whose leaves moved together.
///
/// Ripple effect (Squeeze, ISSRE 2019; RiskLoc, arXiv 2205.10004): inside a true cause all leaves change by about the
/// same factor. A segment e with A = sum of x h and B = sum of h has the effect r = A / B and explains
/// G(e) = B ((1 + r) ln(1 + r) - r) nats (quasi-Poisson) or B r^2 / 2 (normal); the price of having looked at all segments
/// of its layer is the logarithm of their number, and half a nat per condition (a bound on the family-wise error).
/// The best of these are judged again leaf by leaf, allowing the leaves of a cause to differ (random effects), which tells
/// a parent that is affected as a whole from a child that drags it along.
struct RippleScan {
  /// What the scan can be told.
  struct Settings {
    /// Nats a cause must bring after its price.
    var evidence = env("EV", 8)
    /// Impact a cause must have, as a share of that of the largest.
    var share = env("SH", 0.05)
    /// Causes reported at most.
    var causes = 8
    /// Segments judged leaf by leaf in each round.
    var shortlist = 24
    /// Effect the rest of a wider segment must have, as a share of the narrower one's.
    var widening = env("WID", 0.3)
    /// Nats the rest must show by itself.
    var wideningEvidence = env("WEV", 4)
    /// Change of everything that is worth reporting, as a multiple of the usual, and at least.
    var commonFactor = 4.0
    var commonLeast = 0.1
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
    /// Nats explained after all prices.
    var objective: Double
  }

  let model: LeafModel
  let lattice: CuboidLattice
  let settings: Settings
  private let prices: [Double]

  init(_ model: LeafModel, _ lattice: CuboidLattice, _ settings: Settings) {
    self.model = model
    self.lattice = lattice
    self.settings = settings
    prices = Self.prices(lattice)
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
    guard total.1 > 0 else { return Outcome(findings: [], common: 0, objective: 0) }
    var best = explained(startingAt: 0)
    let mean = total.0 / total.1
    var starts = [mean]
    if let median = weightedMedian() { starts.append(median) }
    for start in starts where abs(start - best.common) > max(2 * model.commonDeviation, 0.05) {
      let other = explained(startingAt: max(start, -0.95))
      if other.objective > best.objective + 1 { best = other }
    }
    return best
  }

  private func weightedMedian() -> Double? {
    let order = model.effect.indices.filter { model.information[$0] > 0 }.sorted { model.effect[$0] < model.effect[$1] }
    let half = order.reduce(0) { $0 + model.information[$1] } / 2
    var sum = 0.0
    for i in order {
      sum += model.information[i]
      if sum >= half { return model.effect[i] }
    }
    return nil
  }

  /// Alternates between causes given the common change and the common change given the causes.
  private func explained(startingAt start: Double) -> Outcome {
    var common = start
    var outcome = Outcome(findings: [], common: common, objective: 0)
    for _ in 0..<3 {
      outcome = Outcome(findings: causes(given: common), common: common, objective: 0)
      let next = commonChange(without: outcome.findings)
      let moved = abs(next - common)
      common = next
      outcome.common = next
      if moved < 0.25 * model.commonDeviation { break }
    }
    outcome.objective = objective(outcome)
    return outcome
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
    // Past four usual deviations the usual no longer speaks against it: it is a global event.
    let usual = model.commonDeviation
    if abs(mean) > settings.commonFactor * usual { return mean }
    return mean * b / (b + 1 / (usual * usual))
  }

  private func objective(_ outcome: Outcome) -> Double {
    var free = [Bool](repeating: true, count: model.effect.count)
    for finding in outcome.findings { for i in finding.leaves { free[i] = false } }
    let g = outcome.common
    var value = 0.0
    // Every leaf is compared with no change at all.
    for i in free.indices where free[i] { value += gain(model.effect[i], model.information[i], at: g) }
    for finding in outcome.findings {
      let r = (1 + g) * (1 + finding.effect) - 1
      for i in finding.leaves { value += gain(model.effect[i], model.information[i], at: r) }
      value -= prices[finding.cuboid] + settings.evidence * 0.5
    }
    let usual = model.commonDeviation
    value -= min(g * g / (2 * usual * usual), 8 + 2 * log(max(abs(g) / usual, 1)))
    return value
  }

  /// Log-likelihood ratio of one leaf, or of one segment's sums, for the effect r.
  private func gain(_ x: Double, _ h: Double, at r: Double) -> Double {
    switch model.family {
    case .poisson: h * ((1 + x) * log1p(max(r, -0.999)) - r)
    case .normal: h * (x * r - r * r / 2)
    }
  }

  private func bestGain(_ a: Double, _ b: Double) -> Double {
    let r = a / b
    switch model.family {
    case .poisson: return r <= -1 ? b : b * ((1 + r) * log1p(r) - r)
    case .normal: return b * r * r / 2
    }
  }

  // MARK: - Causes given the common change

  private func causes(given common: Double) -> [Finding] {
    let (effect, information) = relative(to: common)
    var weighted = [Double](repeating: 0, count: effect.count)
    for i in effect.indices { weighted[i] = effect[i] * information[i] }
    var a = lattice.sums(weighted)
    var b = lattice.sums(information)
    var findings: [Finding] = []
    var free = [Bool](repeating: true, count: effect.count)
    while findings.count < settings.causes {
      let candidates = shortlist(a, b)
      guard var found = best(of: candidates, a, b) else { break }
      found.leaves = found.leaves.filter { free[$0] }
      found.impact = found.leaves.reduce(0) { $0 + abs(model.actual[$1] - (1 + common) * model.expected[$1]) }
      let net = found.leaves.reduce(0) { $0 + model.actual[$1] - (1 + common) * model.expected[$1] }
      found.impact = abs(net)
      findings.append(found)
      for i in found.leaves { free[i] = false }
      lattice.subtract(weighted, of: found.leaves, from: &a)
      lattice.subtract(information, of: found.leaves, from: &b)
    }
    let largest = findings.map(\.impact).max() ?? 0
    return findings.filter { $0.impact >= settings.share * largest || (model.family == .normal) }
  }

  /// Effects and information after everything changed by a common factor.
  private func relative(to common: Double) -> (effect: [Double], information: [Double]) {
    guard common != 0 else { return (model.effect, model.information) }
    switch model.family {
    case .poisson:
      return (model.effect.map { (1 + $0) / (1 + common) - 1 }, model.information.map { $0 * (1 + common) })
    case .normal:
      return (zip(model.effect, model.information).map { $1 > 0 ? $0 - common : 0 }, model.information)
    }
  }

  /// The segments with the largest net gain, and those one condition wider.
  private func shortlist(_ a: [Double], _ b: [Double]) -> [Int] {
    var slots: [Int] = []
    var nets: [Double] = []
    var least = settings.evidence
    for (c, cuboid) in lattice.cuboids.enumerated() {
      let price = prices[c]
      for slot in cuboid.offset..<(cuboid.offset + cuboid.count) where b[slot] > 1e-9 {
        // A cheap bound first: the quasi-Poisson gain of a rise is below the normal one.
        if model.family == .normal || a[slot] > 0, a[slot] * a[slot] / (2 * b[slot]) - price < least { continue }
        let net = bestGain(a[slot], b[slot]) - price
        if net < least { continue }
        if slots.count == settings.shortlist, let lowest = nets.indices.min(by: { nets[$0] < nets[$1] }) {
          slots[lowest] = slot
          nets[lowest] = net
          least = nets.min() ?? least
        } else {
          slots.append(slot)
          nets.append(net)
          if slots.count == settings.shortlist { least = nets.min() ?? least }
        }
      }
    }
    var seen = Set(slots)
    for slot in slots {
      for wider in parents(of: slot) where seen.insert(wider).inserted && b[wider] > 1e-9 { slots.append(wider) }
    }
    return slots
  }

  /// Segments with one condition less.
  private func parents(of slot: Int) -> [Int] {
    let cuboid = lattice.cuboids[lattice.cuboid(of: slot)]
    guard cuboid.dimensions.count > 1 else { return [] }
    let leaf = Int(lattice.representative[slot])
    return cuboid.dimensions.compactMap { left in
      let rest = cuboid.dimensions.filter { $0 != left }
      guard let parent = lattice.cuboids.firstIndex(where: { $0.dimensions == rest }) else { return nil }
      return Int(lattice.slots[parent * lattice.leafCount + leaf])
    }
  }

  /// The best segment, or one that contains it and is affected as a whole.
  private func best(
    of candidates: [Int],
    _ a: [Double],
    _ b: [Double]
  ) -> Finding? {
    var best: Finding?
    for slot in candidates {
      let cuboid = lattice.cuboid(of: slot)
      guard let found = judged(slot, cuboid, a, b), found.gain > (best?.gain ?? -.infinity) else { continue }
      best = found
    }
    guard var found = best else { return nil }
    while let wider = widened(found, a, b) { found = wider }
    found.leaves = lattice.leaves(of: found.slot, in: found.cuboid)
    return found
  }

  private func judged(_ slot: Int, _ cuboid: Int, _ a: [Double], _ b: [Double]) -> Finding? {
    guard b[slot] > 1e-9 else { return nil }
    let net = bestGain(a[slot], b[slot]) - prices[cuboid]
    let r = a[slot] / b[slot]
    let usual = model.commonDeviation
    guard net >= settings.evidence else { return nil }
    guard net / (1 + b[slot] * usual * usual) >= settings.evidence || abs(r) > settings.commonFactor * usual else {
      return nil
    }
    return Finding(slot: slot, cuboid: cuboid, leaves: [], effect: r, gain: net, impact: 0)
  }

  /// A segment with one condition less whose rest moved the same way, at least in part.
  private func widened(_ child: Finding, _ a: [Double], _ b: [Double]) -> Finding? {
    var widest: Finding?
    var most = 0.0
    for parent in parents(of: child.slot) {
      let restB = b[parent] - b[child.slot]
      guard restB > 1e-9 * b[parent] + 1e-9 else { continue }
      let restA = a[parent] - a[child.slot]
      let share = restA / restB / child.effect
      guard share >= settings.widening, share <= 1 / settings.widening else { continue }
      let gain = bestGain(restA, restB)
      guard gain >= settings.wideningEvidence else { continue }
      if gain > most, let found = judged(parent, lattice.cuboid(of: parent), a, b) {
        most = gain
        widest = found
      }
    }
    return widest
  }

}

func env(_ name: String, _ standard: Double) -> Double { getenv(name).flatMap { Double(String(cString: $0)) } ?? standard }
