import CoachTesting
import CoachVocabulary
import Foundation
import PostgresKit
import SQLGate
import SQLSyntax
import SQLiteKit
import Warehouse

/// Data of one tenant and the same data with another tenant's beside them, in an engine that statements run on.
protocol Bench: Sendable {
  /// Whether the engine is installed.
  static var isAvailable: Bool { get }

  /// Makes both databases.
  init(_ data: BenchData) async throws

  /// A gate for the database with both tenants.
  func gate(_ policy: GatePolicy) -> SQLGate

  /// The rows of a statement as texts, without any gate, on the data of one tenant.
  func direct(_ sql: String) async -> Outcome

  /// The rows of a statement that passed, on the data of one tenant or of both.
  func gated(_ statement: GatedSQL, withOther: Bool) async -> Outcome
}

/// The scripts that make the databases.
struct BenchData: Sendable {
  var schema: String
  /// Rows of the caller alone.
  var own: String
  /// Rows of both.
  var both: String
}

/// What a statement gave.
enum Outcome: Hashable, Sendable {
  case rows([String])
  case failure(String)

  /// Whether two outcomes are the same but for the order of rows and the last digits of numbers.
  func isSame(as other: Outcome) -> Bool {
    switch (self, other) {
    case (.failure(let first), .failure(let second)): first == second
    case (.rows(let first), .rows(let second)):
      first == second || first.count == second.count && zip(first.sorted(), second.sorted()).allSatisfy(Self.isClose)
    default: false
    }
  }

  private static func isClose(_ first: String, _ second: String) -> Bool {
    if first == second { return true }
    let separators: Set<Character> = [",", "(", ")", "\"", "[", "]", "{", "}", ":", " "]
    let one = first.split { separators.contains($0) }
    let two = second.split { separators.contains($0) }
    return one.count == two.count
      && zip(one, two).allSatisfy { first, second in
        guard let left = Double(first), let right = Double(second) else { return first == second }
        return abs(left - right) <= 1e-9 * max(1, abs(left))
      }
  }
}

/// PostgreSQL: two databases on the server that the tests share.
struct PostgresBench: Bench {
  static var isAvailable: Bool { TemporaryPostgreSQL.isAvailable }

  private let own: PostgresConnection
  private let both: PostgresConnection

  init(_ data: BenchData) async throws {
    own = try await Self.database(data.schema, data.own)
    both = try await Self.database(data.schema, data.both)
  }

  private static func database(_ scripts: String...) async throws -> PostgresConnection {
    let database = try await TemporaryPostgreSQL.shared().makeDatabase()
    let owner = try await PostgresConnection.open(database.owner)
    for script in scripts {
      // The extended protocol takes one statement, so the script runs as a text inside of one.
      _ = try await owner.execute("DO $coach_do$ BEGIN EXECUTE $coach_text$\(script)$coach_text$; END $coach_do$")
    }
    await owner.close()
    var configuration = database.owner
    configuration.statementTimeout = .seconds(2)
    let connection = try await PostgresConnection.open(configuration)
    _ = try await connection.execute("SET default_transaction_read_only = on")
    return connection
  }

  func gate(_ policy: GatePolicy) -> SQLGate { SQLGate(policy: policy) }

  func direct(_ sql: String) async -> Outcome { await rows(of: sql, on: own) }

  func gated(_ statement: GatedSQL, withOther: Bool) async -> Outcome {
    await rows(of: statement.sql, on: withOther ? both : own)
  }

  private func rows(of sql: String, on connection: PostgresConnection) async -> Outcome {
    let statement = sql.split(separator: ";", omittingEmptySubsequences: false)
    let isClosed = statement.last?.allSatisfy(\.isWhitespace) ?? false
    let text = isClosed && statement.count > 1 ? statement.dropLast().joined(separator: ";") : sql
    do throws(PostgresFailure) {
      let result = try await connection.query("SELECT answer::text FROM (\(text)\n) AS answer")
      return .rows(result.rows.map { "\($0[0])" })
    } catch {
      return .failure(error.message)
    }
  }
}

/// SQLite: two files, of which the gated statements see the authorizer as well.
final class SQLiteBench: Bench {
  static var isAvailable: Bool { true }

  private let folder: URL
  private let own: SQLiteDataSource
  private let both: SQLiteDataSource

  init(_ data: BenchData) async throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "bench-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (name, rows) in [("own", data.own), ("both", data.both)] {
      let path = folder.appending(path: "\(name).sqlite").path
      let database = try SQLiteDatabase(path: path, configuration: .ours)
      try database.session.executeScript(data.schema)
      try database.session.executeScript("BEGIN;\n\(rows)\nCOMMIT;")
    }
    own = try SQLiteDataSource(path: folder.appending(path: "own.sqlite").path)
    both = try SQLiteDataSource(path: folder.appending(path: "both.sqlite").path)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func gate(_ policy: GatePolicy) -> SQLGate { SQLGate(policy: policy, examiner: both) }

  func direct(_ sql: String) async -> Outcome {
    do {
      let path = folder.appending(path: "own.sqlite").path
      let found = try SQLiteDatabase(path: path, configuration: SQLiteConfiguration(mode: .readOnly)).query(sql)
      return .rows(found.rows.map { row in Self.text(row.map(Self.json)) })
    } catch {
      return .failure("\(error)")
    }
  }

  func gated(_ statement: GatedSQL, withOther: Bool) async -> Outcome {
    do throws(WarehouseFailure) {
      return .rows(try await (withOther ? both : own).run(statement).rows.map(Self.text))
    } catch {
      return .failure(error.description)
    }
  }

  private static func text(_ row: [JSONValue]) -> String { row.map { $0.text }.joined(separator: ",") }

  /// The plain reading of a value, so that the test does not ask the code under test.
  private static func json(_ value: SQLiteValue) -> JSONValue {
    switch value {
    case .null: .null
    case .integer(let number): .int(Int(number))
    case .real(let number): .double(number)
    case .text(let text): .string(text)
    case .blob(let bytes): .string("(\(bytes.count) bytes)")
    }
  }
}
