import CoachVocabulary
import SemanticLayer
import Warehouse

/// Runs the queries of one investigation and keeps what was asked.
struct QueryBook {
  let domain: Domain
  private(set) var queries: [EvidenceQuery] = []

  /// Rows are kept with the query up to this many.
  private static let keptRows = 100

  init(domain: Domain) { self.domain = domain }

  /// Rows of a query with the name under which it is kept.
  struct Found {
    var id: String
    var columns: [ResultColumn]
    var rows: [[JSONValue]]

    /// The place of the first column of a role, for a member when one is given.
    func place(_ role: ResultColumn.Role, of member: String? = nil) -> Int? {
      columns.firstIndex { $0.role == role && (member == nil || $0.member == member) }
    }
  }

  /// Runs one query.
  mutating func run(_ query: CompiledQuery, over period: DateRange, for purpose: String) async throws -> Found {
    let rows = try await domain.read(query.sql, parameters: query.parameters).rows
    return add(query.sql, query.columns, [(period, query.parameters)], rows: rows, count: rows.count, purpose)
  }

  /// Runs a query that was written by hand, with the meaning of its columns.
  mutating func run(
    _ sql: String,
    _ parameters: [JSONValue],
    columns: [ResultColumn],
    over period: DateRange,
    for purpose: String
  ) async throws -> Found {
    let rows = try await domain.read(sql, parameters: parameters).rows
    return add(sql, columns, [(period, parameters)], rows: rows, count: rows.count, purpose)
  }

  /// Runs queries that differ in their period alone; gives the rows of each.
  mutating func run(
    _ queries: [(DateRange, CompiledQuery)],
    for purpose: String
  ) async throws -> (id: String, tables: [[[JSONValue]]]) {
    guard let first = queries.first else { return ("", []) }
    let domain = domain
    let tables = try await withThrowingTaskGroup(of: (Int, [[JSONValue]]).self) { group in
      for (index, query) in queries.enumerated() {
        group.addTask { (index, try await domain.read(query.1.sql, parameters: query.1.parameters).rows) }
      }
      var tables = [[[JSONValue]]](repeating: [], count: queries.count)
      for try await (index, rows) in group { tables[index] = rows }
      return tables
    }
    let runs = queries.map { ($0.0, $0.1.parameters) }
    let found = add(first.1.sql, first.1.columns, runs, rows: [], count: tables.reduce(0) { $0 + $1.count }, purpose)
    return (found.id, tables)
  }

  private mutating func add(
    _ sql: String,
    _ columns: [ResultColumn],
    _ runs: [(DateRange, [JSONValue])],
    rows: [[JSONValue]],
    count: Int,
    _ purpose: String
  ) -> Found {
    let id = "q\(queries.count + 1)"
    queries.append(
      EvidenceQuery(
        id: id,
        purpose: purpose,
        sql: sql,
        runs: runs.map { EvidenceQuery.Run(period: $0.0, parameters: $0.1) },
        columns: columns,
        rows: rows.count <= Self.keptRows ? rows : [],
        rowCount: count
      )
    )
    return Found(id: id, columns: columns, rows: rows)
  }
}
