import CoachVocabulary
import Declarations
import SQLiteKit
import SemanticLayer

/// A company that sells subscriptions, with a database drawn from a fixed seed.
struct Subscriptions {
  let compiler: FrameCompiler
  let database: SQLiteDatabase

  init() throws {
    let collector = DiagnosticCollector()
    let tree = DeclarationTree.reading(yaml: Self.domain.utf8, file: "subscriptions.yaml", reporting: collector)
    guard let tree, let model = SemanticModel(reading: tree, reporting: collector),
      let today = CivilDate("2025-06-20")
    else { throw Fault(message: collector.diagnostics.map(\.description).joined(separator: "\n")) }
    compiler = FrameCompiler(model: model, calendar: BusinessCalendar(asOf: today, fiscalStartMonth: 4))
    database = try SQLiteDatabase(path: ":memory:", configuration: .ours)
    try database.session.executeScript(Self.tables)
    try fill()
  }

  /// The fixture itself is wrong.
  struct Fault: Error {
    var message: String
  }

  /// The rows of a frame.
  func rows(_ frame: Frame) throws -> [[SQLiteValue]] {
    let query = try compiler.compile(frame)
    return try database.query(query.sql, query.parameters.map(Self.bound)).rows
  }

  /// The one number of a frame or statement.
  func number(_ frame: Frame) throws -> Double { try rows(frame).first?.first?.double ?? 0 }
  func number(_ sql: String) throws -> Double { try database.query(sql).scalar?.double ?? 0 }

  static func bound(_ value: JSONValue) -> SQLiteValue {
    if let text = value.stringValue { return .text(text) }
    return value.doubleValue.map(SQLiteValue.real) ?? .null
  }

  private func fill() throws {
    var random = Draws(state: 42)
    for customer in 1...30 {
      let name = customer == 7 ? "O'Neil \"& Sons" : "Customer \(customer)"
      // Every tenth customer has no manager.
      let manager = customer % 10 == 0 ? SQLiteValue.null : .integer(Int64(customer % 4 + 1))
      try database.execute(
        "INSERT INTO customer VALUES (?, ?, ?, ?)",
        [
          .integer(Int64(customer)), .text(name), customer % 9 == 0 ? .null : .text(Self.regions[customer % 3]),
          manager,
        ]
      )
    }
    for manager in 1...4 {
      try database.execute(
        "INSERT INTO manager VALUES (?, ?)",
        [.integer(Int64(manager)), .text("Manager \(manager % 3)")]
      )
    }
    guard let first = CivilDate("2023-01-01") else { return }
    for order in 1...2_000 {
      let day = first.adding(days: random.next(900))
      // Some orders name a customer that is not on file: a join must not lose them.
      let customer = order % 37 == 0 ? 99 : random.next(30) + 1
      let amount = Double(random.next(10_000)) / 4
      try database.execute(
        "INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
          .integer(Int64(order)), .text(day.description), .integer(Int64(customer)), .text(Self.plans[random.next(3)]),
          .real(amount), .real(amount * Double(random.next(90)) / 100),
          .text(random.next(8) == 0 ? "cancelled" : "paid"),
        ]
      )
    }
    for month in 0..<29 where month != 5 {
      let day = first.adding(months: month + 1).adding(days: -1)
      for customer in 1...30 {
        try database.execute(
          "INSERT INTO seat_count VALUES (?, ?, ?)",
          [.text(day.description), .integer(Int64(customer)), .integer(Int64(random.next(50)))]
        )
      }
      for region in Self.regions {
        try database.execute(
          "INSERT INTO goal VALUES (?, ?, ?)",
          [.text(first.adding(months: month).description), .text(region), .integer(Int64(random.next(100_000)))]
        )
      }
    }
  }

  static let regions = ["East", "West", "Islands"]
  static let plans = ["Basic", "Pro", "Team"]

  private static let tables = """
    CREATE TABLE manager (manager_id INTEGER PRIMARY KEY, manager_name TEXT);
    CREATE TABLE customer (customer_id INTEGER PRIMARY KEY, name TEXT, region TEXT, manager_id INTEGER);
    CREATE TABLE orders (order_id INTEGER PRIMARY KEY, day TEXT, customer_id INTEGER, plan TEXT, amount REAL, cost REAL,
      status TEXT);
    CREATE TABLE seat_count (day TEXT, customer_id INTEGER, seats INTEGER);
    CREATE TABLE goal (month TEXT, region TEXT, amount INTEGER);
    CREATE TABLE region (region TEXT PRIMARY KEY);
    INSERT INTO region VALUES ('East'), ('West'), ('Islands');
    """

  /// The domain file; three datasets over one table show the three rules for balances.
  static let domain = """
    domain: subscriptions
    currency: USD
    database: {engine: sqlite, path: subscriptions.sqlite}
    calendar: {as_of: 2025-06-20, week_start: monday, fiscal_start_month: 4}
    datasets:
      - {name: orders, primary_key: order_id, time: day}
      - {name: customers, table: customer, primary_key: customer_id, label_column: name}
      - {name: managers, table: manager, primary_key: manager_id}
      - {name: regions, table: region}
      - {name: goals, table: goal, time: month}
      - {name: seats, table: seat_count, time: day, semi_additive: {over: day, take: last}}
      - {name: first_seats, table: seat_count, time: day, semi_additive: {over: day, take: first}}
      - {name: mean_seats, table: seat_count, time: day, semi_additive: {over: day, take: average}}
    relationships:
      - {from: orders.customer_id, to: customers.customer_id}
      - {from: seats.customer_id, to: customers.customer_id}
      - {from: first_seats.customer_id, to: customers.customer_id}
      - {from: mean_seats.customer_id, to: customers.customer_id}
      - {from: customers.manager_id, to: managers.manager_id}
      - {from: customers.region, to: regions.region}
      - {from: goals.region, to: regions.region}
    dimensions:
      - {name: customer, expr: customers.name}
      - {name: region, expr: regions.region, kind: geo}
      - {name: manager, expr: managers.manager_name}
      - {name: plan, expr: orders.plan}
      - {name: status, expr: orders.status}
    metrics:
      - {name: revenue, dataset: orders, aggregate: sum, expr: amount, filter: "status = 'paid'",
          filter_note: paid orders, unit: USD, good: up}
      - {name: orders, dataset: orders, aggregate: count}
      - {name: profit, dataset: orders, aggregate: sum, expr: amount - cost, filter: "status = 'paid'",
          filter_note: paid orders, unit: USD}
      - {name: margin, numerator: profit, denominator: revenue, scale: 100, unit: percent}
      - {name: buyers, dataset: orders, aggregate: count_distinct, expr: customer_id}
      - {name: largest, dataset: orders, aggregate: max, expr: amount, unit: USD}
      - {name: mean_amount, dataset: orders, aggregate: average, expr: amount, unit: USD}
      - {name: goal, dataset: goals, aggregate: sum, expr: amount, unit: USD}
      - {name: attainment, numerator: revenue, denominator: goal, scale: 100, unit: percent}
      - {name: seats, dataset: seats, aggregate: sum, expr: seats}
      - {name: opening_seats, dataset: first_seats, aggregate: sum, expr: seats}
      - {name: average_seats, dataset: mean_seats, aggregate: sum, expr: seats}
      - {name: customers, dataset: customers, aggregate: count}
    filters:
      - {name: large, dataset: orders, expr: amount >= 2000, label: large orders}
    """
}

/// A small generator with a fixed start: SplitMix64, by Sebastiano Vigna.
struct Draws {
  var state: UInt64

  mutating func next(_ bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
  }
}

extension Frame {
  /// A frame with the usual parts.
  init(
    _ metrics: [String],
    by dimensions: [String] = [],
    in period: ClosedRange<String>? = nil,
    unit: TimeGrain? = nil,
    count: Int = 1
  ) {
    self.init()
    self.metrics = metrics
    self.dimensions = dimensions
    if let period, let start = CivilDate(period.lowerBound), let end = CivilDate(period.upperBound) {
      time = TimeSelection(DateRange(start: start, end: end.adding(days: 1)), unit: unit, count: count)
    }
  }
}
