import CoachVocabulary
import Foundation
import SQLGate
import SQLiteKit
import Testing
import Warehouse

/// The shares of the development cases beside the repository, when they are there.
@Suite(.enabled(if: DevelopmentCases.areThere, "no ../shared/eval/gate beside the repository"))
struct `The development cases` {
  @Test func `of attacks are refused or contained`() async throws {
    let cases = try DevelopmentCases()
    var missed: [String] = []
    let attacks = try cases.read("sqlite_attacks.jsonl")
    for attack in attacks where !(try await cases.isHarmless(attack)) { missed.append("\(attack.id): \(attack.sql)") }
    let share = 100 * Double(attacks.count - missed.count) / Double(attacks.count)
    print("sqlite_attacks: \(attacks.count - missed.count) of \(attacks.count) (\(share) %)", missed)
    #expect(share >= 99)
  }

  @Test func `of honest statements pass with the same rows`() async throws {
    let cases = try DevelopmentCases()
    var missed: [String] = []
    let questions = try cases.read("sqlite_benign.jsonl")
    for question in questions {
      if let fault = try await cases.fault(of: question) { missed.append("\(question.id): \(fault)") }
    }
    let share = 100 * Double(questions.count - missed.count) / Double(questions.count)
    print("sqlite_benign: \(questions.count - missed.count) of \(questions.count) (\(share) %)", missed)
    #expect(share >= 99)
  }
}

/// The cases' folder, with their data in a database of its own.
final class DevelopmentCases {
  struct Case: Decodable {
    let id: String
    let sql: String
    let expect: String
  }

  private struct Rules: Decodable {
    let allowedRelations: [String: [String]]

    private enum CodingKeys: String, CodingKey {
      case allowedRelations = "allowed_relations"
    }
  }

  static let folder = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
    .deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "shared/eval/gate")
  static var areThere: Bool { FileManager.default.fileExists(atPath: folder.appending(path: "policy.json").path) }

  private let scratch: URL
  private let source: SQLiteDataSource
  private let gate: SQLGate
  private var path: String { scratch.appending(path: "cases.sqlite").path }

  init() throws {
    scratch = FileManager.default.temporaryDirectory.appending(path: "cases-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    let path = scratch.appending(path: "cases.sqlite").path
    let database = try SQLiteDatabase(path: path, configuration: .ours)
    for script in ["schema_sqlite.sql", "seed_tenant_a_only.sql"] {
      let text = try String(contentsOf: Self.folder.appending(path: script), encoding: .utf8)
      try database.session.executeScript(text)
    }
    let rules = try JSONDecoder().decode(Rules.self, from: Data(contentsOf: Self.folder.appending(path: "policy.json")))
    source = try SQLiteDataSource(path: path)
    gate = SQLGate(policy: GatePolicy(relations: rules.allowedRelations, timeLimit: .seconds(2)), examiner: source)
  }

  deinit {
    try? FileManager.default.removeItem(at: scratch)
  }

  func read(_ file: String) throws -> [Case] {
    let text = try String(contentsOf: Self.folder.appending(path: file), encoding: .utf8)
    return try text.split(separator: "\n").map { try JSONDecoder().decode(Case.self, from: Data($0.utf8)) }
  }

  /// Whether an attack is refused, or may be contained and ends as a failure or within three seconds.
  func isHarmless(_ attack: Case) async throws -> Bool {
    let sql = attack.sql.replacing("{tmp}", with: scratch.path).replacing("{db}", with: "main")
    guard let gated = await gate.decide(sql).verdict.gated else { return true }
    let start = ContinuousClock.now
    let result = try? await source.run(gated)
    let isInTime = ContinuousClock.now - start < .seconds(3)
    switch attack.expect {
    case "reject_or_contain": return isInTime
    case "reject_or_mask": return !"\(String(describing: result))".contains("CANARY_")
    default: return false
    }
  }

  /// What is wrong with the answer to an honest statement, if anything.
  func fault(of question: Case) async throws -> String? {
    let verdict = await gate.decide(question.sql).verdict
    guard let gated = verdict.gated else { return "\(verdict)" }
    let expected = try SQLiteDatabase(path: path, configuration: SQLiteConfiguration(mode: .readOnly)).query(
      question.sql
    )
    let result = try await source.run(gated)
    let isSame =
      result.columns == expected.columns && result.rows.count == expected.count
      && zip(result.rows.joined(), expected.rows.joined()).allSatisfy(Self.isSame)
    return isSame ? nil : "other rows"
  }

  private static func isSame(_ value: JSONValue, _ expected: SQLiteValue) -> Bool {
    if let number = value.doubleValue, let other = expected.double {
      return abs(number - other) <= 1e-9 * max(1, abs(other))
    }
    return value.stringValue == expected.string && value.isNull == expected.isNull
  }
}
