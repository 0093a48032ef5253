import ConcurrencyKit
import FoundationEssentials
import Glibc

/// A process that a test started; it is killed and reaped with the value, whatever happened.
final class ChildProcess: Sendable {
  /// How a process ended.
  enum Ending: Hashable, Sendable {
    /// By itself, with a status.
    case exited(Int32)
    /// By a signal.
    case killed(Int32)
  }

  let pid: pid_t
  private let isLeader: Bool
  private let folder: TemporaryFolder
  private let needed: [TemporaryFolder]
  private let ended = Locked<Ending?>(nil)

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - program: its path.
  ///   - arguments: the words behind it, as bytes, since they need not be text.
  ///   - environment: all of its variables.
  ///   - input: what it reads; it finds the end at once when nil.
  ///   - needed: folders that must stay as long as this value.
  ///   - leadsGroup: whether signals go also to the processes that it starts.
  /// - Throws: when it cannot be started.
  init(
    _ program: String,
    _ arguments: [[UInt8]],
    environment: [String: String],
    input: [UInt8]? = nil,
    needing needed: [TemporaryFolder] = [],
    leadsGroup: Bool = false
  ) throws {
    self.needed = needed
    isLeader = leadsGroup
    folder = try TemporaryFolder()
    if let input { try Data(input).write(to: URL(fileURLWithPath: folder.file("input"))) }
    pid = try Self.spawn(
      program,
      arguments,
      environment: environment,
      files: [input == nil ? "/dev/null" : folder.file("input"), folder.file("output"), folder.file("errors")],
      leadsGroup: leadsGroup
    )
  }

  deinit {
    guard reap() == nil else { return }
    signal(SIGKILL)
    var status: Int32 = 0
    waitpid(pid, &status, 0)
  }

  /// What it wrote to standard output so far.
  var output: String { text(of: folder.file("output")) }
  /// What it wrote to standard error so far.
  var errors: String { text(of: folder.file("errors")) }
  /// Whether it has not ended.
  var isRunning: Bool { reap() == nil }

  /// Sends a signal, unless the process has ended.
  func signal(_ number: Int32) {
    ended.withLock { if $0 == nil { Glibc.kill(isLeader ? -pid : pid, number) } }
  }

  /// Waits for the end; a process that takes longer is killed.
  func ending(within limit: Duration = .seconds(60)) async throws -> Ending {
    do {
      return try await eventually("process \(pid) ends; it said: \(errors.suffix(500))", within: limit) { reap() }
    } catch {
      signal(SIGKILL)
      throw error
    }
  }

  /// Waits for a line of standard output that begins like this, and returns the rest of it.
  func line(beginning start: String, within limit: Duration = .seconds(60)) async throws -> String {
    try await eventually("'\(start)' is said; there is: \(errors.suffix(2_000))", within: limit) {
      let complete = output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      if let line = complete.first(where: { $0.hasPrefix(start) }) { return String(line.dropFirst(start.count)) }
      if let ending = reap() { throw Complaint("it ended (\(ending)) before it said '\(start)': \(errors)") }
      return nil
    }
  }

  private func reap() -> Ending? {
    ended.withLock { known in
      if known == nil {
        var status: Int32 = 0
        if waitpid(pid, &status, WNOHANG) == pid {
          known = status & 0x7F == 0 ? .exited((status >> 8) & 0xFF) : .killed(status & 0x7F)
        }
      }
      return known
    }
  }
}

// MARK: - Starting

extension ChildProcess {
  private static func spawn(
    _ program: String,
    _ arguments: [[UInt8]],
    environment: [String: String],
    files: [String],
    leadsGroup: Bool
  ) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, files[0], O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, files[1], O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, files[2], O_WRONLY | O_CREAT | O_TRUNC, 0o600)

    // Threads of a pool block signals, and a child would inherit that.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | (leadsGroup ? POSIX_SPAWN_SETPGROUP : 0)
    posix_spawnattr_setflags(&attributes, Int16(flags))

    let words = CWords([Array(program.utf8)] + arguments)
    let variables = CWords(environment.map { Array("\($0.key)=\($0.value)".utf8) })
    var pid: pid_t = 0
    let code = posix_spawn(&pid, program, &actions, &attributes, words.pointers, variables.pointers)
    guard code == 0 else { throw Complaint("\(program) cannot be started: \(String(cString: strerror(code)))") }
    return pid
  }
}

/// Words as C has them, until the value goes.
private final class CWords {
  let pointers: [UnsafeMutablePointer<CChar>?]

  init(_ words: [[UInt8]]) {
    pointers = words.map { word in strndup(word.map { CChar(bitPattern: $0) }, word.count) } + [nil]
  }

  deinit { for pointer in pointers { free(pointer) } }
}
