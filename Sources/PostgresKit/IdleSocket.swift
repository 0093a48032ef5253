import Glibc

/// The socket of a connection between two calls, which may be looked at from any thread.
struct IdleSocket: Sendable {
  /// The socket; nil when the connection is closed or broken.
  var descriptor: Int32?

  /// Whether the server is still there, as far as can be seen without asking it.
  ///
  /// To who asks nothing a server says farewell, or news that a new connection learns anyway: then there is something
  /// to read.
  var looksAlive: Bool {
    guard let descriptor else { return false }
    var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&state, 1, 0) == 0
  }
}
