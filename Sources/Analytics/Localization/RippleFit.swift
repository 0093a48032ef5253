import Glibc

/// The joint fit of several causes: effects of causes that share leaves multiply.
struct RippleFit {
  /// Log-likelihood against no change at all, in nats.
  let value: Double
  /// Mean square of what is left, in units of its variance, over the leaves that say something.
  let dispersion: Double
  /// Effect of each cause.
  let effects: [Double]

  init(_ model: LeafModel, _ lattice: CuboidLattice, _ findings: [RippleScan.Finding], common: Double) {
    var factors = [Double](repeating: 1 + common, count: model.effect.count)
    guard model.family == .poisson else {
      // Deviation scores do not multiply: a leaf belongs to the first cause that holds it.
      for finding in findings { for i in finding.leaves { factors[i] = 1 + common + finding.effect } }
      effects = findings.map(\.effect)
      dispersion = Self.dispersion(model) { i in (model.effect[i] - factors[i] + 1, 1) }
      value = model.effect.indices.reduce(0) { sum, i in
        let r = factors[i] - 1
        return sum + model.information[i] * (model.effect[i] * r - r * r / 2)
      }
      return
    }
    let members = findings.map { lattice.leaves(of: $0.slot, in: $0.cuboid) }
    var multipliers = [Double](repeating: 1, count: findings.count)
    // Iterative proportional fitting; causes rarely share leaves, so a few rounds do.
    for _ in 0..<6 {
      for k in findings.indices {
        var seen = 0.0
        var due = 0.0
        for i in members[k] {
          seen += model.information[i] * (1 + model.effect[i])
          due += model.information[i] * factors[i]
        }
        let step = due > 0 ? max(seen, 1e-3) / due : 1
        multipliers[k] *= step
        for i in members[k] { factors[i] *= step }
      }
      if findings.count < 2 { break }
    }
    dispersion = Self.dispersion(model) { i in (1 + model.effect[i] - factors[i], max(factors[i], 0.05)) }
    effects = multipliers.map { $0 - 1 }
    value = model.effect.indices.reduce(0) { sum, i in
      sum + model.information[i] * ((1 + model.effect[i]) * log(max(factors[i], 1e-6)) - factors[i] + 1)
    }
  }

  private static func dispersion(_ model: LeafModel, _ rest: (Int) -> (deviation: Double, variance: Double)) -> Double {
    var sum = 0.0
    var count = 0.0
    for i in model.effect.indices where model.information[i] >= 1 {
      let (deviation, variance) = rest(i)
      sum += deviation * deviation * model.information[i] / variance
      count += 1
    }
    return count > 0 ? sum / count : 1
  }
}
