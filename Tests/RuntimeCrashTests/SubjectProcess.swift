import ConcurrencyKit
import FoundationEssentials
import Glibc

/// A `graph-crash-subject` that this process started and may kill.
final class SubjectProcess {
  /// How it ended.
  enum Ending: Equatable {
    /// It was killed by the signal 9.
    case killed
    /// It ended by itself.
    case ended(code: Int32)
  }

  /// The lines it has written so far.
  private(set) var lines: [String] = []
  private let id: pid_t
  private let output: Int32
  private var rest: [UInt8] = []
  private var isAtEnd = false
  private var ending: Ending?

  /// Only one at a time, so that no process inherits the pipe of another.
  private static let starting = Locked(())

  init(_ words: [String]) throws {
    let program = try Self.program()
    (id, output) = try Self.starting.withLock { _ in try Self.start([program] + words) }
  }

  private static func start(_ words: [String]) throws -> (id: pid_t, output: Int32) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw ProcessFailure("a pipe cannot be made") }
    defer { close(ends[1]) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let output = ends[0]
    _ = fcntl(output, F_SETFL, O_NONBLOCK)
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    // Threads of the concurrency runtime block signals, which a child would inherit.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    let arguments = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var id: pid_t = 0
    guard posix_spawn(&id, words[0], &actions, &attributes, arguments, environ) == 0 else {
      close(output)
      throw ProcessFailure("\(words[0]) cannot be started")
    }
    return (id, output)
  }

  deinit {
    if ending == nil {
      kill(id, SIGKILL)
      waitpid(id, nil, 0)
    }
    close(output)
  }

  /// The program lies beside the test bundle.
  private static func program() throws -> String {
    let bundles = [resolved("/proc/self/exe")] + CommandLine.arguments.filter { $0.contains(".xctest") }
    for bundle in bundles {
      var folder = Substring(bundle)
      while let slash = folder.lastIndex(of: "/") {
        folder = folder[..<slash]
        let path = "\(folder)/graph-crash-subject"
        if access(path, X_OK) == 0, !isFolder(path) { return path }
      }
    }
    throw ProcessFailure("graph-crash-subject is not beside the tests; build it first")
  }

  private static func resolved(_ path: String) -> String {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) ?? path
  }

  private static func isFolder(_ path: String) -> Bool {
    var state = stat()
    return stat(path, &state) == 0 && state.st_mode & S_IFMT == S_IFDIR
  }

  // MARK: - Watching

  /// Waits until it has written so many lines, or has ended.
  func wait(forLines count: Int) async throws {
    try await wait { $0.lines.count >= count }
  }

  /// Waits until it has written a line that begins so, or has ended.
  func wait(forLine start: String) async throws {
    try await wait { $0.lines.contains { $0.hasPrefix(start) } }
  }

  private func wait(until isReached: (SubjectProcess) -> Bool) async throws {
    let limit = ContinuousClock.now + .seconds(60)
    while true {
      read()
      if isAtEnd || isReached(self) { return }
      guard .now < limit else { throw ProcessFailure("the process hangs after: \(lines.suffix(3))") }
      try await Task.sleep(for: .microseconds(400))
    }
  }

  /// Waits for its end.
  func end() async throws -> Ending {
    if let ending { return ending }
    try await wait { _ in false }
    var status: Int32 = 0
    guard waitpid(id, &status, 0) == id else { throw ProcessFailure("the process is gone") }
    let result = status & 0x7F == SIGKILL ? Ending.killed : .ended(code: (status >> 8) & 0xFF)
    ending = result
    return result
  }

  /// Kills it with signal 9, if it still lives.
  func killNow() async throws -> Ending {
    if ending == nil { kill(id, SIGKILL) }
    return try await end()
  }

  /// Holds it, as a machine that is suspended.
  func suspend() { kill(id, SIGSTOP) }

  /// Lets it go on.
  func goOn() { kill(id, SIGCONT) }

  private func read() {
    var buffer = [UInt8](repeating: 0, count: 4_096)
    while true {
      let count = Glibc.read(output, &buffer, buffer.count)
      if count < 0 { return }
      if count == 0 {
        isAtEnd = true
        return
      }
      rest += buffer[..<count]
      while let end = rest.firstIndex(of: 10) {
        lines.append(String(decoding: rest[..<end], as: UTF8.self))
        rest.removeSubrange(...end)
      }
    }
  }
}

/// Why a process cannot be tested.
struct ProcessFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
