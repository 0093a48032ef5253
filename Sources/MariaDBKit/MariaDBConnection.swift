import CMariaDB
import ConcurrencyKit
import Glibc
import TransportSecurity

/// One connection, used by one task at a time on a thread of its own.
///
/// Statements are prepared, so a text holds one statement and values travel apart from it. Cancelling the task kills its
/// statement on the server, and closes the connection, whose next statement the request could hit otherwise.
public actor MariaDBConnection {
  private let executor = QueueExecutor(label: "coach.mariadb")
  private let configuration: MariaDBConfiguration
  private var handle: Handle?

  /// The queue on which every statement runs.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  private init(_ configuration: MariaDBConfiguration) { self.configuration = configuration }

  /// Connects and signs in.
  ///
  /// - Throws: `MariaDBFailure`, for example `.unreachable` or `.denied`.
  public static func open(
    _ configuration: MariaDBConfiguration
  ) async throws(MariaDBFailure) -> MariaDBConnection {
    let connection = MariaDBConnection(configuration)
    try await connection.connect()
    return connection
  }

  private func connect() throws(MariaDBFailure) { handle = try Handle(configuration) }

  /// Whether the connection can be used.
  public var isOpen: Bool { handle != nil }

  /// Ends the connection; later calls fail.
  public func close() { handle = nil }

  /// Runs one statement without values or rows.
  public func execute(_ sql: String) async throws(MariaDBFailure) {
    _ = try await stream(sql, []) { _ in true }
  }

  /// Runs one statement and hands its rows on as they arrive, until `receive` says that it has enough.
  ///
  /// - Parameters:
  ///   - sql: one statement; values stand as `?`.
  ///   - binds: the values in order.
  ///   - receive: takes a row; false means that no more are wanted, and what is left is passed over.
  /// - Returns: the names of the columns.
  /// - Throws: `MariaDBFailure`.
  public func stream(
    _ sql: String,
    _ binds: [MariaDBValue],
    _ receive: @Sendable ([MariaDBValue]) -> Bool
  ) async throws(MariaDBFailure) -> [String] {
    guard let handle else { throw MariaDBFailure(.unreachable, "the connection is closed") }
    guard !Task.isCancelled else { throw MariaDBFailure(.cancelled, "the task was cancelled") }
    let number = handle.number
    let wasCancelled = Locked(false)
    let result: Result<[String], MariaDBFailure> = await withTaskCancellationHandler {
      // To name `self` keeps the closure on this actor.
      assertIsolated()
      return Result { () throws(MariaDBFailure) in try handle.run(sql, binds, receive) }
    } onCancel: { [configuration] in
      wasCancelled.withLock { $0 = true }
      // The server takes the request on another connection; this thread must not wait for it.
      let killer = KillRequest(configuration: configuration, connection: number)
      killer.start()
    }
    if wasCancelled.withLock(\.self) {
      self.handle = nil
      throw MariaDBFailure(.cancelled, "the task was cancelled")
    }
    do throws(MariaDBFailure) {
      return try result.get()
    } catch {
      if error.kind == .unreachable { self.handle = nil }
      throw error
    }
  }
}

/// Asks a server to end the statement of a connection, on a thread of its own.
private final class KillRequest: Sendable {
  private let configuration: MariaDBConfiguration
  private let connection: UInt

  init(configuration: MariaDBConfiguration, connection: UInt) {
    self.configuration = configuration
    self.connection = connection
  }

  func start() {
    var thread = pthread_t()
    let context = Unmanaged.passRetained(self).toOpaque()
    let code = pthread_create(
      &thread,
      nil,
      { context in
        guard let context else { return nil }
        let request = Unmanaged<KillRequest>.fromOpaque(context).takeRetainedValue()
        request.send()
        mysql_thread_end()
        return nil
      },
      context
    )
    guard code == 0 else { return Unmanaged<KillRequest>.fromOpaque(context).release() }
    pthread_detach(thread)
  }

  private func send() {
    guard let handle = try? Handle(configuration) else { return }
    _ = try? handle.run("KILL QUERY \(connection)", []) { _ in true }
  }
}

/// A connection of the C library: it has one owner, is used on one thread at a time and is closed once.
final class Handle {
  private let connection: UnsafeMutablePointer<MYSQL>
  /// The library is set up once, before any thread uses it.
  private static let isSetUp = TransportSecurity.isReady && mysql_server_init(0, nil, nil) == 0

  init(_ configuration: MariaDBConfiguration) throws(MariaDBFailure) {
    guard Self.isSetUp, let connection = mysql_init(nil) else {
      throw MariaDBFailure(.other, "no memory is left for a connection")
    }
    self.connection = connection
    _ = cmariadb_set_number(
      connection,
      MYSQL_OPT_CONNECT_TIMEOUT,
      UInt32(max(1, configuration.connectTimeout.components.seconds))
    )
    // A server could otherwise ask for any file that this process may read.
    _ = cmariadb_set_number(connection, MYSQL_OPT_LOCAL_INFILE, 0)
    _ = cmariadb_set_text(connection, MYSQL_SET_CHARSET_NAME, "utf8mb4")
    let opened = mysql_real_connect(
      connection,
      configuration.socket == nil ? configuration.host : nil,
      configuration.user,
      configuration.password,
      configuration.database,
      UInt32(configuration.port),
      configuration.socket,
      0
    )
    guard opened != nil else { throw failure }
  }

  deinit { mysql_close(connection) }

  /// The server's number of this connection.
  var number: UInt { UInt(mysql_thread_id(connection)) }

  private var failure: MariaDBFailure {
    MariaDBFailure(code: mysql_errno(connection), message: String(cString: mysql_error(connection)))
  }

  func run(
    _ sql: String,
    _ binds: [MariaDBValue],
    _ receive: ([MariaDBValue]) -> Bool
  ) throws(MariaDBFailure) -> [String] {
    guard let statement = mysql_stmt_init(connection) else { throw failure }
    defer { mysql_stmt_close(statement) }
    func fault() -> MariaDBFailure {
      // What ends a statement between two rows is told of the connection only.
      guard mysql_stmt_errno(statement) != 0 else { return failure }
      return MariaDBFailure(code: mysql_stmt_errno(statement), message: String(cString: mysql_stmt_error(statement)))
    }
    var text = sql
    let prepared = text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { mysql_stmt_prepare(statement, $0.baseAddress, UInt($0.count)) }
    }
    guard prepared == 0 else { throw fault() }
    guard Int(mysql_stmt_param_count(statement)) == binds.count else {
      throw MariaDBFailure(
        .statement,
        "the statement has \(mysql_stmt_param_count(statement)) values, not \(binds.count)"
      )
    }
    let values = BoundTexts(binds)
    defer { values.free() }
    if !binds.isEmpty, mysql_stmt_bind_param(statement, values.descriptions) != 0 { throw fault() }
    guard mysql_stmt_execute(statement) == 0 else { throw fault() }
    guard let metadata = mysql_stmt_result_metadata(statement) else { return [] }
    defer { mysql_free_result(metadata) }
    let count = Int(mysql_num_fields(metadata))
    guard let fields = mysql_fetch_fields(metadata) else { return [] }
    let columns = (0..<count).map { String(cString: fields[$0].name) }
    let kinds = (0..<count).map { cmariadb_kind(&fields[$0]) }
    let places = ResultPlaces(count)
    defer { places.free() }
    guard mysql_stmt_bind_result(statement, places.descriptions) == 0 else { throw fault() }
    while true {
      switch mysql_stmt_fetch(statement) {
      case 0, MYSQL_DATA_TRUNCATED:
        let row = (0..<count).map { places.value(of: $0, kinds[$0], in: statement) }
        if !receive(row) { return columns }
      case MYSQL_NO_DATA: return columns
      default: throw fault()
      }
    }
  }
}

/// Values to bind as the library takes them, all as texts.
private struct BoundTexts {
  let descriptions: UnsafeMutablePointer<MYSQL_BIND>
  private let lengths: UnsafeMutablePointer<UInt>
  private let nulls: UnsafeMutablePointer<my_bool>
  private let texts: [UnsafeMutablePointer<CChar>?]

  init(_ values: [MariaDBValue]) {
    descriptions = .allocate(capacity: max(1, values.count))
    lengths = .allocate(capacity: max(1, values.count))
    nulls = .allocate(capacity: max(1, values.count))
    texts = values.map { value in
      value.bytes.map { bytes in
        let text = UnsafeMutablePointer<CChar>.allocate(capacity: max(1, bytes.count))
        for (index, byte) in bytes.enumerated() { text[index] = CChar(bitPattern: byte) }
        return text
      }
    }
    for (index, value) in values.enumerated() {
      lengths[index] = UInt(value.bytes?.count ?? 0)
      nulls[index] = value == .null ? 1 : 0
      cmariadb_describe_text(descriptions + index, texts[index], lengths[index], lengths + index, nulls + index)
    }
  }

  func free() {
    for text in texts { text?.deallocate() }
    descriptions.deallocate()
    lengths.deallocate()
    nulls.deallocate()
  }
}

/// Where the library says how long each value of a row is; the values are then fetched one by one.
private struct ResultPlaces {
  let descriptions: UnsafeMutablePointer<MYSQL_BIND>
  private let lengths: UnsafeMutablePointer<UInt>
  private let nulls: UnsafeMutablePointer<my_bool>

  init(_ count: Int) {
    descriptions = .allocate(capacity: max(1, count))
    lengths = .allocate(capacity: max(1, count))
    nulls = .allocate(capacity: max(1, count))
    for index in 0..<count {
      lengths[index] = 0
      nulls[index] = 0
      cmariadb_describe_text(descriptions + index, nil, 0, lengths + index, nulls + index)
    }
  }

  func free() {
    descriptions.deallocate()
    lengths.deallocate()
    nulls.deallocate()
  }

  func value(of column: Int, _ kind: Int32, in statement: UnsafeMutablePointer<MYSQL_STMT>) -> MariaDBValue {
    guard nulls[column] == 0 else { return .null }
    // The length of a number as text is known only when it has been written out.
    let size = (1...3).contains(kind) ? 128 : lengths[column]
    let bytes = [UInt8](unsafeUninitializedCapacity: Int(size)) { buffer, count in
      var length = size
      var isNull: my_bool = 0
      var bind = MYSQL_BIND()
      buffer.withMemoryRebound(to: CChar.self) { text in
        cmariadb_describe_text(&bind, text.baseAddress, size, &length, &isNull)
      }
      _ = size == 0 ? 0 : mysql_stmt_fetch_column(statement, &bind, UInt32(column), 0)
      count = Int(min(length, size))
    }
    if kind == 4 { return .bytes(bytes) }
    let text = String(decoding: bytes, as: UTF8.self)
    switch kind {
    case 1: return Int64(text).map { .integer($0) } ?? .text(text)
    case 2: return Double(text).map { .real($0) } ?? .text(text)
    case 3: return .decimal(text)
    default: return .text(text)
    }
  }
}

extension MariaDBValue {
  /// The text in which a value travels; nil for null.
  fileprivate var bytes: [UInt8]? {
    switch self {
    case .null: nil
    case .integer(let number): Array("\(number)".utf8)
    case .real(let number): Array("\(number)".utf8)
    case .decimal(let text), .text(let text): Array(text.utf8)
    case .bytes(let bytes): bytes
    }
  }
}
