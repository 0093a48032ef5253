/// Bounds on templates and on what they make.
public struct TemplateLimits: Hashable, Sendable {
  /// The longest template in bytes of UTF-8.
  public var templateBytes = 256 << 10
  /// The longest text that a template may make, in bytes of UTF-8.
  public var outputBytes = 1 << 20
  /// The deepest nesting of sections.
  public var depth = 16

  /// Makes the default limits.
  public init() {}
}
