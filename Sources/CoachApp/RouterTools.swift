public import CoachVocabulary
import ConcurrencyKit
import Declarations
import FoundationEssentials
import Ledger
public import ModelRouting
public import Persistence

/// What `coach router` and `coach eval route` do.
public struct RouterTools: Sendable {
  private let router: ModelRouter

  /// Tools over a project's weights and policy, with traffic of their own that is kept nowhere.
  ///
  /// - Throws: ``StartFailure`` for weights or settings that cannot be used.
  public init(_ options: Installation.Options, surroundings: Surroundings) throws(StartFailure) {
    let collector = DiagnosticCollector()
    let root = FileRoot(path: options.root)
    let difficulty = Installation.difficulty(in: root, reporting: collector)
    let policy = Self.policy(in: root, surroundings, collector)
    if collector.hasErrors {
      throw StartFailure(collector.diagnostics.map(\.description).joined(separator: "\n"))
    }
    router = Self.router(difficulty, policy, MemoryRoutingStore(), surroundings)
  }

  /// Tools over weights and policy.
  init(_ difficulty: DifficultyModel, policy: RoutingPolicy, surroundings: Surroundings) {
    router = Self.router(difficulty, policy, MemoryRoutingStore(), surroundings)
  }

  private static func policy(
    in root: FileRoot,
    _ surroundings: Surroundings,
    _ collector: DiagnosticCollector
  ) -> RoutingPolicy {
    let file = "config/models.yaml"
    guard let found = try? root.kind(of: file), found == .file, let bytes = try? root.bytes(of: file),
      let tree = DeclarationTree.reading(yaml: bytes, file: file, reporting: collector)
    else { return RoutingPolicy() }
    return ModelSettings(reading: tree, environment: surroundings.environment, diagnostics: collector).policy
  }

  private static func router(
    _ difficulty: DifficultyModel,
    _ policy: RoutingPolicy,
    _ store: any RoutingStore,
    _ surroundings: Surroundings
  ) -> ModelRouter {
    ModelRouter(
      endpoints: [],
      policy: policy,
      difficulty: difficulty,
      store: store,
      ledger: Ledger(store: MemoryLedgerStore(), prices: PriceTable(), now: { surroundings.clock.now }),
      environment: ModelRouter.Environment(
        wallClock: surroundings.clock,
        seed: 0,
        identifiers: surroundings.identifiers
      )
    )
  }

  // MARK: - eval route

  /// Scores one line: `{id, prompt}` gives `{id, score, class, tier, features}`, or `error` for a line that is no such
  /// object.
  ///
  /// Lines are traffic: the class is the score's place among those before it.
  public func answer(_ line: String) async -> JSONValue {
    let input: JSONValue
    do throws(JSONFailure) {
      input = try JSONValue(parsing: line)
    } catch {
      return ["id": nil, "error": .string(error.message)]
    }
    let id = input["id"] ?? .null
    guard let prompt = input["prompt"]?.stringValue else {
      return ["id": id, "error": "'prompt' is missing or no string"]
    }
    let found = await router.classify(prompt, of: .local)
    let moved = found.score.contributions.map { ($0.name, JSONValue.double($0.points)) }
    return [
      "id": id, "score": .double(found.score.value), "class": .string(found.level.rawValue.uppercased()),
      "tier": .string(found.tier.rawValue),
      "features": .object(Dictionary(uniqueKeysWithValues: moved)),
    ]
  }

  // MARK: - explain

  /// Why a prompt gets its score, for a program.
  public func explanation(of prompt: String) async -> JSONValue {
    let found = await router.classify(prompt, of: .local)
    guard case .object(var members) = found.score.json else { return .null }
    members["class"] = .string(found.level.rawValue.uppercased())
    members["tier"] = .string(found.tier.rawValue)
    members["position"] = .double(found.position)
    members["constant"] = .double(found.score.constant)
    members["words"] = .array(
      router.difficulty.words(in: prompt).map { ["word": .string($0.word), "points": .double($0.points)] }
    )
    return .object(members)
  }

  /// Why a prompt gets its score, for a person.
  public func explanationText(of prompt: String) async -> String {
    let found = await router.classify(prompt, of: .local)
    var rows: [[String]] = [["feature", "measure", "points"]]
    rows.append(["(this kind of prompt: \(found.score.kind.rawValue))", "", Self.signed(found.score.constant)])
    for feature in found.score.contributions where abs(feature.points) >= 0.0005 {
      rows.append([feature.name, Self.decimals(feature.measure), Self.signed(feature.points)])
    }
    rows.append(["expected gain of the strong model", "", Self.signed(found.score.gain)])
    var lines = [
      "score \(Self.decimals(found.score.value)): harder than \(Int((found.position * 100).rounded())) % of traffic, "
        + "\(found.level.rawValue.uppercased()), goes to the \(found.tier.rawValue) tier",
      "",
    ]
    lines += Self.table(rows)
    let words = router.difficulty.words(in: prompt)
    if !words.isEmpty {
      lines += [
        "", "words that count most: " + words.map { "\($0.word) \(Self.signed($0.points))" }.joined(separator: ", "),
      ]
    }
    return lines.joined(separator: "\n")
  }

  // MARK: - report

  /// What the gates have taught, and recent traffic.
  public struct Report: Sendable {
    /// Each model with each kind of question.
    public var rates: [SuccessRates.Rate]
    /// How many calls of real traffic are remembered.
    public var calls: Int
    /// How many of them went to the cloud tier.
    public var cloudCalls: Int
    /// How calls are sent.
    public var policy: RoutingPolicy

    /// The report for a program.
    public var json: JSONValue {
      [
        "learning": .bool(policy.learning.isOn), "target": .double(policy.learning.target),
        "calls": .int(calls), "local_share": calls == 0 ? .null : .double(1 - Double(cloudCalls) / Double(calls)),
        "wanted_local_share": .double(policy.localShare),
        "rates": .array(
          rates.map { rate in
            [
              "kind": .string(rate.kind), "model": .string(rate.model), "statements": .int(rate.count),
              "weight": .double(rate.weight), "successes": .double(rate.successes),
              "expected": .double(rate.expected(belief: policy.learning.target)),
            ]
          }
        ),
      ]
    }

    /// The report for a person.
    public var text: String {
      var lines = [
        "learning is \(policy.learning.isOn ? "on" : "off"), target \(RouterTools.percent(policy.learning.target))"
      ]
      lines.append(
        calls == 0
          ? "no traffic yet; \(RouterTools.percent(policy.localShare)) of it is to stay local"
          : "\(calls) recent calls, \(RouterTools.percent(1 - Double(cloudCalls) / Double(calls))) of them local "
            + "(wanted: \(RouterTools.percent(policy.localShare)))"
      )
      if rates.isEmpty { return (lines + ["no model has written anything yet"]).joined(separator: "\n") }
      var rows = [["kind of question", "model", "statements", "succeeded", "expected"]]
      for rate in rates {
        rows.append([
          rate.kind, rate.model, "\(rate.count)",
          rate.weight > 0 ? RouterTools.percent(rate.successes / rate.weight) : "",
          RouterTools.percent(rate.expected(belief: policy.learning.target)),
        ])
      }
      return (lines + [""] + RouterTools.table(rows)).joined(separator: "\n")
    }
  }

  /// What the router of an installation has learnt.
  ///
  /// - Throws: ``StartFailure`` when its database cannot be opened.
  public static func report(
    _ installation: Installation,
    store location: StoreLocation,
    surroundings: Surroundings
  ) async throws(StartFailure) -> Report {
    var store: any RoutingStore = MemoryRoutingStore()
    var database: MetadataStore?
    if case .file(let path) = location, !FileManager.default.fileExists(atPath: path) {
      // Nothing was learnt yet.
    } else {
      let opened = try await CoachApplication.openStore(location, clock: surroundings.clock)
      (store, database) = (opened.routing, opened)
    }
    let policy = installation.modelSettings.policy
    let router = router(installation.difficulty, policy, store, surroundings)
    let traffic = await router.traffic(of: .local)
    let report = Report(
      rates: await router.learnt(of: .local),
      calls: traffic.callCount,
      cloudCalls: traffic.cloudCount,
      policy: policy
    )
    await database?.close()
    return report
  }

  // MARK: - fit

  /// What training gave, as files and for a person.
  public struct Fitted: Sendable {
    /// The weights' file.
    public var weights: String
    /// `id,score` of each example, by weights that had not seen it.
    public var unseenScores: String
    /// The figures, for a person.
    public var summary: String
  }

  /// Trains on data.
  ///
  /// - Parameters:
  ///   - bytes: CSV with the columns that `RouterData` reads.
  ///   - source: what the data are called, for the report.
  ///   - configuration: how to train.
  /// - Returns: the weights, the scores of prompts that were left out, the figures.
  /// - Throws: `RouterDataFault`.
  public static func fit(
    _ bytes: [UInt8],
    source: String,
    configuration: RouterTraining.Configuration
  ) throws(RouterDataFault) -> Fitted {
    let examples = try RouterData.examples(csv: bytes)
    let hash = "fnv1a64:" + String(RouterData.hash(of: bytes), radix: 16)
    let outcome = try RouterTraining(configuration).run(examples, source: source, dataHash: hash)
    var scores = "id,score\n"
    for (example, score) in zip(examples, outcome.unseenScores) { scores += "\(example.id),\(score)\n" }
    var rows = [["set", "prompts", "APGR", "repetitions", "folds"]]
    for figure in outcome.figures {
      rows.append([
        figure.set, "\(figure.count)", decimals(figure.mean), figure.repetitions.map(decimals).joined(separator: " "),
        figure.folds.map(decimals).joined(separator: " "),
      ])
    }
    return Fitted(weights: outcome.model.text, unseenScores: scores, summary: table(rows).joined(separator: "\n"))
  }

  // MARK: - Text

  static func table(_ rows: [[String]]) -> [String] {
    let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = row.indices.map { row[$0] + String(repeating: " ", count: widths[$0] - row[$0].count) }
      return String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
    }
  }

  static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }

  static func decimals(_ number: Double) -> String {
    let scaled = Int((abs(number) * 1_000).rounded())
    let fraction = String(scaled % 1_000)
    let sign = number < 0 && scaled != 0 ? "-" : ""
    return "\(sign)\(scaled / 1_000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
  }

  static func signed(_ number: Double) -> String { (number < 0 ? "" : "+") + decimals(number) }
}
