/// The error of an operation that did not end before its deadline.
public struct DeadlineExceeded: Error, Hashable, Sendable, CustomStringConvertible {
  /// Makes the error.
  public init() {}

  /// What happened and how to mend it.
  public var description: String {
    "The operation did not end before its deadline; allow it more time or ask for less."
  }
}
