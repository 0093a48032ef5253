import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials

/// What an answer depends on: with an equal key, it is the same answer.
struct DumpKey: Hashable, Sendable, Codable {
  /// The domain.
  var domain: String
  /// The canonical frame.
  var frame: String
  /// Which description of the domain.
  var domainVersion: String
  /// Which data.
  var dataVersion: String
  /// What "today" is.
  var asOf: CivilDate
  /// Which rows and members the caller may see; empty while everybody may see all.
  var policy: String
}

/// An answer that is ready.
struct DumpEntry: Hashable, Sendable {
  /// What it depends on.
  var key: DumpKey
  /// The question it was computed for; nil when somebody asked it.
  var name: String?
  /// The category of that question.
  var category: String?
  /// The answer as clients get it, without what differs from request to request.
  var answer: JSONValue
  /// The members of `answer` as JSON text without the braces, so that nothing is encoded twice.
  var members: [UInt8]
  /// When it was computed.
  var computedAt: Date
  /// How long that took, in milliseconds.
  var milliseconds: Double

  init(key: DumpKey, name: String?, category: String?, answer: JSONValue, computedAt: Date, milliseconds: Double) {
    self.key = key
    self.name = name
    self.category = category
    var whole = answer.objectValue ?? [:]
    whole["data"] = CoachApplication.records(answer)
    for key in ["sql", "frame", "chart_config"] where whole[key] == nil { whole[key] = .null }
    if whole["usage"] == nil { whole["usage"] = ["total_tokens": 0, "cost_usd": "0", "calls": 0] }
    self.answer = .object(whole)
    // These are told anew each time.
    for key in ["question", "notes", "latency_ms"] { whole[key] = nil }
    members = Array(JSONValue.object(whole).text.utf8.dropFirst().dropLast())
    self.computedAt = computedAt
    self.milliseconds = milliseconds
  }
}

/// One time that questions were computed.
struct DumpJob: Hashable, Sendable, Codable {
  /// Why.
  enum Reason: String, Hashable, Sendable, Codable, CaseIterable {
    /// The server started.
    case start
    /// The clock said so.
    case schedule
    /// Somebody wanted it.
    case hand
    /// The data is another than the answers were computed from.
    case changed
  }

  /// A question that could not be computed.
  struct Fault: Hashable, Sendable, Codable {
    var name: String
    var domain: String
    var detail: String
  }

  var id: String
  /// The category; nil for all.
  var category: String?
  var reason: Reason
  var startedAt: Date
  var finishedAt: Date
  var computed: Int
  var faults: [Fault]

  /// As clients see it.
  var described: JSONValue {
    [
      "id": .string(id), "category": .string(category ?? "all"), "reason": .string(reason.rawValue),
      "started_at": .string(CoachApplication.text(startedAt)),
      "finished_at": .string(CoachApplication.text(finishedAt)),
      "duration_ms": .double(((finishedAt.timeIntervalSince(startedAt)) * 10_000).rounded() / 10),
      "computed": .int(computed), "failed": .int(faults.count),
      "faults": .array(
        faults.map { ["name": .string($0.name), "domain": .string($0.domain), "detail": .string($0.detail)] }
      ),
    ]
  }
}

/// How a question found its answer.
enum DumpHit: String, Hashable, Sendable, CaseIterable {
  /// The same words were understood before.
  case text
  /// Other words for the same frame.
  case frame
  /// Words that the parser does not know, alike to those of a computed question.
  case match
}

/// What was asked so far.
struct DumpCounts: Hashable, Sendable {
  var hits: [DumpHit: Int] = [:]
  var misses = 0
  var failures = 0
  /// Time that hits took together.
  var hitTime: Duration = .zero
  /// Tokens that misses cost.
  var missTokens = 0
  /// Misses that a model answered.
  var modelAnswers = 0

  var hitCount: Int { hits.values.reduce(0, +) }
  var requests: Int { hitCount + misses + failures }
}

/// The answers in memory, by key, and the ways words lead to keys.
///
/// Computed answers stay until their question is computed again; answers to other questions stay as long as they are among
/// the last that were asked for.
struct DumpShelf: Sendable {
  /// What a question's words mean depends on these.
  struct TextKey: Hashable, Sendable {
    var domain: String
    var words: String
    var domainVersion: String
    var asOf: CivilDate
    var policy: String
  }

  private struct Name: Hashable {
    var domain: String
    var name: String
    var policy: String
  }

  private struct Named {
    var key: DumpKey
    var category: String
  }

  /// The most texts that lead to keys.
  static let textLimit = 20_000
  /// The most jobs in the log.
  static let jobLimit = 200

  private(set) var entries: [DumpKey: DumpEntry] = [:]
  private(set) var jobs: [DumpJob] = []
  var counts = DumpCounts()
  /// Which answer belongs to which computed question; two questions may ask the same in other words.
  private var named: [Name: Named] = [:]
  private var texts: [TextKey: String] = [:]
  private var remembered: [DumpKey: UInt64] = [:]
  private var turn: UInt64 = 0
  private let rememberedLimit: Int

  init(rememberedLimit: Int) { self.rememberedLimit = rememberedLimit }

  /// The computed answers, by domain and name.
  var computed: [DumpEntry] {
    named.sorted { ($0.key.domain, $0.key.name) < ($1.key.domain, $1.key.name) }.compactMap { name, place in
      entries[place.key].map { entry in
        var copy = entry
        copy.name = name.name
        copy.category = place.category
        return copy
      }
    }
  }

  /// Whether the computed question of a name has the answer of a key.
  func has(_ name: String, for key: DumpKey) -> Bool {
    named[Name(domain: key.domain, name: name, policy: key.policy)]?.key == key
  }

  /// The frame that words were understood as before.
  func frame(of text: TextKey) -> String? { texts[text] }

  /// The answer of a key, which thereby counts as asked for.
  mutating func entry(_ key: DumpKey) -> DumpEntry? {
    guard let entry = entries[key] else { return nil }
    if remembered[key] != nil {
      turn += 1
      remembered[key] = turn
    }
    return entry
  }

  /// Keeps what words were understood as.
  mutating func learn(_ text: TextKey, frame: String) {
    if texts.count >= Self.textLimit, texts[text] == nil { texts.removeAll(keepingCapacity: true) }
    texts[text] = frame
  }

  /// Puts a computed answer in the place of the one that its question had.
  mutating func put(_ entry: DumpEntry) {
    guard let name = entry.name, let category = entry.category else { return }
    let place = Name(domain: entry.key.domain, name: name, policy: entry.key.policy)
    let old = named[place]?.key
    named[place] = Named(key: entry.key, category: category)
    if let old, !named.values.contains(where: { $0.key == old }) { entries[old] = nil }
    remembered[entry.key] = nil
    entries[entry.key] = entry
  }

  /// Keeps the answer to a question that somebody asked, in the place of the one that nobody has asked for longest.
  mutating func remember(_ entry: DumpEntry) {
    guard rememberedLimit > 0, entries[entry.key]?.name == nil else { return }
    if remembered.count >= rememberedLimit, remembered[entry.key] == nil,
      let oldest = remembered.min(by: { $0.value < $1.value })?.key
    {
      remembered[oldest] = nil
      entries[oldest] = nil
    }
    turn += 1
    remembered[entry.key] = turn
    entries[entry.key] = entry
  }

  /// Adds a job to the log, whose oldest goes.
  mutating func log(_ job: DumpJob) {
    jobs.append(job)
    if jobs.count > Self.jobLimit { jobs.removeFirst(jobs.count - Self.jobLimit) }
  }

  /// Takes back what an earlier process kept.
  mutating func restore(_ entries: [DumpEntry], jobs: [DumpJob]) {
    for entry in entries { put(entry) }
    self.jobs = Array(jobs.suffix(Self.jobLimit))
  }
}
