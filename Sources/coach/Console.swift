import ConcurrencyKit
import FoundationEssentials
import Glibc

/// Data for programs and people, on standard output.
func output(_ text: String) {
  var line = Array(text.utf8)
  line.append(UInt8(ascii: "\n"))
  write(line, to: STDOUT_FILENO)
}

/// Words for the person at the terminal, on standard error.
func message(_ text: String) {
  var line = Array(text.utf8)
  line.append(UInt8(ascii: "\n"))
  write(line, to: STDERR_FILENO)
}

/// A text without a line break, on standard output.
func outputPart(_ text: String) { write(Array(text.utf8), to: STDOUT_FILENO) }

private func write(_ bytes: [UInt8], to descriptor: Int32) {
  var rest = bytes[...]
  while !rest.isEmpty {
    let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    if written <= 0 {
      if written < 0, errno == EINTR { continue }
      return
    }
    rest = rest.dropFirst(written)
  }
}

/// Ends the process with a status.
func exitProcess(_ status: ExitStatus) -> Never { exit(status.rawValue) }

/// Everything is written at once, so there is nothing left to flush but C's own buffers.
func flushOutput() { fflush(nil) }

/// What the process ends with; each class of failure has its own number.
struct ExitStatus: Hashable, Sendable {
  /// What the system is told.
  let rawValue: Int32

  /// Done.
  static let success = ExitStatus(rawValue: 0)
  /// Something that was asked about is wrong: a declaration, an installation.
  static let faulty = ExitStatus(rawValue: 1)
  /// The command line is wrong.
  static let usage = ExitStatus(rawValue: 2)
  /// The program could not start or do its work.
  static let failure = ExitStatus(rawValue: 3)
  /// The question was not answered: it was declined, or has to be made clearer.
  static let unanswered = ExitStatus(rawValue: 4)

  /// A signal ended the work: 130 for Ctrl-C, as shells have it.
  static func interrupted(by signal: Int32) -> ExitStatus { ExitStatus(rawValue: 128 + signal) }
}

/// Whether standard input is a person's keyboard.
var isInteractive: Bool { isatty(STDIN_FILENO) == 1 }

/// The wish of a person or of the system that the program ends: SIGINT or SIGTERM.
///
/// Made before anybody is told that the program is ready, so that no signal is lost in between.
final class EndSignal {
  private let stream: AsyncStream<Void>
  private let sources: SignalSources

  init() {
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
    self.stream = stream
    let isRepeated = Locked(false)
    sources = SignalSources([SIGINT, SIGTERM]) { number in
      continuation.finish()
      // The second has its usual effect, whether or not anybody got round to waiting for the first.
      guard
        isRepeated.withLock({ repeated in
          defer { repeated = true }
          return repeated
        })
      else { return }
      Self.die(of: number)
    }
  }

  /// Ends the process as the signal would have; this thread may have it blocked, as Dispatch's threads do.
  private static func die(of number: Int32) {
    signal(number, SIG_DFL)
    var mask = sigset_t()
    sigemptyset(&mask)
    sigaddset(&mask, number)
    pthread_sigmask(SIG_UNBLOCK, &mask, nil)
    raise(number)
  }

  /// Waits for the first signal; a second one ends the process at once.
  func wait() async {
    for await _ in stream {}
  }
}

/// The lines of standard input, each at most 2 MiB; longer ones are cut.
struct InputLines: Sequence, IteratorProtocol {
  func makeIterator() -> InputLines { self }

  mutating func next() -> String? { readLine(strippingNewline: true) }
}

/// All of standard input, for data that are no lines.
enum InputBytes {
  static func standardInput() -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = chunk.withUnsafeMutableBytes { Glibc.read(STDIN_FILENO, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return bytes }
      bytes += chunk[..<count]
    }
  }
}
