import ConcurrencyKit
import Foundation
import Glibc

/// A `graph-crash-subject` that this process started and may kill.
///
/// A thread of its own reads what it writes and kills it at its moment, so that the moment does not depend on how busy
/// the tasks of other tests keep the shared threads.
final class SubjectProcess: Sendable {
  /// How it ended.
  enum Ending: Equatable {
    /// It was killed by the signal 9.
    case killed
    /// It ended by itself.
    case ended(code: Int32)
  }

  /// The moment of its death.
  struct Death: Sendable {
    /// After how many of its lines; at its start when zero.
    let lines: Int
    /// How much later.
    let delay: Duration
  }

  private struct State: Sendable {
    var lines: [String] = []
    var ending: Ending?
  }

  private let id: pid_t
  private let input: Int32
  private let state = Locked(State())

  /// Starts a process.
  ///
  /// - Parameters:
  ///   - words: what it is told.
  ///   - death: when it is killed; nil when it is not.
  /// - Throws: ``ProcessFailure``.
  init(_ words: [String], death: Death? = nil) throws {
    let started = try Self.start([Self.program()] + words)
    id = started.id
    input = started.input
    Thread.detachNewThread { [state] in Self.watch(started.id, output: started.output, death, state) }
  }

  private static func start(_ words: [String]) throws -> (id: pid_t, input: Int32, output: Int32) {
    let input = try socketPair()
    defer { close(input.theirs) }
    let output = try socketPair()
    defer { close(output.theirs) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input.theirs, 0)
    posix_spawn_file_actions_adddup2(&actions, output.theirs, 1)
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
      close(input.ours)
      close(output.ours)
      throw ProcessFailure("\(words[0]) cannot be started")
    }
    return (id, input.ours, output.ours)
  }

  /// Both are closed in every process that is started meanwhile.
  private static func socketPair() throws -> (ours: Int32, theirs: Int32) {
    var ends: [Int32] = [-1, -1]
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw ProcessFailure("a socket cannot be made") }
    return (ends[0], ends[1])
  }

  deinit {
    strike()
    close(input)
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

  /// The whole life of the thread.
  private static func watch(_ id: pid_t, output: Int32, _ death: Death?, _ state: Locked<State>) {
    var death = death
    var rest: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4_096)
    while true {
      if let moment = death, state.withLock({ $0.lines.count }) >= moment.lines {
        usleep(UInt32(moment.delay / .microseconds(1)))
        kill(id, SIGKILL)  // nobody has asked for its end yet, so that the number is still its own
        death = nil
      }
      let count = read(output, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      rest += buffer[..<count]
      while let end = rest.firstIndex(of: 10) {
        let line = String(decoding: rest[..<end], as: UTF8.self)
        rest.removeSubrange(...end)
        state.withLock { $0.lines.append(line) }
      }
    }
    close(output)
    // Its number goes to another process from here on, so that nobody may send signals to it meanwhile.
    state.withLock { state in
      var status: Int32 = 0
      while waitpid(id, &status, 0) < 0, errno == EINTR {}
      state.ending = status & 0x7F == SIGKILL ? .killed : .ended(code: (status >> 8) & 0xFF)
    }
  }

  /// The lines it has written so far.
  var lines: [String] { state.withLock { $0.lines } }

  /// How it ended; nil while it lives.
  var ending: Ending? { state.withLock { $0.ending } }

  /// Waits until it has written a line that begins so, or has ended.
  func wait(forLine start: String) async throws {
    try await Self.wait(for: [self]) { $0.lines.contains { $0.hasPrefix(start) } || $0.ending != nil }
  }

  /// Waits for its end.
  func end() async throws -> Ending {
    try await Self.wait(for: [self]) { $0.ending != nil }
    return ending ?? .killed
  }

  /// Waits until one of two has ended; gives it, and the other.
  static func firstToEnd(
    of first: SubjectProcess,
    _ second: SubjectProcess
  ) async throws -> (ended: SubjectProcess, other: SubjectProcess) {
    try await wait(for: [first, second]) { $0.ending != nil }
    return first.ending == nil ? (second, first) : (first, second)
  }

  /// Waits until one of them has come as far; the limit is there for a process that hangs, on the slowest machine.
  private static func wait(for processes: [SubjectProcess], _ isReached: (SubjectProcess) -> Bool) async throws {
    let limit = Deadline.after(.seconds(300))
    while !processes.contains(where: isReached) {
      guard !limit.hasPassed else {
        throw ProcessFailure("the process hangs after: \(processes.map { $0.lines.suffix(3) })")
      }
      try await Task.sleep(for: .milliseconds(2))
    }
  }

  // MARK: - Control

  /// Kills it with signal 9, if it still lives.
  func killNow() async throws -> Ending {
    strike()
    return try await end()
  }

  private func strike() { signal(SIGKILL) }

  /// Holds it, as a machine that is suspended.
  func suspend() { signal(SIGSTOP) }

  /// Lets it go on after ``suspend()``.
  func wake() { signal(SIGCONT) }

  /// Lets it go on from the task at which it holds.
  func release() {
    var line: UInt8 = 10
    _ = send(input, &line, 1, Int32(MSG_NOSIGNAL))
  }

  private func signal(_ number: Int32) { state.withLock { if $0.ending == nil { _ = kill(id, number) } } }
}

/// Why a process cannot be tested.
struct ProcessFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
