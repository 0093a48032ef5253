import CoachVocabulary
import Declarations
import SemanticLayer
import Testing

@Suite struct `A frame that cannot be answered` {
  private let compiler: FrameCompiler

  init() throws { compiler = try Subscriptions().compiler }

  private func failure(_ change: (inout Frame) -> Void) -> CompileFailure? {
    var frame = Frame()
    change(&frame)
    return compiler.failure(of: frame)
  }

  @Test func `is refused with the reason`() {
    #expect(failure { _ in } == .noMetric)
    #expect(failure { $0.metrics = ["happiness"] } == .unknownMember("happiness"))
    #expect(failure { $0 = Frame(["orders"], by: ["shoe"]) } == .unknownMember("shoe"))
    #expect(failure { $0 = Frame(["goal"], by: ["plan"]) } == .unreachable(metric: "Goal", dimension: "plan"))
    #expect(failure { $0 = Frame(["customers"], in: "2024-01-01"..."2024-12-31") } == .timeless(metric: "Customers"))
    #expect(
      failure {
        $0.metrics = ["seats"]
        $0.namedFilters = ["large"]
      } == .unreachable(metric: "Seats", dimension: "large orders")
    )
    #expect(failure { $0 = Frame(["orders"], by: ["plan"]) } == nil)
  }

  @Test func `is refused when a comparison has no period or an average`() throws {
    let day = try #require(CivilDate("2024-01-01"))
    let range = DateRange(start: day, end: day.adding(months: 1))
    #expect(
      failure {
        $0.metrics = ["orders"]
        $0.comparison = FrameComparison(kind: .named, range: range)
      } == .incompatible("a comparison needs a period to compare")
    )
    #expect(
      failure {
        $0 = Frame(["orders"], in: "2024-02-01"..."2024-02-29")
        $0.comparison = FrameComparison(kind: .named, range: range)
        $0.average = .grain(.week)
      } == .incompatible("an average cannot be compared with another period in one step")
    )
  }

  @Test func `is refused when two ways lead to a dimension`() throws {
    let yaml = """
      domain: d
      datasets: [{name: trips, time: day}, {name: planes}, {name: ships}, {name: ports}]
      relationships:
        - {from: trips.plane_id, to: planes.plane_id}
        - {from: trips.ship_id, to: ships.ship_id}
        - {from: planes.port_id, to: ports.port_id}
        - {from: ships.port_id, to: ports.port_id}
      dimensions: [{name: port, expr: ports.name}]
      metrics: [{name: trips, dataset: trips, aggregate: count}]
      """
    let collector = DiagnosticCollector()
    let tree = try #require(DeclarationTree.reading(yaml: yaml.utf8, file: "d.yaml", reporting: collector))
    let model = try #require(SemanticModel(reading: tree, reporting: collector))
    let ambiguous = FrameCompiler(model: model, calendar: compiler.calendar)
    #expect(ambiguous.failure(of: Frame(["trips"], by: ["port"])) == .ambiguousJoin(metric: "Trips", dimension: "port"))
  }
}

@Suite struct `The interpretation of a frame` {
  private let compiler: FrameCompiler

  init() throws { compiler = try Subscriptions().compiler }

  private func text(_ frame: Frame) throws -> String { try compiler.compile(frame).interpretation }

  @Test func `says what was measured, of what and when`() throws {
    var frame = Frame(["revenue"], by: ["region"], in: "2024-03-01"..."2024-03-31")
    #expect(try text(frame) == "Revenue, paid orders, by region, 1–31 Mar 2024")
    frame.filters = [FrameFilter(dimension: "plan", values: ["Pro", "Team"], excludes: true)]
    frame.limit = 3
    #expect(
      try text(frame) == "Revenue, paid orders, plan not Pro or Team, by region, top 3, 1–31 Mar 2024"
    )
  }

  @Test func `says which snapshot of a balance counts`() throws {
    #expect(try text(Frame(["seats"], in: "2024-03-01"..."2024-03-31")) == "Seats, last snapshot up to 31 Mar 2024")
    #expect(try text(Frame(["seats"])) == "Seats, last snapshot up to 20 Jun 2025")
  }

  @Test(arguments: [
    ("2024-03-05", "2024-03-05", "5 Mar 2024"), ("2024-03-01", "2024-03-31", "1–31 Mar 2024"),
    ("2024-03-01", "2024-05-31", "1 Mar – 31 May 2024"), ("2023-12-01", "2024-01-31", "1 Dec 2023 – 31 Jan 2024"),
    ("1870-01-01", "2024-01-31", "up to 31 Jan 2024"),
  ])
  func `writes a period with both ends`(_ first: String, _ last: String, _ text: String) throws {
    let start = try #require(CivilDate(first))
    let end = try #require(CivilDate(last)).adding(days: 1)
    #expect(DateText.describe(DateRange(start: start, end: end)) == text)
  }

  @Test func `frames that mean the same have one key`() {
    var one = Frame(["orders"])
    one.filters = [
      FrameFilter(dimension: "plan", values: ["Pro", "Team"]), FrameFilter(dimension: "region", values: ["East"]),
    ]
    var other = one
    other.filters = [
      FrameFilter(dimension: "region", values: ["East"]), FrameFilter(dimension: "plan", values: ["Team", "Pro"]),
    ]
    #expect(one.canonicalKey == other.canonicalKey)
    other.filters[0].excludes = true
    #expect(one.canonicalKey != other.canonicalKey)
    #expect(!one.canonicalKey.isEmpty)
  }
}
