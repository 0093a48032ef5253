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
    reader.finish()
  }
}
