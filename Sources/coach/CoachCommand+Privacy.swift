import CoachApp
import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import Glibc
import Persistence

extension CoachCommand {
  static let privacyUsage = """
    What the coach keeps about people, in its own data; the company's data is not in it.

    Usage: coach privacy export (--user ID | --tenant ID) [--out FILE]
           coach privacy delete (--user ID | --tenant ID) --yes
           coach privacy expire [--dry-run]
           coach privacy audit [--limit N]

      export    every row, as JSON Lines: {"table": …, "row": {…}}
      delete    every row for good, and print a listing as a proof; the ledger's rows stay and name nobody any more
      expire    delete what is older than 'retention' in config/server.yaml allows
      audit     the newest statements that models wrote: the gate's verdict, rows and time, as JSON Lines

    --user is looked for in the tenant 'local' unless --tenant names another one as well. A backup still holds what was
    deleted later: delete there, too, or let backups expire.

    Examples:
      coach privacy export --user ada --out ada.jsonl
      coach privacy delete --user ada --yes > proof.json
      coach privacy expire --dry-run

    Exit status: 0 done, 1 something remains, 2 wrong command line, 3 failure.
    """

  static func privacy(_ words: [String]) async throws -> ExitStatus {
    let rest = Array(words.dropFirst())
    switch words.first {
    case "export": return try await exportData(rest)
    case "delete": return try await deleteData(rest)
    case "expire": return try await expireData(rest)
    case "audit": return try await showAudit(rest)
    default: throw Arguments.Fault(description: "privacy knows: export, delete, expire, audit")
    }
  }

  private static let dataOptions: Set<String> = ["root", "data-folder", "user", "tenant"]

  private static func exportData(_ words: [String]) async throws -> ExitStatus {
    let arguments = try Arguments(words, options: dataOptions.union(["out"]), flags: [])
    let subject = try subject(arguments)
    let file = try arguments.value("out").map { try ExportFile($0) }
    let listings = try await withData(arguments) { data in
      try await data.export(subject) { line in
        if let file { try file.write(line.text) } else { output(line.text) }
      }
    }
    for listing in listings where listing.rows > 0 { message("\(listing.table): \(listing.rows) rows") }
    return .success
  }

  private static func deleteData(_ words: [String]) async throws -> ExitStatus {
    let arguments = try Arguments(words, options: dataOptions, flags: ["yes"])
    let subject = try subject(arguments)
    guard arguments.flags.contains("yes") else {
      throw Arguments.Fault(description: "privacy delete cannot be taken back; say --yes")
    }
    let listings = try await withData(arguments) { try await $0.delete(subject) }
    var proof = listings.json
    proof["subject"] = .string(subject.text)
    proof["deleted_at"] = .string(Surroundings.machine.clock.now.formatted(.iso8601))
    output(JSONValue.object(proof).text)
    return listings.allSatisfy { $0.remaining == 0 } ? .success : .faulty
  }

  private static func expireData(_ words: [String]) async throws -> ExitStatus {
    let arguments = try Arguments(words, options: ["root", "data-folder"], flags: ["dry-run"])
    let isTrial = arguments.flags.contains("dry-run")
    let (installation, _) = try load(arguments, Surroundings.machine)
    let listings = try await withData(arguments) {
      try await $0.expire(installation.retention, of: .local, isTrial: isTrial)
    }
    var report = listings.json
    report["kept"] = .bool(isTrial)
    output(JSONValue.object(report).text)
    return .success
  }

  private static func showAudit(_ words: [String]) async throws -> ExitStatus {
    let arguments = try Arguments(words, options: ["root", "data-folder", "limit"], flags: [])
    let limit = try arguments.number("limit", in: 1...100_000) ?? 100
    let (installation, _) = try load(arguments, Surroundings.machine)
    let store = try await MetadataStore.open(installation.store)
    for statement in try await store.statements(of: .local, limit: limit) { output(statement.json.text) }
    await store.close()
    return .success
  }

  private static func subject(_ arguments: Arguments) throws(Arguments.Fault) -> PersonalData.Subject {
    let tenant = arguments.value("tenant").map { TenantID($0) }
    if let user = arguments.value("user") { return .user(UserID(user), of: tenant ?? .local) }
    guard let tenant else { throw Arguments.Fault(description: "name whose data: --user ID or --tenant ID") }
    return .tenant(tenant)
  }

  private static func withData<Value>(
    _ arguments: Arguments,
    _ body: (PersonalData) async throws -> Value
  ) async throws -> Value {
    let (installation, _) = try load(arguments, Surroundings.machine)
    let store = try await MetadataStore.open(installation.store)
    do {
      let value = try await body(PersonalData(store))
      await store.close()
      return value
    } catch {
      await store.close()
      throw error
    }
  }
}

/// A file that must not be there yet, readable by its owner only.
private final class ExportFile: Sendable {
  private let descriptor: Int32

  init(_ path: String) throws(CoachCommand.Refused) {
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      let reason = String(cString: strerror(errno))
      throw CoachCommand.Refused(text: "coach: \(path) cannot be made: \(reason)", status: .failure)
    }
  }

  deinit { close(descriptor) }

  func write(_ line: String) throws(CoachCommand.Refused) {
    var rest = Array((line + "\n").utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else {
        let reason = String(cString: strerror(errno))
        throw CoachCommand.Refused(text: "coach: the export cannot be written: \(reason)", status: .failure)
      }
      rest = rest.dropFirst(count)
    }
  }
}

extension PersonalData.Subject {
  fileprivate var text: String {
    switch self {
    case .tenant(let tenant): "tenant \(tenant)"
    case .user(let user, of: let tenant): "user \(user) of tenant \(tenant)"
    }
  }
}

extension [PersonalData.Listing] {
  fileprivate var json: [String: JSONValue] {
    [
      "tables": .array(
        map { listing in
          [
            "table": .string(listing.table), "action": .string(listing.action.rawValue), "rows": .int(listing.rows),
            "remaining": .int(listing.remaining),
          ]
        }
      ),
      "rows": .int(reduce(0) { $0 + $1.rows }), "remaining": .int(reduce(0) { $0 + $1.remaining }),
    ]
  }
}

extension AuditedStatement {
  fileprivate var json: JSONValue {
    [
      "run": .string(run.rawValue), "number": .int(number), "session": .string(session.rawValue),
      "domain": .string(domain), "model": .string(model), "statement": .string(statement),
      "verdict": .string(verdict), "trail": trail, "rows": rows.map { .int($0) } ?? .null,
      "problem": problem.map { .string($0) } ?? .null,
      "duration_ms": duration.map { .double(($0 / .microseconds(1)).rounded() / 1_000) } ?? .null,
      "judged_at": .string(judgedAt.formatted(.iso8601)),
    ]
  }
}
