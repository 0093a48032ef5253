public import CoachVocabulary
public import HTTPServerKit

/// Takes in tables of people and keeps them.
public protocol DatasetImports: Sendable {
  /// Imports a file; the events are `progress` `{phase, rows, total?}`, and last either `dataset` with what came of it or
  /// `import_failed` `{code, detail, faults}`. A reader that leaves ends the import, of which nothing is kept then.
  func importDataset(_ upload: DatasetUpload) async throws(CoachProblem) -> AsyncStream<CoachEvent>

  /// The datasets: `{"datasets": […]}`; with `all`, older and deleted versions too.
  func datasets(all: Bool) async throws(CoachProblem) -> JSONValue

  /// The domain file of a dataset, as YAML.
  func domainFile(ofDataset name: String) async throws(CoachProblem) -> String

  /// Takes a dataset out of reach; it is kept.
  func deleteDataset(_ name: String) async throws(CoachProblem)

  /// Brings a dataset back, or makes an older version the current one.
  func restoreDataset(_ name: String, version: Int?) async throws(CoachProblem)
}

/// A file to be imported.
public struct DatasetUpload: Sendable {
  /// The file, which is removed when nobody holds it any more.
  public var file: HTTPBodyFile
  /// What the dataset is called; nil takes the file's name.
  public var name: String?
  /// The file's name as the person knows it.
  public var source: String
  /// `dmy` or `mdy` where the file leaves the order of dates open.
  public var dateOrder: String?
}

extension CoachEvent {
  /// The type of the event that says how far an import is.
  public static let importProgress = "progress"
  /// The type of the event that carries an imported dataset.
  public static let dataset = "dataset"
  /// The type of the event that says why a file was not imported.
  public static let importFailed = "import_failed"
}
