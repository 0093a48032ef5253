extension YAMLNode {
  /// Reads a text that holds one YAML document.
  ///
  /// Anchors, aliases and merge keys are resolved. Duplicate keys, keys that are no scalars, tags beyond the core schema,
  /// empty texts and further documents are refused.
  /// - Throws: `YAMLFailure` with the place of the first fault.
  public static func parse(_ text: String, limits: YAMLLimits = YAMLLimits()) throws(YAMLFailure) -> YAMLNode {
    try parse(utf8: Array(text.utf8), limits: limits)
  }

  /// Reads bytes that hold one YAML document in UTF-8; a byte order mark at the start is allowed.
  ///
  /// - Throws: `YAMLFailure` with the place of the first fault, for bytes that are no UTF-8, too.
  public static func parse(utf8 bytes: [UInt8], limits: YAMLLimits = YAMLLimits()) throws(YAMLFailure) -> YAMLNode {
    guard bytes.count <= limits.bytes else {
      let message = "the text has \(bytes.count) bytes, and \(limits.bytes) are allowed; split it"
      throw YAMLFailure(line: 1, column: 1, message: message)
    }
    let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let content = bytes.starts(with: byteOrderMark) ? Array(bytes.dropFirst(byteOrderMark.count)) : bytes
    var builder = TreeBuilder(events: EventReader(content), limits: limits)
    return try builder.document()
  }
}
