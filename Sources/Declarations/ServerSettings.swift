public import CoachVocabulary

/// What `config/server.yaml` says about the service.
public struct ServerSettings: Hashable, Sendable {
  /// The address to listen on.
  public var host = "127.0.0.1"
  /// The port to listen on; 0 lets the system choose.
  public var port = 8_080
  /// Where databases lie; relative to the project's folder.
  public var dataFolder = "data"
  /// The domain that is asked when a request names none; nil for the only one.
  public var defaultDomain: String?
  /// The largest body of a request in bytes.
  public var bodyLimitBytes = 1 << 20
  /// The most connections at a time.
  public var connectionLimit = 512
  /// The most runs at a time; further ones are refused until one ends.
  public var runLimit = 32
  /// The longest that a run may take.
  public var runTimeLimit: Duration = .seconds(120)
  /// The longest that one query on the user's data may take.
  public var queryTimeLimit: Duration = .seconds(10)
  /// The most rows of an answer.
  public var rowLimit = 1_000
  /// The most rows of a file that is made from an answer.
  public var exportRowLimit = 100_000
  /// How often a silent event stream is kept alive.
  public var pingInterval: Duration = .seconds(15)
  /// How long a stopping service waits for running work.
  public var stopGrace: Duration = .seconds(20)

  /// Where the coach keeps its own data.
  public var store = StoreSettings()

  /// After how long what is kept about people goes.
  public var retention = RetentionSettings()

  /// Makes the default settings.
  public init() {}

  /// Reads settings; what is absent keeps its default, and faults are reported.
  public init(_ tree: DeclarationTree, reporting diagnostics: DiagnosticCollector) {
    self.init()
    let reader = DeclarationReader(tree, as: "the server settings", reporting: diagnostics)
    host = reader.string("host") ?? host
    port = reader.int("port", in: 0...65_535) ?? port
    dataFolder = reader.string("data_folder") ?? dataFolder
    defaultDomain = reader.string("default_domain")
    bodyLimitBytes = reader.int("body_limit_bytes", in: 1_024...16_777_216) ?? bodyLimitBytes
    connectionLimit = reader.int("connection_limit", in: 1...65_536) ?? connectionLimit
    runLimit = reader.int("run_limit", in: 1...10_000) ?? runLimit
    runTimeLimit = reader.duration("run_time_limit", in: .seconds(1) ... .seconds(3_600)) ?? runTimeLimit
    queryTimeLimit = reader.duration("query_time_limit", in: .milliseconds(10) ... .seconds(600)) ?? queryTimeLimit
    rowLimit = reader.int("row_limit", in: 1...100_000) ?? rowLimit
    exportRowLimit = reader.int("export_row_limit", in: 1...1_000_000) ?? exportRowLimit
    pingInterval = reader.duration("ping_interval", in: .seconds(1) ... .seconds(120)) ?? pingInterval
    stopGrace = reader.duration("stop_grace", in: .zero ... .seconds(600)) ?? stopGrace
    if let section = reader.reader("retention", as: "the retention") { retention = RetentionSettings(section) }
    if let section = reader.reader("store", as: "the store") { store = StoreSettings(section) }
    reader.finish()
  }
}

/// What `config/server.yaml` says about the coach's own data.
public struct StoreSettings: Hashable, Sendable {
  /// The address of a PostgreSQL server, without a password; nil for a file in the data folder.
  public var address: String?
  /// The environment variable with the address, which goes before ``address``.
  public var addressVariable = "COACH_STORE"
  /// The environment variable with the address of the user who owns the tables.
  public var ownerVariable = "COACH_STORE_OWNER"
  /// The most connections of one process to the server.
  public var connections = 8
  /// How long a silent process is taken to be alive before others take over its runs.
  public var lease: Duration = .seconds(30)

  /// Makes the default settings.
  public init() {}

  fileprivate init(_ reader: DeclarationReader) {
    self.init()
    address = reader.string("postgres")
    addressVariable = reader.string("postgres_env") ?? addressVariable
    ownerVariable = reader.string("owner_env") ?? ownerVariable
    connections = reader.int("connections", in: 1...1_000) ?? connections
    lease = reader.duration("lease", in: .seconds(2) ... .seconds(600)) ?? lease
    reader.finish()
  }
}

/// What `config/server.yaml` says about how long the coach's own data is kept; nil keeps it.
public struct RetentionSettings: Hashable, Sendable {
  /// Runs at their end, with their steps.
  public var runs: Duration?
  /// Conversations, from their last message.
  public var sessions: Duration?
  /// Statements that models wrote, and what became of them.
  public var audit: Duration?
  /// The names of people and conversations in the ledger.
  public var ledgerNames: Duration?

  /// Keeps everything.
  public init() {}

  fileprivate init(_ reader: DeclarationReader) {
    func age(_ key: String) -> Duration? {
      reader.int(key, in: 1...36_500).map { .seconds($0 * 86_400) }
    }
    runs = age("runs_days")
    sessions = age("sessions_days")
    audit = age("audit_days")
    ledgerNames = age("ledger_names_days")
    reader.finish()
  }
}
