import CoachAgents
public import CoachVocabulary
public import Declarations
import FoundationEssentials
public import Ledger
public import ModelRouting
public import Persistence
public import SemanticLayer
public import StateGraph
import Templates
import Warehouse

/// A project's folder, read and checked: what it declares, as the values that the program runs on.
public struct Installation: Sendable {
  /// Where to look.
  public struct Options: Sendable {
    /// The project's folder, with `agents/`, `prompts/`, `graphs/` and `config/`.
    public var root: String
    /// The folder of databases; nil takes the one of `config/server.yaml`.
    public var dataFolder: String?
    /// Database files that replace those of the domain files, by domain.
    public var databases: [String: String]
    /// A domain file outside the project that is read as well.
    public var domainFile: String?

    /// Makes options.
    public init(
      root: String = ".",
      dataFolder: String? = nil,
      databases: [String: String] = [:],
      domainFile: String? = nil
    ) {
      self.root = root
      self.dataFolder = dataFolder
      self.databases = databases
      self.domainFile = domainFile
    }
  }

  /// What was asked for.
  public var options: Options
  /// What the files declare.
  public var folder: DeclarationFolder
  /// The semantic models by domain.
  public var models: [String: SemanticModel]
  /// The endpoints and how calls are sent to them.
  public var modelSettings: ModelSettings
  /// What calls of models cost and may cost.
  public var prices: PriceTable
  /// What may be spent.
  public var budgets: BudgetBook
  /// The weights that score questions; without `config/router.json`, length does.
  public var difficulty: DifficultyModel
  /// The folder of databases, absolute or relative to the working directory.
  public var dataFolder: String
  /// Where the coach keeps its own data.
  public var store: StoreLocation
  /// The variables that addresses of databases come from.
  let environment: [String: String]
  /// The runs that start by the clock, as `config/schedules.yaml` says.
  public var schedules: [RunSchedule]
  /// The questions that are answered before anybody asks, as `config/dumps.yaml` says.
  public var dumps: DumpSettings

  /// Reads everything below the root.
  ///
  /// - Parameters:
  ///   - options: where to look.
  ///   - environment: the variables that settings refer to.
  /// - Returns: the installation, nil when a file has an error, and every finding sorted by place.
  public static func load(
    _ options: Options,
    environment: [String: String]
  ) -> (installation: Installation?, diagnostics: [Diagnostic]) {
    var (folder, findings) = DeclarationFolder.load(root: FileRoot(path: options.root))
    let collector = DiagnosticCollector()
    if let file = options.domainFile {
      if let tree = Self.tree(ofFile: file, reporting: collector) { folder.domains[Self.stem(file)] = tree }
    }
    var models: [String: SemanticModel] = [:]
    for (name, tree) in folder.domains.sorted(by: { $0.key < $1.key }) {
      guard let model = SemanticModel(reading: tree, reporting: collector) else { continue }
      if model.name != name {
        collector.error("the domain must be called '\(name)', like its file, not '\(model.name)'", at: tree.position)
      }
      models[name] = model
    }
    if folder.domains.isEmpty {
      collector.error(
        "there is no domain; describe your data in config/domains/<name>.yaml",
        at: SourcePosition(file: "config/domains", line: 1)
      )
    }
    var settings = ModelSettings()
    if let tree = folder.models {
      settings = ModelSettings(reading: tree, environment: environment, diagnostics: collector)
    }
    let lists = folder.prices.map { PriceTable.lists(reading: $0, diagnostics: collector) } ?? [:]
    checkPrices(lists, settings, folder, collector)
    let budgets = folder.budgets.map { BudgetBook(reading: $0, diagnostics: collector) } ?? BudgetBook()
    let difficulty = difficulty(in: FileRoot(path: options.root), reporting: collector)
    checkAgents(folder, collector)
    let graphs = checkGraphs(folder, collector)
    let schedules = ScheduleReader(graphs: graphs, domains: Set(models.keys)).read(folder.schedules, collector)
    let data = options.dataFolder ?? environment["COACH_DATA"] ?? Self.path(folder.server.dataFolder, in: options.root)
    let store = storeLocation(folder.server.store, dataFolder: data, environment: environment, reporting: collector)
    let dumps = DumpSettings(
      folder.dumps,
      starters: models.mapValues(\.language.starters),
      reporting: collector
    )
    findings += collector.diagnostics
    guard !findings.contains(where: { $0.severity == .error }) else { return (nil, findings) }
    let installation = Installation(
      options: options,
      folder: folder,
      models: models,
      modelSettings: settings,
      prices: settings.priceTable(with: lists),
      budgets: budgets,
      difficulty: difficulty,
      dataFolder: data,
      store: store,
      environment: environment,
      schedules: schedules,
      dumps: dumps
    )
    return (installation, findings)
  }

  /// Where the weights are, below the root.
  public static let difficultyFile = "config/router.json"

  /// The weights of a project's folder; reports why they cannot be used.
  static func difficulty(in root: FileRoot, reporting diagnostics: DiagnosticCollector) -> DifficultyModel {
    do {
      guard try root.kind(of: difficultyFile) != nil else { return .byLength }
      return try DifficultyModel(parsing: root.text(of: difficultyFile))
    } catch {
      diagnostics.error("\(error)", at: SourcePosition(file: difficultyFile, line: 1))
      return .byLength
    }
  }

  private static func tree(ofFile file: String, reporting diagnostics: DiagnosticCollector) -> DeclarationTree? {
    let slash = file.lastIndex(of: "/")
    let folder = slash.map { String(file[..<$0]) } ?? "."
    let name = slash.map { String(file[file.index(after: $0)...]) } ?? file
    do throws(FileRootFailure) {
      let text = try FileRoot(path: folder.isEmpty ? "/" : folder).text(of: name)
      return DeclarationTree.reading(yaml: text.utf8, file: file, reporting: diagnostics)
    } catch {
      diagnostics.error("cannot be read: \(error.reason)", at: SourcePosition(file: file, line: error.line))
      return nil
    }
  }

  /// Prices must belong to an endpoint that is declared.
  private static func checkPrices(
    _ lists: [String: [PriceList]],
    _ settings: ModelSettings,
    _ folder: DeclarationFolder,
    _ collector: DiagnosticCollector
  ) {
    guard let tree = folder.prices else { return }
    for name in lists.keys.sorted() where !settings.endpoints.contains(where: { $0.name == name }) {
      collector.error("there is no endpoint '\(name)' in config/models.yaml", at: tree.position)
    }
  }

  /// Every agent's schema must be one that the program has, and every input must come from somewhere.
  private static func checkAgents(_ folder: DeclarationFolder, _ collector: DiagnosticCollector) {
    let channels = Set(
      folder.graphs.values.flatMap {
        GraphDefinition(reading: $0, diagnostics: DiagnosticCollector()).channels.map(\.name)
      }
    )
    for agent in folder.agents.values.sorted(by: { $0.id < $1.id }) {
      if let schema = agent.output.schema, CoachNodes.outputSchemas[schema] == nil {
        let known = CoachNodes.outputSchemas.keys.sorted().joined(separator: ", ")
        collector.error("agent '\(agent.id)' names no schema '\(schema)'; known schemas: \(known)", at: agent.position)
      }
      for input in agent.inputs.members.keys.sorted()
      where !CoachNodes.promptInputNames.contains(input) && !channels.contains(input) {
        collector.error("agent '\(agent.id)' wants the input '\(input)', which nothing gives it", at: agent.position)
      }
      if !agent.tools.isEmpty {
        collector.error(
          "agent '\(agent.id)' asks for tools, but none are registered; remove 'tools'",
          at: agent.position
        )
      }
    }
  }

  /// Graphs are compiled against nodes without services, which is enough to find every fault.
  private static func checkGraphs(_ folder: DeclarationFolder, _ collector: DiagnosticCollector) -> [String: Graph] {
    if folder.graphs["coach"] == nil {
      collector.error("graphs/coach.yaml is missing", at: SourcePosition(file: "graphs/coach.yaml", line: 1))
    }
    let registry = ProjectGraphs.registry(.none(agents: folder.agents))
    return ProjectGraphs(folder.graphs, registry: registry, reporting: collector).graphs
  }

  /// The database file of a domain.
  public func databasePath(of model: SemanticModel) -> String {
    options.databases[model.name] ?? Self.path(model.database.path, in: dataFolder)
  }

  /// The domain that is asked when nobody names one.
  public var defaultDomain: String {
    options.domainFile.map(Self.stem) ?? folder.server.defaultDomain ?? models.keys.sorted().first ?? ""
  }

  static func path(_ path: String, in folder: String) -> String {
    path.hasPrefix("/") ? path : folder == "." ? path : "\(folder)/\(path)"
  }

  static func stem(_ file: String) -> String {
    let name = file.split(separator: "/").last.map(String.init) ?? file
    return name.hasSuffix(".yaml") ? String(name.dropLast(5)) : name
  }
}
