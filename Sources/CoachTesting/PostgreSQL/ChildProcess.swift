import ConcurrencyKit
import FoundationEssentials
import Glibc

/// A process that this one started, in a session of its own: what is typed or sent to ours does not reach it.
final class ChildProcess: Sendable {
  /// Its number.
  let id: pid_t
  /// Our end of its standard input, until it was told something.
  private let input: Locked<Int32?>
  private let code: Locked<Int32?> = Locked(nil)

  /// Starts a program, found by its path, with its output at the end of a file.
  ///
  /// - Parameters:
  ///   - words: the path of the program and its arguments.
  ///   - log: where its output goes.
  ///   - hasInput: whether it reads what it is told; it then sees the end of its input when this process ends.
  /// - Throws: ``SystemFailure``.
  init(_ words: [String], log: String, hasInput: Bool = false) throws {
    var ends: [Int32] = [-1, -1]
    if hasInput {
      // A socket and not a pipe: to write to a process that has gone must fail and not end this one.
      let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
      guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw SystemFailure("a socket cannot be made") }
    }
    defer { if ends[0] >= 0 { close(ends[0]) } }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if hasInput {
      posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
    } else {
      posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    }
    posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    // Sockets and files of other tests must close when these close them, and not when the child ends.
    for descriptor in Self.openDescriptors where descriptor > 2 {
      posix_spawn_file_actions_addclose(&actions, descriptor)
    }
    // Threads of the concurrency runtime block signals, which a child would inherit and then wait for in vain.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Self.ownSession)
    var id: pid_t = 0
    let code = Self.withArguments(words) { posix_spawn(&id, words[0], &actions, &attributes, $0, environ) }
    guard code == 0 else {
      if ends[1] >= 0 { close(ends[1]) }
      throw SystemFailure("\(words[0]) cannot be started", code: code)
    }
    self.id = id
    input = Locked(hasInput ? ends[1] : nil)
  }

  /// `POSIX_SPAWN_SETSID`, which glibc shows to C with GNU extensions only.
  private static let ownSession: Int16 = 0x80

  private static var openDescriptors: [Int32] {
    ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []).compactMap { Int32($0) }
  }

  private static func withArguments(
    _ words: [String],
    _ body: ([UnsafeMutablePointer<CChar>?]) -> Int32
  ) -> Int32 {
    let arguments = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    return body(arguments)
  }

  /// Its exit code once it has ended, nil before.
  func exitCode() -> Int32? {
    code.withLock { code in
      var status: Int32 = 0
      if code == nil, waitpid(id, &status, WNOHANG) == id {
        code = status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
      }
      return code
    }
  }

  /// Writes a line to its standard input and closes it, once.
  func tell(_ line: String) {
    guard let input = input.withLock({ $0.take() }) else { return }
    let bytes = Array((line + "\n").utf8)
    _ = send(input, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    close(input)
  }

  /// Waits for its end.
  func end() async throws -> Int32 {
    while true {
      if let code = exitCode() { return code }
      try await Task.sleep(for: .milliseconds(5))
    }
  }
}

/// A call of the system that failed.
struct SystemFailure: Error, CustomStringConvertible {
  let description: String

  init(_ what: String, code: Int32 = errno) { description = "\(what): \(String(cString: strerror(code)))" }
}
