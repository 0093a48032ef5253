import CoachVocabulary
import FoundationEssentials
import Glibc
import Testing

@testable import DemoCompany

/// The shipped folder and a demo database at a quarter of its size, written once.
enum Shipped {
  static let root: String = {
    var url = URL(filePath: #filePath).resolvingSymlinksInPath()
    for _ in 0..<3 { url.deleteLastPathComponent() }
    return url.path
  }()

  static let database: String = {
    let path = temporary("coach-app.sqlite")
    do throws(DemoCompanyFailure) {
      try DemoCompany.write(to: path, seed: 1, scale: 0.25)
    } catch {
      Issue.record("\(error)")
    }
    return path
  }()

  /// What the tests write; it goes with the process.
  private static let folder: String = {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("coach-app-\(UUID().uuidString)").path
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    atexit { try? FileManager.default.removeItem(atPath: Shipped.folder) }
    return path
  }()

  /// A path that nothing has used yet.
  static func temporary(_ name: String) -> String { "\(folder)/\(UUID().uuidString)-\(name)" }

  /// A copy of the declarations with some files changed; nil takes a file away.
  static func copy(changing files: [String: String?]) throws -> String {
    let folder = temporary("project")
    let manager = FileManager.default
    try manager.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for name in ["agents", "prompts", "graphs", "config"] {
      try manager.copyItem(atPath: "\(root)/\(name)", toPath: "\(folder)/\(name)")
    }
    for (name, text) in files {
      if let text {
        try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name)"))
      } else {
        try manager.removeItem(atPath: "\(folder)/\(name)")
      }
    }
    return folder
  }

  static func text(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(filePath: "\(root)/\(name)")), as: UTF8.self)
  }
}
