import Analytics
import Testing

@Suite struct `Decomposition of a change` {
  @Test(arguments: 1...50)
  func `rate and mix of all segments add up to the change of the ratio`(seed: Int) throws {
    var numbers = SeededNumbers(seed)
    func parts() -> BreakdownTable.Parts {
      var parts = BreakdownTable.Parts.none
      for _ in 0..<(seed % 7 + 1) {
        let below = numbers.uniform() < 0.2 ? 0 : (numbers.uniform() * 1000).rounded()
        parts.denominator.append(below)
        parts.numerator.append(below * numbers.uniform())
      }
      parts.denominator[0] += 10
      return parts
    }
    let (before, after) = (parts(), parts())
    let split = try RateMixDecomposition(before: before, after: after)
    let change =
      after.numerator.reduce(0, +) / after.denominator.reduce(0, +)
      - before.numerator.reduce(0, +) / before.denominator.reduce(0, +)
    #expect(abs(split.rate + split.mix - change) < 1e-12)
    #expect(abs(split.change - change) < 1e-12)
  }

  @Test func `an unchanged ratio in every segment leaves mix alone`() throws {
    let split = try RateMixDecomposition(
      before: BreakdownTable.Parts(numerator: [10, 40], denominator: [100, 100]),
      after: BreakdownTable.Parts(numerator: [30, 40], denominator: [300, 100])
    )
    #expect(split.rate == 0)
    #expect(abs(split.mix - (0.175 - 0.25)) < 1e-12)
    #expect(!split.isReversal)
  }

  @Test func `a whole that falls while each segment rises is a reversal`() throws {
    let split = try RateMixDecomposition(
      before: BreakdownTable.Parts(numerator: [10, 40], denominator: [100, 100]),
      after: BreakdownTable.Parts(numerator: [99, 41], denominator: [900, 100])
    )
    #expect(split.change < 0)
    #expect(split.rate > 0)
    #expect(split.isReversal)
  }

  @Test(arguments: 1...20)
  func `contributions add up to the change of the sum`(seed: Int) throws {
    var numbers = SeededNumbers(seed)
    let before = (0..<seed).map { _ in numbers.normal() * 100 }
    let after = (0..<seed).map { _ in numbers.normal() * 100 }
    let split = try ContributionDecomposition(before: before, after: after)
    #expect(abs(split.parts.reduce(0) { $0 + $1.change } - split.change) < 1e-9)
  }

  @Test func `shares and points refer to the whole`() throws {
    let split = try ContributionDecomposition(before: [50, 150, 0], after: [100, 100, 50])
    #expect(split.parts.map(\.points) == [0.25, -0.25, 0.25])
    #expect(split.parts.map(\.relativeChange) == [1, -1.0 / 3, nil])
    #expect(split.parts[0].shareChange == 100.0 / 250 - 50.0 / 200)
    let nothing = try ContributionDecomposition(before: [0], after: [3])
    #expect(nothing.parts[0].points == nil && nothing.parts[0].shareChange == nil)
  }

  @Test(arguments: 1...20)
  func `factors of a product add up to its change, in any order`(seed: Int) throws {
    var numbers = SeededNumbers(seed)
    let before = (0..<3).map { _ in numbers.uniform() * 10 + 0.1 }
    let after = seed == 1 ? before : (0..<3).map { _ in numbers.uniform() * 10 + 0.1 }
    let split = try FactorDecomposition(before: before, after: after)
    #expect(abs(split.parts.reduce(0, +) - split.change) < 1e-9)
    let turned = try FactorDecomposition(before: before.reversed(), after: after.reversed())
    for (one, other) in zip(split.parts, turned.parts.reversed()) { #expect(abs(one - other) < 1e-9) }
  }

  @Test func `what cannot be split is refused with its reason`() {
    let one = BreakdownTable.Parts(numerator: [1], denominator: [2])
    #expect(throws: DecompositionFault.noParts) { try RateMixDecomposition(before: .none, after: .none) }
    #expect(throws: DecompositionFault.unequalLength("after")) {
      try RateMixDecomposition(before: one, after: BreakdownTable.Parts(numerator: [1, 1], denominator: [2, 2]))
    }
    #expect(throws: DecompositionFault.noDenominator("after")) {
      try RateMixDecomposition(before: one, after: BreakdownTable.Parts(numerator: [0], denominator: [0]))
    }
    #expect(throws: DecompositionFault.badNumber(period: "before", segment: 0, value: -2)) {
      try RateMixDecomposition(before: BreakdownTable.Parts(numerator: [1], denominator: [-2]), after: one)
    }
    #expect(throws: DecompositionFault.numeratorWithoutDenominator(period: "before", segment: 0)) {
      try RateMixDecomposition(before: BreakdownTable.Parts(numerator: [1], denominator: [0]), after: one)
    }
    #expect(throws: DecompositionFault.badNumber(period: "after", segment: 1, value: 0)) {
      try FactorDecomposition(before: [1, 2], after: [1, 0])
    }
    #expect(throws: DecompositionFault.noParts) { try ContributionDecomposition(before: [], after: []) }
  }
}
