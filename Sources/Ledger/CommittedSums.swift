import CoachVocabulary
import FoundationEssentials

/// What the rows of scopes that caps ask for have committed, kept up to date row by row.
///
/// A cap that counts over a day would otherwise read all rows of the day for every call.
struct CommittedSums: Sendable {
  private struct Key: Hashable {
    var tenant: TenantID
    var part: LedgerScope.Part
  }

  private struct Sum {
    var since: Date?
    var amount: NanoDollars
  }

  private var sums: [Key: [Sum]] = [:]

  /// How many windows of one part are kept: a day, a month and all time, and those that are just over.
  private static let windowLimit = 6
  /// How many parts are kept; beyond, all are forgotten and made anew when they are asked for.
  private static let partLimit = 10_000

  /// The sum of a scope, which `rows` gives when it is not known.
  mutating func committed<Rows: Sequence<ModelAttempt>>(in scope: LedgerScope, _ rows: () -> Rows) -> NanoDollars {
    let key = Key(tenant: scope.tenant, part: scope.part)
    if let sum = sums[key]?.first(where: { $0.since == scope.since }) { return sum.amount }
    let amount = rows().reduce(NanoDollars.zero) { scope.contains($1) ? $0 + $1.committed : $0 }
    if sums.count >= Self.partLimit { sums = [:] }
    sums[key, default: []].append(Sum(since: scope.since, amount: amount))
    if let count = sums[key]?.count, count > Self.windowLimit { sums[key]?.removeFirst() }
    return amount
  }

  /// Takes note of a row that is new or has changed.
  mutating func note(_ row: ModelAttempt, before old: ModelAttempt? = nil) {
    let change = row.committed.amount - (old?.committed.amount ?? 0)
    guard change != 0 else { return }
    for part in row.parts {
      let key = Key(tenant: row.tenant, part: part)
      guard let known = sums[key] else { continue }
      for index in known.indices where known[index].since.map({ row.startedAt >= $0 }) ?? true {
        sums[key]?[index].amount = NanoDollars(known[index].amount.amount + change)
      }
    }
  }
}

extension ModelAttempt {
  /// Every part of the tenant's rows to which the row belongs, except for its own call.
  fileprivate var parts: [LedgerScope.Part] {
    var parts = [LedgerScope.Part.everything]
    if let user { parts.append(.user(user)) }
    if let session { parts.append(.session(session)) }
    if let agent { parts.append(.agent(agent)) }
    if let run { parts.append(.run(run)) }
    return parts
  }
}
