import Glibc

/// The search for causes, given a common change.
extension RippleScan {
  func causes(given common: Double, skipping rank: Int) -> [Finding] {
    var rest = baseSums(given: common)
    var findings: [Finding] = []
    var free = [Bool](repeating: true, count: model.effect.count)
    while findings.count < settings.causes {
      guard var found = best(of: shortlist(rest), rest, free, skipping: findings.isEmpty ? rank : 0) else { break }
      found.leaves = lattice.leaves(of: found.slot, in: found.cuboid).filter { free[$0] }
      findings.append(found)
      for i in found.leaves { free[i] = false }
      take(found.leaves, common, from: &rest)
      rest.dispersion = dispersion(free, given: common)
    }
    findings = widened(findings, given: common, rest)
    for k in findings.indices {
      findings[k].impact = findings[k].leaves.reduce(0) { $0 + model.actual[$1] - (1 + common) * model.expected[$1] }
    }
    return reported(findings)
  }

  /// Takes leaves out of sums.
  func take(_ leaves: [Int], _ common: Double, from sums: inout Sums) {
    let scale = model.family == .poisson ? 1 + common : 1
    let weighted = leaves.map { (model.effect[$0] - common) * model.information[$0] }
    let information = leaves.map { scale * model.information[$0] }
    lattice.subtract(weighted, of: leaves, from: &sums.a)
    lattice.subtract(information, of: leaves, from: &sums.b)
    lattice.subtract(leaves.map { model.exposure[$0] }, of: leaves, from: &sums.exposure)
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

  func baseSums(given common: Double) -> Sums {
    guard common != 0 else { return Sums(a: weightedSums, b: informationSums, exposure: exposureSums) }
    var a = weightedSums
    for slot in a.indices { a[slot] -= common * informationSums[slot] }
    let b = model.family == .poisson ? informationSums.map { $0 * (1 + common) } : informationSums
    return Sums(a: a, b: b, exposure: exposureSums)
  }

  /// Median square of the unexplained leaves in units of their variance, over that of a normal variable; at least 1.
  private func dispersion(_ free: [Bool], given common: Double) -> Double {
    guard model.family == .poisson else { return 1 }
    var squares: [Double] = []
    for i in free.indices where free[i] && model.information[i] * (1 + common) >= 1 {
      let deviation = model.effect[i] - common
      squares.append(deviation * deviation * model.information[i] / (1 + common))
    }
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
      if !others.contains(where: { near(sums.a[$0.slot], sum.0) && near(sums.b[$0.slot], sum.1) }) {
        others.append(found)
      }
    }
    return rank < others.count ? others[rank] : nil
  }

  private func near(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-9 * (abs(a) + abs(b)) }

  func judged(_ slot: Int, _ cuboid: Int, _ sums: Sums) -> Finding? {
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
}
