/// Bounds on a YAML text, so that a hostile or broken one ends in a failure and not in exhaustion.
public struct YAMLLimits: Hashable, Sendable {
  /// The longest text in bytes.
  public var bytes = 1 << 20
  /// The deepest nesting of lists and mappings.
  public var depth = 64
  /// The most nodes, keys included; each alias counts as all that it repeats.
  public var nodes = 200_000
  /// The longest text of all scalars together in bytes; each alias counts as all that it repeats.
  public var expandedBytes = 4 << 20

  /// Makes the default limits.
  public init() {}
}
