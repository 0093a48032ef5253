/// Why the server could not do what was asked.
public enum HTTPServerFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The host is no IPv4 or IPv6 address in text form and not `localhost`.
  case invalidHost(String)
  /// Nothing can listen there; the reason is the system's.
  case cannotListen(host: String, port: Int, reason: String)
  /// The server was started before; a stopped server is not started again.
  case alreadyStarted
  /// The client is gone, so what is written has no reader.
  case clientGone
  /// The writing task was cancelled.
  case cancelled

  /// What happened, and what to do about it.
  public var description: String {
    switch self {
    case .invalidHost(let host): "cannot listen on '\(host)': give an IPv4 or IPv6 address, or localhost"
    case .cannotListen(let host, let port, let reason): "cannot listen on \(host), port \(port): \(reason)"
    case .alreadyStarted: "the server was started before: make a new one"
    case .clientGone: "the client closed the connection"
    case .cancelled: "the writing task was cancelled"
    }
  }
}
