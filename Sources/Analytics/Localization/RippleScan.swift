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
    var evidence = env("EV", 6)
    /// Impact a cause must have, as a share of that of the largest.
    var share = env("SH", 0.05)
    /// Causes reported at most.
    var causes = 8
    /// The same for a segment that moved against the sum of all.
    var againstShare = env("AG", 0.3)
    /// Tables of so many leaves are searched from several first choices.
    var smallTable = 5000
    var firstChoices = 4
    /// Price of an exception to a common change: nats, and a share of all that is explained.
    var exceptionPrice = env("XP", 15)
    var exceptionShare = env("XS", 0.1)
    /// Part of a wider segment that is too small to be asked.
    var negligibleRest = env("NR", 0.1)
    /// How much further than the other side's noise a single leaf must be.
    var tailMargin = env("TM", 1.15)
    /// Segments judged leaf by leaf in each round.
    var shortlist = 24
    /// Effect the rest of a wider segment must have, as a share of the narrower one's.
    var widening = env("WID", 0.2)
    /// Nats the rest must show by itself.
    var wideningEvidence = env("WEV", 8)
    /// Change of everything that is worth reporting, as a multiple of the usual, and at least.
    var commonFactor = env("CF", 3.2)
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
    /// Nats explained, before prices.
    var explained: Double
    /// Mean square of what is left, in units of its variance.
    var dispersion: Double
  }

  let model: LeafModel
  let lattice: CuboidLattice
  let settings: Settings
  private let prices: [Double]
  /// Sums over every slot at no common change.
  private let weightedSums: [Double]
  private let informationSums: [Double]
  private let exposureSums: [Double]
  /// Single leaves must be beyond these effects, up and down.
  private let singleLimits: (up: Double, down: Double)

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
    if model.effect.count <= settings.smallTable, !outcomes[0].findings.isEmpty {
      for rank in 1..<max(settings.firstChoices, 2) { outcomes.append(explained(startingAt: 0, skipping: rank)) }
    }
    var starts = [total.0 / total.1]
    if let median = weightedMedian() { starts.append(median) }
    for start in starts where abs(start - outcomes[0].common) > max(2 * model.commonDeviation, 0.05) {
      outcomes.append(explained(startingAt: max(start, -0.95), skipping: 0))
    }
    if model.effect.count <= settings.smallTable { outcomes += outcomes.flatMap(shortened) }
    return simplest(outcomes)
  }

  /// The same explanation with only its first causes.
  private func shortened(_ outcome: Outcome) -> [Outcome] {
    outcome.findings.indices.dropFirst().map { count in
      fitted(widened(Array(outcome.findings[..<count]), baseSums(given: outcome.common)), common: outcome.common)
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
    if getenv("DBG") != nil {
      for o in outcomes { _ = ("g \(o.common) LL \(o.explained) phi \(o.dispersion) obj \(objective(o, 1)) \(o.findings.map { (lattice.cuboids[$0.cuboid].dimensions, lattice.representative[$0.slot], $0.effect, $0.gain) })").withCString { puts($0) } }
    }
    return best ?? outcomes[0]
  }

  private func fitted(_ findings: [Finding], common: Double) -> Outcome {
    let fit = RippleFit(model, lattice, findings, common: common)
    return Outcome(findings: findings, common: common, explained: fit.value, dispersion: fit.dispersion)
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
  private func explained(startingAt start: Double, skipping rank: Int) -> Outcome {
    var common = start
    var findings: [Finding] = []
    for _ in 0..<3 {
      findings = causes(given: common, skipping: rank)
      let next = commonChange(without: findings)
      if abs(next - common) < 0.25 * model.commonDeviation { return fitted(findings, common: next) }
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
    value -= min(g * g / (2 * usual * usual), env("GP", 5))
    // "Everything changed except these" is a poor explanation next to "these changed".
    if abs(g) > 2 * usual {
      let exceptions = outcome.findings.count { $0.effect * g < 0 }
      value -= Double(exceptions) * (settings.exceptionPrice + settings.exceptionShare * max(explained, 0))
    }
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

  /// Sums over every slot, of the leaves that no cause explains yet.
  private struct Sums {
    var a: [Double]
    var b: [Double]
    var exposure: [Double]
    /// How much more the unexplained leaves vary than their history says.
    var dispersion = 1.0
  }

  private func causes(given common: Double, skipping rank: Int) -> [Finding] {
    let (weighted, information, exposure) = relative(to: common)
    let base = baseSums(given: common)
    var sums = base
    var findings: [Finding] = []
    var free = [Bool](repeating: true, count: model.effect.count)
    while findings.count < settings.causes {
      guard var found = best(of: shortlist(sums), sums, free, skipping: findings.isEmpty ? rank : 0) else { break }
      found.leaves = lattice.leaves(of: found.slot, in: found.cuboid).filter { free[$0] }
      findings.append(found)
      for i in found.leaves { free[i] = false }
      lattice.subtract(weighted, of: found.leaves, from: &sums.a)
      lattice.subtract(information, of: found.leaves, from: &sums.b)
      lattice.subtract(exposure, of: found.leaves, from: &sums.exposure)
      sums.dispersion = dispersion(weighted, information, free)
    }
    findings = widened(findings, base)
    for k in findings.indices {
      findings[k].impact = findings[k].leaves.reduce(0) { $0 + model.actual[$1] - (1 + common) * model.expected[$1] }
    }
    return reported(findings)
  }

  /// Causes of weight, and against the direction of the change only those of great weight.
  private func reported(_ findings: [Finding]) -> [Finding] {
    let largest = findings.map { abs($0.impact) }.max() ?? 0
    let change = findings.reduce(0) { $0 + $1.impact }
    return findings.filter { finding in
      let against = finding.impact * change < 0
      return abs(finding.impact) >= (against ? settings.againstShare : settings.share) * largest
        || (model.family == .normal && !against)
    }
  }

  /// x h, h and exposure after everything changed by a common factor: all of them linear in what they were.
  private func relative(to common: Double) -> (weighted: [Double], information: [Double], exposure: [Double]) {
    var weighted = zip(model.effect, model.information).map { $0 * $1 }
    guard common != 0 else { return (weighted, model.information, model.exposure) }
    for i in weighted.indices { weighted[i] -= common * model.information[i] }
    guard model.family == .poisson else { return (weighted, model.information, model.exposure) }
    return (weighted, model.information.map { $0 * (1 + common) }, model.exposure)
  }

  private func baseSums(given common: Double) -> Sums {
    guard common != 0 else { return Sums(a: weightedSums, b: informationSums, exposure: exposureSums) }
    var a = weightedSums
    for slot in a.indices { a[slot] -= common * informationSums[slot] }
    let b = model.family == .poisson ? informationSums.map { $0 * (1 + common) } : informationSums
    return Sums(a: a, b: b, exposure: exposureSums)
  }

  /// Median square of the unexplained leaves in units of their variance, over that of a normal variable; at least 1.
  private func dispersion(_ weighted: [Double], _ information: [Double], _ free: [Bool]) -> Double {
    guard model.family == .poisson else { return 1 }
    var squares: [Double] = []
    for i in free.indices where free[i] && information[i] >= 1 { squares.append(weighted[i] * weighted[i] / information[i]) }
    guard squares.count >= 8 else { return 1 }
    return max(LeafStatistics.quantile(squares, 0.5) / 0.454_936_423_119_572, 1)
  }

  /// The segments with the largest net gain.
  private func shortlist(_ sums: Sums) -> [Int] {
    var slots: [Int] = []
    var nets: [Double] = []
    var least = settings.evidence
    let normal = model.family == .normal
    let perLeaf = model.information.max() ?? 0
    sums.a.withUnsafeBufferPointer { a in
      sums.b.withUnsafeBufferPointer { b in
        for (c, cuboid) in lattice.cuboids.enumerated() {
          let price = prices[c]
          for slot in cuboid.offset..<(cuboid.offset + cuboid.count) where b[slot] > 1e-9 {
            // A cheap bound first: the quasi-Poisson gain of a rise is below the normal one.
            if normal || a[slot] > 0, a[slot] * a[slot] < 2 * b[slot] * (least + price) * sums.dispersion { continue }
            if normal, b[slot] < 1.5 * perLeaf, isTail(a[slot] / b[slot]) { continue }
            let net = bestGain(a[slot], b[slot]) / sums.dispersion - price
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
      }
    }
    return slots
  }

  private func isTail(_ effect: Double) -> Bool {
    effect >= 0 ? effect <= singleLimits.up : -effect <= singleLimits.down
  }

  /// Whether one leaf of the tail makes up a small segment: without it, little is left.
  private func hangsOnOneLeaf(_ found: Finding, _ free: [Bool]) -> Bool {
    guard model.family == .normal, let perLeaf = model.information.max(), perLeaf > 0 else { return false }
    let leaves = lattice.leaves(of: found.slot, in: found.cuboid).filter { free[$0] && model.information[$0] > 0 }
    guard leaves.count > 1, leaves.count <= 8 else { return false }
    let effects = leaves.map { model.effect[$0] }.sorted { abs($0) > abs($1) }
    guard isTail(effects[0]) else { return false }
    let rest = effects.dropFirst().reduce(0, +) / Double(effects.count - 1)
    return rest / effects[0] < 0.4
  }

  /// The best segment, or the one of the given rank among those that do not hold one another.
  private func best(of candidates: [Int], _ sums: Sums, _ free: [Bool], skipping rank: Int) -> Finding? {
    let judged = candidates.compactMap { self.judged($0, lattice.cuboid(of: $0), sums) }.sorted {
      $0.gain == $1.gain ? $0.slot < $1.slot : $0.gain > $1.gain
    }
    guard rank > 0, let first = judged.first else { return judged.first { !hangsOnOneLeaf($0, free) } }
    // Segments of the same leaves are one choice; a much weaker one is hopeless.
    var others: [Finding] = []
    for found in judged where found.gain > 0.3 * first.gain {
      let sum = (sums.a[found.slot], sums.b[found.slot])
      if !others.contains(where: { near(sums.a[$0.slot], sum.0) && near(sums.b[$0.slot], sum.1) }) { others.append(found) }
    }
    return rank < others.count ? others[rank] : nil
  }

  private func near(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-9 * (abs(a) + abs(b)) }

  private func judged(_ slot: Int, _ cuboid: Int, _ sums: Sums) -> Finding? {
    let b = sums.b[slot]
    guard b > 1e-9 else { return nil }
    let net = bestGain(sums.a[slot], b) / sums.dispersion - prices[cuboid]
    let r = sums.a[slot] / b
    let usual = model.commonDeviation
    guard net >= settings.evidence else { return nil }
    guard net / (1 + b * usual * usual) >= settings.evidence || abs(r) > settings.commonFactor * usual else {
      return nil
    }
    return Finding(slot: slot, cuboid: cuboid, leaves: [], effect: r, gain: net, impact: 0)
  }

  /// Replaces causes by wider segments that are affected as a whole, and drops what those hold.
  private func widened(_ narrow: [Finding], _ sums: Sums) -> [Finding] {
    var findings = narrow
    var position = 0
    while position < findings.count {
      if let wider = wider(position, findings, sums) {
        let held = Set(wider.leaves)
        let others = findings.enumerated().filter { index, other in
          index != position && !other.leaves.allSatisfy(held.contains)
        }.map(\.element)
        let kept = findings[..<position].count { other in others.contains { $0.slot == other.slot } }
        findings = others
        findings.insert(wider, at: kept)
        position = kept
      } else {
        position += 1
      }
    }
    return findings
  }

  /// The most probable segment that holds a cause, and whose rest moved the same way, at least in part.
  private func wider(_ position: Int, _ findings: [Finding], _ sums: Sums) -> Finding? {
    let child = findings[position]
    var owner: [Int: Int] = [:]
    for (index, finding) in findings.enumerated() { for i in finding.leaves { owner[i] = index } }
    let own = moved(child.leaves)
    guard own.exposure > 0, own.a != 0 else { return nil }
    let effect = own.a / own.exposure
    var widest: Finding?
    for (slot, cuboid) in generalisations(of: child) {
      let leaves = lattice.leaves(of: slot, in: cuboid)
      let inside = Dictionary(grouping: leaves.filter { owner[$0] != nil }) { owner[$0] ?? 0 }
      let held = inside.filter { $0.value.count == findings[$0.key].leaves.count && $0.key != position }
      let rest = moved(leaves.filter { owner[$0] == nil })
      let mine = held.values.reduce(own.exposure) { $0 + moved($1).exposure }
      guard rest.exposure > 0 || !held.isEmpty else { continue }
      if rest.exposure > settings.negligibleRest * (mine + rest.exposure) {
        guard rest.a / rest.exposure / effect >= settings.widening,
          bestGain(rest.a, rest.b) / sums.dispersion >= settings.wideningEvidence
        else { continue }
      } else if held.isEmpty {
        continue
      }
      guard held.values.allSatisfy({ moved($0).a / max(moved($0).exposure, 1e-300) / effect >= settings.widening }) else {
        continue
      }
      let all = leaves.filter { owner[$0] == nil || held[owner[$0] ?? -1] != nil || owner[$0] == position }
      let whole = moved(all)
      let net = bestGain(whole.a, whole.b) - prices[cuboid]
      if net > (widest?.gain ?? -.infinity) {
        widest = Finding(slot: slot, cuboid: cuboid, leaves: all, effect: whole.a / whole.b, gain: net, impact: 0)
      }
    }
    return widest

    func moved(_ leaves: [Int]) -> (a: Double, b: Double, exposure: Double) {
      leaves.reduce(into: (0.0, 0.0, 0.0)) { sum, i in
        sum.0 += model.effect[i] * model.information[i]
        sum.1 += model.information[i]
        sum.2 += model.exposure[i]
      }
    }
  }

  /// Every segment that holds all leaves of another one: by any part of the conditions that all of them meet.
  private func generalisations(of child: Finding) -> [(slot: Int, cuboid: Int)] {
    guard let first = child.leaves.first else { return [] }
    return lattice.cuboids.indices.compactMap { c in
      let start = c * lattice.leafCount
      let slot = lattice.slots[start + first]
      guard Int(slot) != child.slot, child.leaves.allSatisfy({ lattice.slots[start + $0] == slot }) else { return nil }
      return (Int(slot), c)
    }
  }
}

func env(_ name: String, _ standard: Double) -> Double { getenv(name).flatMap { Double(String(cString: $0)) } ?? standard }
