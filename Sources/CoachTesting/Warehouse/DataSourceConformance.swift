import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
public import SQLGate
public import Warehouse

/// A data source over the sample tables, with what a check needs besides.
public struct DataSourceScene: Sendable {
  /// The source.
  public let source: any DataSource
  /// The place of the n-th bound value, from 1, such as `?1` or `$1`.
  public let parameter: @Sendable (Int) -> String
  /// Makes a statement that no check has looked at, as if the gate had failed; the policy's names count for nothing.
  public let ungated: @Sendable (String, GatePolicy) -> GatedSQL
  /// Runs a statement as the owner of the tables does.
  public let write: @Sendable (String) async throws -> Void

  /// Describes a scene; the tables of ``DataSourceConformance/script`` are there.
  public init(
    _ source: any DataSource,
    parameter: @escaping @Sendable (Int) -> String,
    ungated: @escaping @Sendable (String, GatePolicy) -> GatedSQL,
    write: @escaping @Sendable (String) async throws -> Void
  ) {
    self.source = source
    self.parameter = parameter
    self.ungated = ungated
    self.write = write
  }
}

/// What every data source must do; each check gets a scene of its own and throws when it fails.
///
/// Run all of ``all`` as a parameterised test against each engine.
public struct DataSourceConformance: Sendable, CustomStringConvertible {
  /// What it must do, as a sentence.
  public let sentence: String
  private let body: @Sendable (DataSourceScene) async throws -> Void

  private init(_ sentence: String, _ body: @escaping @Sendable (DataSourceScene) async throws -> Void) {
    self.sentence = sentence
    self.body = body
  }

  /// The sentence.
  public var description: String { sentence }

  /// Puts a data source to this check.
  ///
  /// - Parameter scene: the source over the sample tables.
  /// - Throws: ``ConformanceFailure`` that says what was expected, or an error of the source.
  public func check(_ scene: DataSourceScene) async throws { try await body(scene) }

  /// Every check.
  public static let all: [DataSourceConformance] = reading + limits + ends + layers

  /// The statements that make the sample tables; every engine can read them.
  public static let script: [String] =
    [
      "CREATE TABLE numbers (n integer, half double precision, word varchar(60), day date, maybe integer)",
      "CREATE TABLE secrets (id integer, code varchar(60))",
      "INSERT INTO secrets VALUES (1, 'CANARY')",
    ]
    + stride(from: 1, through: count, by: 500).map { first in
      let rows = (first..<min(first + 500, count + 1)).map { n in
        "(\(n), \(Double(n) / 2), 'word \(n % 7) über', '2026-01-\(n % 28 + 1 < 10 ? "0" : "")\(n % 28 + 1)', "
          + "\(n % 3 == 0 ? "NULL" : "\(n)"))"
      }
      return "INSERT INTO numbers VALUES " + rows.joined(separator: ", ")
    }

  /// How many rows `numbers` has.
  public static let count = 3_000
}

// MARK: - Statements

extension DataSourceScene {
  fileprivate func policy(
    rows: Int = 100_000,
    bytes: Int = 100_000_000,
    time: Duration = .seconds(60)
  ) -> GatePolicy {
    GatePolicy(
      dialect: source.capabilities.dialect,
      usualSchema: source.capabilities.schema,
      relations: [GateRelation(name: "numbers", columns: ["n", "half", "word", "day", "maybe"])],
      rowLimit: rows,
      byteLimit: bytes,
      timeLimit: time
    )
  }

  fileprivate func gated(
    _ sql: String,
    _ parameters: [JSONValue] = [],
    _ policy: GatePolicy? = nil
  ) async throws -> GatedSQL {
    let decision = await SQLGate(policy: policy ?? self.policy(), examiner: source).decide(sql, parameters: parameters)
    guard case .pass(let gated) = decision.verdict else {
      throw ConformanceFailure(description: "the gate refuses \(sql): \(decision.verdict)")
    }
    return gated
  }

  fileprivate func ungated(_ sql: String) -> GatedSQL { ungated(sql, policy()) }

  fileprivate func run(_ sql: String, _ parameters: [JSONValue] = []) async throws -> ResultTable {
    try await source.run(try await gated(sql, parameters))
  }

  /// More work than anybody waits for.
  fileprivate var endless: String {
    "SELECT count(*) AS pairs FROM numbers a CROSS JOIN numbers b CROSS JOIN numbers c WHERE a.half + b.half > c.half"
  }
}

private func expect(_ condition: Bool, _ message: @autoclosure () -> String) throws {
  if !condition { throw ConformanceFailure(description: message()) }
}

private func failure(
  of body: () async throws -> Void
) async throws -> WarehouseFailure {
  do {
    try await body()
  } catch let failure as WarehouseFailure {
    return failure
  }
  throw ConformanceFailure(description: "it went well")
}

// MARK: - Checks

extension DataSourceConformance {
  private static let reading = [
    DataSourceConformance("it lists tables with their columns from left to right") { scene in
      let table = try await scene.source.schema().table("numbers")
      try expect(
        table?.columns.map { $0.name.lowercased() } == ["n", "half", "word", "day", "maybe"],
        "\(String(describing: table))"
      )
    },
    DataSourceConformance("it gives numbers, texts, days and nulls as they are") { scene in
      let result = try await scene.run("SELECT n, half, word, day, maybe FROM numbers WHERE n <= 3 ORDER BY n")
      try expect(
        result.columns.map { $0.lowercased() } == ["n", "half", "word", "day", "maybe"],
        "columns are \(result.columns)"
      )
      let second: [JSONValue] = [.int(2), .double(1), .string("word 2 über"), .string("2026-01-03"), .int(2)]
      try expect(result.rows.count == 3, "\(result.rows.count) rows")
      try expect(result.rows[1].map(\.plain) == second.map(\.plain), "the second row is \(result.rows[1])")
      try expect(result.rows[2][4].isNull, "null is \(result.rows[2][4])")
      try expect(!result.isTruncated, "it counts as truncated")
    },
    DataSourceConformance("it takes values for parameters, and a value is never a part of the statement") { scene in
      let sql =
        "SELECT n FROM numbers WHERE n > \(scene.parameter(1)) AND word = \(scene.parameter(2)) ORDER BY n LIMIT 2"
      let result = try await scene.run(sql, [.int(10), .string("word 1 über")])
      try expect(result.rows.map { $0[0].intValue } == [15, 22], "\(result.rows)")
      let attack = try await scene.run(sql, [.int(0), .string("' OR 1=1 --")])
      try expect(attack.rows.isEmpty, "the value was read as a part of the statement")
    },
    DataSourceConformance("rows come in the order of the statement, however many there are") { scene in
      let gated = try await scene.gated("SELECT n FROM numbers ORDER BY n DESC")
      let last = Locked(count + 1)
      let end = try await scene.source.stream(gated) { row in
        last.withLock { last in
          if row.first?.intValue == last - 1 { last -= 1 }
          return .more
        }
      }
      try expect(
        end.rowCount == count && last.withLock(\.self) == 1,
        "\(end), and the last was \(last.withLock(\.self))"
      )
    },
    DataSourceConformance("a statement without rows still names its columns") { scene in
      let result = try await scene.run("SELECT n, word FROM numbers WHERE n < 0")
      try expect(result.rows.isEmpty && result.columns.map { $0.lowercased() } == ["n", "word"], "\(result)")
    },
    DataSourceConformance("it lists the values of a column, and the newest") { scene in
      let days = try await scene.source.distinctValues(table: "numbers", column: "day", limit: 3)
      try expect(days.map(\.stringValue) == ["2026-01-01", "2026-01-02", "2026-01-03"], "\(days)")
      let newest = try await scene.source.newestValue(table: "numbers", column: "DAY")
      try expect(newest.stringValue == "2026-01-28", "\(newest)")
      let fault = try await failure { _ = try await scene.source.newestValue(table: "numbers", column: "nothing") }
      try expect(fault.kind == .unknownName, "\(fault)")
    },
    DataSourceConformance("the version of the data stays while nothing changes, and changes with it") { scene in
      // Of a server that others write to, too, the version may change in between, but not each time.
      var first = try await scene.source.dataVersion()
      for attempt in 1...200 {
        let second = try await scene.source.dataVersion()
        if first == second { break }
        try expect(attempt < 200, "it changes all the time")
        first = second
      }
      try await scene.write("INSERT INTO numbers VALUES (9001, 1.5, 'new', '2026-02-01', NULL)")
      try expect(try await scene.source.dataVersion() != first, "a new row did not change it")
      let newest = try await scene.source.newestValue(table: "numbers", column: "n")
      try expect(newest.intValue == 9_001, "the new row is not seen: \(newest)")
    },
    DataSourceConformance("what a statement costs is estimated where the engine can") { scene in
      let small = try await scene.source.estimate(try await scene.gated("SELECT n FROM numbers WHERE n = 1"))
      let large = try await scene.source.estimate(scene.ungated(scene.endless))
      guard scene.source.capabilities.estimates else {
        return try expect(small == nil, "it says \(String(describing: small))")
      }
      guard let small, let large else { throw ConformanceFailure(description: "it says nothing") }
      try expect(large.cost > 1_000 * small.cost, "\(small) and \(large)")
    },
  ]

  private static let limits = [
    DataSourceConformance("no more rows come than the policy lets through, and that is told") { scene in
      let gated = try await scene.gated("SELECT n FROM numbers ORDER BY n", [], scene.policy(rows: 10))
      let result = try await scene.source.run(gated)
      try expect(result.rows.map { $0[0].intValue } == Array(1...10), "\(result.rows.count) rows")
      try expect(result.isTruncated, "it is not told")
    },
    DataSourceConformance("no more bytes come than the policy lets through, and that is told") { scene in
      let gated = try await scene.gated("SELECT word FROM numbers", [], scene.policy(bytes: 2_000))
      let result = try await scene.source.run(gated)
      try expect((100...250).contains(result.rows.count), "\(result.rows.count) rows of some 12 bytes")
      try expect(result.isTruncated, "it is not told")
    },
    DataSourceConformance("who has enough gets no more rows, and the source goes on") { scene in
      for _ in 0..<3 {
        let end = try await scene.source.stream(try await scene.gated("SELECT n FROM numbers ORDER BY n")) { row in
          row.first?.intValue == 5 ? .enough : .more
        }
        try expect(end.rowCount == 5, "\(end.rowCount) rows")
      }
      let result = try await scene.run("SELECT count(*) AS c FROM numbers")
      try expect(result.rows == [[.int(count)]], "\(result.rows)")
    },
    DataSourceConformance("a statement that takes longer than its policy allows is ended") { scene in
      let gated = scene.ungated(scene.endless, scene.policy(time: .milliseconds(300)))
      let fault = try await failure { _ = try await scene.source.run(gated) }
      try expect(fault.kind == .timedOut, "\(fault)")
      let result = try await scene.run("SELECT count(*) AS c FROM numbers")
      try expect(result.rows == [[.int(count)]], "\(result.rows)")
    },
  ]

  private static let ends = [
    DataSourceConformance("a cancelled statement ends within a second, and the source goes on") { scene in
      let gated = scene.ungated(scene.endless)
      let asking = Task { try await scene.source.run(gated) }
      try await Task.sleep(for: .milliseconds(200))
      let start = ContinuousClock.now
      asking.cancel()
      let fault = try await failure { _ = try await asking.value }
      try expect(fault.kind == .cancelled, "\(fault)")
      let elapsed = ContinuousClock.now - start
      try expect(elapsed < .seconds(1), "it took \(elapsed)")
      let result = try await scene.run("SELECT count(*) AS c FROM numbers")
      try expect(result.rows == [[.int(count)]], "\(result.rows)")
    },
    DataSourceConformance("a statement that fails says so, and the source goes on") { scene in
      let fault = try await failure {
        _ = try await scene.source.run(scene.ungated("SELECT nothing FROM numbers LIMIT 1"))
      }
      try expect(fault.kind == .failed, "\(fault)")
      let result = try await scene.run("SELECT count(*) AS c FROM numbers")
      try expect(result.rows == [[.int(count)]], "\(result.rows)")
    },
    DataSourceConformance("many may ask at once, and each gets its own answer") { scene in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 1...24 {
          group.addTask {
            let result = try await scene.run(
              "SELECT n, half FROM numbers WHERE n = \(scene.parameter(1))",
              [.int(number)]
            )
            try expect(result.rows.map { $0[0].intValue } == [number], "\(number) got \(result.rows)")
          }
        }
        try await group.waitForAll()
      }
    },
  ]

  private static let layers = [
    DataSourceConformance("the gate refuses what writes, what is hidden and what is unknown") { scene in
      let gate = SQLGate(policy: scene.policy(), examiner: scene.source)
      for sql in attacks {
        let decision = await gate.decide(sql)
        if case .pass = decision.verdict { throw ConformanceFailure(description: "the gate lets through: \(sql)") }
      }
    },
    DataSourceConformance("even when no check has looked at them, statements cannot write") { scene in
      for sql in writes {
        _ = try? await scene.source.run(scene.ungated(sql))
        let result = try await scene.run("SELECT count(*) AS c, max(n) AS m FROM numbers")
        try expect(result.rows == [[.int(count), .int(count)]], "\(sql) wrote: \(result.rows)")
      }
    },
  ]

  private static let writes = [
    "DELETE FROM numbers LIMIT 1",
    "WITH gone AS (DELETE FROM numbers RETURNING n) SELECT n FROM gone LIMIT 5",
    "UPDATE numbers SET n = 0 LIMIT 5",
    "INSERT INTO numbers SELECT * FROM numbers LIMIT 5",
    "DROP TABLE numbers LIMIT 1",
    "SELECT n INTO copied FROM numbers LIMIT 1",
    "CREATE TABLE copied AS SELECT n FROM numbers LIMIT 1",
    "SELECT 1; DELETE FROM numbers; SELECT n FROM numbers LIMIT 1",
  ]

  private static let attacks =
    writes + [
      "SELECT code FROM secrets", "SELECT * FROM secrets", "SELECT * FROM numbers, secrets",
      "SELECT n FROM numbers UNION SELECT id FROM secrets", "SELECT (SELECT code FROM secrets) AS n FROM numbers",
      "SELECT code AS n FROM numbers JOIN secrets ON id = n",
      "WITH numbers AS (SELECT * FROM secrets) SELECT * FROM numbers",
      "SELECT secrets FROM secrets", "SELECT s.code FROM secrets AS s", "SELECT s FROM secrets s",
      "SELECT nothing FROM numbers", "SELECT n FROM elsewhere.numbers", "SELECT load_file('/etc/passwd') AS n",
      "SELECT pg_read_file('/etc/passwd') AS n", "SELECT sleep(5) AS n", "SELECT pg_sleep(5) AS n",
      "SELECT n FROM numbers FOR UPDATE", "SELECT version() AS n", "SELECT current_user AS n", "SET x = 1", "PRAGMA x",
      "EXPLAIN SELECT n FROM numbers", "SELECT 1 AS n; SELECT 2 AS n", "SELECT n FROM numbers WHERE word = 'x",
      "SELECT read_text('/etc/passwd') AS n", "SELECT * FROM read_csv('/etc/passwd')", "VACUUM", "",
    ]
}

extension JSONValue {
  /// Numbers by their value, since engines differ in what is whole.
  fileprivate var plain: String { doubleValue.map { "\($0)" } ?? text }
}
