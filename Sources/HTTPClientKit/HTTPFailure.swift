/// Why a request failed: what happened, and text for the person who reads it.
///
/// The text names the scheme, host and port at most: no path, query string, header value or body.
public struct HTTPFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// What a caller decides on.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// No connection came about: refused, unreachable, or no route.
    case connectionRefused
    /// The name of the host or of the proxy has no address.
    case couldNotResolve
    /// Name, socket and TLS together took longer than ``HTTPTimeLimits/connect``.
    case connectTimeout
    /// No byte of the body came within ``HTTPTimeLimits/firstByte``.
    case firstByteTimeout
    /// The peer was silent for longer than ``HTTPTimeLimits/idle``.
    case idleTimeout
    /// The exchange took longer than ``HTTPTimeLimits/total``.
    case totalTimeout
    /// TLS could not be agreed or the certificate was not trusted.
    case tls
    /// The awaiting task was cancelled or the body was dropped.
    case cancelled
    /// The connection ended before the response did.
    case connectionLost
    /// The body is longer than the request allows.
    case bodyTooLarge
    /// The response's head is longer than ``HTTPClient/Settings/maximumHeadBytes``.
    case headTooLarge
    /// The address is link-local or a cloud's metadata service, see ``AddressPolicy``.
    case addressRefused
    /// The text is no absolute `http` or `https` URL, or it holds credentials.
    case malformedURL
    /// The method or a header cannot be sent as it is.
    case malformedRequest
    /// The client was shut down.
    case closed
    /// Anything else; the detail says what.
    case other
  }

  /// What a caller decides on.
  public var kind: Kind
  /// What happened and where, for the person who reads it.
  public var detail: String

  /// Makes a failure.
  public init(_ kind: Kind, _ detail: String) {
    self.kind = kind
    self.detail = detail
  }

  /// The kind and the detail on one line.
  public var description: String { "HTTP request failed (\(kind.rawValue)): \(detail)" }
}
