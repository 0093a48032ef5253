public import CoachAPI
import CoachAgents
public import CoachVocabulary
import ConcurrencyKit
import Declarations
import FoundationEssentials
import ModelRouting
import Questions
import SemanticLayer
import StateGraph
import Warehouse

extension CoachApplication: PrecomputedAnswers {
  /// The answer to one question, from memory where the same was computed before.
  public func query(_ request: QueryRequest) async throws(CoachProblem) -> [UInt8] {
    let start = ContinuousClock.now
    let name = request.domain ?? installation.defaultDomain
    let domain = try askedDomain(name)
    let context: Dumps.Context
    do throws(WarehouseFailure) {
      context = try await dumps.context(of: name, domain)
    } catch {
      throw .databaseMissing(detail: error.description)
    }
    switch dumps.lookUp(request.question, domain, context) {
    case .found(let found):
      let elapsed = start.duration(to: .now)
      dumps.shelf.withLock { shelf in
        shelf.counts.hits[found.hit, default: 0] += 1
        shelf.counts.hitTime += elapsed
      }
      return respond(found, to: request.question, elapsed)
    case .missing(let key, let notes):
      do throws(CoachProblem) {
        return try await ask(request.question, name, key, notes, start)
      } catch {
        dumps.shelf.withLock { $0.counts.failures += 1 }
        throw error
      }
    }
  }

  private func askedDomain(_ name: String) throws(CoachProblem) -> Domain {
    if let domain = domains[name] { return domain }
    if let detail = unavailable[name] { throw .databaseMissing(detail: detail) }
    throw .unknownDomain(name, known: installation.models.keys.sorted())
  }

  // MARK: - From memory

  private func respond(_ found: Dumps.Found, to question: String, _ elapsed: Duration) -> [UInt8] {
    let entry = found.entry
    let own = (entry.answer["notes"]?.arrayValue ?? []).compactMap(\.stringValue)
    let extra: JSONValue = [
      "question": .string(question), "query_name": entry.name.map { .string($0) } ?? .null,
      "category": entry.category.map { .string($0) } ?? .null,
      "source": entry.name == nil ? "memory" : "precomputed", "match": .string(found.hit.rawValue),
      "notes": .array((found.notes + own).map { .string($0) }),
      "computed_at": .string(Self.text(entry.computedAt)),
      "age_s": .int(Int(max(0, surroundings.clock.now.timeIntervalSince(entry.computedAt)))),
      "latency_ms": .double((elapsed / .milliseconds(1) * 1_000).rounded() / 1_000),
    ]
    return [UInt8(ascii: "{")] + entry.members + [UInt8(ascii: ",")] + extra.text.utf8.dropFirst()
  }

  // MARK: - By a run

  /// Asks the graph, and keeps the answer when it depends on nothing but its key.
  private func ask(
    _ question: String,
    _ domain: String,
    _ key: DumpKey?,
    _ notes: [String],
    _ start: ContinuousClock.Instant
  ) async throws(CoachProblem) -> [UInt8] {
    let run = try await ask(ChatRequest(message: question, domain: domain))
    var answer: JSONValue?
    var failure: JSONValue?
    for await event in run.events {
      if event.type == CoachEvent.answer { answer = event.data }
      if event.type == CoachEvent.runFailed { failure = event.data }
    }
    guard let answer, var members = answer.objectValue else {
      throw .runFailed(
        code: failure?["code"]?.stringValue ?? "internal",
        detail: failure?["detail"]?.stringValue ?? "The run ended without an answer; ask again."
      )
    }
    let milliseconds = start.duration(to: .now) / .milliseconds(1)
    let tokens = answer["usage"]?["total_tokens"]?.intValue ?? 0
    let calls = answer["usage"]?["calls"]?.intValue ?? 0
    dumps.shelf.withLock { shelf in
      shelf.counts.misses += 1
      shelf.counts.missTokens += tokens
      if calls > 0, answer["outcome"] == "answer" { shelf.counts.modelAnswers += 1 }
      if let key, calls == 0, answer["outcome"] == "answer" {
        shelf.remember(remembered(members, key, without: notes, milliseconds))
      }
    }
    members["data"] = Self.records(answer)
    members["query_name"] = .null
    members["source"] = "coach"
    members["match"] = .null
    members["latency_ms"] = .double((milliseconds * 1_000).rounded() / 1_000)
    return Array(JSONValue.object(members).text.utf8)
  }

  /// The answer without what belongs to one request.
  private func remembered(
    _ members: [String: JSONValue],
    _ key: DumpKey,
    without notes: [String],
    _ milliseconds: Double
  ) -> DumpEntry {
    var kept = members
    for name in ["run_id", "session_id", "message_id", "session_usage", "steps"] { kept[name] = nil }
    let others = (kept["notes"]?.arrayValue ?? []).filter { note in !notes.contains { note.stringValue == $0 } }
    kept["notes"] = .array(others)
    return DumpEntry(
      key: key,
      name: nil,
      category: nil,
      answer: .object(kept),
      computedAt: surroundings.clock.now,
      milliseconds: milliseconds
    )
  }

  /// The rows as objects by the names of their columns, as dumps have them.
  static func records(_ answer: JSONValue) -> JSONValue {
    let names = (answer["columns"]?.arrayValue ?? []).map { $0["name"]?.stringValue ?? "" }
    let rows = (answer["rows"]?.arrayValue ?? []).compactMap(\.arrayValue)
    return .array(rows.map { row in .object(Dictionary(zip(names, row), uniquingKeysWith: { $1 })) })
  }

  // MARK: - What is there

  /// Questions that are computed, those most like a text first.
  public func suggestions(like text: String?, domain: String?, limit: Int) async throws(CoachProblem) -> JSONValue {
    let name = domain ?? installation.defaultDomain
    let open = try askedDomain(name)
    var questions = dumps.settings.questions.filter { $0.domain == name }
    if let text, !text.allSatisfy(\.isWhitespace) {
      let matcher = QuestionMatcher(
        questions.map(\.text),
        lexicon: open.lexicon,
        thresholds: QuestionMatcher.Thresholds(keyword: 0, fuzzy: 0)
      )
      let order = matcher.ranking(for: text)
      questions = order.map { questions[$0] }
    }
    return [
      "domain": .string(name),
      "suggestions": .array(
        questions.prefix(limit).map {
          ["question": .string($0.text), "query_name": .string($0.name), "category": .string($0.category)]
        }
      ),
    ]
  }

  /// How many questions were answered from memory, and what that saved.
  public func dumpStatus() async -> JSONValue {
    let (counts, jobs, remembered) = dumps.shelf.withLock { shelf in
      (shelf.counts, shelf.jobs, shelf.entries.values.count { $0.name == nil })
    }
    let states = await dumpStates(category: nil)
    func count(_ state: String) -> JSONValue { .int(states.count { $0["state"]?.stringValue == state }) }
    let answered = counts.hitCount + counts.misses
    let mean = counts.hitCount == 0 ? 0 : (counts.hitTime / .milliseconds(1)) / Double(counts.hitCount)
    let measured = counts.modelAnswers > 0
    let each = measured ? counts.missTokens / counts.modelAnswers : dumps.settings.assumedTokens
    let now = surroundings.clock.now
    return [
      "status": .string(unavailable.isEmpty ? "ok" : "degraded"),
      "precomputed": [
        "total": .int(states.count), "ready": count("ready"), "stale": count("stale"), "missing": count("missing"),
      ],
      "remembered": .int(remembered),
      "requests": .int(counts.requests), "hits": .int(counts.hitCount), "misses": .int(counts.misses),
      "failures": .int(counts.failures),
      "hits_by_match": .object(
        Dictionary(uniqueKeysWithValues: DumpHit.allCases.map { ($0.rawValue, .int(counts.hits[$0] ?? 0)) })
      ),
      "hit_rate": answered == 0
        ? .null : .double((Double(counts.hitCount) / Double(answered) * 10_000).rounded() / 10_000),
      "mean_hit_ms": counts.hitCount == 0 ? .null : .double((mean * 1_000).rounded() / 1_000),
      "tokens": [
        "spent": .int(counts.missTokens), "saved": .int(each * counts.hitCount), "per_question": .int(each),
        "basis": .string(
          measured
            ? "the mean of \(counts.modelAnswers) questions that a model answered"
            : "assumed_tokens_per_question of config/dumps.yaml; no model has answered a question yet"
        ),
      ],
      "categories": .array(
        dumps.settings.categories.map { category in
          [
            "name": .string(category.name), "cron": category.cron.map { .string($0.description) } ?? .null,
            "next": dumps.next(category, after: now).map { .string(Self.text($0)) } ?? .null,
          ]
        }
      ),
      "jobs": .array(jobs.suffix(10).reversed().map(\.described)),
    ]
  }

  /// What can be asked, by domain, and in which forms answers come.
  public func capabilities() async -> JSONValue {
    let described = domains.sorted { $0.key < $1.key }.map { name, domain -> JSONValue in
      let model = domain.model
      return [
        "name": .string(name), "description": .string(model.description),
        "as_of": .string(domain.asOf(now: surroundings.clock.now).description),
        "metrics": .array(
          model.metrics.map { metric in
            [
              "name": .string(metric.name), "label": .string(metric.label),
              "unit": metric.unit.map { .string($0) } ?? .null,
            ]
          }
        ),
        "dimensions": .array(
          model.dimensions.filter { !$0.isPersonal }.map {
            ["name": .string($0.name), "label": .string($0.label), "kind": .string($0.kind.rawValue)]
          }
        ),
        "unavailable_topics": .array(model.language.unavailable.map { .string($0.topic) }),
      ]
    }
    return [
      "version": .string(Self.version), "domains": .array(described),
      "categories": .array(dumps.categoryNames.map { .string($0) }),
      "exports": .array(["json", "csv", "xlsx", "svg"]),
      "models": .bool(router.hasEndpoints),
      "limits": [
        "message_characters": .int(ChatRequest.messageLimit), "batch": 50,
        "rows": .int(installation.folder.server.rowLimit),
        "export_rows": .int(installation.folder.server.exportRowLimit),
      ],
      "match": [
        "keyword": .double(dumps.settings.thresholds.keyword), "fuzzy": .double(dumps.settings.thresholds.fuzzy),
      ],
    ]
  }

  /// The computed questions with their state.
  public func dumps(category: String?) async throws(CoachProblem) -> JSONValue {
    try check(category)
    let jobs = dumps.shelf.withLock(\.jobs)
    return [
      "dumps": .array(await dumpStates(category: category)),
      "jobs": .array(jobs.suffix(20).reversed().map(\.described)),
    ]
  }

  /// Computes the questions of a category, or all, now.
  public func runDumps(category: String?) async throws(CoachProblem) -> JSONValue {
    try check(category)
    // In a task of its own: a client that hangs up must not leave the work half done.
    let computing = Task { [dumps] in await dumps.compute(category: category, reason: .hand) }
    guard let job = await computing.value else { throw .busy(retryAfter: .seconds(2)) }
    return job.described
  }

  private func check(_ category: String?) throws(CoachProblem) {
    guard let category, !dumps.categoryNames.contains(category) else { return }
    throw .unknownCategory(category, known: dumps.categoryNames)
  }

  /// Every question with whether its answer is ready, stale (the data or the model is another now) or missing.
  private func dumpStates(category: String?) async -> [JSONValue] {
    var contexts: [String: Dumps.Context] = [:]
    for (name, domain) in domains { contexts[name] = try? await dumps.context(of: name, domain) }
    let entries = Dictionary(
      dumps.shelf.withLock(\.computed).map { ("\($0.key.domain)/\($0.name ?? "")", $0) },
      uniquingKeysWith: { $1 }
    )
    let now = surroundings.clock.now
    return dumps.settings.questions.filter { category == nil || $0.category == category }.map { question in
      var state: [String: JSONValue] = [
        "query_name": .string(question.name), "category": .string(question.category),
        "domain": .string(question.domain), "question": .string(question.text), "state": "missing",
      ]
      if let entry = entries["\(question.domain)/\(question.name)"] {
        let isReady = contexts[question.domain]?.key(entry.key.frame) == entry.key
        state["state"] = isReady ? "ready" : "stale"
        state["computed_at"] = .string(Self.text(entry.computedAt))
        state["age_s"] = .int(Int(max(0, now.timeIntervalSince(entry.computedAt))))
        state["duration_ms"] = .double(entry.milliseconds)
        state["rows"] = .int(entry.answer["rows"]?.arrayValue?.count ?? 0)
        state["as_of"] = .string(entry.key.asOf.description)
      }
      return .object(state)
    }
  }

  /// The computed answer of a question in the form `{query_name, data, chart_config, …}`; nil when there is none.
  public func dump(named name: String, domain: String?) -> JSONValue? {
    let entry = dumps.shelf.withLock(\.computed).first {
      $0.name == name && (domain == nil || $0.key.domain == domain)
    }
    guard let entry, var members = entry.answer.objectValue else { return nil }
    members["query_name"] = .string(name)
    members["category"] = entry.category.map { .string($0) } ?? .null
    members["computed_at"] = .string(Self.text(entry.computedAt))
    return .object(members)
  }
}
