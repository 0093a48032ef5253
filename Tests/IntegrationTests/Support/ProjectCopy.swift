import FoundationEssentials

/// The project's declarations in a folder of their own, to be damaged or set otherwise.
struct ProjectCopy: Sendable {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    for name in ["agents", "prompts", "graphs", "config"] {
      try FileManager.default.copyItem(atPath: "\(Project.root)/\(name)", toPath: folder.file(name))
    }
  }

  var path: String { folder.path }

  /// Replaces a text that occurs in a file and returns the line on which it first stands.
  @discardableResult
  func replace(_ old: String, with new: String, in file: String) throws -> Int {
    let before = text(of: folder.file(file))
    guard let place = before.range(of: old) else { throw Complaint("\(file) holds no '\(old)'") }
    try folder.write(before.replacingCharacters(in: place, with: new), to: file)
    return before[..<place.lowerBound].count { $0 == "\n" } + 1
  }
}

extension String {
  /// Where another text first stands in this one.
  fileprivate func range(of part: String) -> Range<String.Index>? { firstRange(of: part) }

  fileprivate func replacingCharacters(in place: Range<String.Index>, with text: String) -> String {
    String(self[..<place.lowerBound]) + text + String(self[place.upperBound...])
  }
}
