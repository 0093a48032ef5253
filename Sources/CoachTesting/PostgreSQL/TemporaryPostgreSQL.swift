import ConcurrencyKit
import FoundationEssentials
import Glibc
public import PostgresKit

/// A PostgreSQL server of Debian's package that lives as long as the tests: in a temporary folder, on a private socket,
/// without a network port, under a user without privileges.
///
/// It is stopped, by its process number, when ``stop()`` is called or when this process ends in whatever way, and by
/// nothing else: signals to this process or its group do not reach it.
public final class TemporaryPostgreSQL: Sendable {
  /// The connection of the server's superuser to its own database.
  public let configuration: PostgresConfiguration

  private let binaries: String
  private let folder: String
  private let runner: Runner
  private let isDurable: Bool
  private let keeper: Locked<ChildProcess?> = Locked(nil)
  private let databases = Locked(0)

  /// Makes a server and waits until it answers.
  ///
  /// - Parameter isDurable: whether commits wait for the disk, for tests that kill the server.
  /// - Throws: ``TemporaryPostgreSQLFailure`` with the last lines of the server's log.
  public init(isDurable: Bool = false) async throws {
    guard let binaries = Self.binaries else { throw TemporaryPostgreSQLFailure(Self.absence) }
    self.binaries = binaries
    self.isDurable = isDurable
    runner = try Runner()
    folder = try runner.makeFolder()
    var configuration = PostgresConfiguration(host: folder, database: "postgres", user: Self.superuser)
    configuration.connectTimeout = Self.patience
    self.configuration = configuration
    try await makeCluster()
    try await start()
  }

  private static let superuser = "coach_superuser"
  /// How long the server may take to answer: on a machine with few cores it competes with all tests at once.
  private static let patience = Duration.seconds(300)

  /// The server that all tests of this process share; made at the first call.
  public static func shared() async throws -> TemporaryPostgreSQL { try await sharedServer.value }

  private static let sharedServer = Task { try await TemporaryPostgreSQL() }
}

// MARK: - Availability

extension TemporaryPostgreSQL {
  /// Whether the package is installed.
  public static var isAvailable: Bool { binaries != nil }

  /// What to say when it is not.
  public static let absence = "PostgreSQL is not installed; install Debian's package postgresql-15"

  private static let binaries: String? = {
    let root = "/usr/lib/postgresql"
    let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    return versions.compactMap { Int($0) }.sorted(by: >).map { "\(root)/\($0)/bin" }
      .first { FileManager.default.isExecutableFile(atPath: "\($0)/initdb") }
  }()
}

// MARK: - Databases

extension TemporaryPostgreSQL {
  /// An empty database with an owner and a user who owns nothing; neither may pass over row-level security.
  public struct Database: Sendable {
    /// Who owns the database and makes its tables.
    public let owner: PostgresConfiguration
    /// Who may only connect until the owner grants more.
    public let member: PostgresConfiguration
    /// The owner's connection as text, for programs of their own.
    public let ownerAddress: String
    /// The member's connection as text.
    public let memberAddress: String
    /// The connection of the server's superuser to this database, which sees all rows.
    public let superuser: PostgresConfiguration
  }

  /// Makes a new empty database.
  public func makeDatabase() async throws -> Database {
    let name = databases.withLock { count in
      count += 1
      return "coach_\(count)"
    }
    let connection = try await connect()
    for role in ["\(name)_owner", "\(name)_member"] {
      try await connection.pipeline([
        PostgresStatement("CREATE ROLE \(role) LOGIN NOSUPERUSER NOBYPASSRLS", isKept: false)
      ])
    }
    try await connection.pipeline([
      PostgresStatement("CREATE DATABASE \(name) OWNER \(name)_owner", isKept: false)
    ])
    await connection.close()
    return Database(
      owner: configuration.on(database: name).signingIn(as: "\(name)_owner"),
      member: configuration.on(database: name).signingIn(as: "\(name)_member"),
      ownerAddress: "host=\(folder) dbname=\(name) user=\(name)_owner",
      memberAddress: "host=\(folder) dbname=\(name) user=\(name)_member",
      superuser: configuration.on(database: name)
    )
  }
}

extension TemporaryPostgreSQL {
  /// A connection of the superuser; when there is none, the failure tells what the server wrote last.
  private func connect() async throws -> PostgresConnection {
    do throws(PostgresFailure) {
      return try await PostgresConnection.open(configuration)
    } catch {
      throw TemporaryPostgreSQLFailure("\(error)\nThe server's last words:\n\(lastLines)")
    }
  }
}

// MARK: - Life and death

extension TemporaryPostgreSQL {
  /// Stops the server and removes its folder.
  public func stop() async {
    guard let keeper = keeper.withLock({ $0.take() }) else { return }
    keeper.tell("stop")
    _ = try? await keeper.end()
  }

  /// Kills every process of the server at once, as a machine that loses power; ``restart()`` brings it back.
  public func kill() async throws {
    guard let keeper = keeper.withLock({ $0.take() }) else { return }
    let server = try serverProcess()
    Glibc.kill(server, SIGSTOP)  // it must not notice that its children die and tidy up after them
    let children = Self.children(of: server)
    for process in children + [server] { Glibc.kill(process, SIGKILL) }
    keeper.tell("keep")
    _ = try await keeper.end()
    while !children.allSatisfy(Self.isGone) { try await Task.sleep(for: .milliseconds(2)) }
  }

  /// Starts the server again after ``kill()`` and waits until it answers.
  public func restart() async throws { try await start() }

  /// The server process's number, which it writes into its folder.
  private func serverProcess() throws -> pid_t {
    let text = try String(contentsOfFile: "\(folder)/data/postmaster.pid", encoding: .utf8)
    guard let line = text.split(separator: "\n").first, let id = pid_t(line) else {
      throw TemporaryPostgreSQLFailure("the server's process number is not in its folder")
    }
    return id
  }

  private static func children(of process: pid_t) -> [pid_t] {
    let text = try? String(contentsOfFile: "/proc/\(process)/task/\(process)/children", encoding: .utf8)
    return (text ?? "").split(separator: " ").compactMap { pid_t($0) }
  }

  private static func isGone(_ process: pid_t) -> Bool {
    // A process that nobody has asked about yet keeps its number; it holds nothing any more.
    guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return true }
    return text.split(separator: ")").last?.hasPrefix(" Z") ?? true
  }

  private func makeCluster() async throws {
    let words = [
      "\(binaries)/initdb", "--pgdata=\(folder)/data", "--username=\(Self.superuser)", "--auth=trust", "--no-sync",
      "--encoding=UTF8", "--locale=C.UTF-8",
    ]
    let code = try await ChildProcess(runner.command(words), log: log).end()
    guard code == 0 else { throw TemporaryPostgreSQLFailure("initdb ended with code \(code):\n\(lastLines)") }
    // Whoever is called coach_locked needs a password, so that signing in can be tested.
    let rules = "local all coach_locked scram-sha-256\nlocal all all trust\n"
    try rules.write(toFile: "\(folder)/data/pg_hba.conf")
  }

  /// The shell stays between us and the server: it stops the server when it is told to, or when this process is gone.
  ///
  /// The end of its input alone is no reason: a test that closes a descriptor of others by mistake, or a signal to a
  /// whole group, must not take the server from all other tests. What it does is in the server's log.
  private func start() async throws {
    let script = """
      trap '' INT TERM HUP
      folder=$1 parent=$2; shift 2
      lives() { [ -r "/proc/$parent/status" ] && ! grep -q '^State:.Z' "/proc/$parent/status"; }
      "$@" </dev/null &
      server=$!
      until read -r word; do
        lives || break
        [ "$warned" ] || echo "keeper: the input ended though process $parent lives"
        warned=yes
        sleep 1
      done
      echo "keeper: stopping the server, told '${word:-nothing}'"
      kill -INT "$server" 2>/dev/null
      wait "$server"
      [ "$word" = keep ] || rm -rf "$folder"
      """
    let durability = isDurable ? ["fsync=on", "synchronous_commit=on"] : ["fsync=off", "full_page_writes=off"]
    let settings =
      durability + [
        "listen_addresses=", "unix_socket_directories=\(folder)", "unix_socket_permissions=0700", "max_connections=200",
        "shared_buffers=32MB", "logging_collector=off",
      ]
    let server = ["\(binaries)/postgres", "-D", "\(folder)/data"] + settings.flatMap { ["-c", $0] }
    let child = try ChildProcess(
      ["/bin/sh", "-c", script, "sh", folder, "\(getpid())"] + runner.command(server),
      log: log,
      hasInput: true
    )
    keeper.withLock { $0 = child }
    try await waitUntilReady()
  }

  private func waitUntilReady() async throws {
    let deadline = Deadline.after(Self.patience)
    while !deadline.hasPassed {
      do throws(PostgresFailure) {
        return await (try PostgresConnection.open(configuration)).close()
      } catch {
        guard error.kind == .unreachable else { throw error }
        try await Task.sleep(for: .milliseconds(10))
      }
    }
    throw TemporaryPostgreSQLFailure("the server does not answer:\n\(lastLines)")
  }

  private var log: String { "\(folder)/log" }

  private var lastLines: String {
    let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").suffix(20).joined(separator: "\n")
  }
}

/// Why there is no server for the tests.
public struct TemporaryPostgreSQLFailure: Error, CustomStringConvertible {
  /// What went wrong.
  public let description: String

  init(_ description: String) { self.description = description }
}

// MARK: - The user

/// Who runs the server: PostgreSQL refuses to run as root, so root hands it to a user without privileges.
private struct Runner: Sendable {
  private let user: uid_t
  private let group: gid_t
  private let isSwitching: Bool

  init() throws {
    isSwitching = getuid() == 0
    guard isSwitching else {
      user = getuid()
      group = getgid()
      return
    }
    guard let entry = getpwnam("postgres") ?? getpwnam("nobody") else {
      throw TemporaryPostgreSQLFailure("there is no user 'postgres' or 'nobody' to run the server as")
    }
    user = entry.pointee.pw_uid
    group = entry.pointee.pw_gid
  }

  func command(_ words: [String]) -> [String] {
    guard isSwitching else { return words }
    return ["/usr/bin/setpriv", "--reuid=\(user)", "--regid=\(group)", "--clear-groups", "--"] + words
  }

  /// A new folder that the user owns, short enough for the path of a socket.
  func makeFolder() throws -> String {
    var template = Array("/tmp/coach-postgres-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemFailure("a temporary folder cannot be made") }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard chown(path, user, group) == 0 else { throw SystemFailure("\(path) cannot be handed over") }
    return path
  }
}

extension String {
  fileprivate func write(toFile path: String) throws {
    let file = open(path, O_WRONLY | O_TRUNC)
    guard file >= 0 else { throw SystemFailure("\(path) cannot be written") }
    defer { close(file) }
    let bytes = Array(utf8)
    guard Glibc.write(file, bytes, bytes.count) == bytes.count else { throw SystemFailure("\(path) cannot be written") }
  }
}
