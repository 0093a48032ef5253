import CoachVocabulary
import FoundationEssentials

/// The file in which computed answers outlive their process.
///
/// It holds nothing that cannot be computed again, so a file that cannot be read counts as none.
struct DumpFile: Sendable {
  /// Where it is.
  let path: String

  /// The largest file that is taken, in bytes.
  private static let sizeLimit = 256 << 20

  private struct Content: Codable {
    struct Kept: Codable {
      var key: DumpKey
      var name: String
      var category: String
      var answer: JSONValue
      var computedAt: Date
      var milliseconds: Double
    }

    var version = 1
    var jobs: [DumpJob]
    var answers: [Kept]
  }

  /// What was kept.
  func read() -> (entries: [DumpEntry], jobs: [DumpJob]) {
    guard let data = FileManager.default.contents(atPath: path), data.count <= Self.sizeLimit,
      let content = try? JSONDecoder().decode(Content.self, from: data), content.version == 1
    else { return ([], []) }
    let entries = content.answers.map { kept in
      DumpEntry(
        key: kept.key,
        name: kept.name,
        category: kept.category,
        answer: kept.answer,
        computedAt: kept.computedAt,
        milliseconds: kept.milliseconds
      )
    }
    return (entries, content.jobs)
  }

  /// Keeps computed answers and the log, for nobody else to read.
  ///
  /// - Throws: what the file system says.
  func write(_ entries: [DumpEntry], jobs: [DumpJob]) throws {
    let content = Content(
      jobs: jobs,
      answers: entries.compactMap { entry in
        guard let name = entry.name, let category = entry.category else { return nil }
        return Content.Kept(
          key: entry.key,
          name: name,
          category: category,
          answer: entry.answer,
          computedAt: entry.computedAt,
          milliseconds: entry.milliseconds
        )
      }
    )
    if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
      try FileManager.default.createDirectory(atPath: String(path[..<slash]), withIntermediateDirectories: true)
    }
    try JSONEncoder().encode(content).write(to: URL(filePath: path), options: .atomic)
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
  }
}
