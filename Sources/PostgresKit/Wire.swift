import CPostgres
import ConcurrencyKit
import Glibc

/// The conversation with the server over one connection, always in pipeline mode; used only on its connection's thread.
///
/// See https://www.postgresql.org/docs/15/libpq-pipeline-mode.html.
final class Wire {
  /// How long a server may take to end a statement that was cancelled or is overdue; then the connection is given up.
  private static let grace = Duration.seconds(5)

  private let link: Link
  private let interrupt: Interrupt
  private let replyLimit: Duration?
  private var names = StatementNames(capacity: 200)
  private var cancelledAt: Deadline?
  /// What goes out ahead of the next statements, for instance `BEGIN`.
  private var opening: [PostgresStatement] = []
  /// Whether a query of this call was left before its last row.
  private(set) var wasStopped = false
  /// Whether the connection cannot be used any more.
  private(set) var isBroken = false

  /// Connects and signs in.
  init(_ configuration: PostgresConfiguration, interrupt: Interrupt) throws(PostgresFailure) {
    link = try Link(configuration)
    self.interrupt = interrupt
    replyLimit = configuration.statementTimeout.map { $0 + Self.grace }
    try connect(within: configuration.connectTimeout)
    cpostgres_ignore_notices(pointer)
    guard PQsetnonblocking(pointer, 1) == 0, PQenterPipelineMode(pointer) == 1 else {
      throw PostgresFailure(connection: pointer, kind: .unreachable)
    }
  }

  private var pointer: OpaquePointer { link.pointer }

  private func connect(within limit: Duration) throws(PostgresFailure) {
    let deadline = Deadline.after(limit)
    guard PQstatus(pointer) != CONNECTION_BAD else { throw PostgresFailure(connection: pointer, kind: .unreachable) }
    var awaited = Int16(POLLOUT)
    while true {
      switch wait(for: awaited, until: deadline) {
      case .ready: break
      case .cancelled: throw PostgresFailure(kind: .cancelled, message: "connecting was cancelled")
      case .late: throw PostgresFailure(kind: .unreachable, message: "the server did not answer within \(limit)")
      }
      switch PQconnectPoll(pointer) {
      case PGRES_POLLING_READING: awaited = Int16(POLLIN)
      case PGRES_POLLING_WRITING: awaited = Int16(POLLOUT)
      case PGRES_POLLING_OK: return
      default: throw refusal
      }
    }
  }

  /// Why the server did not let us in; it sends a code, which libpq keeps to itself.
  private var refusal: PostgresFailure {
    var failure = PostgresFailure(connection: pointer, kind: .unreachable)
    let isAboutSignIn = ["authentication", "password", "pg_hba.conf", "role \""].contains {
      failure.message.contains($0)
    }
    if isAboutSignIn { failure.kind = .authentication }
    if failure.message.contains("too many clients") || failure.message.contains("remaining connection slots") {
      failure.kind = .tooManyConnections
    }
    if failure.message.contains("database \""), failure.message.contains("does not exist") {
      failure.kind = .unknownName
    }
    return failure
  }
}

// MARK: - Waiting

extension Wire {
  private enum Readiness {
    case ready
    case cancelled
    case late
  }

  /// Waits until the socket is ready, the call is cancelled (noticed once), or time is up.
  private func wait(for events: Int16, until deadline: Deadline?) -> Readiness {
    let isWatching = cancelledAt == nil
    var descriptors = [
      pollfd(fd: PQsocket(pointer), events: events, revents: 0),
      pollfd(fd: isWatching ? interrupt.descriptor : -1, events: Int16(POLLIN), revents: 0),
    ]
    while true {
      let patience = deadline.map { $0.hasPassed ? 0 : Int32(clamping: $0.remaining.wholeMilliseconds) } ?? -1
      let count = poll(&descriptors, 2, patience)
      if count < 0, errno == EINTR { continue }
      if descriptors[1].revents != 0 { return .cancelled }
      if count != 0 { return .ready }
      if deadline?.hasPassed == true { return .late }
    }
  }

  /// The socket of a connection that can be used for another call; nil when it cannot.
  var idleSocket: Int32? { isBroken || PQstatus(pointer) != CONNECTION_OK ? nil : PQsocket(pointer) }

  private func lost() -> PostgresFailure {
    isBroken = true
    return PostgresFailure(connection: pointer, kind: .connectionLost)
  }

  /// Waits for the server while statements run; asks it to cancel them when the call is cancelled.
  private func waitForServer(until limit: Deadline?) throws(PostgresFailure) {
    let pending = PQflush(pointer)
    guard pending >= 0 else { throw lost() }
    let deadline = [limit, cancelledAt].compactMap(\.self).min()
    switch wait(for: Int16(POLLIN) | (pending == 1 ? Int16(POLLOUT) : 0), until: deadline) {
    case .ready: guard PQconsumeInput(pointer) == 1 else { throw lost() }
    case .cancelled: askToCancel()
    case .late:
      isBroken = true
      throw cancelledAt == nil
        ? PostgresFailure(kind: .timedOut, message: "the server did not answer in time")
        : PostgresFailure(kind: .cancelled, message: "the call was cancelled, and the server did not answer in time")
    }
  }

  private func askToCancel() {
    cancelledAt = .after(Self.grace)
    guard let request = PQgetCancel(pointer) else { return }
    defer { PQfreeCancel(request) }
    var reason = [CChar](repeating: 0, count: 256)
    PQcancel(request, &reason, 256)
  }

  /// The next result of what was sent; nil where libpq separates one statement from the next.
  private func nextResult(until limit: Deadline?) throws(PostgresFailure) -> OpaquePointer? {
    while PQisBusy(pointer) == 1 { try waitForServer(until: limit) }
    return PQgetResult(pointer)
  }
}

// MARK: - Calls

extension Wire {
  /// Runs `body` as one call: what is cancelled during it, ends with it.
  func call<Value>(_ body: (Wire) throws(PostgresFailure) -> Value) throws(PostgresFailure) -> Value {
    defer {
      opening = []
      if cancelledAt != nil, !isBroken { absorbCancellation() }
      cancelledAt = nil
      wasStopped = false
      if PQtransactionStatus(pointer) != PQTRANS_IDLE { isBroken = true }
    }
    return try body(self)
  }

  /// Lets a request to cancel that reached the server too late hit a statement that nobody misses.
  private func absorbCancellation() {
    _ = try? exchange([PostgresStatement("SELECT 1", isKept: false)])
  }

  /// Sends `statement` ahead of the next ones.
  func open(with statement: PostgresStatement) { opening = [statement] }

  /// Whether what `open(with:)` was given has been sent.
  var hasOpened: Bool { opening.isEmpty }

  /// Whether a statement of the open transaction failed.
  var hasFailedTransaction: Bool { PQtransactionStatus(pointer) == PQTRANS_INERROR }

  /// Whether a transaction is open.
  var isInTransaction: Bool {
    let status = PQtransactionStatus(pointer)
    return status == PQTRANS_INTRANS || status == PQTRANS_INERROR
  }

  /// Runs statements in one round trip; the first failure ends it, and outside of a transaction undoes all of them.
  func run(_ statements: [PostgresStatement]) throws(PostgresFailure) -> [PostgresRows] {
    try demandNotCancelled()
    let leading = opening
    let rows = try exchange(leading + statements)
    return Array(rows.dropFirst(leading.count))
  }

  private func demandNotCancelled() throws(PostgresFailure) {
    guard !interrupt.isCancelled, cancelledAt == nil else {
      throw PostgresFailure(kind: .cancelled, message: "the call was cancelled")
    }
  }

  /// Runs statements even when the call was cancelled, for instance `ROLLBACK`.
  @discardableResult
  func exchange(_ statements: [PostgresStatement]) throws(PostgresFailure) -> [PostgresRows] {
    guard !isBroken else { throw PostgresFailure(kind: .connectionLost, message: "the connection is gone") }
    let encoded = try statements.map { statement throws(PostgresFailure) in try EncodedStatement(statement) }
    opening = []
    var steps: [Step] = []
    for statement in surplus() + encoded { try send(statement, into: &steps) }
    guard PQpipelineSync(pointer) == 1 else { throw lost() }
    let rows = try collect(steps)
    return Array(rows.suffix(statements.count))
  }

  private func surplus() -> [EncodedStatement] {
    names.removeSurplus().map { EncodedStatement(text: "DEALLOCATE \($0)") }
  }
}

// MARK: - Sending

/// A statement with its values as they travel.
private struct EncodedStatement {
  let sql: String
  let isKept: Bool
  /// The texts of the values, each with a NUL at its end.
  private var texts: [UInt8] = []
  /// Where the texts begin; nil for null.
  private var places: [Int?] = []

  init(text: String) {
    sql = text
    isKept = false
  }

  init(_ statement: PostgresStatement) throws(PostgresFailure) {
    sql = statement.sql
    isKept = statement.isKept
    guard !sql.utf8.contains(0) else {
      throw PostgresFailure(kind: .misuse, message: "the statement contains a NUL character", sql: sql)
    }
    guard statement.binds.count <= Self.mostValues else {
      throw PostgresFailure(
        kind: .misuse,
        message: "the statement has \(statement.binds.count) values; \(Self.mostValues) is the most",
        sql: sql
      )
    }
    for (index, value) in statement.binds.enumerated() { try append(value, at: index) }
  }

  private static let mostValues = 65_535
  /// PostgreSQL holds no value of a gigabyte or more.
  private static let mostBytes = 1 << 30

  private mutating func append(_ value: PostgresValue, at index: Int) throws(PostgresFailure) {
    guard var text = PostgresText.encode(value) else { return places.append(nil) }
    let place = texts.count
    guard place + text.utf8.count < Self.mostBytes else {
      throw PostgresFailure(kind: .tooBig, message: "the values have more than \(Self.mostBytes) bytes", sql: sql)
    }
    let hasNUL = text.withUTF8 { bytes in
      texts.append(contentsOf: bytes)
      return bytes.baseAddress.map { memchr($0, 0, bytes.count) != nil } ?? false
    }
    guard !hasNUL else {
      let message = "value $\(index + 1) contains a NUL character, which PostgreSQL cannot store"
      throw PostgresFailure(kind: .invalidValue, message: message, sql: sql)
    }
    places.append(place)
    texts.append(0)
  }

  /// Hands the values to `body` as libpq takes them.
  func withValues(_ body: (Int32, [UnsafePointer<CChar>?]) -> Int32) -> Bool {
    texts.withUnsafeBytes { bytes in
      let values = places.map { place in
        place.flatMap { bytes.baseAddress?.advanced(by: $0).assumingMemoryBound(to: CChar.self) }
      }
      return body(Int32(values.count), values) == 1
    }
  }
}

extension Wire {
  /// One thing the server answers in a pipeline.
  private enum Step {
    case prepare(sql: String, name: String)
    case execute(sql: String)
  }

  private func send(_ statement: EncodedStatement, into steps: inout [Step]) throws(PostgresFailure) {
    let sql = statement.sql
    guard statement.isKept else {
      let isSent = statement.withValues { PQsendQueryParams(pointer, sql, $0, nil, $1, nil, nil, 0) }
      guard isSent else { throw lost() }
      return steps.append(.execute(sql: sql))
    }
    let name = try prepare(sql, into: &steps)
    guard statement.withValues({ PQsendQueryPrepared(pointer, name, $0, $1, nil, nil, 0) }) else { throw lost() }
    steps.append(.execute(sql: sql))
  }

  private func prepare(_ sql: String, into steps: inout [Step]) throws(PostgresFailure) -> String {
    if let name = names.name(of: sql) { return name }
    for case .prepare(sql, let name) in steps { return name }
    let name = names.newName()
    guard PQsendPrepare(pointer, name, sql, 0, nil) == 1 else { throw lost() }
    steps.append(.prepare(sql: sql, name: name))
    return name
  }
}

// MARK: - Receiving

extension Wire {
  private func collect(_ steps: [Step]) throws(PostgresFailure) -> [PostgresRows] {
    let limit = replyLimit.map { Deadline.after($0) }
    var rows: [PostgresRows] = []
    var failure: PostgresFailure?
    for step in steps {
      while let result = try nextResult(until: limit) {
        defer { PQclear(result) }
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK: note(result, of: step, in: &rows)
        case PGRES_PIPELINE_ABORTED: break
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH: throw unsupportedCopy()
        default:
          let met = try self.failure(result, of: step)
          failure = failure ?? met
        }
      }
    }
    try finish(until: limit)
    if let failure { throw failure }
    return rows
  }

  /// Takes the mark at the end of the pipeline.
  private func finish(until limit: Deadline?) throws(PostgresFailure) {
    let mark = try nextResult(until: limit)
    defer { PQclear(mark) }
    guard PQresultStatus(mark) == PGRES_PIPELINE_SYNC else { throw lost() }
  }

  private func note(_ result: OpaquePointer, of step: Step, in rows: inout [PostgresRows]) {
    switch step {
    case .prepare(let sql, let name): names.insert(sql, name)
    case .execute: rows.append(PostgresRows(result))
    }
  }

  /// The failure of a statement; throws when the connection went with it.
  private func failure(_ result: OpaquePointer, of step: Step) throws(PostgresFailure) -> PostgresFailure {
    let sql =
      switch step {
      case .prepare(let sql, _), .execute(let sql): sql
      }
    var failure = PostgresFailure(result: result, sql: sql)
    if failure.sqlState == "57014", cancelledAt != nil { failure.kind = .cancelled }
    // A plan that no longer fits its tables, or names that something between us and the server has forgotten.
    if failure.sqlState == "0A000" || failure.sqlState == "26000" { names.removeAll() }
    let severity = PQresultErrorField(result, cpostgres_field_severity()).map { String(cString: $0) }
    guard severity != "FATAL", severity != "PANIC", PQstatus(pointer) == CONNECTION_OK else {
      isBroken = true
      throw failure
    }
    return failure
  }

  private func unsupportedCopy() -> PostgresFailure {
    isBroken = true
    return PostgresFailure(kind: .misuse, message: "COPY is not supported here")
  }

  /// Runs one query and hands its rows to `body` one by one, as they arrive, until it says stop.
  func forEachRow(
    _ statement: PostgresStatement,
    _ body: (borrowing PostgresRow) throws(PostgresFailure) -> PostgresIteration
  ) throws(PostgresFailure) {
    try demandNotCancelled()
    let encoded = try EncodedStatement(statement)
    if !hasOpened { try exchange(opening) }
    // Prepared on its own, so that what is awaited next is the query, which then can be told to come row by row.
    if statement.isKept, names.name(of: statement.sql) == nil { try prepareAlone(statement.sql) }
    var steps: [Step] = []
    try send(encoded, into: &steps)
    guard PQpipelineSync(pointer) == 1, PQsetSingleRowMode(pointer) == 1 else { throw lost() }
    try stream(.execute(sql: statement.sql), body)
    if wasStopped, !interrupt.isCancelled, !isBroken {
      absorbCancellation()
      cancelledAt = nil
    }
  }

  private func prepareAlone(_ sql: String) throws(PostgresFailure) {
    var steps: [Step] = []
    _ = try prepare(sql, into: &steps)
    guard PQpipelineSync(pointer) == 1 else { throw lost() }
    _ = try collect(steps)
  }

  private func stream(
    _ step: Step,
    _ body: (borrowing PostgresRow) throws(PostgresFailure) -> PostgresIteration
  ) throws(PostgresFailure) {
    let limit = replyLimit.map { Deadline.after($0) }
    var failure: PostgresFailure?
    var isStopped = false
    while let result = try nextResult(until: limit) {
      defer { PQclear(result) }
      switch PQresultStatus(result) {
      case PGRES_SINGLE_TUPLE where !isStopped:
        do throws(PostgresFailure) {
          isStopped = try body(PostgresRow(result, 0)) == .stop
        } catch {
          failure = error
          isStopped = true
        }
        if isStopped {
          wasStopped = true
          askToCancel()
        }
      case PGRES_SINGLE_TUPLE, PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_PIPELINE_ABORTED: break
      default:
        let met = try self.failure(result, of: step)
        if !isStopped || met.sqlState != "57014" { failure = failure ?? met }
      }
    }
    try finish(until: limit)
    if let failure { throw failure }
  }
}

// MARK: - Notifications

extension Wire {
  /// Waits until at least one notification is there, and gives all that are.
  func notifications() throws(PostgresFailure) -> [PostgresNotification] {
    while true {
      let found = takeNotifications()
      guard found.isEmpty else { return found }
      switch wait(for: Int16(POLLIN), until: nil) {
      case .ready: guard PQconsumeInput(pointer) == 1, PQstatus(pointer) == CONNECTION_OK else { throw lost() }
      case .cancelled: throw PostgresFailure(kind: .cancelled, message: "waiting was cancelled")
      case .late: break
      }
      // A farewell of the server counts as a result, which nobody asked for.
      if PQisBusy(pointer) == 0, let result = PQgetResult(pointer) {
        defer { PQclear(result) }
        isBroken = true
        throw PostgresFailure(result: result, sql: nil)
      }
    }
  }

  private func takeNotifications() -> [PostgresNotification] {
    var found: [PostgresNotification] = []
    while let note = PQnotifies(pointer) {
      found.append(
        PostgresNotification(
          channel: String(cString: note.pointee.relname),
          payload: String(cString: note.pointee.extra)
        )
      )
      PQfreemem(note)
    }
    return found
  }
}
