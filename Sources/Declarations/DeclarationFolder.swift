public import CoachVocabulary

/// Everything that the files of a project declare.
///
/// Kinds that belong to other modules stay trees, which those modules read.
public struct DeclarationFolder: Hashable, Sendable {
  /// The agents of `agents/`, by name.
  public var agents: [String: AgentDeclaration] = [:]
  /// The prompts of `prompts/`, by folder.
  public var prompts: [String: Prompt] = [:]
  /// The graphs of `graphs/`, by the name of the file without `.yaml`.
  public var graphs: [String: DeclarationTree] = [:]
  /// The domains of `config/domains/`, by the name of the file without `.yaml`.
  public var domains: [String: DeclarationTree] = [:]
  /// What `config/server.yaml` says; the defaults where it is silent or missing.
  public var server = ServerSettings()
  /// What `config/models.yaml` says; nil when it is missing or unreadable.
  public var models: DeclarationTree?
  /// What `config/schedules.yaml` says; nil when it is missing or unreadable.
  public var schedules: DeclarationTree?
  /// What `config/dumps.yaml` says; nil when it is missing or unreadable.
  public var dumps: DeclarationTree?
  /// What `config/prices.yaml` says; nil when it is missing or unreadable.
  public var prices: DeclarationTree?
  /// What `config/budgets.yaml` says; nil when it is missing or unreadable.
  public var budgets: DeclarationTree?

  /// Makes an empty folder.
  public init() {}

  /// Reads all declarations under a root.
  ///
  /// It never fails: what is wrong is in the findings, all at once, sorted by file and line, and missing from the folder.
  /// With an error among the findings, nothing should be run.
  public static func load(root: FileRoot) -> (DeclarationFolder, [Diagnostic]) {
    let loader = FolderLoader(root: root)
    let folder = loader.load()
    return (folder, loader.diagnostics.diagnostics.sortedByPlace)
  }
}

extension [Diagnostic] {
  /// The findings sorted by file, line and column, each once.
  fileprivate var sortedByPlace: [Diagnostic] {
    var seen: Set<Diagnostic> = []
    return filter { seen.insert($0).inserted }.sorted { left, right in
      let (one, other) = (left.position, right.position)
      return (one.file, one.line, one.column, left.message) < (other.file, other.line, other.column, right.message)
    }
  }
}
