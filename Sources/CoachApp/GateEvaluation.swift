public import CoachVocabulary
import FoundationEssentials
import SQLGate
import SQLSyntax
import SQLiteKit
import Warehouse

/// Judges statements for measurement: one JSON object in, one out.
///
/// All that is known of the data comes from the policy. For SQLite a file with empty tables of its names is made, so that
/// the engine's own parser has its say as well.
public actor GateEvaluation {
  /// Why nothing can be judged.
  public struct Fault: Error, Sendable, CustomStringConvertible {
    /// What is wrong, and where.
    public var description: String
  }

  private let dialect: SQLDialect
  private let declaration: JSONValue
  private let scratch: Scratch?
  private let source: SQLiteDataSource?
  /// The gate of each tenant that was named so far.
  private var gates: [JSONValue: SQLGate] = [:]

  /// Reads a policy.
  ///
  /// - Parameters:
  ///   - engine: `postgres` or `sqlite`.
  ///   - policy: the policy's text; see ``GatePolicy/init(declaration:dialect:tenant:)``.
  /// - Throws: ``Fault``.
  public init(engine: String, policy: String) throws(Fault) {
    guard let dialect = SQLDialect(rawValue: engine) else {
      throw Fault(description: "the engine must be postgres or sqlite, not '\(engine)'")
    }
    do {
      declaration = try JSONValue(parsing: policy)
      let gate = try GatePolicy(declaration: declaration, dialect: dialect)
      scratch = dialect == .sqlite ? try Scratch(gate) : nil
      source = try scratch.map { try SQLiteDataSource(path: $0.path) }
      gates[.null] = SQLGate(policy: gate, examiner: source)
    } catch let failure as JSONFailure {
      throw Fault(description: "the policy is no JSON: \(failure.message)")
    } catch {
      throw Fault(description: "the policy cannot be used: \(error)")
    }
    self.dialect = dialect
  }

  /// Judges one line: `{id, sql, tenant?}`.
  ///
  /// Gives `{id, verdict, reason, rewritten?}` with the verdict `pass`, `repairable` or `forbidden`; the reason has the
  /// rule, the words for the writer and the place in bytes. A line that is no such object gives `{id, error}`.
  public func answer(_ line: String) async -> JSONValue {
    let input: JSONValue
    do throws(JSONFailure) {
      input = try JSONValue(parsing: line)
    } catch {
      return ["id": nil, "error": .string(error.message)]
    }
    let id = input["id"] ?? .null
    guard let sql = input["sql"]?.stringValue else { return ["id": id, "error": "'sql' is missing or no text"] }
    do throws(GatePolicyFault) {
      return verdict(await (try gate(of: input["tenant"] ?? .null)).decide(sql), id: id)
    } catch {
      return ["id": id, "error": .string(error.description)]
    }
  }

  private func gate(of tenant: JSONValue) throws(GatePolicyFault) -> SQLGate {
    if let gate = gates[tenant] { return gate }
    guard let value = TenantScope.Value(tenant) else {
      throw GatePolicyFault(description: "'tenant' must be a number or a text")
    }
    let policy = try GatePolicy(declaration: declaration, dialect: dialect, tenant: value)
    let gate = SQLGate(policy: policy, examiner: source)
    if gates.count < 1_000 { gates[tenant] = gate }
    return gate
  }

  private func verdict(_ decision: GateDecision, id: JSONValue) -> JSONValue {
    switch decision.verdict {
    case .pass(let gated): ["id": id, "verdict": "pass", "reason": "", "rewritten": .string(gated.sql)]
    case .repairable(let refusal): ["id": id, "verdict": "repairable", "reason": .string(Self.words(refusal))]
    case .forbidden(let refusal): ["id": id, "verdict": "forbidden", "reason": .string(Self.words(refusal))]
    }
  }

  private static func words(_ refusal: Refusal) -> String {
    let place = refusal.offset.map { " (at byte \($0))" } ?? ""
    return "\(refusal.reason.rawValue)\(place): \(refusal)"
  }
}

/// A folder with a database of empty tables, gone when it is let go of.
private final class Scratch: Sendable {
  let path: String
  private let folder: String

  init(_ policy: GatePolicy) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "coach-gate-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    self.folder = folder
    path = "\(folder)/empty.sqlite"
    let database = try SQLiteDatabase(path: path, configuration: .ours)
    for relation in policy.relations where relation.schema == nil || relation.schema == "main" {
      let columns = relation.columns + relation.hiddenColumns.sorted()
      let list = columns.map(Self.quoted).joined(separator: ", ")
      try database.session.executeScript("CREATE TABLE \(Self.quoted(relation.name)) (\(list));")
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private static func quoted(_ name: String) -> String {
    "\"\(name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\""))\""
  }
}
