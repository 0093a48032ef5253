/// The choice of how wide a cause is.
extension RippleScan {
  /// Replaces causes by wider segments that are affected as a whole, and drops what those hold.
  ///
  /// `rest` are the sums over what no cause explains.
  func widened(_ narrow: [Finding], given common: Double, _ rest: Sums) -> [Finding] {
    var findings = narrow
    var rest = rest
    var position = 0
    while position < findings.count {
      guard let (wider, held) = wider(position, findings, rest) else {
        position += 1
        continue
      }
      let dropped = Set(held + [position])
      let known = Set(dropped.flatMap { findings[$0].leaves })
      take(wider.leaves.filter { !known.contains($0) }, common, from: &rest)
      let before = (0..<position).count { !dropped.contains($0) }
      findings = findings.indices.filter { !dropped.contains($0) }.map { findings[$0] }
      findings.insert(wider, at: before)
      position = before
    }
    return findings
  }

  /// The most probable segment that holds a cause, and whose rest moved the same way, at least in part; and the other
  /// causes it holds.
  private func wider(_ position: Int, _ findings: [Finding], _ rest: Sums) -> (Finding, [Int])? {
    let child = findings[position]
    let own = moved(child.leaves)
    guard own.exposure > 0, own.a != 0 else { return nil }
    let effect = own.a / own.exposure
    var widest: (finding: Finding, held: [Int])?
    for (slot, cuboid) in generalisations(of: child) {
      let held = findings.indices.filter { $0 != position && holds(slot, cuboid, findings[$0].leaves) }
      let inside = held.map { moved(findings[$0].leaves) }
      let mine = inside.reduce(own.exposure) { $0 + $1.exposure }
      let (a, b, exposure) = (rest.a[slot], max(rest.b[slot], 0), max(rest.exposure[slot], 0))
      if exposure > settings.negligibleRest * (mine + exposure) {
        guard a / exposure / effect >= settings.widening,
          bestGain(a, b) / rest.dispersion >= settings.wideningEvidence
        else { continue }
      } else if held.isEmpty {
        continue
      }
      guard inside.allSatisfy({ $0.a / max($0.exposure, 1e-300) / effect >= settings.widening }) else { continue }
      let all = inside.reduce((a: own.a + a, b: own.b + b)) { ($0.a + $1.a, $0.b + $1.b) }
      let net = bestGain(all.a, all.b) - prices[cuboid]
      if net > (widest?.finding.gain ?? -.infinity) {
        let finding = Finding(slot: slot, cuboid: cuboid, leaves: [], effect: all.a / all.b, gain: net, impact: 0)
        widest = (finding, held)
      }
    }
    guard let widest else { return nil }
    var finding = widest.finding
    let held = widest.held
    var foreign = [Bool](repeating: false, count: lattice.leafCount)
    for index in findings.indices where index != position && !held.contains(index) {
      for i in findings[index].leaves { foreign[i] = true }
    }
    finding.leaves = lattice.leaves(of: finding.slot, in: finding.cuboid).filter { !foreign[$0] }
    return (finding, held)
  }

  private func holds(_ slot: Int, _ cuboid: Int, _ leaves: [Int]) -> Bool {
    let start = cuboid * lattice.leafCount
    let wanted = UInt32(slot)
    return leaves.allSatisfy { lattice.slots[start + $0] == wanted }
  }

  func moved(_ leaves: [Int]) -> (a: Double, b: Double, exposure: Double) {
    var sums = (a: 0.0, b: 0.0, exposure: 0.0)
    for i in leaves {
      sums.a += model.effect[i] * model.information[i]
      sums.b += model.information[i]
      sums.exposure += model.exposure[i]
    }
    return sums
  }

  /// Every segment that holds all leaves of another one: by any part of the conditions that all of them meet.
  private func generalisations(of child: Finding) -> [(slot: Int, cuboid: Int)] {
    guard let first = child.leaves.first else { return [] }
    return lattice.cuboids.indices.compactMap { cuboid in
      let slot = Int(lattice.slots[cuboid * lattice.leafCount + first])
      guard slot != child.slot, holds(slot, cuboid, child.leaves) else { return nil }
      return (slot, cuboid)
    }
  }
}
