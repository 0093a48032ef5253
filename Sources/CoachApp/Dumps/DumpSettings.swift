public import CoachVocabulary
public import Questions
public import StateGraph

/// What `config/dumps.yaml` says: which questions are answered before anybody asks, and when.
public struct DumpSettings: Hashable, Sendable {
  /// Questions that are computed together.
  public struct Category: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// When it is computed; nil for by hand and at the start only.
    public var cron: CronSchedule?
  }

  /// One question to be answered beforehand.
  public struct Question: Hashable, Sendable {
    /// By which it is known within its domain.
    public var name: String
    /// The category it belongs to.
    public var category: String
    /// The domain it is about.
    public var domain: String
    /// The words.
    public var text: String
  }

  /// The categories in the order of the file.
  public var categories: [Category] = []
  /// When all categories are computed; nil for never.
  public var everything: CronSchedule?
  /// Where the clock of the schedules hangs.
  public var zone: ScheduleZone = .utc
  /// The questions in the order of the file, then the starters of the domains.
  public var questions: [Question] = []
  /// How alike a question must be to be held against a computed one.
  public var thresholds = QuestionMatcher.Thresholds()
  /// Whether everything is computed when the server starts.
  public var startsFull = true
  /// How many answers to other questions stay in memory.
  public var rememberedAnswers = 1_000
  /// What a question is taken to cost with a model while no model has answered any.
  public var assumedTokens = 2_000

  /// The category of the questions that a domain offers on an empty page.
  public static let starters = "starters"
  /// The most questions.
  static let questionLimit = 2_000

  /// No questions.
  public init() {}

  /// Whether anything is computed without somebody asking for it.
  public var worksByItself: Bool {
    !questions.isEmpty && (startsFull || everything != nil || categories.contains { $0.cron != nil })
  }

  /// Reads the file; what is wrong is reported, and missing.
  ///
  /// - Parameters:
  ///   - tree: the file; nil for none.
  ///   - starters: the questions that domains offer, by domain.
  ///   - diagnostics: gets what is wrong.
  init(_ tree: DeclarationTree?, starters: [String: [String]], reporting diagnostics: DiagnosticCollector) {
    // Without a file nothing is computed by itself, only by hand.
    startsFull = tree != nil
    if let tree { read(tree, domains: Set(starters.keys), diagnostics) }
    guard !starters.isEmpty else { return }
    if !categories.contains(where: { $0.name == Self.starters }) {
      categories.append(Category(name: Self.starters, cron: everything))
    }
    for (domain, texts) in starters.sorted(by: { $0.key < $1.key }) {
      for (number, text) in texts.enumerated()
      where !questions.contains(where: { $0.domain == domain && $0.text == text }) {
        questions.append(Question(name: "starter_\(number + 1)", category: Self.starters, domain: domain, text: text))
      }
    }
  }

  private mutating func read(_ tree: DeclarationTree, domains: Set<String>, _ diagnostics: DiagnosticCollector) {
    let reader = DeclarationReader(tree, as: "the dumps", reporting: diagnostics)
    defer { reader.finish() }
    if let match = reader.reader("match", as: "'match'") {
      thresholds.keyword = Self.share(match, "keyword") ?? thresholds.keyword
      thresholds.fuzzy = Self.share(match, "fuzzy") ?? thresholds.fuzzy
      match.finish()
    }
    startsFull = reader.bool("at_start") ?? startsFull
    rememberedAnswers = reader.int("remembered_answers", in: 0...100_000) ?? rememberedAnswers
    assumedTokens = reader.int("assumed_tokens_per_question", in: 0...1_000_000) ?? assumedTokens
    everything = Self.cron(reader, "everything")
    if let name = reader.string("zone") {
      do throws(ScheduleZone.Failure) {
        zone = try ScheduleZone(named: name)
      } catch {
        diagnostics.error(error.description, at: reader.position(of: "zone"))
      }
    }
    for member in reader.mapping("categories") {
      let category = DeclarationReader(member.value, as: "category '\(member.key)'", reporting: diagnostics)
      categories.append(Category(name: member.key, cron: Self.cron(category, "cron")))
      category.finish()
    }
    for member in reader.mapping("questions") { read(member, domains, reader, diagnostics) }
    if questions.count > Self.questionLimit {
      diagnostics.error(
        "there are \(questions.count) questions; at most \(Self.questionLimit) are kept",
        at: tree.position
      )
    }
  }

  /// The questions of one domain, by category.
  private mutating func read(
    _ domain: DeclarationTree.Member,
    _ domains: Set<String>,
    _ reader: DeclarationReader,
    _ diagnostics: DiagnosticCollector
  ) {
    guard domains.contains(domain.key) else {
      let known = domains.sorted().joined(separator: ", ")
      diagnostics.error("there is no domain '\(domain.key)'; known domains: \(known)", at: domain.position)
      return
    }
    let byCategory = DeclarationReader(domain.value, as: "the questions of '\(domain.key)'", reporting: diagnostics)
    for category in byCategory.allMembers() {
      guard categories.contains(where: { $0.name == category.key }) else {
        diagnostics.error("there is no category '\(category.key)' under 'categories'", at: category.position)
        continue
      }
      let named = DeclarationReader(category.value, as: "category '\(category.key)'", reporting: diagnostics)
      for question in named.allMembers() {
        guard let text = named.string(question.key), !text.allSatisfy(\.isWhitespace), text.count <= 1_000 else {
          diagnostics.error("'\(question.key)' must be a question of at most 1,000 characters", at: question.position)
          continue
        }
        if questions.contains(where: { $0.domain == domain.key && $0.name == question.key }) {
          diagnostics.error("there is another question '\(question.key)'; names are unique", at: question.position)
          continue
        }
        questions.append(Question(name: question.key, category: category.key, domain: domain.key, text: text))
      }
    }
  }

  private static func share(_ reader: DeclarationReader, _ key: String) -> Double? {
    guard let value = reader.double(key) else { return nil }
    if (0...1).contains(value) { return value }
    reader.diagnostics.error("'\(key)' must be from 0 to 1", at: reader.position(of: key))
    return nil
  }

  private static func cron(_ reader: DeclarationReader, _ key: String) -> CronSchedule? {
    guard let text = reader.string(key) else { return nil }
    do throws(CronSchedule.Failure) {
      return try CronSchedule(text)
    } catch {
      reader.diagnostics.error(error.description, at: reader.position(of: key))
      return nil
    }
  }
}
