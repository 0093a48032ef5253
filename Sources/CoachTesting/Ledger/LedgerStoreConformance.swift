import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
public import Ledger

/// What every ledger store must do; each check gets an empty one and throws when it fails.
///
/// Run all of ``all`` as a parameterised test against each implementation.
public struct LedgerStoreConformance: Sendable, CustomStringConvertible {
  /// What it must do, as a sentence.
  public let sentence: String
  private let body: @Sendable (any LedgerStore) async throws -> Void

  private init(_ sentence: String, _ body: @escaping @Sendable (any LedgerStore) async throws -> Void) {
    self.sentence = sentence
    self.body = body
  }

  /// The sentence.
  public var description: String { sentence }

  /// Puts a ledger store to this check.
  ///
  /// - Parameter store: an empty one.
  /// - Throws: ``ConformanceFailure`` that says what was expected, or an error of the ledger store.
  public func check(_ store: any LedgerStore) async throws { try await body(store) }

  /// Every check.
  public static let all: [LedgerStoreConformance] = rows + caps + (1...4).map(differential)
}

// MARK: - Samples

/// Rows to feed a store with.
private enum Sample {
  static let start = Date(timeIntervalSince1970: 1_750_000_000)

  static func key(_ operation: OperationID, _ number: Int = 1) -> AttemptKey {
    AttemptKey(operation: operation, number: number)
  }

  static func attempt(
    _ operation: OperationID,
    _ number: Int = 1,
    tenant: TenantID = .local,
    reserved: Int64 = 0
  ) -> ModelAttempt {
    ModelAttempt(
      key: key(operation, number),
      tenant: tenant,
      run: "r1",
      session: "s1",
      node: "generate",
      agent: nil,
      tier: .cloud,
      endpoint: "e",
      model: "m",
      startedAt: start,
      reserved: NanoDollars(reserved)
    )
  }

  static func settlement(
    _ operation: OperationID,
    _ number: Int = 1,
    cost: Int64? = 5,
    source: UsageSource = .reported
  ) -> AttemptSettlement {
    AttemptSettlement(
      key: key(operation, number),
      tokens: TokenCounts(input: 1, cachedInput: 2, cacheWrite: 3, output: 4, reasoning: 5),
      usageSource: source,
      cost: cost.map { NanoDollars($0) },
      priceVersion: cost.map { _ in "2026-01" },
      duration: .milliseconds(1_234),
      firstTokenTime: .microseconds(56_789),
      outcome: .answered
    )
  }
}

private func failure(of body: () async throws(LedgerFailure) -> Void) async -> LedgerFailure? {
  do {
    try await body()
    return nil
  } catch {
    return error
  }
}

extension LedgerStore {
  fileprivate func begin(_ attempt: ModelAttempt) async throws(LedgerFailure) { try await begin(attempt, within: []) }
}

// MARK: - Checks

extension LedgerStoreConformance {
  private static let rows = [
    LedgerStoreConformance("a row is begun and settled once") { store in
      try await store.begin(Sample.attempt("o1"))
      try await store.begin(Sample.attempt("o1"))
      let settled = try await store.settle(Sample.settlement("o1"))
      try expect(settled, Sample.attempt("o1").settled(by: Sample.settlement("o1")), "the settled row")
      try expect(try await store.settle(Sample.settlement("o1", cost: 99)), settled, "settling again")
      try expect(try await store.attempts(in: LedgerScope(.run("r1")), limit: 10), [settled], "the rows of the run")
      try expect(
        try await store.totals(in: LedgerScope(.session("s1"))),
        LedgerTotals(of: settled),
        "the totals of the session"
      )
      let others = LedgerScope(tenant: "other", .everything)
      try expect(try await store.totals(in: others), .zero, "the totals of another tenant")
      try expect(try await store.attempts(in: others, limit: 10), [], "the rows of another tenant")
    },
    LedgerStoreConformance("reported usage replaces an estimate, and unpriced stays apart from free") { store in
      try await store.begin(Sample.attempt("o1"))
      _ = try await store.settle(Sample.settlement("o1", cost: nil, source: .estimated))
      try expect(try await store.totals(in: LedgerScope(.everything)).unpriced, 1, "unpriced rows")
      _ = try await store.settle(Sample.settlement("o1", cost: 7))
      let totals = try await store.totals(in: LedgerScope(.everything))
      try expect(totals.cost, NanoDollars(7), "cost")
      try expect(totals.unpriced, 0, "unpriced rows after the report")
      try expect(totals.estimated, 0, "estimated rows after the report")
    },
    LedgerStoreConformance("faults are named") { store in
      let unknown = await failure { () async throws(LedgerFailure) in
        _ = try await store.settle(Sample.settlement("o1"))
      }
      try expect(unknown, .unknownAttempt(Sample.key("o1")), "settling what never began")
      try await store.begin(Sample.attempt("o1"))
      let begun = await failure { () async throws(LedgerFailure) in
        try await store.begin(Sample.attempt("o1", tenant: "other"))
      }
      try expect(begun, .alreadyBegun(Sample.key("o1")), "beginning another row under the same key")
    },
    LedgerStoreConformance("an attempt that many begin at once has one row") { store in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<10 { group.addTask { try await store.begin(Sample.attempt("o1")) } }
        try await group.waitForAll()
      }
      try expect(try await store.totals(in: LedgerScope(.everything)).attempts, 1, "rows")
    },
  ]

  private static let caps = [
    LedgerStoreConformance("a cap holds however many attempts begin at once") { store in
      let cap = SpendingCap(LedgerScope(.session("s1")), most: NanoDollars(100))
      let begun = await withTaskGroup(of: Bool.self) { group in
        for number in 0..<40 {
          group.addTask {
            let attempt = Sample.attempt(OperationID("o\(number)"), reserved: 10)
            return await failure { () async throws(LedgerFailure) in try await store.begin(attempt, within: [cap]) }
              == nil
          }
        }
        return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
      }
      try expect(begun, 10, "attempts within the cap")
      let reserved = try await store.totals(in: LedgerScope(.session("s1"))).reserved
      try expect(reserved, NanoDollars(100), "what is reserved")
    },
    LedgerStoreConformance("a refused attempt leaves no row, and says how much there was and was wanted") { store in
      let cap = SpendingCap(LedgerScope(.session("s1")), most: NanoDollars(15))
      try await store.begin(Sample.attempt("o1", reserved: 10), within: [cap])
      let refusal = await failure { () async throws(LedgerFailure) in
        try await store.begin(Sample.attempt("o2", reserved: 10), within: [cap])
      }
      let wanted = LedgerFailure.capReached(cap, committed: NanoDollars(10), wanted: NanoDollars(10))
      try expect(refusal, wanted, "the refusal")
      try expect(try await store.totals(in: LedgerScope(.everything)).attempts, 1, "rows")
    },
  ]

  /// The store in memory is the reference.
  private static func differential(_ seed: UInt64) -> LedgerStoreConformance {
    LedgerStoreConformance("it answers as the store in memory does, series \(seed)") { store in
      let reference = MemoryLedgerStore()
      var random = SplitMix64(seed: seed)
      for number in 0..<80 {
        let (found, wanted) =
          Bool.random(using: &random)
          ? await begin(&random, in: store, reference) : await settle(&random, in: store, reference)
        try expect(found, wanted, "call \(number)")
      }
      for tenant in [.local, "other"] as [TenantID] {
        for part in [.everything, .session("s1"), .run("r1"), .operation("o3")] as [LedgerScope.Part] {
          for since in [nil, Sample.start + 50] {
            let scope = LedgerScope(tenant: tenant, part, since: since)
            try expect(try await store.totals(in: scope), try await reference.totals(in: scope), "totals of \(scope)")
            let found = try await store.attempts(in: scope, limit: 5)
            try expect(found, try await reference.attempts(in: scope, limit: 5), "rows of \(scope)")
          }
        }
      }
    }
  }

  private static func begin(
    _ random: inout SplitMix64,
    in store: any LedgerStore,
    _ reference: MemoryLedgerStore
  ) async -> (LedgerFailure?, LedgerFailure?) {
    let operation = OperationID("o\(Int.random(in: 0..<12, using: &random))")
    var attempt = Sample.attempt(
      operation,
      Int.random(in: 1...3, using: &random),
      tenant: Bool.random(using: &random) ? .local : "other",
      reserved: Int64.random(in: 0...50, using: &random)
    )
    attempt.session = Bool.random(using: &random) ? "s1" : nil
    attempt.run = Bool.random(using: &random) ? "r1" : nil
    attempt.startedAt = Sample.start + Double.random(in: 0...100, using: &random).rounded()
    let caps = [SpendingCap(LedgerScope(.session("s1")), most: NanoDollars(300))]
    return (
      await failure { () async throws(LedgerFailure) in try await store.begin(attempt, within: caps) },
      await failure { () async throws(LedgerFailure) in try await reference.begin(attempt, within: caps) }
    )
  }

  private static func settle(
    _ random: inout SplitMix64,
    in store: any LedgerStore,
    _ reference: MemoryLedgerStore
  ) async -> (LedgerFailure?, LedgerFailure?) {
    let settlement = Sample.settlement(
      OperationID("o\(Int.random(in: 0..<12, using: &random))"),
      Int.random(in: 1...3, using: &random),
      cost: Bool.random(using: &random) ? Int64.random(in: 0...40, using: &random) : nil,
      source: UsageSource.allCases.randomElement(using: &random) ?? .unknown
    )
    return (
      await failure { () async throws(LedgerFailure) in _ = try await store.settle(settlement) },
      await failure { () async throws(LedgerFailure) in _ = try await reference.settle(settlement) }
    )
  }
}
