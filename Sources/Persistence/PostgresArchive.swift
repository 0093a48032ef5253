import CoachVocabulary
import FoundationEssentials
import PostgresKit

/// A backup of our schema on PostgreSQL: a text file with one line for each row, as all were at one moment.
///
/// The first line tells the version of the schema and the tables with their columns, each further line holds the number of
/// a table and the values of a row as PostgreSQL writes them, and the last line tells how many there are and a check sum.
enum PostgresArchive {
  /// A table as it is written.
  struct Table: Hashable, Sendable {
    let name: String
    let columns: [String]
    /// The columns that tell its rows apart.
    let key: [String]
    /// The column whose values the server gives; nil for none.
    let identity: String?
  }

  static let format = 1
  private static let batch = 200
}

// MARK: - Writing

extension PostgresArchive {
  /// Writes all rows of all tenants as they are when the transaction begins.
  ///
  /// - Returns: how many rows each table has.
  static func write(
    to file: String,
    schema: String,
    at now: Date,
    in session: borrowing PostgresSession
  ) throws -> [String: Int] {
    let version = try session.query("SELECT max(version) FROM schema_migration").scalar?.int ?? 0
    let tables = try tables(of: schema, in: session)
    let tenants = try session.query("SELECT all_tenants()").rows.compactMap { $0.first?.string }
    let writer = try LineFileWriter(path: file)
    try writer.write(header(version, tables, at: now).text)
    var counts = Dictionary(uniqueKeysWithValues: tables.map { ($0.name, 0) })
    for tenant in tenants {
      try session.execute("SELECT set_config('coach.tenant', $1, true)", [.text(tenant)])
      for (number, table) in tables.enumerated() {
        counts[table.name, default: 0] += try write(table, number, of: tenant, to: writer, in: session)
      }
    }
    try writer.finish(["end": .int(counts.values.reduce(0, +)), "check": .string(writer.checkSum)])
    return counts
  }

  private static func header(_ version: Int, _ tables: [Table], at now: Date) -> JSONValue {
    [
      "coach_backup": .int(format), "store": "postgresql", "schema": .int(version),
      "made_at": .string(now.formatted(.iso8601)),
      "tables": .array(
        tables.map { table in
          [
            "name": .string(table.name), "columns": .array(table.columns.map { .string($0) }),
            "identity": table.identity.map { .string($0) } ?? .null,
          ]
        }
      ),
    ]
  }

  private static func write(
    _ table: Table,
    _ number: Int,
    of tenant: String,
    to writer: LineFileWriter,
    in session: borrowing PostgresSession
  ) throws -> Int {
    let columns = table.columns.map { "\(PostgresStatement.quoted($0))::text" }.joined(separator: ", ")
    let key = table.key.map(PostgresStatement.quoted).joined(separator: ", ")
    var count = 0
    var failure: (any Error)?
    let sql = "SELECT \(columns) FROM \(PostgresStatement.quoted(table.name)) WHERE tenant = $1 ORDER BY \(key)"
    try session.forEachRow(sql, [.text(tenant)]) { row throws(PostgresFailure) in
      let values: [JSONValue] = row.values.map { value in value.string.map { .string($0) } ?? .null }
      do {
        try writer.write(JSONValue.array([.int(number)] + values).text)
      } catch {
        failure = error
        return .stop
      }
      count += 1
      return .next
    }
    if let failure { throw failure }
    return count
  }

  /// The tables of a schema but the list of migrations; a table comes after those to which its rows refer.
  static func tables(of schema: String, in session: borrowing PostgresSession) throws(PostgresFailure) -> [Table] {
    let rows = try session.query(
      """
      SELECT c.relname,
        (SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute a
          WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
        (SELECT array_agg(a.attname::text ORDER BY array_position(i.indkey::int2[], a.attnum))
          FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
          WHERE i.indrelid = c.oid AND i.indisprimary),
        (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attidentity <> '' LIMIT 1),
        (SELECT array_agg(DISTINCT r.relname::text) FROM pg_constraint f JOIN pg_class r ON r.oid = f.confrelid
          WHERE f.conrelid = c.oid AND f.contype = 'f' AND f.confrelid <> c.oid)
      FROM pg_class c
      WHERE c.relkind = 'r' AND c.relname <> 'schema_migration'
        AND c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1)
      ORDER BY 1
      """,
      [.text(schema)]
    ).rows
    var waiting = rows.map { row in
      let names = { (value: PostgresValue) in (value.array ?? []).compactMap(\.string) }
      return (
        table: Table(name: row[0].string ?? "", columns: names(row[1]), key: names(row[2]), identity: row[3].string),
        after: names(row[4])
      )
    }
    var tables: [Table] = []
    while !waiting.isEmpty {
      let known = Set(tables.map(\.name))
      // Tables that refer to each other in a circle come as they are; there are none.
      let next = waiting.firstIndex { known.isSuperset(of: $0.after) } ?? 0
      tables.append(waiting.remove(at: next).table)
    }
    return tables
  }
}

// MARK: - Reading

extension PostgresArchive {
  /// What the first line of a file tells.
  struct Header: Sendable {
    let version: Int
    let tables: [Table]

    init(_ line: String, of file: String) throws {
      let fault = PersistenceFailure.damaged("\(file) is no backup of a PostgreSQL store, or its beginning is damaged")
      guard let json = try? JSONValue(parsing: line), json["coach_backup"]?.intValue == PostgresArchive.format,
        json["store"] == "postgresql", let version = json["schema"]?.intValue, let entries = json["tables"]?.arrayValue
      else { throw fault }
      self.version = version
      tables = try entries.map { entry in
        guard let name = entry["name"]?.stringValue, let columns = entry["columns"]?.arrayValue else { throw fault }
        return Table(
          name: name,
          columns: columns.compactMap(\.stringValue),
          key: [],
          identity: entry["identity"]?.stringValue
        )
      }
    }
  }

  /// Reads a file to its end without keeping anything of it.
  ///
  /// - Throws: ``PersistenceFailure`` for a file that is damaged, cut off, or of a newer version.
  static func check(_ file: String) throws -> Header {
    let reader = try LineFileReader(path: file)
    let header = try Header(reader.next() ?? "", of: file)
    let known = PostgresMetadataDatabase.schemaVersion
    guard header.version <= known else { throw PersistenceFailure.newerDatabase(found: header.version, known: known) }
    _ = try forEachRow(of: reader, header, file) { _, _ in }
    return header
  }

  /// Hands the rows to `body`, and makes sure that all of them are there, unchanged.
  private static func forEachRow(
    of reader: LineFileReader,
    _ header: Header,
    _ file: String,
    _ body: (Int, [PostgresValue]) throws -> Void
  ) throws -> Int {
    var count = 0
    while true {
      let checkSum = reader.checkSum
      guard let line = try reader.next() else { throw PersistenceFailure.damaged("\(file) is cut off") }
      let json = try? JSONValue(parsing: line)
      if let total = json?["end"]?.intValue {
        guard total == count, json?["check"]?.stringValue == checkSum else {
          throw PersistenceFailure.damaged("\(file) was changed after it was made: its check sum is another")
        }
        return count
      }
      guard let values = json?.arrayValue, let number = values.first?.intValue, header.tables.indices.contains(number),
        values.count == header.tables[number].columns.count + 1
      else { throw PersistenceFailure.damaged("line \(count + 2) of \(file) is unreadable") }
      try body(number, values.dropFirst().map { PostgresValue($0.stringValue) })
      count += 1
    }
  }

  /// Puts the rows of a checked file into empty tables of its version.
  ///
  /// - Returns: how many rows each table has.
  static func read(_ file: String, in session: borrowing PostgresSession) throws -> [String: Int] {
    let reader = try LineFileReader(path: file)
    let header = try Header(reader.next() ?? "", of: file)
    var counts = Dictionary(uniqueKeysWithValues: header.tables.map { ($0.name, 0) })
    var tenant: PostgresValue = .null
    var statements: [PostgresStatement] = []
    let insertions = header.tables.map(insertion)
    let place = header.tables.map { $0.columns.firstIndex(of: "tenant") ?? 0 }
    // A function that takes the session cannot be handed on, so rows are gathered and sent here.
    _ = try forEachRow(of: reader, header, file) { number, values in
      if values[place[number]] != tenant {
        tenant = values[place[number]]
        statements.append(PostgresStatement("SELECT set_config('coach.tenant', $1, true)", [tenant]))
      }
      statements.append(PostgresStatement(insertions[number], values))
      counts[header.tables[number].name, default: 0] += 1
      if statements.count >= batch {
        try session.pipeline(statements)
        statements = []
      }
    }
    if !statements.isEmpty { try session.pipeline(statements) }
    for table in header.tables { try moveIdentity(of: table, in: session) }
    return counts
  }

  private static func insertion(_ table: Table) -> String {
    let columns = table.columns.map(PostgresStatement.quoted).joined(separator: ", ")
    let places = table.columns.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
    let overriding = table.identity == nil ? "" : " OVERRIDING SYSTEM VALUE"
    return "INSERT INTO \(PostgresStatement.quoted(table.name)) (\(columns))\(overriding) VALUES (\(places))"
  }

  /// Lets numbers go on after those that were put in.
  private static func moveIdentity(of table: Table, in session: borrowing PostgresSession) throws(PostgresFailure) {
    guard let column = table.identity else { return }
    try session.pipeline([
      PostgresStatement("SELECT set_config('coach.survey', 'on', true)"),
      PostgresStatement(
        """
        SELECT setval(pg_get_serial_sequence($1, $2), max(\(PostgresStatement.quoted(column))))
        FROM \(PostgresStatement.quoted(table.name)) HAVING count(*) > 0
        """,
        [.text(table.name), .text(column)]
      ),
      PostgresStatement("SELECT set_config('coach.survey', '', true)"),
    ])
  }
}
