import CoachApp
import CoachVocabulary
import FoundationEssentials
import Persistence

extension CoachCommand {
  static let storeUsage = """
    The coach's own data: conversations, runs and what calls of models cost. It is in coach.db in the data folder, or on
    the PostgreSQL server that COACH_STORE or 'store' in config/server.yaml names. The data of the company is not in it.

    Usage: coach migrate [--dry-run] [--backup FILE | --no-backup] [--json]
           coach backup FILE [--force] [--json]
           coach restore FILE [--force] [--json]

      migrate   bring it to the version of this program, after a backup; --dry-run tries all steps and keeps none
      backup    write all of it, as it is at one moment, into FILE; servers may go on meanwhile
      restore   put a backup in its place, all or nothing; stop all servers first

    --force lets 'backup' replace FILE, and 'restore' drop the data that is there.

    Examples:
      coach migrate --dry-run
      coach backup /backups/coach-$(date +%F).backup
      coach restore /backups/coach-2026-11-21.backup --force

    Exit status: 0 done, 2 wrong command line, 3 failure.
    """

  static func migrate(_ words: [String]) async throws -> ExitStatus {
    let arguments = try Arguments(
      words,
      options: ["root", "data-folder", "backup"],
      flags: ["dry-run", "no-backup", "json"]
    )
    guard arguments.rest.isEmpty else { throw Arguments.Fault(description: "migrate takes options only") }
    let (installation, maintenance) = try maintenance(arguments)
    let isTrial = arguments.flags.contains("dry-run")
    let before = try await maintenance.versions()
    var backup: String?
    if !isTrial, before.found > 0, !before.pending.isEmpty, !arguments.flags.contains("no-backup") {
      let file = arguments.value("backup") ?? "\(installation.dataFolder)/before-version-\(before.known).backup"
      _ = try await maintenance.backUp(to: file)
      message("backup of version \(before.found): \(file)")
      backup = file
    }
    try await maintenance.migrate(isTrial: isTrial)
    if arguments.flags.contains("json") {
      output(
        JSONValue.object([
          "store": .string("\(installation.store)"), "version": .int(before.found), "target": .int(before.known),
          "steps": .array(before.pending.map { .string($0) }), "kept": .bool(!isTrial),
          "backup": backup.map { .string($0) } ?? .null,
        ]).text
      )
    } else if before.pending.isEmpty {
      output("\(installation.store): version \(before.found) is the newest")
    } else {
      let steps = before.pending.joined(separator: ", ")
      let state = isTrial ? "would go" : "went"
      output("\(installation.store): \(state) from version \(before.found) to \(before.known): \(steps)")
    }
    return .success
  }

  static func backUp(_ words: [String]) async throws -> ExitStatus {
    let arguments = try Arguments(words, options: ["root", "data-folder"], flags: ["force", "json"])
    let file = try backupFile(arguments, "backup")
    let (installation, maintenance) = try maintenance(arguments)
    do throws(PersistenceFailure) {
      tell(try await maintenance.backUp(to: file, overwrites: arguments.flags.contains("force")), file, arguments)
    } catch .alreadyExists {
      throw Refused(text: "coach: \(file) is already there; --force replaces it", status: .failure)
    }
    if !arguments.flags.contains("json") { message("backup of \(installation.store): \(file)") }
    return .success
  }

  static func restore(_ words: [String]) async throws -> ExitStatus {
    let arguments = try Arguments(words, options: ["root", "data-folder"], flags: ["force", "json"])
    let file = try backupFile(arguments, "restore")
    let (installation, maintenance) = try maintenance(arguments)
    let lock = installation.store.isShared ? nil : try FolderLock(installation.dataFolder)
    defer { lock?.release() }
    do throws(PersistenceFailure) {
      tell(try await maintenance.restore(from: file, overwrites: arguments.flags.contains("force")), file, arguments)
    } catch .alreadyExists {
      throw Refused(
        text: "coach: there is data in \(installation.store) already; --force drops it for what is in \(file)",
        status: .failure
      )
    }
    return .success
  }

  private static func backupFile(_ arguments: Arguments, _ command: String) throws(Arguments.Fault) -> String {
    guard arguments.rest.count == 1, let file = arguments.rest.first else {
      throw Arguments.Fault(description: "the form is: coach \(command) FILE")
    }
    return file
  }

  private static func maintenance(
    _ arguments: Arguments
  ) throws -> (installation: Installation, maintenance: StoreMaintenance) {
    let (installation, _) = try load(arguments, Surroundings.machine)
    return (installation, StoreMaintenance(installation.store))
  }

  private static func tell(_ contents: StoreMaintenance.Contents, _ file: String, _ arguments: Arguments) {
    let rows = contents.rows.filter { $0.value > 0 }.sorted { $0.key < $1.key }
    if arguments.flags.contains("json") {
      output(
        JSONValue.object([
          "file": .string(file), "version": .int(contents.version),
          "rows": .object(contents.rows.mapValues { .int($0) }),
        ]).text
      )
    } else {
      output("version \(contents.version); " + rows.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
    }
  }
}
