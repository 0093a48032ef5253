import Glibc

/// A task at which the process waits until it is told to go on, so that no test has to be quick.
struct Hold: Sendable {
  /// The key of the task; any other word for none.
  let task: String

  /// Waits for a byte on standard input when this is the task; ends the process when nobody is there to send it.
  func wait(at key: String) async throws {
    guard key == task else { return }
    var door = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
    while poll(&door, 1, 0) == 0 { try await Task.sleep(for: .milliseconds(2)) }
    var byte: UInt8 = 0
    if read(0, &byte, 1) != 1 { exit(5) }
  }
}
