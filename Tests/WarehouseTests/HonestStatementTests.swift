import CoachVocabulary
import SQLGate
import SQLiteKit
import Testing
import Warehouse

@Suite struct `An honest statement` {
  @Test(arguments: honestStatements)
  func `passes and gives the rows it gives without a gate`(_ statement: Statement) async throws {
    let shop = try Shop()
    let source = try shop.source()
    let verdict = await SQLGate(policy: Shop.policy, examiner: source).decide(statement.sql).verdict
    let gated = try #require(verdict.gated, "\(verdict)")
    let expected = try shop.ungated(statement.sql)
    let result = try await source.run(gated)
    #expect(result.columns == expected.columns)
    #expect(result.rows == expected.rows.map { $0.map(Self.json) })
    #expect(!result.isTruncated)
  }

  @Test func `may have values of its own`() async throws {
    let shop = try Shop()
    let source = try shop.source()
    let sql = "SELECT name, ? AS given FROM dealers WHERE region = :region AND id > ?"
    let decision = await SQLGate(policy: Shop.policy, examiner: source).decide(sql, parameters: [true, "West", 2.5])
    let result = try await source.run(try #require(decision.verdict.gated))
    #expect(result == ResultTable(columns: ["name", "given"], rows: [["Old Mill", 1]]))
  }

  /// The plain reading of a value, so that the test does not ask the code under test.
  private static func json(_ value: SQLiteValue) -> JSONValue {
    switch value {
    case .null: .null
    case .integer(let number): .int(Int(number))
    case .real(let number): .double(number)
    case .text(let text): .string(text)
    case .blob: .string("blob")
    }
  }
}
