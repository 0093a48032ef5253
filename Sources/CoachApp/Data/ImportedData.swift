import CoachAgents
import ConcurrencyKit
public import DataImport
import Dispatch
import FoundationEssentials
import SemanticLayer

/// The data that people brought along, in the data folder: `datasets.sqlite`, and a domain file for each dataset in `domains`.
public struct ImportedData: Sendable {
  private let folder: String
  private let surroundings: Surroundings
  /// Names that belong to the project's own domains.
  private let taken: Set<String>
  /// The tables.
  public let store: DatasetStore

  /// Makes it for an installation.
  public init(_ installation: Installation, surroundings: Surroundings) {
    folder = installation.dataFolder
    self.surroundings = surroundings
    taken = Set(installation.models.keys)
    store = DatasetStore(path: "\(installation.dataFolder)/datasets.sqlite", now: { surroundings.clock.now })
  }

  /// What came of an import.
  public struct Imported: Sendable {
    /// The dataset.
    public var dataset: ImportedDataset
    /// The domain to ask; nil when no draft could be made, which ``problem`` explains.
    public var domain: String?
    /// Where its file is.
    public var domainFile: String?
    /// Questions that were tried and gave rows.
    public var questions: [String]
    /// What is left to a person: gaps of the draft, or why there is none.
    public var problem: String?
  }

  // MARK: - Importing

  /// Imports a file, drafts its domain when it has none, and tries first questions.
  ///
  /// - Parameters:
  ///   - file: the path of a CSV file or a workbook.
  ///   - name: what the dataset is called; nil takes the file's name.
  ///   - source: the file's name as people know it.
  ///   - options: how it is read.
  ///   - progress: told how far it is; answers whether to go on.
  /// - Returns: what came of it.
  /// - Throws: `ImportFailure`.
  public func importFile(
    _ file: String,
    name: String?,
    source: String?,
    options: ImportOptions = ImportOptions(),
    progress: @escaping @Sendable (ImportProgress) -> Bool = { _ in true }
  ) async throws(ImportFailure) -> Imported {
    let store = store
    let dataset = try await Self.offPool { () throws(ImportFailure) in
      try store.importFile(file, name: name, source: source, options: options, progress: progress)
    }
    return await described(dataset)
  }

  /// Runs blocking work away from Swift's pool.
  static func offPool<Value: Sendable>(
    _ work: @escaping @Sendable () throws(ImportFailure) -> Value
  ) async throws(ImportFailure) -> Value {
    let result = await withCheckedContinuation { (done: CheckedContinuation<Result<Value, ImportFailure>, Never>) in
      DispatchQueue.global().async {
        do throws(ImportFailure) {
          done.resume(returning: .success(try work()))
        } catch {
          done.resume(returning: .failure(error))
        }
      }
    }
    return try result.get()
  }

  /// The dataset with its domain: an existing file stays when it still fits, since a person may have worked on it.
  private func described(_ dataset: ImportedDataset) async -> Imported {
    var imported = Imported(dataset: dataset, questions: [])
    let name = domainName(of: dataset.name)
    let path = domainPath(name)
    do throws(StartFailure) {
      if let text = try? String(contentsOfFile: path, encoding: .utf8),
        let domain = try? await DomainDrafting.opened(text, name, store.path)
      {
        imported.questions = domain.model.language.starters
      } else {
        // What a person wrote for the columns of before is kept beside it.
        if FileManager.default.fileExists(atPath: path) {
          let old = "\(path).before-v\(dataset.version)"
          try? FileManager.default.removeItem(atPath: old)
          try? FileManager.default.moveItem(atPath: path, toPath: old)
        }
        let draft = try await DomainDrafting.draft(ofDatabase: store.path, name: name, tables: [dataset.name])
        try write(draft.yaml, to: path)
        imported.questions = draft.questions
        imported.problem = "\(draft.gaps) gaps of the draft are marked GAP in \(path)"
      }
      imported.domain = name
      imported.domainFile = path
    } catch {
      imported.problem = error.message
    }
    return imported
  }

  private func write(_ text: String, to path: String) throws(StartFailure) {
    do {
      try FileManager.default.createDirectory(atPath: "\(folder)/domains", withIntermediateDirectories: true)
      try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw StartFailure("\(path) cannot be written; check the data folder")
    }
  }

  /// The domain of a dataset: its name, unless the project has a domain of that name.
  func domainName(of dataset: String) -> String { taken.contains(dataset) ? "\(dataset)_data" : dataset }
  private func domainPath(_ name: String) -> String { "\(folder)/domains/\(name).yaml" }

  // MARK: - Domains

  /// The domain file of a dataset; nil when there is none.
  public func domainFile(of dataset: String) -> String? {
    try? String(contentsOfFile: domainPath(domainName(of: dataset)), encoding: .utf8)
  }

  /// The domains of the datasets that are there; what cannot be opened is logged.
  func openDomains() async -> [String: Domain] {
    var open: [String: Domain] = [:]
    for dataset in (try? store.list()) ?? [] {
      guard let (name, domain) = await openDomain(of: dataset.name) else { continue }
      open[name] = domain
    }
    return open
  }

  /// The domain of a dataset; nil when its file is missing or does not fit.
  func openDomain(of dataset: String) async -> (name: String, domain: Domain)? {
    let name = domainName(of: dataset)
    guard !taken.contains(name), let text = domainFile(of: dataset) else { return nil }
    do throws(StartFailure) {
      return (name, try await DomainDrafting.opened(text, name, store.path))
    } catch {
      surroundings.log("dataset '\(dataset)' cannot be asked: \(error)")
      return nil
    }
  }
}
