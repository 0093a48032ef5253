public import CoachAPI
public import CoachVocabulary
import ConcurrencyKit
import DataImport
import HTTPServerKit

extension CoachApplication: DatasetImports {
  private var importedData: ImportedData { ImportedData(installation, surroundings: surroundings) }

  /// Imports a file, and lets its domain be asked.
  public func importDataset(_ upload: DatasetUpload) async throws(CoachProblem) -> AsyncStream<CoachEvent> {
    let isFree = isImporting.withLock { isImporting in
      defer { isImporting = true }
      return !isImporting
    }
    // One at a time: they all write to one database.
    guard isFree else { throw .busy(retryAfter: .seconds(5)) }
    let (stream, events) = AsyncStream.makeStream(of: CoachEvent.self)
    let isWanted = Locked(true)
    events.onTermination = { _ in isWanted.withLock { $0 = false } }
    let sequence = Locked(0)
    @Sendable func tell(_ type: String, _ data: JSONValue) {
      let number = sequence.withLock { number in
        number += 1
        return number
      }
      events.yield(CoachEvent(sequence: number, type: type, data: data))
    }
    Task { [self] in
      defer { isImporting.withLock { $0 = false } }
      var options = ImportOptions()
      options.dateOrder = upload.dateOrder.flatMap { ImportOptions.DateOrder(rawValue: $0) }
      do throws(ImportFailure) {
        let imported = try await importedData.importFile(
          upload.file.path,
          name: upload.name,
          source: upload.source,
          options: options
        ) { progress in
          // Every step would be more than a reader can follow.
          if progress.rows % 20_000 == 0 || progress.rows == progress.total {
            tell(CoachEvent.importProgress, (try? JSONValue(encoding: progress)) ?? [:])
          }
          return isWanted.current
        }
        await open(imported.dataset.name)
        tell(CoachEvent.dataset, Self.described(imported))
      } catch {
        tell(CoachEvent.importFailed, Self.described(error))
      }
      withExtendedLifetime(upload.file) {}
      events.finish()
    }
    return stream
  }

  /// Lets the domain of a dataset be asked, or no more when it is gone.
  private func open(_ dataset: String) async {
    let opened = await importedData.openDomain(of: dataset)
    importedDomains.withLock { domains in
      if let (name, domain) = opened { domains[name] = domain }
    }
  }

  private static func described(_ imported: ImportedData.Imported) -> JSONValue {
    var members = (try? JSONValue(encoding: imported.dataset))?.objectValue ?? [:]
    members["domain"] = imported.domain.map { .string($0) } ?? .null
    members["questions"] = .array(imported.questions.map { .string($0) })
    return .object(members)
  }

  private static func described(_ failure: ImportFailure) -> JSONValue {
    let codes: [ImportFailure.Kind: String] = [
      .file: "unreadable_file", .name: "bad_name", .faults: "too_many_faults", .unknown: "unknown_dataset",
      .database: "datasets_unavailable", .cancelled: "cancelled",
    ]
    return [
      "code": .string(codes[failure.kind] ?? "internal"), "detail": .string(failure.message),
      "faults": (try? JSONValue(encoding: failure.faults)) ?? [],
    ]
  }

  private static func problem(_ failure: ImportFailure) -> CoachProblem {
    let data = described(failure)
    return .importFailed(
      code: data["code"]?.stringValue ?? "internal",
      detail: failure.message,
      faults: data["faults"] ?? []
    )
  }

  private func changing<Value: Sendable>(
    _ work: @escaping @Sendable (DatasetStore) throws(ImportFailure) -> Value
  ) async throws(CoachProblem) -> Value {
    let store = importedData.store
    do throws(ImportFailure) {
      return try await ImportedData.offPool { () throws(ImportFailure) in try work(store) }
    } catch {
      throw Self.problem(error)
    }
  }

  /// The datasets.
  public func datasets(all: Bool) async throws(CoachProblem) -> JSONValue {
    let list = try await changing { store throws(ImportFailure) in try store.list(all: all) }
    return ["datasets": (try? JSONValue(encoding: list)) ?? []]
  }

  /// The domain file of a dataset.
  public func domainFile(ofDataset name: String) async throws(CoachProblem) -> String {
    let known = try await changing { store throws(ImportFailure) in try store.list().contains { $0.name == name } }
    guard known, let text = importedData.domainFile(of: name) else {
      throw .importFailed(
        code: "unknown_dataset",
        detail: "There is no dataset '\(name)' with a domain file.",
        faults: []
      )
    }
    return text
  }

  /// Takes a dataset out of reach.
  public func deleteDataset(_ name: String) async throws(CoachProblem) {
    try await changing { store throws(ImportFailure) in try store.delete(name) }
    let domain = importedData.domainName(of: name)
    importedDomains.withLock { $0[domain] = nil }
  }

  /// Brings a dataset back.
  public func restoreDataset(_ name: String, version: Int?) async throws(CoachProblem) {
    try await changing { store throws(ImportFailure) in try store.restore(name, version: version) }
    await open(name)
  }
}
