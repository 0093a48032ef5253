import CoachVocabulary
public import FoundationEssentials
public import Ledger
import PostgresKit

/// Keeps the ledger on a PostgreSQL server; each call is one transaction.
///
/// Attempts under a cap begin one after another within their tenants, so that a cap holds across replicas, too.
public struct PostgresLedgerStore: LedgerStore {
  let database: PostgresMetadataDatabase

  /// Writes the row of an attempt that is about to start, after checking every cap in the same transaction.
  public func begin(_ attempt: ModelAttempt, within caps: [SpendingCap]) async throws(LedgerFailure) {
    try await write(attempt.tenant) { session in
      for tenant in Set(caps.map(\.scope.tenant)).sorted() {
        try session.pipeline([PostgresMetadataDatabase.enter(tenant, locking: "ledger")])
      }
      if let row = try LedgerTable.row(attempt.key, in: session) {
        if row.opensLike(attempt) { return }
        throw LedgerFailure.alreadyBegun(attempt.key)
      }
      for cap in caps {
        let committed = try LedgerTable.totals(in: cap.scope, at: attempt.startedAt, session).committed
        if let refusal = cap.refusal(of: attempt, committed: committed) { throw refusal }
      }
      guard try LedgerTable.insert(attempt, in: session) else {
        // Somebody else began it since the first look; now their row is there to be seen.
        guard try LedgerTable.row(attempt.key, in: session)?.opensLike(attempt) == true else {
          throw LedgerFailure.alreadyBegun(attempt.key)
        }
        return
      }
    }
  }

  /// Closes a row; settling twice changes nothing, except that reported usage replaces an estimate.
  public func settle(_ settlement: AttemptSettlement) async throws(LedgerFailure) -> ModelAttempt {
    try await write(.local) { session in
      guard let row = try LedgerTable.row(settlement.key, isLocked: true, in: session) else {
        throw LedgerFailure.unknownAttempt(settlement.key)
      }
      let settled = row.settled(by: settlement)
      if settled != row { try LedgerTable.update(settled, in: session) }
      return settled
    }
  }

  /// The rows of a scope, in the order of their start; the newest `limit` of them.
  public func attempts(in scope: LedgerScope, limit: Int) async throws(LedgerFailure) -> [ModelAttempt] {
    try await read(scope.tenant) { session in try LedgerTable.rows(in: scope, limit: max(0, limit), session) }
  }

  /// The sum over all rows of a scope at a moment.
  public func totals(in scope: LedgerScope, at now: Date) async throws(LedgerFailure) -> LedgerTotals {
    try await read(scope.tenant) { session in try LedgerTable.totals(in: scope, at: now, session) }
  }

  // MARK: - Errors

  private func write<Value: Sendable>(
    _ tenant: TenantID,
    _ body: @escaping @Sendable (borrowing PostgresSession) throws -> Value
  ) async throws(LedgerFailure) -> Value {
    do {
      return try await database.write(tenant, body)
    } catch {
      throw Self.failure(error)
    }
  }

  private func read<Value: Sendable>(
    _ tenant: TenantID,
    _ body: @escaping @Sendable (borrowing PostgresSession) throws -> Value
  ) async throws(LedgerFailure) -> Value {
    do {
      return try await database.read(tenant, body)
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

  /// The row of an attempt, whose tenant the transaction then has.
  static func row(
    _ key: AttemptKey,
    isLocked: Bool = false,
    in session: borrowing PostgresSession
  ) throws -> ModelAttempt? {
    let binds = [PostgresValue(key.operation), PostgresValue(key.number)]
    guard let tenant = try session.query("SELECT tenant_of_attempt($1, $2)", binds).scalar?.string else { return nil }
    let sql = "SELECT \(opening), \(closing) FROM model_attempt WHERE operation = $1 AND number = $2"
    return try session.pipeline([
      PostgresMetadataDatabase.enter(TenantID(tenant)),
      PostgresStatement(isLocked ? sql + " FOR UPDATE" : sql, binds),
    ]).last?.rows.first.map { try ModelAttempt(columns: $0) }
  }

  /// Whether the row was new.
  static func insert(_ attempt: ModelAttempt, in session: borrowing PostgresSession) throws -> Bool {
    let places = (1...27).map { "$\($0)" }.joined(separator: ", ")
    let rows = try session.pipeline([
      PostgresMetadataDatabase.enter(attempt.tenant),
      PostgresStatement(
        "INSERT INTO model_attempt (\(opening), \(closing)) VALUES (\(places)) ON CONFLICT DO NOTHING",
        attempt.opening + attempt.closing
      ),
    ])
    return (rows.last?.affected ?? 0) > 0
  }

  static func update(_ attempt: ModelAttempt, in session: borrowing PostgresSession) throws {
    try session.execute(
      """
      UPDATE model_attempt SET input_tokens = $3, cached_input_tokens = $4, cache_write_tokens = $5,
        output_tokens = $6, reasoning_tokens = $7, usage_source = $8, token_sources = $9, cost = $10,
        notional_cost = $11, price_version = $12, duration_ns = $13, first_token_ns = $14, outcome = $15
      WHERE operation = $1 AND number = $2
      """,
      [PostgresValue(attempt.key.operation), PostgresValue(attempt.key.number)] + attempt.closing
    )
  }

  static func rows(
    in scope: LedgerScope,
    limit: Int,
    _ session: borrowing PostgresSession
  ) throws -> [ModelAttempt] {
    let filter = filter(scope)
    return try session.query(
      """
      SELECT \(opening), \(closing) FROM model_attempt WHERE \(filter.condition)
      ORDER BY started_at DESC, operation DESC, number DESC LIMIT $\(filter.binds.count + 1)
      """,
      filter.binds + [PostgresValue(limit)]
    ).rows.reversed().map { try ModelAttempt(columns: $0) }
  }

  static func totals(
    in scope: LedgerScope,
    at now: Date,
    _ session: borrowing PostgresSession
  ) throws -> LedgerTotals {
    let filter = filter(scope)
    let moment = "$\(filter.binds.count + 1)"
    let sums = [
      "input_tokens", "cached_input_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens", "cost",
      "notional_cost",
    ].map { "coalesce(sum(\($0)), 0)::int8" }.joined(separator: ", ")
    let rows = try session.pipeline([
      PostgresMetadataDatabase.enter(scope.tenant),
      PostgresStatement(
        """
        SELECT count(*) FILTER (WHERE number = 1), count(*),
          count(*) FILTER (WHERE outcome IS NULL AND lease_expires > \(moment)),
          count(*) FILTER (WHERE outcome IS NULL AND lease_expires <= \(moment)), \(sums),
          coalesce(sum(reserved) FILTER (WHERE outcome IS NULL AND lease_expires > \(moment)), 0)::int8,
          coalesce(sum(reserved) FILTER (WHERE outcome IS NULL AND lease_expires <= \(moment)), 0)::int8,
          count(*) FILTER (WHERE outcome IS NOT NULL AND cost IS NULL), count(*) FILTER (WHERE usage_source = 'estimated')
        FROM model_attempt WHERE \(filter.condition)
        """,
        filter.binds + [PostgresValue(now)]
      ),
    ])
    var row = StoredRow(rows.last?.rows.first ?? [])
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

  private static func filter(_ scope: LedgerScope) -> (condition: String, binds: [PostgresValue]) {
    var conditions = ["tenant = $1"]
    var binds = [PostgresValue(scope.tenant)]
    func add(_ condition: String, _ value: PostgresValue) {
      binds.append(value)
      conditions.append("\(condition) $\(binds.count)")
    }
    switch scope.part {
    case .everything: break
    case .user(let user): add("asked_by =", PostgresValue(user))
    case .agent(let agent): add("agent =", PostgresValue(agent))
    case .session(let session): add("session =", PostgresValue(session))
    case .run(let run): add("run =", PostgresValue(run))
    case .operation(let operation): add("operation =", PostgresValue(operation))
    }
    if let since = scope.since { add("started_at >=", PostgresValue(since)) }
    return (conditions.joined(separator: " AND "), binds)
  }
}

// MARK: - Stored forms

extension ModelAttempt {
  fileprivate var opening: [PostgresValue] {
    [
      PostgresValue(key.operation), PostgresValue(key.number), PostgresValue(tenant), PostgresValue(user),
      PostgresValue(run),
      PostgresValue(session), PostgresValue(node), PostgresValue(agent), PostgresValue(tier.rawValue),
      PostgresValue(endpoint), PostgresValue(model), PostgresValue(startedAt), .integer(reserved.amount),
      PostgresValue(leaseExpires),
    ]
  }

  fileprivate var closing: [PostgresValue] {
    [
      PostgresValue(tokens.input), PostgresValue(tokens.cachedInput), PostgresValue(tokens.cacheWrite),
      PostgresValue(tokens.output), PostgresValue(tokens.reasoning), PostgresValue(usageSource.rawValue),
      PostgresValue(tokenSources.text),
      PostgresValue(cost.map { Int($0.amount) }), PostgresValue(notionalCost.map { Int($0.amount) }),
      PostgresValue(priceVersion),
      PostgresValue(duration?.wholeNanoseconds), PostgresValue(firstTokenTime?.wholeNanoseconds),
      PostgresValue(outcome?.rawValue),
    ]
  }

  fileprivate init(columns values: [PostgresValue]) throws(StoredValueFailure) {
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
  fileprivate var wholeNanoseconds: Int {
    let (seconds, attoseconds) = components
    let (nanoseconds, overflow) = Int(seconds).multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? .max : nanoseconds + Int(attoseconds / 1_000_000_000)
  }
}
