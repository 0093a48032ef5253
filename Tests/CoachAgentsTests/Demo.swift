import CoachVocabulary
import ConcurrencyKit
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

  /// The whole company, for what is measured at its true size.
  static let fullDatabase = written(scale: 1)

  static let database = written(scale: 0.25)

  private static func written(scale: Double) -> String {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("coach-agents-\(UUID().uuidString).sqlite")
      .path
    do throws(DemoCompanyFailure) {
      try DemoCompany.write(to: path, seed: 1, scale: scale)
    } catch {
      Issue.record("\(error)")
    }
    files.withLock { $0.append(path) }
    atexit { Demo.files.withLock { for file in $0 { try? FileManager.default.removeItem(atPath: file) } } }
    return path
  }

  private static let files = Locked<[String]>([])

  static func model() throws -> SemanticModel {
    let text = try FileRoot(path: root).text(of: "config/domains/dealer.yaml")
    return try read(text, file: "config/domains/dealer.yaml")
  }

  static func read(_ text: String, file: String) throws -> SemanticModel {
    let collector = DiagnosticCollector()
    let tree = DeclarationTree.reading(yaml: text.utf8, file: file, reporting: collector)
    return try #require(tree.flatMap { SemanticModel(reading: $0, reporting: collector) }, "\(collector.diagnostics)")
  }

  static let opened = Task { () async throws -> Domain in try await open(database) }

  static let openedFull = Task { () async throws -> Domain in try await open(fullDatabase) }

  private static func open(_ path: String) async throws -> Domain {
    let collector = DiagnosticCollector()
    let source = try SQLiteDataSource(path: path)
    return try #require(try await Domain.open(try model(), source: source, reporting: collector))
  }

  static func domain() async throws -> Domain { try await opened.value }

  static func full() async throws -> Domain { try await openedFull.value }
}
