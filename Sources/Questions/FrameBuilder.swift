import CoachVocabulary
import SemanticLayer

/// Assembles the frame of one question from its spans.
struct FrameBuilder {
  let question: String
  let tokens: [Token]
  let lexicon: Lexicon
  let compiler: FrameCompiler
  let previous: Frame?
  let previewsOptions: Bool
  var spans: [Span]

  var frame = Frame()
  var notes: [String] = []
  var times: [(match: TimeMatch, place: Int)] = []
  /// Places of spans that compare, so that the period behind one is the other period.
  var comparePlaces: [Int] = []
  var against: (kind: FrameComparison.Kind, grain: TimeGrain?)?
  var asksForChange = false
  var asksForTrend = false
  var isAverage = false
  var countsDistinct = false
  var asksWhich = false
  var lists = false
  var ranking: Ranking?
  var limit: Int?
  var averageUnit: AverageUnit?
  var seenUnknown: [String] = []
  var ambiguous: [(span: Span, options: [Meaning])] = []
  /// Dimensions named in the singular: "which dealer" asks for one.
  var singularDimensions: Set<String> = []
  var pluralDimensions: Set<String> = []
  /// Dimensions introduced by "by" or "per".
  var byDimensions: Set<String> = []
  var isAddition = false
  var usedWords = 0
  /// "fell", "dropped": the largest change is the most negative one.
  var changeIsFall = false
  /// "improved": the largest change is the best one, which for costs is a fall.
  var changeIsImprovement = false
  /// "more", "higher": something must be compared with something.
  var isComparative = false
  /// "highest first": all rows, in this order.
  var sortsDescending: Bool?
  /// The metric behind "by", which decides a ranking.
  var rankingMetric: String?
  /// Whether the question changes the previous one.
  var isFollowUpEdit = false
  /// "which month": one bucket is asked for.
  var grainIsSingular = false
  /// Thresholds before it is clear which metric they hold for.
  var thresholds: [Threshold] = []
  /// Why the periods of the question do not fit together.
  var timeProblem: String?
  /// The dimension behind "how many" beside a metric: its values are counted, not listed.
  var countedDimension: String?
  /// A threshold with the several metrics that it may hold for.
  var thresholdChoices: (threshold: Threshold, metrics: [String])?
  /// The term that two metrics, or a statistic and one, were put together to.
  var term: MetricTerm?
  /// The comparison of the previous frame, carried over to a new period.
  var keptComparison: FrameComparison.Kind?

  /// A number that values are held against.
  struct Threshold {
    var relation: MetricCondition.Relation
    var value: Double
    var metric: String?
    /// Whether the number was written with a percent sign or as money.
    var isPercent = false
    var isMoney = false
    /// Whether the metric stands before the number: "claims over 5000".
    var followsMetric = false
    /// The unit behind the number, as a lemma.
    var unit: String?
    /// The span of its operator.
    var place = 0
  }

  /// A wish for the first or last of something.
  struct Ranking {
    var descending: Bool
    /// "best" and "worst" depend on what is good.
    var dependsOnGood: Bool
    var isSuperlative: Bool
    /// "longest", "shortest": only durations are.
    var isDuration = false
    /// "fastest", "slowest": for a duration the smallest and the largest.
    var isSpeed = false
  }

  init(
    question: String,
    tokens: [Token],
    spans: [Span],
    lexicon: Lexicon,
    compiler: FrameCompiler,
    previous: Frame?,
    previewsOptions: Bool
  ) {
    self.question = question
    self.tokens = tokens
    self.spans = spans
    self.lexicon = lexicon
    self.compiler = compiler
    self.previous = previous
    self.previewsOptions = previewsOptions
  }

  var model: SemanticModel { lexicon.model }

  // MARK: - From spans to an outcome

  mutating func build() -> ParsedQuestion {
    guard !tokens.isEmpty else {
      return finished(.clarify(prompt: "What would you like to know?", options: starterOptions()))
    }
    if let refusal = refusal() { return finished(refusal) }
    resolveMeanings()
    completePartialNames()
    dropNouns()
    dropPopulations()
    useDefaults()
    combineMetrics()
    readSpans()
    if asksWhy { return finished(investigation()) }
    if times.contains(where: { $0.match.isFuture }) {
      return finished(
        .decline(
          reason: "That period lies after \(DateText.day(compiler.calendar.asOf)), the last day of the data.",
          missing: []
        )
      )
    }
    if !ambiguous.isEmpty { return finished(clarification()) }
    let isFollowUp = applyFollowUp()
    completeFrame(isFollowUp: isFollowUp)
    if seenUnknown.isEmpty, let (threshold, metrics) = thresholdChoices {
      return finished(thresholdClarification(threshold, metrics), isFollowUp)
    }
    if !seenUnknown.isEmpty {
      return finished(
        .unsure(
          best: frame.metrics.isEmpty ? nil : frame,
          missing: seenUnknown,
          reason: "I did not understand \(quotedList(seenUnknown))."
        ),
        isFollowUp
      )
    }
    return finished(verdict(), isFollowUp)
  }

  private func finished(_ outcome: QuestionOutcome, _ isFollowUp: Bool = false) -> ParsedQuestion {
    ParsedQuestion(outcome: outcome, notes: notes, isFollowUp: isFollowUp)
  }

  /// What must be refused whatever else the question says.
  private func refusal() -> QuestionOutcome? {
    let names = spans.filter { span in
      guard span.range.count > 1, case .meaning(let meaning) = span.readings[0] else { return false }
      if case .unavailable = meaning { return false }
      return true
    }
    if let index = lexicon.unavailableTopic(in: tokens.map(\.lemma), besides: Set(names.flatMap(\.range))) {
      let topic = model.language.unavailable[index]
      return .decline(reason: topic.say, missing: [topic.topic])
    }
    let first = tokens.first {
      !["please", "can", "could", "you", "would", "kindly", "hi", "hey", "hello"].contains($0.folded)
    }
    if first?.folded == "should" {
      return .decline(reason: "I can report figures, but not decide what should be done.", missing: [])
    }
    let extends = first?.folded == "add" && previous != nil
    if let first, Vocabulary.writeVerbs.contains(first.folded), !isNamed(first), !extends {
      return .decline(reason: "I only read data; I cannot \(first.folded) anything.", missing: [])
    }
    if has(.forecast) || asksForFuture {
      return .decline(
        reason:
          "I can report what happened up to \(DateText.day(compiler.calendar.asOf)); forecasts are not available.",
        missing: []
      )
    }
    return nil
  }

  /// "what will revenue be", "is going to be", but not "will you show".
  private var asksForFuture: Bool {
    tokens.indices.contains { index in
      let next = tokens.indices.contains(index + 1) ? tokens[index + 1].folded : ""
      if tokens[index].folded == "will" { return next != "you" }
      return tokens[index].folded == "going" && next == "to"
    }
  }

  /// Whether a word is the beginning of a name of the model.
  private func isNamed(_ token: Token) -> Bool { lexicon.phrases[token.lemma] != nil }

  var asksWhy: Bool { has(.why) }

  func has(_ wanted: Operator) -> Bool {
    spans.contains { $0.readings.contains(.operator(wanted)) }
  }

  // MARK: - Outcome

  private func verdict() -> QuestionOutcome {
    if frame.metrics.isEmpty, frame.dimensions.isEmpty || !lists {
      return withoutMetric()
    }
    if let problem = inconsistency() { return .unsure(best: frame, missing: [], reason: problem) }
    if let failure = compiler.failure(of: frame) {
      switch failure {
      case .unreachable, .timeless: return .decline(reason: "The data cannot say that: \(failure).", missing: [])
      default: return .unsure(best: frame, missing: [], reason: "\(failure)".capitalizedSentence)
      }
    }
    return .sure(frame)
  }

  func words(_ index: Int) -> String { tokens[spans[index].range].map(\.original).joined(separator: " ") }

  private func withoutMetric() -> QuestionOutcome {
    let nothingNamed = frame.dimensions.isEmpty && frame.filters.isEmpty
    if nothingNamed, !has(.vague), times.isEmpty, usedWords == 0 {
      return .unsure(best: nil, missing: [], reason: "I did not find anything in the question that the data measures.")
    }
    let options = metricOptions()
    guard options.count > 1 else {
      return .unsure(best: nil, missing: [], reason: "The question does not say what to measure.")
    }
    return .clarify(prompt: "Which figure do you mean?", options: options)
  }

  /// The first metrics that know everything else in the question.
  private func metricOptions() -> [ClarifyingOption] {
    let dimensions = (frame.dimensions + frame.filters.map(\.dimension)).compactMap(model.dimension)
    let fitting = model.metrics.filter { metric in dimensions.allSatisfy { compiler.reaches($0, from: metric) } }
    return fitting.prefix(4).map { metric in
      var copy = frame
      copy.metrics = [metric.name]
      return option(label: metric.label, question: "\(metric.label) \(question)", frame: copy)
    }
  }

  private func option(label: String, question: String, frame: Frame) -> ClarifyingOption {
    let preview = (try? compiler.compile(frame))?.interpretation ?? label
    return ClarifyingOption(label: label, preview: preview, question: question)
  }

  private func starterOptions() -> [ClarifyingOption] {
    model.language.starters.prefix(4).map { ClarifyingOption(label: $0, preview: $0, question: $0) }
  }

  /// Asks which of several names was meant, each option as a question of its own.
  private func clarification() -> QuestionOutcome {
    let (span, meanings) = ambiguous[0]
    let words = tokens[span.range].map(\.original).joined(separator: " ")
    let options = meanings.prefix(4).map { meaning -> ClarifyingOption in
      let label = self.label(of: meaning)
      let text = replacing(span, with: label.replacement)
      var preview = label.shown
      if previewsOptions {
        let parser = QuestionParser(lexicon: lexicon, compiler: compiler)
        let parsed = parser.parse(text, after: previous, previewsOptions: false)
        if case .sure(let frame) = parsed.outcome, let compiled = try? compiler.compile(frame) {
          preview = compiled.interpretation
        }
      }
      return ClarifyingOption(label: label.shown, preview: preview, question: text)
    }
    return .clarify(prompt: "What do you mean by '\(words)'?", options: Array(options))
  }

  private func label(of meaning: Meaning) -> (shown: String, replacement: String) {
    switch meaning {
    case .metric(let name):
      let label = model.metric(name)?.label ?? name
      return (label, label)
    case .dimension(let name):
      let label = model.dimension(name)?.label ?? name
      return (label.capitalizedSentence, label)
    case .value(let dimension, let value):
      let label = model.dimension(dimension)?.label ?? dimension
      return ("\(value) (\(label))", "\(label) \(value)")
    case .namedFilter(let name): return (name, name)
    case .clarification, .unavailable: return ("", "")
    }
  }

  private func replacing(_ span: Span, with words: String) -> String {
    var parts = tokens.map(\.original)
    parts.replaceSubrange(span.range, with: [words])
    return parts.joined(separator: " ")
  }

  private mutating func investigation() -> QuestionOutcome {
    completeFrame(isFollowUp: false)
    if frame.metrics.isEmpty, let previous {
      var copy = previous
      if let time = times.first { copy.time = time.match.selection }
      return .investigate(copy)
    }
    frame.limit = nil
    frame.order = nil
    return .investigate(frame.metrics.isEmpty ? nil : frame)
  }

  func quotedList(_ words: [String]) -> String { words.map { "'\($0)'" }.joined(separator: ", ") }
}

extension String {
  /// The text with its first letter in upper case.
  var capitalizedSentence: String { prefix(1).uppercased() + dropFirst() }
}
