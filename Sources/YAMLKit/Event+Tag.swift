extension Event {
  private static let corePrefix = "tag:yaml.org,2002:"

  /// How a scalar counts after its tag, if it has one, has had its say.
  func style(of text: String, isPlain: Bool) throws(YAMLFailure) -> YAMLScalarStyle {
    guard let tag else { return isPlain ? .plain : .quoted }
    if tag == "!" || tag == Self.corePrefix + "str" { return .quoted }
    guard Self.tag(of: YAMLScalar(plain: text)) == tag else { throw refusal(of: tag) }
    return .plain
  }

  /// Checks that a list or mapping has no tag, or the one of its own type.
  func check(tag name: String) throws(YAMLFailure) {
    if let tag, tag != "!", tag != Self.corePrefix + name { throw refusal(of: tag) }
  }

  private static func tag(of scalar: YAMLScalar) -> String {
    let name =
      switch scalar {
      case .null: "null"
      case .bool: "bool"
      case .int: "int"
      case .double: "float"
      case .string: "str"
      }
    return corePrefix + name
  }

  private func refusal(of tag: String) -> YAMLFailure {
    failure("the tag \(tag) is unknown or does not fit this value; leave it out")
  }
}
