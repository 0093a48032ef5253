/// How a scalar is written, which decides whether it can be something other than a string.
public enum YAMLScalarStyle: Hashable, Sendable {
  /// Without quotes: its form decides its type.
  case plain
  /// In quotes, as a block or with the tag `!!str`: always a string.
  case quoted
}
