/// The entries of a mapping that is being read, with its merge key apart.
struct MappingEntries {
  private var entries: [YAMLEntry] = []
  private var lines: [String: Int] = [:]
  private var merges: [YAMLNode] = []

  mutating func add(key: YAMLNode, value: YAMLNode, at event: Event) throws(YAMLFailure) {
    guard case .scalar(let name, let style) = key.value else {
      throw event.failure("a key has to be a single value, not a list or mapping")
    }
    guard style == .quoted || !name.isEmpty else { throw event.failure("a key is missing before the colon") }
    if let line = lines.updateValue(event.place.line, forKey: name) {
      throw event.failure("the key \(name) is there already, on line \(line); keep one of them")
    }
    if name == "<<", style == .plain {
      merges = try Self.mappings(in: value)
    } else {
      entries.append(YAMLEntry(key: key, value: value))
    }
  }

  /// The entries as written, then those of the merge key that are not written; of equal ones the first counts.
  func merged() -> [YAMLEntry] {
    guard !merges.isEmpty else { return entries }
    var result = entries
    var names = Set(entries.map(\.name))
    for entry in merges.compactMap(\.entries).joined() where names.insert(entry.name).inserted {
      result.append(entry)
    }
    return result
  }

  private static func mappings(in value: YAMLNode) throws(YAMLFailure) -> [YAMLNode] {
    let candidates = value.items ?? [value]
    for candidate in candidates where candidate.entries == nil {
      throw YAMLFailure(
        line: candidate.line,
        column: candidate.column,
        message: "the merge key << takes a mapping or a list of mappings"
      )
    }
    return candidates
  }
}
