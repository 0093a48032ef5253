import CoachVocabulary
public import FoundationEssentials
public import Ledger
import SQLiteKit

/// Keeps the ledger in the metadata database; each call is one transaction.
public struct SQLiteLedgerStore: LedgerStore {
  let database: MetadataDatabase

  /// Writes the row of an attempt that is about to start, after checking every cap in the same transaction.
  public func begin(_ attempt: ModelAttempt, within caps: [SpendingCap]) async throws(LedgerFailure) {
    try await write { session in
      if let row = try LedgerTable.row(attempt.key, in: session) {
        if row.opensLike(attempt) { return }
        throw LedgerFailure.alreadyBegun(attempt.key)
      }
      for cap in caps {
        let committed = try LedgerTable.totals(in: cap.scope, at: attempt.startedAt, session).committed
        if let refusal = cap.refusal(of: attempt, committed: committed) { throw refusal }
      }
      try LedgerTable.insert(attempt, in: session)
    }
  }

  /// Closes a row; settling twice changes nothing, except that reported usage replaces an estimate.
  public func settle(_ settlement: AttemptSettlement) async throws(LedgerFailure) -> ModelAttempt {
    try await write { session in
      guard let row = try LedgerTable.row(settlement.key, in: session) else {
        throw LedgerFailure.unknownAttempt(settlement.key)
      }
      let settled = row.settled(by: settlement)
      if settled != row { try LedgerTable.update(settled, in: session) }
      return settled
    }
  }

  /// The rows of a scope, in the order of their start; the newest `limit` of them.
  public func attempts(in scope: LedgerScope, limit: Int) async throws(LedgerFailure) -> [ModelAttempt] {
    try await read { session in try LedgerTable.rows(in: scope, limit: max(0, limit), session) }
  }

  /// The sum over all rows of a scope at a moment.
  public func totals(in scope: LedgerScope, at now: Date) async throws(LedgerFailure) -> LedgerTotals {
    try await read { session in try LedgerTable.totals(in: scope, at: now, session) }
  }

  // MARK: - Errors

  private func write<Value: Sendable>(
    _ body: @Sendable (borrowing SQLiteSession) throws -> Value
  ) async throws(LedgerFailure) -> Value {
    do {
      return try await database.writer.transaction(body)
    } catch {
      throw Self.failure(error)
    }
  }

  private func read<Value: Sendable>(
    _ body: @Sendable (borrowing SQLiteSession) throws -> Value
  ) async throws(LedgerFailure) -> Value {
    do {
      return try await database.reader.read(body)
    } catch {
      throw Self.failure(error)
    }
  }

  private static func failure(_ error: any Error) -> LedgerFailure {
    switch error {
    case let failure as LedgerFailure: failure
    case let failure as StoredValueFailure: .storage(failure.message)
    default: .storage("\(error)")
    }
  }
}

/// The statements on the ledger's table, for use inside a transaction.
private enum LedgerTable {
  private static let opening = """
    operation, number, tenant, asked_by, run, session, node, agent, tier, endpoint, model, started_at, reserved,
    lease_expires
    """
  private static let closing = """
    input_tokens, cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens, usage_source,
    token_sources, cost, notional_cost, price_version, duration_ns, first_token_ns, outcome
    """

  static func row(_ key: AttemptKey, in session: borrowing SQLiteSession) throws -> ModelAttempt? {
    try session.query(
      "SELECT \(opening), \(closing) FROM model_attempt WHERE operation = ? AND number = ?",
      [SQLiteValue(key.operation), SQLiteValue(key.number)]
    ).rows.first.map { try ModelAttempt(stored: $0) }
  }

  static func insert(_ attempt: ModelAttempt, in session: borrowing SQLiteSession) throws {
    let places = Array(repeating: "?", count: 27).joined(separator: ", ")
    try session.execute(
      "INSERT INTO model_attempt (\(opening), \(closing)) VALUES (\(places))",
      attempt.storedOpening + attempt.storedClosing
    )
  }

  static func update(_ attempt: ModelAttempt, in session: borrowing SQLiteSession) throws {
    try session.execute(
      """
      UPDATE model_attempt SET input_tokens = ?, cached_input_tokens = ?, cache_write_tokens = ?, output_tokens = ?,
        reasoning_tokens = ?, usage_source = ?, token_sources = ?, cost = ?, notional_cost = ?, price_version = ?,
        duration_ns = ?, first_token_ns = ?, outcome = ?
      WHERE operation = ? AND number = ?
      """,
      attempt.storedClosing + [SQLiteValue(attempt.key.operation), SQLiteValue(attempt.key.number)]
    )
  }

  static func rows(in scope: LedgerScope, limit: Int, _ session: borrowing SQLiteSession) throws -> [ModelAttempt] {
    let filter = filter(scope)
    return try session.query(
      """
      SELECT \(opening), \(closing) FROM model_attempt WHERE \(filter.condition)
      ORDER BY started_at DESC, operation DESC, number DESC LIMIT ?
      """,
      filter.binds + [SQLiteValue(limit)]
    ).rows.reversed().map { try ModelAttempt(stored: $0) }
  }

  static func totals(
    in scope: LedgerScope,
    at now: Date,
    _ session: borrowing SQLiteSession
  ) throws -> LedgerTotals {
    let filter = filter(scope)
    let values =
      try session.query(
        """
        SELECT count(*) FILTER (WHERE number = 1), count(*), count(*) FILTER (WHERE outcome IS NULL AND lease_expires > ?1),
          count(*) FILTER (WHERE outcome IS NULL AND lease_expires <= ?1),
          coalesce(sum(input_tokens), 0), coalesce(sum(cached_input_tokens), 0), coalesce(sum(cache_write_tokens), 0),
          coalesce(sum(output_tokens), 0), coalesce(sum(reasoning_tokens), 0), coalesce(sum(cost), 0),
          coalesce(sum(notional_cost), 0),
          coalesce(sum(reserved) FILTER (WHERE outcome IS NULL AND lease_expires > ?1), 0),
          coalesce(sum(reserved) FILTER (WHERE outcome IS NULL AND lease_expires <= ?1), 0),
          count(*) FILTER (WHERE outcome IS NOT NULL AND cost IS NULL), count(*) FILTER (WHERE usage_source = 'estimated')
        FROM model_attempt WHERE \(filter.condition)
        """,
        [SQLiteValue(now)] + filter.binds
      ).rows.first ?? []
    var row = StoredRow(values)
    return LedgerTotals(
      calls: try row.int(),
      attempts: try row.int(),
      open: try row.int(),
      lost: try row.int(),
      tokens: try row.tokens(),
      cost: NanoDollars(Int64(try row.int())),
      notionalCost: NanoDollars(Int64(try row.int())),
      reserved: NanoDollars(Int64(try row.int())),
      lostReserved: NanoDollars(Int64(try row.int())),
      unpriced: try row.int(),
      estimated: try row.int()
    )
  }

  private static func filter(_ scope: LedgerScope) -> (condition: String, binds: [SQLiteValue]) {
    var condition = "tenant = ?"
    var binds = [SQLiteValue(scope.tenant)]
    switch scope.part {
    case .everything: break
    case .user(let user):
      condition += " AND asked_by = ?"
      binds.append(SQLiteValue(user))
    case .agent(let agent):
      condition += " AND agent = ?"
      binds.append(SQLiteValue(agent))
    case .session(let session):
      condition += " AND session = ?"
      binds.append(SQLiteValue(session))
    case .run(let run):
      condition += " AND run = ?"
      binds.append(SQLiteValue(run))
    case .operation(let operation):
      condition += " AND operation = ?"
      binds.append(SQLiteValue(operation))
    }
    if let since = scope.since {
      condition += " AND started_at >= ?"
      binds.append(SQLiteValue(since))
    }
    return (condition, binds)
  }
}

// MARK: - Stored forms

extension ModelAttempt {
  fileprivate var storedOpening: [SQLiteValue] {
    [
      SQLiteValue(key.operation), SQLiteValue(key.number), SQLiteValue(tenant), SQLiteValue(user), SQLiteValue(run),
      SQLiteValue(session), SQLiteValue(node), SQLiteValue(agent), SQLiteValue(tier.rawValue), SQLiteValue(endpoint),
      SQLiteValue(model), SQLiteValue(startedAt), SQLiteValue(Int(reserved.amount)), SQLiteValue(leaseExpires),
    ]
  }

  fileprivate var storedClosing: [SQLiteValue] {
    [
      SQLiteValue(tokens.input), SQLiteValue(tokens.cachedInput), SQLiteValue(tokens.cacheWrite),
      SQLiteValue(tokens.output), SQLiteValue(tokens.reasoning), SQLiteValue(usageSource.rawValue),
      SQLiteValue(tokenSources.text),
      SQLiteValue(cost.map { Int($0.amount) }), SQLiteValue(notionalCost.map { Int($0.amount) }),
      SQLiteValue(priceVersion), SQLiteValue(duration?.storedNanoseconds),
      SQLiteValue(firstTokenTime?.storedNanoseconds), SQLiteValue(outcome?.rawValue),
    ]
  }

  fileprivate init(stored values: [SQLiteValue]) throws(StoredValueFailure) {
    var row = StoredRow(values)
    self.init(
      key: AttemptKey(operation: try row.identifier(), number: try row.int()),
      tenant: try row.identifier(),
      user: try row.optionalString().map { UserID($0) },
      run: try row.optionalString().map { RunID($0) },
      session: try row.optionalString().map { SessionID($0) },
      node: try row.optionalString(),
      agent: try row.optionalString(),
      tier: try row.word(),
      endpoint: try row.string(),
      model: try row.string(),
      startedAt: try row.date(),
      reserved: NanoDollars(Int64(try row.int())),
      leaseExpires: try row.date()
    )
    tokens = try row.tokens()
    usageSource = try row.word()
    tokenSources = try row.tokenSources() ?? TokenClasses(all: usageSource)
    cost = try row.optionalInt().map { NanoDollars(Int64($0)) }
    notionalCost = try row.optionalInt().map { NanoDollars(Int64($0)) }
    priceVersion = try row.optionalString()
    duration = try row.optionalInt().map { .nanoseconds($0) }
    firstTokenTime = try row.optionalInt().map { .nanoseconds($0) }
    outcome = try row.optionalString().map { word throws(StoredValueFailure) in
      guard let outcome = AttemptOutcome(rawValue: word) else {
        throw StoredValueFailure(message: "'\(word)' is no outcome of an attempt")
      }
      return outcome
    }
  }
}

extension StoredRow {
  fileprivate mutating func tokens() throws(StoredValueFailure) -> TokenCounts {
    TokenCounts(
      input: try int(),
      cachedInput: try int(),
      cacheWrite: try int(),
      output: try int(),
      reasoning: try int()
    )
  }
}

extension Duration {
  /// Whole nanoseconds, the form in which durations are stored.
  fileprivate var storedNanoseconds: Int {
    let (seconds, attoseconds) = components
    let (nanoseconds, overflow) = Int(seconds).multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? .max : nanoseconds + Int(attoseconds / 1_000_000_000)
  }
}
