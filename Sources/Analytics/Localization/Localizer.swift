/// Finds the segments a change of a metric comes from, and says when none stands out.
///
/// Pure: equal tables give equal answers. Method: a likelihood-ratio scan over every combination of dimensions under the
/// ripple effect, see ``RippleScan``; expectations and their uncertainty from the history, see ``LeafModel``.
public struct Localizer: Sendable {
  var settings = RippleScan.Settings()

  /// A localiser with the settings that were measured.
  public init() {}

  /// The largest number of rows a table of so many dimensions may have.
  ///
  /// - Parameter dimensions: how many there are.
  /// - Returns: a number of rows.
  public static func rowLimit(dimensions: Int) -> Int {
    CuboidLattice.entryLimit / max(CuboidLattice.searchedSets(dimensions).count, 1)
  }

  /// Explains the difference between what was expected and what was.
  ///
  /// With a history, expectations come from it and a forecast in the table is ignored. A ratio is searched for segments
  /// whose ratio changed (rate), then for segments whose share changed (mix); what moves the metric more is told.
  /// More than about 8 dimensions are searched up to combinations that keep the number of sets below 256.
  /// - Parameter table: the leaves; at most ``rowLimit(dimensions:)`` rows.
  /// - Returns: effect, causes in order of impact, and the totals.
  /// - Throws: ``LocalizationFault`` when the table cannot be searched.
  /// - Complexity: O(rows × 2^dimensions) for each cause that is found.
  public func localize(_ table: BreakdownTable) throws(LocalizationFault) -> Localization {
    try TableCheck(table).check()
    let lattice = CuboidLattice(sizes: table.dimensions.map(\.values.count), codes: table.codes)
    switch table.measure {
    case .sum(let actual, let expected):
      return localizeSum(table, lattice, actual: actual, expected: expected)
    case .ratio(let actual, let expected):
      return localizeRatio(table, lattice, actual: actual, expected: expected)
    }
  }

  // MARK: - Sums

  private func localizeSum(
    _ table: BreakdownTable,
    _ lattice: CuboidLattice,
    actual: [Double],
    expected: [Double]
  ) -> Localization {
    let model =
      if let history = table.history {
        LeafModel.history(history, actual: actual)
      } else {
        LeafModel.forecast(actual: actual, expected: expected)
      }
    let outcome = scan(model, lattice)
    let causes = outcome.findings.map { finding in
      let before = finding.leaves.reduce(0) { $0 + model.expected[$1] }
      let after = finding.leaves.reduce(0) { $0 + actual[$1] }
      return cause(finding, table, lattice, expected: before, actual: after, impact: after - before)
    }
    return answer(
      causes,
      .volume,
      outcome,
      model,
      expected: model.expected.reduce(0, +),
      actual: actual.reduce(0, +)
    )
  }

  // MARK: - Ratios

  private func localizeRatio(
    _ table: BreakdownTable,
    _ lattice: CuboidLattice,
    actual: BreakdownTable.Parts,
    expected: BreakdownTable.Parts
  ) -> Localization {
    let trials = actual.denominator.reduce(0, +)
    let numerators = actual.numerator.reduce(0, +)
    let model: LeafModel
    var complement = false
    if let history = table.history {
      (model, complement) = LeafModel.history(history, actual: actual, table: table)
    } else {
      model = LeafModel.forecast(actual: actual, expected: expected)
    }
    let rates = scan(model, lattice)
    let causes = rates.findings.map { finding in
      let below = max(finding.leaves.reduce(0) { $0 + actual.denominator[$1] }, .leastNormalMagnitude)
      var before = finding.leaves.reduce(0) { $0 + model.expected[$1] }
      var after = finding.leaves.reduce(0) { $0 + model.actual[$1] }
      if complement { (before, after) = (below - before, below - after) }
      let impact = trials > 0 ? (after - before) / trials : 0
      return cause(finding, table, lattice, expected: before / below, actual: after / below, impact: impact)
    }
    var due = model.expected.reduce(0, +)
    if complement { due = trials - due }
    let totals = (expected: trials > 0 ? due / trials : 0, actual: trials > 0 ? numerators / trials : 0)
    var result = answer(causes, .rate, rates, model, expected: totals.expected, actual: totals.actual)
    if complement, due < trials { result.commonChange *= -(trials - due) / max(due, .leastNormalMagnitude) }
    if result.effect != .global, let mix = mix(table, lattice, actual: actual, model: model, complement: complement) {
      let weight = causes.reduce(0) { $0 + abs($1.impact) }
      if causes.isEmpty || mix.causes.reduce(0, { $0 + abs($1.impact) }) > weight { return mix }
    }
    return result
  }

  /// Segments whose share of the denominator moved, and with it the ratio of the whole.
  private func mix(
    _ table: BreakdownTable,
    _ lattice: CuboidLattice,
    actual: BreakdownTable.Parts,
    model: LeafModel,
    complement: Bool
  ) -> Localization? {
    guard let history = table.history else { return nil }
    let earlier = BreakdownTable.History(
      periods: history.periods,
      season: history.season,
      values: history.denominators
    )
    let volumes = LeafModel.history(earlier, actual: actual.denominator)
    let outcome = scan(volumes, lattice)
    let before = volumes.expected.reduce(0, +)
    let after = actual.denominator.reduce(0, +)
    guard before > 0, after > 0, !outcome.findings.isEmpty else { return nil }
    // What each leaf was expected to have per unit of its denominator.
    let rates = (0..<table.leafCount).map { i in
      let due = actual.denominator[i] > 0 ? model.expected[i] / actual.denominator[i] : 0
      return complement ? 1 - due : due
    }
    let whole = (0..<table.leafCount).reduce(0) { $0 + rates[$1] * volumes.expected[$1] } / before
    let causes = outcome.findings.map { finding in
      let own = finding.leaves.reduce(0) { $0 + volumes.expected[$1] }
      let now = finding.leaves.reduce(0) { $0 + actual.denominator[$1] }
      // Mix effect against a whole without the segment's own change of share: (w1 - w0)(r - R).
      let impact = finding.leaves.reduce(0) {
        $0 + (actual.denominator[$1] / after - volumes.expected[$1] / before) * (rates[$1] - whole)
      }
      return cause(finding, table, lattice, expected: own, actual: now, impact: impact)
    }
    let total = actual.numerator.reduce(0, +) / after
    guard causes.contains(where: { abs($0.impact) > 0.002 * whole }) else { return nil }
    return Localization(
      effect: .mix,
      causes: causes.sorted { abs($0.impact) > abs($1.impact) },
      expectedTotal: whole,
      actualTotal: total,
      commonChange: outcome.common,
      usualCommonChange: volumes.commonDeviation
    )
  }

  // MARK: - Common parts

  private func scan(_ model: LeafModel, _ lattice: CuboidLattice) -> RippleScan.Outcome {
    RippleScan(model, lattice, settings).run()
  }

  private func answer(
    _ causes: [Localization.Cause],
    _ effect: Localization.Effect,
    _ outcome: RippleScan.Outcome,
    _ model: LeafModel,
    expected: Double,
    actual: Double
  ) -> Localization {
    let unusual = max(settings.commonFactor * model.commonDeviation, settings.commonLeast)
    let isGlobal = causes.isEmpty && abs(outcome.common) > unusual
    return Localization(
      effect: causes.isEmpty ? (isGlobal ? .global : .none) : effect,
      causes: causes.sorted { abs($0.impact) > abs($1.impact) },
      expectedTotal: expected,
      actualTotal: actual,
      commonChange: outcome.common,
      usualCommonChange: model.commonDeviation
    )
  }

  private func cause(
    _ finding: RippleScan.Finding,
    _ table: BreakdownTable,
    _ lattice: CuboidLattice,
    expected: Double,
    actual: Double,
    impact: Double
  ) -> Localization.Cause {
    let leaf = Int(lattice.representative[finding.slot])
    let conditions = lattice.cuboids[finding.cuboid].dimensions.map { dimension in
      let column = table.dimensions[dimension]
      return Localization.Condition(dimension: column.name, value: column.values[Int(table.codes[dimension][leaf])])
    }
    return Localization.Cause(
      conditions: conditions,
      leafCount: finding.leaves.count,
      expected: expected,
      actual: actual,
      impact: impact,
      evidence: finding.gain
    )
  }
}
