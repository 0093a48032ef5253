/// A value that never shows itself in text, logs or errors.
public struct Secret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  private let value: String

  /// Wraps a secret.
  public init(_ value: String) { self.value = value }

  /// Hands out the secret, for the one place that sends it.
  public func reveal() -> String { value }

  /// Always the same mask.
  public var description: String { "<secret>" }
  /// Always the same mask.
  public var debugDescription: String { "<secret>" }
  /// Hides the value from reflection.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
