import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
public import Ledger

/// What every ledger store must do; each check gets an empty store and throws when the store fails it.
///
/// Run all of ``all`` as a parameterised test against each implementation.
public struct LedgerStoreConformance: Sendable, CustomStringConvertible {
  /// What the store must do, as a sentence.
  public let sentence: String
  private let body: @Sendable (any LedgerStore) async throws -> Void

  private init(_ sentence: String, _ body: @escaping @Sendable (any LedgerStore) async throws -> Void) {
    self.sentence = sentence
    self.body = body
  }

  /// The sentence.
  public var description: String { sentence }

  /// Puts a store to this check.
  ///
  /// - Parameter store: an empty store.
  /// - Throws: ``ConformanceFailure`` that says what was expected, or an error of the store.
  public func check(_ store: any LedgerStore) async throws { try await body(store) }

  /// Every check.
  public static let all: [LedgerStoreConformance] = rows + caps + leases + (1...4).map { likeTheReference(seed: $0) }
}

private func failure(of body: () async throws(LedgerFailure) -> Void) async -> LedgerFailure? {
  do {
    try await body()
    return nil
  } catch {
    return error
  }
}

// MARK: - Samples

private enum Sample {
  static let start = Date(timeIntervalSince1970: 1_750_000_000)
  static let later = start + 3_600

  static func attempt(
    _ operation: OperationID,
    _ number: Int = 1,
    tenant: TenantID = .local,
    reserved: Int64 = 0,
    seconds: Double = 600
  ) -> ModelAttempt {
    ModelAttempt(
      key: AttemptKey(operation: operation, number: number),
      tenant: tenant,
      user: "u1",
      run: "r1",
      session: "s1",
      node: "generate",
      agent: "sql_generator",
      tier: .cloud,
      endpoint: "e",
      model: "m",
      startedAt: start,
      reserved: NanoDollars(reserved),
      leaseExpires: start + seconds
    )
  }

  static func settlement(
    _ operation: OperationID,
    _ number: Int = 1,
    cost: Int64? = 5,
    source: UsageSource = .reported
  ) -> AttemptSettlement {
    AttemptSettlement(
      key: AttemptKey(operation: operation, number: number),
      tokens: TokenCounts(input: 1, cachedInput: 2, cacheWrite: 3, output: 4, reasoning: 5),
      usageSource: source,
      tokenSources: TokenClasses(
        input: source,
        cachedInput: .unknown,
        cacheWrite: .unused,
        output: .estimated,
        reasoning: .reported
      ),
      cost: cost.map { NanoDollars($0) },
      notionalCost: NanoDollars(9),
      priceVersion: cost.map { _ in "2026-01" },
      duration: .milliseconds(1_234),
      firstTokenTime: .microseconds(56_789),
      outcome: .answered
    )
  }
}

// MARK: - Rows

extension LedgerStoreConformance {
  private static let rows: [LedgerStoreConformance] = [
    LedgerStoreConformance("a row is begun once and settled once, whatever is repeated") { store in
      let attempt = Sample.attempt("o1")
      try await store.begin(attempt, within: [])
      try await store.begin(attempt, within: [])
      let settled = try await store.settle(Sample.settlement("o1"))
      try expect(settled, attempt.settled(by: Sample.settlement("o1")), "the settled row")
      try expect(try await store.settle(Sample.settlement("o1", cost: 99)), settled, "the row settled again")
      try expect(try await store.attempts(in: LedgerScope(.run("r1")), limit: 10), [settled], "the rows of the run")
      try expect(
        try await store.totals(in: LedgerScope(.session("s1")), at: Sample.later),
        LedgerTotals(of: settled, at: Sample.later),
        "the totals of the session"
      )
    },
    LedgerStoreConformance("the rows of another tenant are not seen") { store in
      try await store.begin(Sample.attempt("o1"), within: [])
      let other = LedgerScope(tenant: "other", .everything)
      try expect(try await store.totals(in: other, at: Sample.later), .zero, "the totals of another tenant")
      try expect(try await store.attempts(in: other, limit: 10), [], "the rows of another tenant")
    },
    LedgerStoreConformance("reported usage replaces an estimate, and unpriced stays apart from free") { store in
      try await store.begin(Sample.attempt("o1"), within: [])
      _ = try await store.settle(Sample.settlement("o1", cost: nil, source: .estimated))
      let all = LedgerScope(.everything)
      try expect(try await store.totals(in: all, at: Sample.later).unpriced, 1, "unpriced rows before")
      _ = try await store.settle(Sample.settlement("o1", cost: 7))
      let totals = try await store.totals(in: all, at: Sample.later)
      try expect(totals.cost, NanoDollars(7), "the cost")
      try expect(totals.unpriced, 0, "unpriced rows")
      try expect(totals.estimated, 0, "estimated rows")
    },
    LedgerStoreConformance("faults are named") { store in
      let key = AttemptKey(operation: "o1", number: 1)
      let unknown = await failure { () throws(LedgerFailure) in _ = try await store.settle(Sample.settlement("o1")) }
      try expect(unknown, .unknownAttempt(key), "settling what never began")
      try await store.begin(Sample.attempt("o1"), within: [])
      let taken = await failure { () throws(LedgerFailure) in
        try await store.begin(Sample.attempt("o1", tenant: "other"), within: [])
      }
      try expect(taken, .alreadyBegun(key), "beginning with other facts")
    },
  ]
}

// MARK: - Caps and leases

extension LedgerStoreConformance {
  private static let caps: [LedgerStoreConformance] = [
    LedgerStoreConformance("a cap holds however many attempts begin at once") { store in
      let cap = SpendingCap(LedgerScope(.session("s1")), most: NanoDollars(100))
      let allowed = await withTaskGroup(of: Bool.self) { group in
        for number in 0..<64 {
          group.addTask {
            await failure { () throws(LedgerFailure) in
              try await store.begin(Sample.attempt(OperationID("o\(number)"), reserved: 10), within: [cap])
            } == nil
          }
        }
        return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
      }
      try expect(allowed, 10, "attempts that began")
      let totals = try await store.totals(in: LedgerScope(.session("s1")), at: Sample.start)
      try expect(totals.reserved, NanoDollars(100), "what is reserved")
    },
    LedgerStoreConformance("every cap is checked, and a refusal writes nothing under any of them") { store in
      let wide = SpendingCap(LedgerScope(.user("u1")), most: NanoDollars(100))
      let narrow = SpendingCap(LedgerScope(.agent("sql_generator")), most: NanoDollars(5))
      let refused = await failure { () throws(LedgerFailure) in
        try await store.begin(Sample.attempt("o1", reserved: 10), within: [wide, narrow])
      }
      try expect(refused, .capReached(narrow, committed: .zero, wanted: NanoDollars(10)), "the refusal")
      try expect(try await store.totals(in: wide.scope, at: Sample.start), .zero, "what the refusal left")
    },
    LedgerStoreConformance("a soft cap refuses nothing") { store in
      let soft = SpendingCap(LedgerScope(.everything), most: .zero, enforcement: .soft)
      try await store.begin(Sample.attempt("o1", reserved: 10), within: [soft])
      try expect(try await store.totals(in: soft.scope, at: Sample.start).open, 1, "rows that began")
    },
  ]

  private static let leases: [LedgerStoreConformance] = [
    LedgerStoreConformance("an attempt whose time is over is lost and goes on counting with its reservation") { store in
      try await store.begin(Sample.attempt("o1", reserved: 10, seconds: 60), within: [])
      let all = LedgerScope(.everything)
      let running = try await store.totals(in: all, at: Sample.start + 59)
      try expect([running.open, running.lost], [1, 0], "running and lost before")
      let after = try await store.totals(in: all, at: Sample.start + 60)
      try expect([after.open, after.lost], [0, 1], "running and lost after")
      try expect([after.reserved, after.lostReserved], [.zero, NanoDollars(10)], "reserved and lost after")
      try expect(after.committed, NanoDollars(10), "what counts against caps")
    },
    LedgerStoreConformance("a late settlement counts once and puts the truth in place of the reservation") { store in
      try await store.begin(Sample.attempt("o1", reserved: 10, seconds: 60), within: [])
      let late = try await store.settle(Sample.settlement("o1", cost: 3))
      try expect(try await store.settle(Sample.settlement("o1", cost: 3)), late, "the row settled twice")
      let totals = try await store.totals(in: LedgerScope(.everything), at: Sample.later)
      try expect(totals.committed, NanoDollars(3), "what counts against caps")
      try expect([totals.open, totals.lost], [0, 0], "running and lost")
    },
  ]
}

// MARK: - Any order of calls

extension LedgerStoreConformance {
  private static func likeTheReference(seed: UInt64) -> LedgerStoreConformance {
    LedgerStoreConformance("it answers as the store in memory does, calls of seed \(seed)") { store in
      let memory = MemoryLedgerStore()
      var random = SplitMix64(seed: seed)
      for _ in 0..<80 { try await callBoth(store, memory, &random) }
      let parts: [LedgerScope.Part] = [
        .everything, .user("u1"), .session("s1"), .agent("sql_generator"), .run("r1"), .operation("o3"),
      ]
      for tenant in ["local", "other"] as [TenantID] {
        for part in parts {
          for since in [nil, Sample.start + 50] {
            let scope = LedgerScope(tenant: tenant, part, since: since)
            let moment = Sample.start + 70
            try expect(
              try await store.totals(in: scope, at: moment),
              try await memory.totals(in: scope, at: moment),
              "the totals of \(scope)"
            )
            try expect(
              try await store.attempts(in: scope, limit: 5),
              try await memory.attempts(in: scope, limit: 5),
              "the rows of \(scope)"
            )
          }
        }
      }
    }
  }

  private static func callBoth(
    _ store: any LedgerStore,
    _ memory: MemoryLedgerStore,
    _ random: inout SplitMix64
  ) async throws {
    let operation = OperationID("o\(Int.random(in: 0..<12, using: &random))")
    let number = Int.random(in: 1...3, using: &random)
    if Bool.random(using: &random) {
      var attempt = Sample.attempt(operation, number, reserved: Int64.random(in: 0...50, using: &random))
      attempt.tenant = Bool.random(using: &random) ? .local : "other"
      attempt.user = Bool.random(using: &random) ? "u1" : nil
      attempt.session = Bool.random(using: &random) ? "s1" : nil
      attempt.agent = Bool.random(using: &random) ? "sql_generator" : nil
      attempt.run = Bool.random(using: &random) ? "r1" : nil
      attempt.startedAt = Sample.start + Double.random(in: 0...100, using: &random).rounded()
      attempt.leaseExpires = attempt.startedAt + Double.random(in: 0...60, using: &random).rounded()
      let cap = SpendingCap(LedgerScope(.session("s1")), most: NanoDollars(300))
      let wanted = attempt
      let found = await failure { () throws(LedgerFailure) in try await store.begin(wanted, within: [cap]) }
      let reference = await failure { () throws(LedgerFailure) in try await memory.begin(wanted, within: [cap]) }
      try expect(found, reference, "beginning \(attempt.key)")
    } else {
      let cost = Bool.random(using: &random) ? Int64.random(in: 0...40, using: &random) : nil
      let source = UsageSource.allCases.randomElement(using: &random) ?? .unknown
      let settlement = Sample.settlement(operation, number, cost: cost, source: source)
      let found = await failure { () throws(LedgerFailure) in _ = try await store.settle(settlement) }
      let reference = await failure { () throws(LedgerFailure) in _ = try await memory.settle(settlement) }
      try expect(found, reference, "settling \(settlement.key)")
    }
  }
}
