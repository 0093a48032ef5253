import Analytics
import Testing

@Suite struct `Localisation of causes` {
  private typealias Event = SampleBreakdown.Event

  /// The conditions of the causes, as text.
  private func segments(_ found: Localization) -> [String] {
    found.causes.map { $0.conditions.map { "\($0.dimension)=\($0.value)" }.joined(separator: " & ") }
  }

  @Test(arguments: 1...6)
  func `a segment that lost orders is found, and nothing else`(seed: Int) throws {
    let event = Event(conditions: ["country": "US", "device": "mobile"], factor: 0.4)
    let found = try Localizer().localize(SampleBreakdown().orders(seed: seed, events: [event]))
    #expect(segments(found) == ["country=US & device=mobile"])
    #expect(found.effect == .volume)
    let cause = try #require(found.causes.first)
    #expect(abs(cause.relativeChange + 0.6) < 0.12)
    #expect(abs(cause.impact - (cause.actual - cause.expected)) < 1e-9)
    #expect(cause.leafCount == 3)
  }

  @Test func `two causes are told apart, the larger one first`() throws {
    let events = [
      Event(conditions: ["country": "GB"], factor: 0.6),
      Event(conditions: ["device": "desktop", "plan": "free"], factor: 0.5),
    ]
    let found = try Localizer().localize(SampleBreakdown().orders(seed: 3, events: events))
    #expect(segments(found) == ["device=desktop & plan=free", "country=GB"])
  }

  @Test func `days on which nothing happened have no cause`() throws {
    var causes = 0
    for seed in 100..<140 {
      let sums = try Localizer().localize(SampleBreakdown().orders(seed: seed))
      let ratios = try Localizer().localize(SampleBreakdown().conversion(seed: seed))
      causes += [sums, ratios].count { !$0.causes.isEmpty }
    }
    #expect(causes <= 1, "of 80 days")
  }

  @Test(arguments: [0.6, 1.5])
  func `what happens everywhere is global and has no segment`(factor: Double) throws {
    let found = try Localizer().localize(
      SampleBreakdown().orders(seed: 5, events: [Event(conditions: [:], factor: factor)])
    )
    #expect(found.effect == .global)
    #expect(found.causes.isEmpty)
    #expect(abs(found.commonChange - (factor - 1)) < 0.12)
  }

  @Test func `a ratio that fell in one segment is a rate effect`() throws {
    let event = Event(conditions: ["plan": "starter"], factor: 0.5)
    let found = try Localizer().localize(SampleBreakdown().conversion(seed: 8, rates: [event]))
    #expect(segments(found) == ["plan=starter"])
    #expect(found.effect == .rate)
    let cause = try #require(found.causes.first)
    #expect(cause.impact < 0)
    #expect(abs(cause.relativeChange + 0.5) < 0.15)
  }

  @Test func `a high ratio that fell is found on its failures and told in its own terms`() throws {
    let event = Event(conditions: ["country": "FR"], factor: 0.7)
    let found = try Localizer().localize(SampleBreakdown().conversion(seed: 8, rates: [event], base: 0.95))
    #expect(segments(found) == ["country=FR"])
    let cause = try #require(found.causes.first)
    #expect(cause.expected > 0.6 && cause.actual < cause.expected)
    #expect(found.expectedTotal > found.actualTotal)
  }

  @Test func `more visits of a weak segment are a mix effect`() throws {
    let event = Event(conditions: ["device": "mobile"], factor: 2.5)
    let found = try Localizer().localize(SampleBreakdown().conversion(seed: 9, volumes: [event]))
    #expect(segments(found) == ["device=mobile"])
    #expect(found.effect == .mix)
    #expect(try #require(found.causes.first).impact < 0)
  }

  @Test func `a forecast alone suffices`() throws {
    var numbers = SeededNumbers(4)
    let codes = SampleBreakdown().codes
    var expected: [Double] = []
    var actual: [Double] = []
    for leaf in codes[0].indices {
      let value = 100 * (1 + numbers.uniform())
      let hit = codes[1][leaf] == 2
      expected.append(value)
      actual.append(value * (1 + 0.03 * numbers.normal()) * (hit ? 0.5 : 1))
    }
    let table = BreakdownTable(
      dimensions: SampleBreakdown.dimensions,
      codes: codes,
      measure: .sum(actual: actual, expected: expected)
    )
    #expect(segments(try Localizer().localize(table)) == ["device=tablet"])
    let ones = [Double](repeating: 1000, count: actual.count)
    let ratio = BreakdownTable(
      dimensions: SampleBreakdown.dimensions,
      codes: codes,
      measure: .ratio(
        actual: BreakdownTable.Parts(numerator: actual, denominator: ones),
        expected: BreakdownTable.Parts(numerator: expected, denominator: ones)
      )
    )
    #expect(segments(try Localizer().localize(ratio)) == ["device=tablet"])
  }

  @Test func `equal tables give equal answers`() throws {
    let table = SampleBreakdown().orders(seed: 11, events: [Event(conditions: ["plan": "pro"], factor: 0.5)])
    #expect(try Localizer().localize(table) == Localizer().localize(table))
  }

  @Test func `one dimension is enough`() throws {
    let table = BreakdownTable(
      dimensions: [BreakdownTable.Dimension(name: "shop", values: ["a", "b", "c", "d"])],
      codes: [[0, 1, 2, 3]],
      measure: .sum(actual: [100, 20, 101, 99], expected: [100, 100, 100, 100])
    )
    #expect(segments(try Localizer().localize(table)) == ["shop=b"])
  }

  @Test(arguments: [1, 2, 5, 13])
  func `a short history gives an answer`(periods: Int) throws {
    let table = BreakdownTable(
      dimensions: [BreakdownTable.Dimension(name: "shop", values: ["a", "b", "c"])],
      codes: [[0, 1, 2]],
      measure: .sum(actual: [100, 5, 100], expected: []),
      history: BreakdownTable.History(
        periods: periods,
        season: 7,
        values: [Double](repeating: 100, count: 3 * periods)
      )
    )
    let found = try Localizer().localize(table)
    #expect(found.causes.allSatisfy { $0.evidence.isFinite && $0.impact.isFinite })
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var table: BreakdownTable
    var fault: LocalizationFault
  }

  static let shop = BreakdownTable.Dimension(name: "shop", values: ["a", "b"])
  static let refusals = [
    Refusal(
      testDescription: "no rows",
      table: BreakdownTable(dimensions: [shop], codes: [[]], measure: .sum(actual: [], expected: [])),
      fault: .noRows
    ),
    Refusal(
      testDescription: "no dimension",
      table: BreakdownTable(dimensions: [], codes: [], measure: .sum(actual: [1], expected: [1])),
      fault: .noDimensions
    ),
    Refusal(
      testDescription: "a code past the values",
      table: BreakdownTable(dimensions: [shop], codes: [[0, 2]], measure: .sum(actual: [1, 1], expected: [1, 1])),
      fault: .malformed("a code of 'shop' points past its 2 values")
    ),
    Refusal(
      testDescription: "a short column",
      table: BreakdownTable(dimensions: [shop], codes: [[0, 1]], measure: .sum(actual: [1], expected: [1, 1])),
      fault: .malformed("'actual' has 1 entries instead of 2")
    ),
    Refusal(
      testDescription: "negative values in a ratio",
      table: BreakdownTable(
        dimensions: [shop],
        codes: [[0, 1]],
        measure: .ratio(
          actual: BreakdownTable.Parts(numerator: [1, -2], denominator: [3, 3]),
          expected: BreakdownTable.Parts(numerator: [1, 1], denominator: [3, 3])
        )
      ),
      fault: .badNumber(column: "actual numerator", row: 1, value: -2)
    ),
    Refusal(
      testDescription: "neither forecast nor history",
      table: BreakdownTable(dimensions: [shop], codes: [[0, 1]], measure: .sum(actual: [1, 2], expected: [])),
      fault: .nothingExpected
    ),
    Refusal(
      testDescription: "zero everywhere",
      table: BreakdownTable(dimensions: [shop], codes: [[0, 1]], measure: .sum(actual: [0, 0], expected: [0, 0])),
      fault: .allZero
    ),
  ]

  @Test(arguments: refusals)
  func `a table that cannot be searched is refused with its reason`(_ refusal: Refusal) {
    #expect(throws: refusal.fault) { try Localizer().localize(refusal.table) }
    #expect(!refusal.fault.description.isEmpty)
  }

  @Test func `numbers that are none are refused`() {
    let table = BreakdownTable(
      dimensions: [Self.shop],
      codes: [[0, 1]],
      measure: .sum(actual: [1, .nan], expected: [1, 1])
    )
    #expect(throws: LocalizationFault.self) { try Localizer().localize(table) }
  }
}
