import ConcurrencyKit
import FoundationEssentials
import Glibc
public import MariaDBKit

/// A MariaDB server of Debian's package that lives as long as the tests: in a temporary folder, on a private socket, without
/// a network port, under a user without privileges; stopped by its process number, or when this process ends.
public final class TemporaryMariaDB: Sendable {
  private let folder: String
  private let keeper: Locked<ChildProcess?> = Locked(nil)
  private let databases = Locked(0)

  /// A database with a user who may change it, and one who may only read it.
  public struct Database: Sendable {
    /// Who made the database.
    public let owner: MariaDBConfiguration
    /// Who may read it, and nothing else.
    public let reader: MariaDBConfiguration
  }

  /// Whether the package is installed.
  public static var isAvailable: Bool {
    [server, installer].allSatisfy { FileManager.default.isExecutableFile(atPath: $0) }
  }

  /// What to say when it is not.
  public static let absence = "MariaDB is not installed; install Debian's package mariadb-server"

  private static let server = "/usr/sbin/mariadbd"
  private static let installer = "/usr/bin/mariadb-install-db"

  /// The server that all tests of this process share; made at the first call.
  public static func shared() async throws -> TemporaryMariaDB { try await sharedServer.value }

  private static let sharedServer = Task { try await TemporaryMariaDB() }

  /// Makes a server and waits until it answers.
  public init() async throws {
    var template = Array("/tmp/coach-mariadb-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemFailure("a temporary folder cannot be made") }
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    var prefix: [String] = []
    if getuid() == 0 {
      guard let entry = getpwnam("mysql") ?? getpwnam("nobody") else { throw SystemFailure("there is no user 'mysql'") }
      let (user, group) = (entry.pointee.pw_uid, entry.pointee.pw_gid)
      guard chown(folder, user, group) == 0 else { throw SystemFailure("\(folder) cannot be handed over") }
      prefix = ["/usr/bin/setpriv", "--reuid=\(user)", "--regid=\(group)", "--clear-groups", "--"]
    }
    let making =
      prefix + [
        Self.installer, "--no-defaults", "--datadir=\(folder)/data", "--auth-root-authentication-method=normal",
        "--skip-test-db", "--skip-name-resolve",
      ]
    let code = try await ChildProcess(making, log: "\(folder)/log").end()
    guard code == 0 else { throw SystemFailure("mariadb-install-db ended with code \(code)") }
    let script = """
      trap '' INT TERM HUP
      folder=$1 parent=$2; shift 2
      "$@" </dev/null &
      server=$!
      until read -r word; do
        [ -r "/proc/$parent/status" ] && ! grep -q '^State:.Z' "/proc/$parent/status" || break
        sleep 1
      done
      kill -TERM "$server" 2>/dev/null
      wait "$server"
      rm -rf "$folder"
      """
    let serving =
      prefix + [
        Self.server, "--no-defaults", "--datadir=\(folder)/data", "--socket=\(folder)/socket", "--skip-networking",
        "--pid-file=\(folder)/pid", "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=32M",
        "--log-error=\(folder)/data/errors", "--skip-name-resolve",
      ]
    let child = try ChildProcess(
      ["/bin/sh", "-c", script, "sh", folder, "\(getpid())"] + serving,
      log: "\(folder)/log",
      hasInput: true
    )
    keeper.withLock { $0 = child }
    try await waitUntilReady()
  }

  private func configuration(_ database: String, _ user: String) -> MariaDBConfiguration {
    MariaDBConfiguration(socket: "\(folder)/socket", database: database, user: user)
  }

  private func waitUntilReady() async throws {
    let deadline = Deadline.after(.seconds(300))
    while !deadline.hasPassed {
      if let connection = try? await MariaDBConnection.open(configuration("mysql", "root")) {
        return await connection.close()
      }
      try await Task.sleep(for: .milliseconds(20))
    }
    throw SystemFailure("the server does not answer; see \(folder)/data/errors")
  }

  /// Makes a new empty database.
  public func makeDatabase() async throws -> Database {
    let name = databases.withLock { count in
      count += 1
      return "coach_\(count)"
    }
    let root = try await MariaDBConnection.open(configuration("mysql", "root"))
    for sql in [
      "CREATE DATABASE \(name) CHARACTER SET utf8mb4", "CREATE USER \(name)_reader@localhost",
      "GRANT SELECT ON \(name).* TO \(name)_reader@localhost",
    ] { try await root.execute(sql) }
    await root.close()
    return Database(owner: configuration(name, "root"), reader: configuration(name, "\(name)_reader"))
  }

  /// Stops the server and removes its folder.
  public func stop() async {
    guard let keeper = keeper.withLock({ $0.take() }) else { return }
    keeper.tell("stop")
    _ = try? await keeper.end()
  }
}
