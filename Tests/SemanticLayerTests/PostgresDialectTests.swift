import CoachTesting
import CoachVocabulary
import PostgresKit
import SQLiteKit
import SemanticLayer
import Testing

/// The same frames on the same rows, in SQLite and in PostgreSQL.
@Suite(.enabled(if: TemporaryPostgreSQL.isAvailable, "PostgreSQL is not installed"))
struct `The PostgreSQL dialect` {
  private static let year = "2024-01-01"..."2024-12-31"

  @Test func `gives what SQLite gives, for every kind of frame`() async throws {
    let company = try Subscriptions()
    let server = try await Self.copy(company)
    let compiler = FrameCompiler(
      model: company.compiler.model,
      calendar: company.compiler.calendar,
      dialect: .postgres
    )
    for frame in Self.frames(company.compiler.calendar) {
      let ours = try company.compiler.compile(frame)
      let theirs = try compiler.compile(frame)
      let expected = try company.rows(frame).map { row in zip(ours.columns, row).map(Self.text) }
      let binds = theirs.parameters.map(Self.bound)
      let rows = try await server.query(theirs.sql, binds).rows.map { row in zip(theirs.columns, row).map(Self.text) }
      #expect(Self.isEqual(expected, rows), "\(theirs.interpretation)\n\(theirs.sql)\n\(expected.prefix(3))\n\(rows.prefix(3))")
      #expect(!expected.isEmpty, "\(theirs.interpretation)")
    }
    await server.close()
  }

  // MARK: Frames

  private static func frames(_ calendar: BusinessCalendar) -> [Frame] {
    plain + series(calendar) + terms(calendar)
  }

  private static var plain: [Frame] {
    var frames = [
      Frame(["revenue", "orders", "margin"]), Frame(["revenue"], by: ["region", "plan"], in: year),
      Frame(["revenue", "goal", "attainment"], by: ["region"], in: year), Frame(["buyers", "largest", "mean_amount"]),
      Frame(["seats"], by: ["region"], in: year), Frame(["opening_seats"], in: year), Frame(["average_seats"], in: year),
      Frame([Frame.distinctCount(of: "customer")]), Frame([], by: ["plan"]), Frame(["orders"], by: ["weekday"], in: year),
    ]
    var kept = Frame(["orders"], by: ["customer"], in: year)
    kept.conditions = [MetricCondition(metric: "orders", relation: .atLeast, value: 20)]
    kept.filters = [FrameFilter(dimension: "region", values: ["East", "West"])]
    kept.namedFilters = ["large"]
    kept.conditions[0].value = 3
    frames.append(kept)
    kept.countsGroups = true
    frames.append(kept)
    var ranked = Frame(["revenue"], by: ["region", "customer"], in: year)
    ranked.order = FrameOrder(by: .metric("revenue"), descending: true)
    (ranked.limit, ranked.limitsPerGroup) = (2, true)
    frames.append(ranked)
    var share = Frame(["revenue"], by: ["plan"], in: year)
    share.share = true
    frames.append(share)
    var average = Frame(["revenue"], in: year)
    average.average = .grain(.week)
    frames.append(average)
    var absent = Frame(["orders"], by: ["customer"], in: "2024-03-01"..."2024-03-08")
    absent.isAbsent = true
    frames.append(absent)
    return frames
  }

  private static func series(_ calendar: BusinessCalendar) -> [Frame] {
    var frames: [Frame] = []
    for grain in TimeGrain.allCases {
      var frame = Frame(["revenue", "orders"], in: year, unit: .year)
      frame.grain = grain
      frames.append(frame)
      frame.metrics = ["revenue"]
      frame.window = .rollingSum(3)
      frames.append(frame)
      frame.window = .running
      frame.dimensions = ["plan"]
      frames.append(frame)
      frame.window = nil
      frame.dimensions = []
      frame.comparison = calendar.previousBucket(grain, in: frame.time)
      frames.append(frame)
      guard let time = frame.time, grain != .week else { continue }
      frame.comparison = calendar.comparison(.samePeriodLastYear, for: time)
      frames.append(frame)
      frame.metrics = ["seats"]
      frame.comparison = nil
      frames.append(frame)
    }
    return frames
  }

  private static func terms(_ calendar: BusinessCalendar) -> [Frame] {
    let names = [
      MetricTerm.statistic(.median, of: "revenue"), .statistic(.percentile(90), of: "revenue"),
      .statistic(.maximum, of: "revenue"), .ratio("revenue", "orders"), .percent("revenue", of: "goal"),
      .difference("revenue", "goal"), .firstDate(of: "revenue"), .lastDate(of: "orders"),
    ].map(\.name)
    var frames = names.map { Frame([$0], by: ["region"], in: year) }
    var portion = Frame(["revenue"], by: ["region"], in: year)
    portion.portion = [FrameFilter(dimension: "plan", values: ["Pro"])]
    frames.append(portion)
    var rows = Frame(["orders"], by: ["plan"], in: year)
    rows.rowConditions = [MetricCondition(metric: "revenue", relation: .above, value: 1_000)]
    frames.append(rows)
    return frames
  }

  // MARK: Data

  private static func copy(_ company: Subscriptions) async throws -> PostgresConnection {
    let server = try await PostgresConnection.open(try await TemporaryPostgreSQL.shared().makeDatabase().owner)
    let types = [
      "manager": "manager_id integer, manager_name text",
      "customer": "customer_id integer, name text, region text, manager_id integer",
      "orders": """
      order_id integer, day date, customer_id integer, plan text, amount double precision, cost double precision, status text
      """,
      "seat_count": "day date, customer_id integer, seats integer", "region": "region text",
      "goal": "month date, region text, amount integer",
    ]
    for (table, columns) in types.sorted(by: { $0.key < $1.key }) {
      try await server.execute("CREATE TABLE \(table) (\(columns))")
      for row in try company.database.query("SELECT * FROM \(table)").rows {
        let values = row.map(literal).joined(separator: ", ")
        try await server.execute("INSERT INTO \(table) VALUES (\(values))")
      }
    }
    return server
  }

  private static func literal(_ value: SQLiteValue) -> String {
    if let text = value.string { return "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'" }
    if let whole = value.int { return String(whole) }
    return value.double.map { "\($0)" } ?? "NULL"
  }

  private static func bound(_ value: JSONValue) -> PostgresValue {
    if let text = value.stringValue { return .text(text) }
    return value.doubleValue.map(PostgresValue.real) ?? .null
  }

  // MARK: Comparing

  private enum Cell: Hashable {
    case text(String)
    case number(Double)
    case null
  }

  private static func text(_ column: ResultColumn, _ value: SQLiteValue) -> Cell {
    if let text = value.string { return .text(text) }
    return value.double.map(Cell.number) ?? .null
  }

  private static func text(_ column: ResultColumn, _ value: PostgresValue) -> Cell {
    // Numbers of any precision come as text.
    if let text = value.string {
      return column.role == .dimension || column.role == .time || column.format == .date
        ? .text(text) : Double(text).map(Cell.number) ?? .text(text)
    }
    return value.double.map(Cell.number) ?? .null
  }

  /// Whether two tables have the same rows in whatever order; the two engines sort texts differently.
  private static func isEqual(_ left: [[Cell]], _ right: [[Cell]]) -> Bool {
    func key(_ row: [Cell]) -> String {
      row.map { cell in if case .text(let text) = cell { text } else { "" } }.joined(separator: "|")
    }
    let (first, second) = (left.sorted { key($0) < key($1) }, right.sorted { key($0) < key($1) })
    return first.count == second.count
      && zip(first, second).allSatisfy { zip($0, $1).allSatisfy(isClose) && $0.count == $1.count }
  }

  private static func isClose(_ left: Cell, _ right: Cell) -> Bool {
    guard case .number(let one) = left, case .number(let other) = right else { return left == right }
    return abs(one - other) <= 1e-6 * max(1, abs(one))
  }
}
