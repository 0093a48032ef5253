/// One event of a `text/event-stream`.
public struct ServerSentEvent: Hashable, Sendable {
  /// The event's type; `message` when the stream names none.
  public var event: String
  /// The data, its lines joined by line feeds.
  public var data: String
  /// The last id that the stream gave, in this event or before it.
  public var id: String?
  /// The reconnection time that this event asked for.
  public var retry: Duration?

  /// Makes an event.
  public init(event: String = "message", data: String, id: String? = nil, retry: Duration? = nil) {
    self.event = event
    self.data = data
    self.id = id
    self.retry = retry
  }
}

/// Why a stream of events was given up; the parser takes nothing more after it.
public enum EventStreamFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// A line is longer than the limit, in bytes.
  case lineTooLong(limit: Int)
  /// The data of one event is longer than the limit, in bytes.
  case eventTooLong(limit: Int)

  /// What happened.
  public var description: String {
    switch self {
    case .lineTooLong(let limit): "a line of the event stream is longer than \(limit) bytes"
    case .eventTooLong(let limit): "an event of the event stream is longer than \(limit) bytes"
    }
  }
}
