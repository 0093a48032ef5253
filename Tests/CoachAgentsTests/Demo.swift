import CoachVocabulary
import Declarations
import FoundationEssentials
import Glibc
import SemanticLayer
import Testing
import Warehouse

@testable import CoachAgents
@testable import DemoCompany

/// The demo company at a quarter of its size, written once, and the shipped description of it.
enum Demo {
  static let root: String = {
    var url = URL(filePath: #filePath).resolvingSymlinksInPath()
    for _ in 0..<3 { url.deleteLastPathComponent() }
    return url.path
  }()

  static let database: String = {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("coach-agents-\(UUID().uuidString).sqlite")
      .path
    do throws(DemoCompanyFailure) {
      try DemoCompany.write(to: path, seed: 1, scale: 0.25)
    } catch {
      Issue.record("\(error)")
    }
    atexit { try? FileManager.default.removeItem(atPath: Demo.database) }
    return path
  }()

  static func model() throws -> SemanticModel {
    let text = try FileRoot(path: root).text(of: "config/domains/dealer.yaml")
    return try read(text, file: "config/domains/dealer.yaml")
  }

  static func read(_ text: String, file: String) throws -> SemanticModel {
    let collector = DiagnosticCollector()
    let tree = DeclarationTree.reading(yaml: text.utf8, file: file, reporting: collector)
    return try #require(tree.flatMap { SemanticModel(reading: $0, reporting: collector) }, "\(collector.diagnostics)")
  }

  static let opened = Task { () async throws -> Domain in
    let collector = DiagnosticCollector()
    let source = try SQLiteDataSource(path: database)
    return try #require(try await Domain.open(try model(), source: source, reporting: collector))
  }

  static func domain() async throws -> Domain { try await opened.value }
}
