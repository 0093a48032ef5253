import CoachAgents
import CoachVocabulary
import ConcurrencyKit
import Declarations
import FoundationEssentials
import Questions
import SemanticLayer
import StateGraph
import Warehouse

/// Answers that are computed before anybody asks, and answers that were asked for lately, in memory.
final class Dumps: Sendable {
  let settings: DumpSettings
  let shelf: Locked<DumpShelf>
  private let domains: [String: Domain]
  private let versions: [String: String]
  private let matchers: [String: QuestionMatcher]
  private let file: DumpFile?
  private let surroundings: Surroundings
  private let isComputing = Locked(false)
  /// For which data the questions of a domain were computed last, whether or not all of them could be.
  private let attempted = Locked<[String: Context]>([:])

  /// What answers of a domain depend on beside their frame.
  struct Context: Hashable, Sendable {
    var domain: String
    var domainVersion: String
    var dataVersion: String
    var asOf: CivilDate
    /// Which rows and members the caller may see; empty while everybody may see all.
    var policy = ""

    func key(_ frame: String) -> DumpKey {
      DumpKey(
        domain: domain,
        frame: frame,
        domainVersion: domainVersion,
        dataVersion: dataVersion,
        asOf: asOf,
        policy: policy
      )
    }

    func text(_ question: String) -> DumpShelf.TextKey {
      DumpShelf.TextKey(
        domain: domain,
        words: QuestionMatcher.normalized(question),
        domainVersion: domainVersion,
        asOf: asOf,
        policy: policy
      )
    }
  }

  /// Makes the shelf, with what an earlier process kept in the file.
  init(_ installation: Installation, domains: [String: Domain], file: String?, surroundings: Surroundings) {
    settings = installation.dumps
    self.domains = domains
    self.surroundings = surroundings
    self.file = file.map { DumpFile(path: $0) }
    versions = domains.keys.reduce(into: [:]) { versions, name in
      versions[name] = Self.version(of: installation.folder.domains[name]?.json.text ?? "")
    }
    matchers = domains.reduce(into: [:]) { [settings] matchers, entry in
      let texts = settings.questions.filter { $0.domain == entry.key }.map(\.text)
      matchers[entry.key] = QuestionMatcher(texts, lexicon: entry.value.lexicon, thresholds: settings.thresholds)
    }
    var shelf = DumpShelf(rememberedLimit: settings.rememberedAnswers)
    if let kept = self.file?.read() {
      let names = Set(settings.questions.map { "\($0.domain)/\($0.name)" })
      shelf.restore(kept.entries.filter { names.contains("\($0.key.domain)/\($0.name ?? "")") }, jobs: kept.jobs)
    }
    self.shelf = Locked(shelf)
  }

  /// FNV-1a in 64 bits: enough to tell versions of a file apart, no defence against forgery.
  private static func version(of text: String) -> String {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return String(hash, radix: 16)
  }

  /// What answers of a domain depend on at this moment.
  func context(of name: String, _ domain: Domain) async throws(WarehouseFailure) -> Context {
    Context(
      domain: name,
      domainVersion: versions[name] ?? "imported",
      dataVersion: try await domain.source.dataVersion(),
      asOf: domain.asOf(now: surroundings.clock.now)
    )
  }

  // MARK: - Looking up

  /// What was found for a question.
  struct Found: Sendable {
    var entry: DumpEntry
    var hit: DumpHit
    /// What was assumed on the way.
    var notes: [String]
  }

  /// What a look-up came to: an answer, or what is known for asking further.
  enum LookUp: Sendable {
    case found(Found)
    /// Not there; the key under which the answer can be kept, when the question was understood.
    case missing(DumpKey?, notes: [String])
  }

  /// The answer to a question, if it is there: by its words, by its frame, or by being another wording of a computed one.
  func lookUp(_ question: String, _ domain: Domain, _ context: Context) -> LookUp {
    let text = context.text(question)
    let known = shelf.withLock { shelf -> DumpEntry? in
      shelf.frame(of: text).flatMap { shelf.entry(context.key($0)) }
    }
    if let known { return .found(Found(entry: known, hit: .text, notes: [])) }
    let direct = DirectAnswers(domain, asOf: context.asOf)
    let parsed = direct.read(question)
    switch parsed.outcome {
    case .sure(let frame):
      let key = context.key(frame.canonicalKey)
      let notes = direct.notes(of: parsed)
      let entry = shelf.withLock { shelf -> DumpEntry? in
        // Assumptions must be told each time, so words that need some are read anew.
        if notes.isEmpty { shelf.learn(text, frame: key.frame) }
        return shelf.entry(key)
      }
      return entry.map { .found(Found(entry: $0, hit: .frame, notes: notes)) } ?? .missing(key, notes: notes)
    case .unsure:
      guard let same = matched(question, context) else { return .missing(nil, notes: []) }
      return .found(Found(entry: same, hit: .match, notes: ["Read as: \(same.answer["question"]?.stringValue ?? "")"]))
    default: return .missing(nil, notes: [])
    }
  }

  /// The computed answer to the same question in words that the parser does not know.
  private func matched(_ question: String, _ context: Context) -> DumpEntry? {
    guard let match = matchers[context.domain]?.match(for: question), match.isSame else { return nil }
    let questions = settings.questions.filter { $0.domain == context.domain }
    guard questions.indices.contains(match.index) else { return nil }
    let name = questions[match.index].name
    return shelf.withLock { shelf in
      shelf.computed.first { $0.name == name && $0.key == context.key($0.key.frame) }
    }
  }

  // MARK: - Computing

  /// The categories by name.
  var categoryNames: [String] { settings.categories.map(\.name) }

  /// Computes the questions of a category, or all.
  ///
  /// - Parameters:
  ///   - category: the category; nil for all.
  ///   - reason: why.
  ///   - onlyMissing: whether answers that are still right are left as they are.
  /// - Returns: the job; nil when another one is under way.
  func compute(category: String?, reason: DumpJob.Reason, onlyMissing: Bool = false) async -> DumpJob? {
    let isFree = isComputing.withLock { isComputing in
      defer { isComputing = true }
      return !isComputing
    }
    guard isFree else { return nil }
    defer { isComputing.withLock { $0 = false } }
    var job = DumpJob(
      id: surroundings.identifiers.next(RunKind.self).rawValue,
      category: category,
      reason: reason,
      startedAt: surroundings.clock.now,
      finishedAt: surroundings.clock.now,
      computed: 0,
      faults: []
    )
    for question in settings.questions where category == nil || question.category == category {
      if Task.isCancelled { break }
      do {
        if try await compute(question, onlyMissing: onlyMissing) { job.computed += 1 }
      } catch is CancellationError {
        break
      } catch {
        if Task.isCancelled { break }
        job.faults.append(DumpJob.Fault(name: question.name, domain: question.domain, detail: "\(error)"))
      }
    }
    job.finishedAt = surroundings.clock.now
    finish(job)
    return job
  }

  /// Whether the answer was computed, and not there already.
  private func compute(_ question: DumpSettings.Question, onlyMissing: Bool) async throws -> Bool {
    guard let domain = domains[question.domain] else {
      throw StartFailure("the database of domain '\(question.domain)' is missing")
    }
    let context = try await context(of: question.domain, domain)
    attempted.withLock { $0[question.domain] = context }
    let direct = DirectAnswers(domain, asOf: context.asOf)
    let parsed = direct.read(question.text)
    guard case .sure(let frame) = parsed.outcome else {
      throw StartFailure("'\(question.text)' is not understood without doubt; word it otherwise")
    }
    let key = context.key(frame.canonicalKey)
    if onlyMissing, shelf.withLock({ $0.has(question.name, for: key) }) { return false }
    let start = ContinuousClock.now
    let answer = try await direct.answer(question.text, frame)
    let entry = DumpEntry(
      key: key,
      name: question.name,
      category: question.category,
      answer: try JSONValue(encoding: answer),
      computedAt: surroundings.clock.now,
      milliseconds: (start.duration(to: .now) / .milliseconds(1) * 100).rounded() / 100
    )
    shelf.withLock { shelf in
      shelf.put(entry)
      if parsed.notes.isEmpty { shelf.learn(context.text(question.text), frame: key.frame) }
    }
    return true
  }

  private func finish(_ job: DumpJob) {
    let (entries, jobs) = shelf.withLock { shelf in
      // A look that found nothing to do is not worth a line.
      if job.computed > 0 || !job.faults.isEmpty || job.reason == .hand { shelf.log(job) }
      return (shelf.computed, shelf.jobs)
    }
    if !job.faults.isEmpty {
      let names = job.faults.map { "\($0.name): \($0.detail)" }.joined(separator: "; ")
      surroundings.log("\(job.faults.count) questions of config/dumps.yaml could not be computed: \(names)")
    }
    guard let file, job.computed > 0 else { return }
    do {
      try file.write(entries, jobs: jobs)
    } catch {
      surroundings.log("computed answers cannot be kept in \(file.path): \(error)")
    }
  }

  // MARK: - By the clock

  /// How long until the data is looked at again.
  static let pollInterval: Duration = .seconds(30)

  /// Computes at the start, when the clock says so and when the data is another, until the task is cancelled.
  func keepFull() async {
    guard settings.worksByItself else { return }
    if settings.startsFull { _ = await compute(category: nil, reason: .start, onlyMissing: true) }
    var last = surroundings.clock.now
    while !Task.isCancelled {
      do {
        try await surroundings.sleep(Self.pollInterval)
      } catch {
        return
      }
      let now = surroundings.clock.now
      for due in dueCategories(after: last, until: now) { _ = await compute(category: due, reason: .schedule) }
      last = now
      if await hasChanged() { _ = await compute(category: nil, reason: .changed, onlyMissing: true) }
    }
  }

  /// The categories whose time lies in a stretch; nil stands for all of them, and then for none beside it.
  func dueCategories(after start: Date, until end: Date) -> [String?] {
    func isDue(_ cron: CronSchedule?) -> Bool {
      guard let next = cron?.next(after: start, in: settings.zone) else { return false }
      return next <= end
    }
    if isDue(settings.everything) { return [nil] }
    return settings.categories.filter { isDue($0.cron) }.map { $0.name }
  }

  /// When a category is computed next.
  func next(_ category: DumpSettings.Category, after now: Date) -> Date? {
    [category.cron, settings.everything].compactMap { $0?.next(after: now, in: settings.zone) }.min()
  }

  private func hasChanged() async -> Bool {
    for (name, context) in attempted.current.sorted(by: { $0.key < $1.key }) {
      guard let domain = domains[name], let now = try? await self.context(of: name, domain) else { continue }
      if now != context { return true }
    }
    return false
  }
}
