/// How long each part of an exchange may take; `nil` means without limit.
public struct HTTPTimeLimits: Hashable, Sendable {
  /// From the start until name, socket and TLS are done.
  public var connect: Duration?
  /// From the start until the first byte of the body, or the end of an empty one.
  public var firstByte: Duration?
  /// The longest silence after the first byte.
  ///
  /// Time in which the reader makes the peer wait does not count.
  public var idle: Duration?
  /// From the start until the end of the body.
  public var total: Duration?

  /// Makes limits; the defaults suit a short call.
  public init(
    connect: Duration? = .seconds(10),
    firstByte: Duration? = .seconds(60),
    idle: Duration? = .seconds(60),
    total: Duration? = nil
  ) {
    self.connect = connect
    self.firstByte = firstByte
    self.idle = idle
    self.total = total
  }
}
