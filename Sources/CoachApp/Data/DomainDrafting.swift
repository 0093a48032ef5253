import CoachAgents
import CoachVocabulary
import ConcurrencyKit
import DataImport
import Declarations
import FoundationEssentials
import Questions
import SemanticLayer
import Warehouse

/// Drafts a domain file for a database and tries it: the draft is read, opened and asked before anybody sees it.
public enum DomainDrafting {
  /// A draft with the questions it can answer.
  public struct Draft: Sendable {
    /// The domain's name.
    public var domain: String
    /// The domain file.
    public var yaml: String
    /// Questions that were tried and gave rows.
    public var questions: [String]
    /// How many gaps only a person can fill.
    public var gaps: Int
  }

  /// Describes a database.
  ///
  /// - Parameters:
  ///   - database: the path of the SQLite file.
  ///   - name: what the domain is called; nil takes the file's or the table's name.
  ///   - tables: the tables to describe; nil for all.
  /// - Returns: the draft.
  /// - Throws: ``StartFailure`` when the database cannot be read or described.
  public static func draft(
    ofDatabase database: String,
    name: String?,
    tables: [String]?
  ) async throws(StartFailure) -> Draft {
    var draft: DomainDraft
    do throws(ImportFailure) {
      draft = try DomainDraft(ofDatabase: database, domain: name, only: tables)
    } catch {
      throw StartFailure(error.message)
    }
    let domain = try await opened(draft.yaml, draft.domain, database)
    let direct = DirectAnswers(domain, asOf: domain.asOf(now: WallClock.system.now))
    for question in draft.candidates where draft.starters.count < 8 {
      guard case .sure(let frame) = direct.read(question).outcome,
        let answer = try? await direct.answer(question, frame), !answer.rows.isEmpty
      else { continue }
      draft.starters.append(question)
    }
    let yaml = draft.yaml
    return Draft(
      domain: draft.domain,
      yaml: yaml,
      questions: draft.starters,
      gaps: yaml.split(separator: "\n").count { $0.contains("# GAP:") || $0.contains("; GAP:") }
    )
  }

  /// Opens a domain file that is not part of the project.
  static func opened(_ yaml: String, _ name: String, _ database: String) async throws(StartFailure) -> Domain {
    let collector = DiagnosticCollector()
    if let tree = DeclarationTree.reading(yaml: yaml.utf8, file: "\(name).yaml", reporting: collector),
      let model = SemanticModel(reading: tree, reporting: collector), !collector.hasErrors
    {
      do throws(WarehouseFailure) {
        let source = try SQLiteDataSource(path: database)
        if let domain = try await Domain.open(model, source: source, reporting: collector) { return domain }
      } catch {
        throw StartFailure(error.description)
      }
    }
    throw StartFailure(
      "the domain file of '\(name)' cannot be used: "
        + collector.diagnostics.map(\.description).joined(separator: "; ")
    )
  }
}
