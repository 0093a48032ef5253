public import CoachVocabulary

extension DeclarationTree {
  /// The tree of a JSON value as if it had been read from a file, everything on its first line, keys in their order.
  public init(json: JSONValue, file: String) {
    let position = SourcePosition(file: file, line: 1)
    switch json {
    case .array(let items): self.init(.list(items.map { Self(json: $0, file: file) }), at: position)
    case .object(let members):
      self.init(
        .mapping(
          members.sorted { $0.key < $1.key }.map {
            Member(key: $0.key, position: position, value: Self(json: $0.value, file: file))
          }
        ),
        at: position
      )
    default: self.init(.scalar(json, text: json.stringValue ?? json.text), at: position)
    }
  }
}
