import CoachVocabulary
import FoundationEssentials
import StateGraph

/// Reads `config/schedules.yaml`: under `schedules`, by name, when which graph runs and with what.
struct ScheduleReader {
  /// The most schedules of a project.
  static let limit = 1_000

  /// The graphs that can be named.
  let graphs: [String: Graph]
  /// The domains that an input can name.
  let domains: Set<String>

  /// The schedules in the order of the file; what is wrong is reported, and missing from them.
  func read(_ tree: DeclarationTree?, _ diagnostics: DiagnosticCollector) -> [RunSchedule] {
    guard let tree else { return [] }
    let reader = DeclarationReader(tree, as: "the schedules", reporting: diagnostics)
    let members = reader.mapping("schedules")
    reader.finish()
    if members.count > Self.limit {
      diagnostics.error("there are \(members.count) schedules; at most \(Self.limit) are kept", at: tree.position)
      return []
    }
    return members.compactMap { schedule($0, diagnostics) }
  }

  private func schedule(_ member: DeclarationTree.Member, _ diagnostics: DiagnosticCollector) -> RunSchedule? {
    let what = "schedule '\(member.key)'"
    if !Self.isName(member.key) {
      diagnostics.error(
        "'\(member.key)' cannot be a schedule's name; use at most 40 letters, digits, '_' and '-'",
        at: member.position
      )
    }
    let reader = DeclarationReader(member.value, as: what, reporting: diagnostics)
    defer { reader.finish() }
    let graph = graph(reader, what)
    let cron = cron(reader)
    let zone = zone(reader)
    let overlap = reader.choice("overlap", of: RunSchedule.Overlap.self) ?? .skip
    let input = reader.mapping("input")
    guard let graph, let cron, let zone, Self.isName(member.key) else { return nil }
    check(input, of: graph, what, reader)
    return RunSchedule(
      name: member.key,
      cron: cron,
      zone: zone,
      graph: graph.name,
      input: StateUpdate(Dictionary(input.map { ($0.key, $0.value.json) }, uniquingKeysWith: { $1 })),
      overlap: overlap
    )
  }

  /// Runs and sessions are named after schedules, so a name must be fit for addresses.
  private static func isName(_ name: String) -> Bool {
    (1...40).contains(name.utf8.count)
      && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }
  }

  // MARK: - Parts

  private func graph(_ reader: DeclarationReader, _ what: String) -> Graph? {
    guard let name = reader.requiredString("graph") else { return nil }
    if let graph = graphs[name] { return graph }
    let known = graphs.keys.sorted().joined(separator: ", ")
    reader.diagnostics.error(
      "\(what) names no graph '\(name)'; there are: \(known)",
      at: reader.position(of: "graph")
    )
    return nil
  }

  private func cron(_ reader: DeclarationReader) -> CronSchedule? {
    guard let text = reader.requiredString("cron") else { return nil }
    do throws(CronSchedule.Failure) {
      let cron = try CronSchedule(text)
      if cron.next(after: Date(timeIntervalSince1970: 0)) != nil { return cron }
      reader.diagnostics.error("'\(text)' never comes; no such day exists", at: reader.position(of: "cron"))
    } catch {
      reader.diagnostics.error(error.description, at: reader.position(of: "cron"))
    }
    return nil
  }

  private func zone(_ reader: DeclarationReader) -> ScheduleZone? {
    guard let name = reader.string("zone") else { return .utc }
    do throws(ScheduleZone.Failure) {
      return try ScheduleZone(named: name)
    } catch {
      reader.diagnostics.error(error.description, at: reader.position(of: "zone"))
      return nil
    }
  }

  // MARK: - Input

  private func check(
    _ input: [DeclarationTree.Member],
    of graph: Graph,
    _ what: String,
    _ reader: DeclarationReader
  ) {
    let taken = Set(graph.inputNames)
    for member in input {
      let channel = graph.definition.channels.first { $0.name == member.key }
      guard let channel, taken.contains(member.key) else {
        let known = graph.inputNames.joined(separator: ", ")
        reader.diagnostics.error(
          "graph '\(graph.name)' takes no '\(member.key)'; it takes: \(known)",
          at: member.position
        )
        continue
      }
      let schema = ValueSchema(channel.type, isOptional: channel.isOptional, allowedTexts: channel.allowedTexts)
      if !channel.type.isNamed, schema.normalised(member.value.json) == JSONValue?.none {
        reader.diagnostics.error("'\(member.key)' must be \(schema)", at: member.value.position)
      }
    }
    checkConversation(input, of: graph, what, reader)
  }

  /// A graph that answers messages needs one, and a domain that exists.
  private func checkConversation(
    _ input: [DeclarationTree.Member],
    of graph: Graph,
    _ what: String,
    _ reader: DeclarationReader
  ) {
    guard graph.isConversation else { return }
    let message = input.first { $0.key == "message" }?.value.json.stringValue ?? ""
    if message.allSatisfy(\.isWhitespace) {
      reader.diagnostics.error("\(what) needs a 'message' in its input", at: reader.position)
    }
    if let session = input.first(where: { $0.key == "session" }) {
      reader.diagnostics.error("\(what) gets a session of its own; remove 'session'", at: session.position)
    }
    if let domain = input.first(where: { $0.key == "domain" }), let name = domain.value.json.stringValue,
      !domains.contains(name)
    {
      let known = domains.sorted().joined(separator: ", ")
      reader.diagnostics.error("there is no domain '\(name)'; known domains: \(known)", at: domain.value.position)
    }
  }
}

extension ValueType {
  /// Whether what it holds is known to the registry only.
  fileprivate var isNamed: Bool {
    switch self {
    case .named: true
    case .list(let item): item.isNamed
    default: false
    }
  }
}

extension Graph {
  /// Whether it answers messages of conversations, as the coach's own does.
  var isConversation: Bool { Set(inputNames).isSuperset(of: ["message", "session"]) }
}
