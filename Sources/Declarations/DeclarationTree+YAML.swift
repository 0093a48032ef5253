public import CoachVocabulary
import YAMLKit

extension DeclarationTree {
  /// Reads one YAML document.
  ///
  /// - Parameters:
  ///   - yaml: the bytes of the text, UTF-8.
  ///   - file: how findings name the file.
  ///   - diagnostics: where a fault goes.
  /// - Returns: the tree, or nil when the text is no acceptable YAML.
  public static func reading(
    yaml: some Sequence<UInt8>,
    file: String,
    reporting diagnostics: DiagnosticCollector
  ) -> DeclarationTree? {
    do throws(YAMLFailure) {
      return DeclarationTree(try YAMLNode.parse(utf8: Array(yaml)), file: file)
    } catch {
      diagnostics.error(
        error.message,
        at: SourcePosition(file: file, line: error.line, column: error.column)
      )
      return nil
    }
  }

  private init(_ node: YAMLNode, file: String) {
    let position = SourcePosition(file: file, line: node.line, column: node.column)
    switch node.value {
    case .scalar(let text, style: _): self.init(.scalar(Self.value(of: node), text: text), at: position)
    case .sequence(let items): self.init(.list(items.map { DeclarationTree($0, file: file) }), at: position)
    case .mapping(let entries):
      let members = entries.map { entry in
        Member(
          key: entry.name,
          position: SourcePosition(file: file, line: entry.key.line, column: entry.key.column),
          value: DeclarationTree(entry.value, file: file)
        )
      }
      self.init(.mapping(members), at: position)
    }
  }

  private static func value(of node: YAMLNode) -> JSONValue {
    switch node.scalar {
    case .null, nil: .null
    case .bool(let truth): .bool(truth)
    case .int(let number): .int(number)
    // JSON has no infinity: what is no number there stays the text that it was.
    case .double(let number): number.isFinite ? .double(number) : .string(node.text ?? "")
    case .string(let text): .string(text)
    }
  }
}
