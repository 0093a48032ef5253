public import SemanticLayer

/// What a stretch of a question names.
enum Meaning: Hashable, Sendable {
  case metric(String)
  case dimension(String)
  case value(dimension: String, value: String)
  case namedFilter(String)
  case clarification(Int)
  case unavailable(Int)
}

/// Everything the model's names, synonyms and values can be called in a question, ready for look-up.
public struct Lexicon: Sendable {
  /// A name as a sequence of lemmas.
  struct Phrase: Sendable {
    var lemmas: [String]
    var meaning: Meaning
  }

  let model: SemanticModel
  /// Phrases by their first lemma.
  private(set) var phrases: [String: [Phrase]] = [:]
  /// Every lemma that a phrase holds.
  private(set) var lemmas: Set<String> = []
  /// The metrics in whose names a lemma occurs, for incomplete names.
  private(set) var metricsByLemma: [String: Set<String>] = [:]
  /// The metrics one of whose names ends with a lemma: "customers" is no "customer satisfaction".
  private(set) var metricsByHead: [String: Set<String>] = [:]
  /// The values in whose names a lemma occurs, for incomplete names.
  private(set) var valuesByLemma: [String: Set<Value>] = [:]
  /// What single words with a stem name, for related forms: "cancelled" for "cancellation".
  private(set) var meaningsByStem: [String: Set<Meaning>] = [:]
  /// The dimensions whose names end with a lemma, for incomplete names.
  private(set) var dimensionsByHead: [String: Set<String>] = [:]
  /// Words that the model does not know, by the word of its names that they stand for.
  private(set) var thesaurus: [String: String] = [:]
  /// The phrases that name metrics and dimensions.
  private var memberPhrases: [Phrase] = []
  /// Words that spelling is mended towards, by their first letter.
  private(set) var spellings: [Unicode.Scalar: Spelling.Candidates] = [:]
  /// The units of the metrics, as lemmas.
  let units: Set<String>
  /// How many different values each dimension has.
  let valueCounts: [String: Int]

  struct Value: Hashable, Sendable {
    var dimension: String
    var value: String
  }

  /// Builds the look-up tables.
  ///
  /// - Parameters:
  ///   - model: the semantic model.
  ///   - values: the distinct values of indexed dimensions, by dimension name.
  public init(model: SemanticModel, values: [String: [String]]) {
    self.model = model
    valueCounts = values.mapValues(\.count)
    units = Set(model.metrics.compactMap(Self.unitLemma))
    addMetrics()
    addDimensions()
    for filter in model.filters {
      for name in [filter.name, filter.label] + filter.synonyms { add(name, .namedFilter(filter.name)) }
    }
    for dimension in model.dimensions {
      for value in values[dimension.name] ?? [] { addValue(value, of: dimension) }
      for (value, aliases) in dimension.aliases.sorted(by: { $0.key < $1.key }) {
        for name in [value] + aliases { add(name, .value(dimension: dimension.name, value: value)) }
      }
    }
    for (index, entry) in model.language.clarifications.enumerated() { add(entry.word, .clarification(index)) }
    for (index, entry) in model.language.unavailable.enumerated() {
      for word in entry.words + [entry.topic] { add(word, .unavailable(index)) }
    }
    addWeekday()
    addSynonyms()
    spellings = Spelling.candidates(names: lemmas)
  }

  /// The day of the week, which every dated fact knows, where the model has no dimension of that name.
  private mutating func addWeekday() {
    for name in ["weekday", "day of the week", "day of week", "week day"] where exact(Tokenizer.lemmas(of: name)).isEmpty {
      add(name, .dimension("weekday"))
    }
  }

  /// Adds names in which a word stands for one that the model knows.
  private mutating func addSynonyms() {
    let known = Set(memberPhrases.flatMap(\.lemmas))
    for group in Thesaurus.groups {
      let members = group.filter(known.contains)
      guard let target = members.first else { continue }
      let meanings = Set(members.map { Set(exact([$0])) })
      guard members.count == 1 || meanings.count == 1 else { continue }
      let added = group.filter { !lemmas.contains($0) && !Grammar.words.contains($0) && !Vocabulary.fillers.contains($0) }
      for phrase in memberPhrases where phrase.lemmas.contains(target) {
        for word in added {
          insert(Phrase(lemmas: phrase.lemmas.map { $0 == target ? word : $0 }, meaning: phrase.meaning))
          thesaurus[word] = target
        }
      }
    }
    memberPhrases = []
  }

  private mutating func addMetrics() {
    for metric in model.metrics {
      for name in [metric.name, metric.label] + metric.synonyms {
        add(name, .metric(metric.name))
        let lemmas = Tokenizer.lemmas(of: Self.spaced(name))
        for lemma in lemmas where !Self.generic.contains(lemma) {
          metricsByLemma[lemma, default: []].insert(metric.name)
        }
        if let head = lemmas.last { metricsByHead[head, default: []].insert(metric.name) }
      }
    }
    // "discount" for "discount percent" only when nothing else is called so.
    for metric in model.metrics {
      for name in [metric.name, metric.label] + metric.synonyms {
        let lemmas = Tokenizer.lemmas(of: Self.spaced(name))
        guard lemmas.count > 1, lemmas.last == "percent" else { continue }
        let shorter = Array(lemmas.dropLast())
        if exact(shorter).isEmpty { insert(Phrase(lemmas: shorter, meaning: .metric(metric.name))) }
      }
    }
  }

  private mutating func addDimensions() {
    for dimension in model.dimensions {
      var names = [dimension.name, dimension.label] + dimension.synonyms
      if let dataset = model.dataset(dimension.dataset), dataset.labelColumn == dimension.column {
        names += [dataset.name, dataset.label] + dataset.synonyms
      }
      for name in names {
        add(name, .dimension(dimension.name))
        let lemmas = Tokenizer.lemmas(of: Self.spaced(name))
        if lemmas.count > 1, let head = lemmas.last { dimensionsByHead[head, default: []].insert(dimension.name) }
      }
    }
  }

  /// Adds a value; there may be hundreds of thousands, so nothing is looked up that the database has made sure of.
  private mutating func addValue(_ value: String, of dimension: Dimension) {
    let lemmas = Tokenizer.lemmas(of: Self.spaced(value))
    guard let first = lemmas.first else { return }
    let meaning = Meaning.value(dimension: dimension.name, value: value)
    append(Phrase(lemmas: lemmas, meaning: meaning), first: first)
    if lemmas.count == 1 { meaningsByStem[Spelling.stem(first), default: []].insert(meaning) }
    guard lemmas.count > 1 else { return }
    for lemma in Set(lemmas) where lemma.count > 2 && !Vocabulary.fillers.contains(lemma) {
      valuesByLemma[lemma, default: []].insert(Value(dimension: dimension.name, value: value))
    }
  }

  private mutating func add(_ name: String, _ meaning: Meaning) {
    let lemmas = Tokenizer.lemmas(of: Self.spaced(name))
    guard !lemmas.isEmpty else { return }
    insert(Phrase(lemmas: lemmas, meaning: meaning))
    // "number of sales" is also asked as "how many sales" and "count of sales".
    if lemmas.count > 2, lemmas.starts(with: ["number", "of"]) {
      for opening in [["how", "many"], ["count", "of"]] {
        insert(Phrase(lemmas: opening + lemmas.dropFirst(2), meaning: meaning))
      }
    }
  }

  private mutating func insert(_ phrase: Phrase) {
    guard let first = phrase.lemmas.first else { return }
    switch phrase.meaning {
    case .metric, .dimension: memberPhrases.append(phrase)
    case .value, .namedFilter, .clarification, .unavailable: break
    }
    let isKnown = phrases[first]?.contains { $0.lemmas == phrase.lemmas && $0.meaning == phrase.meaning } ?? false
    guard !isKnown else { return }
    append(phrase, first: first)
    if phrase.lemmas.count == 1 { meaningsByStem[Spelling.stem(first), default: []].insert(phrase.meaning) }
  }

  /// The first topic without data that a question mentions; names that hide it do not count.
  ///
  /// - Parameters:
  ///   - lemmas: the words of the question.
  ///   - names: the places of words that belong to longer names.
  func unavailableTopic(in lemmas: [String], besides names: Set<Int> = []) -> Int? {
    for index in lemmas.indices where !names.contains(index) {
      for phrase in phrases[lemmas[index]] ?? [] where lemmas[index...].starts(with: phrase.lemmas) {
        if case .unavailable(let topic) = phrase.meaning { return topic }
      }
    }
    return nil
  }

  /// The unit of a metric as a lemma.
  static func unitLemma(_ metric: Metric) -> String? { metric.unit.flatMap { Tokenizer.lemmas(of: $0).first } }

  /// How many different values a dimension has; nil when its values are not indexed.
  public func valueCount(of dimension: String) -> Int? { valueCounts[dimension] }

  private mutating func append(_ phrase: Phrase, first: String) {
    phrases[first, default: []].append(phrase)
    for lemma in phrase.lemmas { lemmas.insert(lemma) }
  }

  /// Whether a dimension has a value of exactly this text.
  func hasValue(_ value: String, of dimension: String) -> Bool {
    exact(Tokenizer.lemmas(of: value)).contains(.value(dimension: dimension, value: value))
  }

  /// What a complete sequence of lemmas names.
  func exact(_ lemmas: [String]) -> [Meaning] {
    guard let first = lemmas.first else { return [] }
    return (phrases[first] ?? []).filter { $0.lemmas == lemmas }.map(\.meaning)
  }

  private static func spaced(_ name: String) -> String {
    name.utf8.contains(UInt8(ascii: "_")) ? String(name.map { $0 == "_" ? " " : $0 }) : name
  }

  /// Words that occur in many names and so point at none.
  private static let generic: Set<String> = [
    "number", "of", "percent", "rate", "total", "average", "amount", "value", "count", "day", "per", "to", "the",
    "index", "score", "ratio", "net", "gross", "and", "in", "on", "hand",
  ]
}
