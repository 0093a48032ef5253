import Glibc

extension LeafModel {
  /// The model of a sum of which only a forecast is known.
  ///
  /// The effect is the deviation score 2 (v - f) / (v + f) of Squeeze, AutoRoot and RiskLoc (arXiv 2205.10004), the
  /// information 1 / spread^2; see ``deviationScores(actual:expected:)``.
  static func forecast(actual: [Double], expected: [Double]) -> LeafModel {
    scored(deviationScores(actual: actual, expected: expected), actual: actual, expected: expected)
  }

  /// The model of a ratio of which only a forecast of both parts is known: what counts is the numerator against what
  /// the expected ratio would have given on the actual denominator.
  static func forecast(actual: BreakdownTable.Parts, expected: BreakdownTable.Parts) -> LeafModel {
    let due = expected.numerator.indices.map { i in
      expected.denominator[i] > 0 ? expected.numerator[i] / expected.denominator[i] * actual.denominator[i] : 0
    }
    var numerators = actual.numerator
    for i in numerators.indices where expected.denominator[i] <= 0 { numerators[i] = 0 }
    return scored(deviationScores(actual: numerators, expected: due), actual: numerators, expected: due)
  }

  /// 2 (v - f) / (v + f) in [-2, 2]; NaN where both are zero.
  private static func deviationScores(actual: [Double], expected: [Double]) -> [Double] {
    zip(actual, expected).map { actual, expected in
      let total = abs(actual) + abs(expected)
      return total > 0 ? min(max(2 * (actual - expected) / total, -2), 2) : .nan
    }
  }

  private static func scored(_ scores: [Double], actual: [Double], expected: [Double]) -> LeafModel {
    let spread = LeafModel.coreSpread(scores)
    let information = scores.map { $0.isNaN ? 0 : 1 / (spread * spread) }
    return LeafModel(
      family: .normal,
      effect: scores.map { $0.isNaN ? 0 : $0 },
      information: information,
      exposure: information,
      commonDeviation: 0.02,
      actual: actual,
      expected: expected
    )
  }

  /// The spread of the leaves that did not change, by the first quartile of the magnitudes.
  ///
  /// Up to half of the leaves may belong to causes. Never below 0.2 %: no forecast is better than that by merit.
  static func coreSpread(_ scores: [Double]) -> Double {
    let magnitudes = scores.filter { !$0.isNaN }.map(abs)
    return max(LeafStatistics.quantile(magnitudes, 0.25) / 0.318_639_363_964_375, 0.002)
  }
}
