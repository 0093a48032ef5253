import SemanticLayer

/// Chooses among several readings of a stretch, and completes names that were given in part.
extension FrameBuilder {
  /// Leaves one reading on each span, or notes that the person has to choose.
  mutating func resolveMeanings() {
    for index in spans.indices {
      let readings = spans[index].readings
      guard readings.count > 1 else { continue }
      spans[index].readings = [chosen(among: readings, at: index)]
    }
    for index in spans.indices { checkOwner(of: index) }
    for index in spans.indices {
      guard case .meaning(.clarification(let entry)) = spans[index].readings[0] else { continue }
      let options = model.language.clarifications[entry].options.map { name -> Meaning in
        model.metric(name) != nil ? .metric(name) : .dimension(name)
      }
      // Another metric in the question shows that the word is only a way of speaking.
      if hasMetric(besides: index) || options.isEmpty {
        spans[index].readings = [.filler]
      } else {
        ambiguous.append((spans[index], options))
      }
    }
  }

  /// "German guests" where hotels and guests both have a country: the noun behind a value may mean the other one.
  private mutating func checkOwner(of index: Int) {
    guard case .meaning(.value(let name, let value)) = spans[index].readings[0], let dimension = model.dimension(name),
      spans.indices.contains(index + 1), !ambiguous.contains(where: { $0.span == spans[index] }),
      !isIntroduced(.value(dimension: name, value: value), at: index)
    else { return }
    let noun = tokens[spans[index + 1].range.lowerBound].lemma
    let others = model.dimensions.filter { other in
      other.dataset != dimension.dataset && lexicon.hasValue(value, of: other.name)
        && datasetNouns(other.dataset).contains(noun)
    }
    guard let other = others.first, !datasetNouns(dimension.dataset).contains(noun) else { return }
    ambiguous.append(
      (spans[index], [.value(dimension: name, value: value), .value(dimension: other.name, value: value)])
    )
  }

  private func hasMetric(besides index: Int) -> Bool {
    spans.indices.contains { place in
      guard place != index, case .meaning(.metric) = spans[place].readings[0] else { return false }
      return true
    }
  }

  private mutating func chosen(among readings: [Reading], at index: Int) -> Reading {
    var meanings: [Meaning] = []
    for case .meaning(let meaning) in readings where !meanings.contains(meaning) { meanings.append(meaning) }
    let values = meanings.filter { if case .value = $0 { true } else { false } }
    if let named = values.first(where: { isIntroduced($0, at: index) }) { return .meaning(named) }
    let start = spans[index].range.lowerBound
    if start > 0, ["about", "regarding", "concerning"].contains(tokens[start - 1].folded), values.count == 1 {
      return .meaning(values[0])
    }
    // "Next Day" as the name of a service is no tomorrow.
    if spans[index].range.count > 1, let named = values.first, values.count == 1 { return .meaning(named) }
    // "rolling 3 month revenue" is a series, "rolling 3 months" a period.
    for case .operator(.rolling(let count, let grain, let isAverage)) in readings {
      return .operator(.rolling(count, grain, isAverage: isAverage))
    }
    if let time = readings.first(where: { if case .time = $0 { true } else { false } }) { return time }
    if meanings.isEmpty { return readings.first { $0 != .filler } ?? .filler }
    let metrics = meanings.filter { if case .metric = $0 { true } else { false } }
    let dimensions = meanings.filter { if case .dimension = $0 { true } else { false } }
    if let first = dimensions.first, metrics.isEmpty == false || !values.isEmpty,
      follows(.by, index) || follows(.which, index)
    {
      return .meaning(first)
    }
    for kind in [metrics, values, dimensions] where !kind.isEmpty {
      if kind.count > 1 { return choose(among: kind, at: index) }
      return .meaning(kind[0])
    }
    return .meaning(meanings[0])
  }

  /// Several members of one kind have this name: the previous frame or the person decides.
  private mutating func choose(among meanings: [Meaning], at index: Int) -> Reading {
    let fitting = meanings.filter(isReachable)
    if fitting.count == 1 { return .meaning(fitting[0]) }
    // "in Germany excluding Berlin": the country that Berlin is in.
    let near = fitting.filter { sharesTable($0, besides: index) }
    if near.count == 1 { return .meaning(near[0]) }
    if let previous {
      let known = meanings.filter { meaning in
        switch meaning {
        case .value(let dimension, _): previous.filters.contains { $0.dimension == dimension }
        case .metric(let name): previous.metrics.contains(name)
        default: false
        }
      }
      if known.count == 1 { return .meaning(known[0]) }
    }
    ambiguous.append((spans[index], meanings))
    return .meaning(meanings[0])
  }

  /// Whether another value of the question is of the same table.
  private func sharesTable(_ meaning: Meaning, besides index: Int) -> Bool {
    guard case .value(let name, _) = meaning, let dataset = model.dimension(name)?.dataset else { return false }
    let others = spans.indices.filter { $0 != index }.flatMap { place -> [String] in
      let owners = spans[place].readings.compactMap { reading -> String? in
        guard case .meaning(.value(let other, _)) = reading else { return nil }
        return model.dimension(other)?.dataset
      }
      return Set(owners).count == 1 ? [owners[0]] : []
    }
    if others.contains(dataset) { return true }
    guard metricPlaces.isEmpty, let previous else { return false }
    return previous.dimensions.contains { model.dimension($0)?.dataset == dataset }
  }

  /// Whether the figures of the question know the dimension of a value, and whether what is counted does.
  private func isReachable(_ meaning: Meaning) -> Bool {
    guard case .value(let name, _) = meaning, let dimension = model.dimension(name) else { return true }
    var metrics = metricPlaces.compactMap { model.metric($0.name) }
    if metrics.isEmpty { metrics = previous?.metrics.flatMap { MetricTerm($0).metrics }.compactMap(model.metric) ?? [] }
    guard metrics.isEmpty else { return metrics.allSatisfy { compiler.reaches(dimension, from: $0) } }
    let counted = spans.indices.compactMap { place -> Dimension? in
      guard case .meaning(.dimension(let other)) = spans[place].readings[0], follows(.howMany, place) || has(.list)
      else { return nil }
      return model.dimension(other)
    }
    return counted.allSatisfy { compiler.reaches(dimension, from: $0.dataset) }
  }

  /// Whether the dimension of a value is named right beside it: "New York state", "model Nova".
  private func isIntroduced(_ meaning: Meaning, at index: Int) -> Bool {
    guard case .value(let dimension, _) = meaning else { return false }
    return [neighbour(of: index, step: -1), neighbour(of: index, step: 1)].contains { place in
      place.map { spans[$0].readings.contains(.meaning(.dimension(dimension))) } ?? false
    }
  }

  /// The nearest span before or after that is not mere filling.
  func neighbour(of index: Int, step: Int) -> Int? {
    var place = index + step
    while spans.indices.contains(place) {
      if spans[place].readings != [.filler] { return place }
      place += step
    }
    return nil
  }

  func follows(_ wanted: Operator, _ index: Int) -> Bool {
    neighbour(of: index, step: -1).map { spans[$0].readings.contains(.operator(wanted)) } ?? false
  }

  // MARK: - Names given in part

  /// "warranty" alone points at the metrics in whose names it occurs, "Sunset" at the dealers called so.
  mutating func completePartialNames() {
    completeThresholdMetric()
    completeMetric()
    completeDimensions()
    completeValues()
    completeFromValues()
  }

  /// "battery claims" as another name of a component also says that claims are measured.
  private mutating func completeFromValues() {
    guard metricPlaces.isEmpty else { return }
    for span in spans where span.range.count > 1 {
      guard case .meaning(.value) = span.readings[0] else { continue }
      let metrics = lexicon.exact([tokens[span.range.upperBound - 1].lemma])
      if case .metric(let name)? = metrics.first, metrics.count == 1 { frame.metrics = [name] }
    }
  }

  /// "by category": the end of the name of just one dimension that the metric knows.
  private mutating func completeDimensions() {
    let metrics = metricPlaces.compactMap { model.metric($0.name) }
    for index in spans.indices where spans[index].readings == [.unknown] {
      let lemma = tokens[spans[index].range.lowerBound].lemma
      guard follows(.by, index) || follows(.which, index) || continuesList(index),
        let names = lexicon.dimensionsByHead[lemma]
      else { continue }
      let known = model.dimensions.filter { dimension in
        names.contains(dimension.name) && metrics.allSatisfy { compiler.reaches(dimension, from: $0) }
      }
      guard let first = known.first else { continue }
      spans[index].readings = [.meaning(.dimension(first.name))]
      spans[index].isPartial = true
      if known.count > 1 { ambiguous.append((spans[index], known.map { .dimension($0.name) })) }
    }
  }

  /// "by device and source": a word behind "and" in a list of dimensions.
  private func continuesList(_ index: Int) -> Bool {
    guard let before = neighbour(of: index, step: -1), case .meaning(.dimension) = spans[before].readings[0],
      follows(.by, before)
    else { return false }
    return tokens[spans[before].range.upperBound..<spans[index].range.lowerBound].map(\.folded) == ["and"]
  }

  /// "reviews with a score below 5": a part of the name of the one metric of the same rows that has it.
  private mutating func completeThresholdMetric() {
    let datasets = Set(metricPlaces.compactMap { measure(of: $0.name)?.dataset })
    guard datasets.count == 1 else { return }
    for index in spans.indices where spans[index].readings == [.unknown] {
      guard let next = neighbour(of: index, step: 1), case .operator(let operation) = spans[next].readings[0],
        [.above, .below, .atLeast, .atMost].contains(operation),
        let names = lexicon.metricsByLemma[tokens[spans[index].range.lowerBound].lemma]
          ?? lexicon.metricsByHead[tokens[spans[index].range.lowerBound].lemma]
      else { continue }
      let own = names.filter { hasRowValues($0) && measure(of: $0).map { datasets.contains($0.dataset) } ?? false }
      if own.count == 1, let name = own.first { spans[index].readings = [.meaning(.metric(name))] }
    }
  }

  // MARK: - Words that stand for one member

  /// Where nothing else says what is measured or by what, a default word does; its other role in the question stays.
  mutating func useDefaults() {
    let hasMetric = !metricPlaces.isEmpty
    let hasDimension = spans.contains { if case .meaning(.dimension) = $0.readings[0] { true } else { false } }
    for (word, target) in model.language.defaults.sorted(by: { $0.key < $1.key }) {
      let lemmas = Tokenizer.lemmas(of: word)
      guard let place = spans.indices.first(where: { tokens[spans[$0].range].map(\.lemma) == lemmas }) else { continue }
      if spans[place].readings == [.unknown] { spans[place].readings = [.filler] }
      // "busiest" also ranks.
      if ranking == nil, word.hasSuffix("est") {
        ranking = Ranking(descending: true, dependsOnGood: false, isSuperlative: true)
      }
      if model.metric(target) != nil, !hasMetric, !frame.metrics.contains(target) {
        frame.metrics.append(target)
      } else if model.dimension(target) != nil, !hasDimension, !frame.dimensions.contains(target) {
        frame.dimensions.append(target)
        singularDimensions.insert(target)
      }
    }
  }

  // MARK: - Nouns that add nothing

  /// Drops words that only name the rows or the kind of value beside them.
  ///
  /// "fleet customers" says no more than "fleet" when fleet is a customer segment; "warranty rejection rate" no more
  /// than "rejection rate" when that is measured on warranty claims.
  mutating func dropNouns() {
    let measures = metricPlaces.compactMap { model.metric($0.name)?.measures.first }
    let nouns = Set(Set(measures.map(\.dataset)).flatMap(datasetNouns))
    let isBalance = measures.contains { model.dataset($0.dataset)?.semiAdditive != nil }
    for index in spans.indices where spans[index].readings == [.unknown] {
      let lemma = tokens[spans[index].range.lowerBound].lemma
      let isNow = isBalance && ["current", "latest", "newest"].contains(lemma)
      let namesKind = isBehindDimension(index)
      if nouns.contains(lemma) && !namesKind || isNow || describesNeighbour(lemma, at: index) || repeatsMetric(lemma, at: index) {
        spans[index].readings = [.filler]
      }
    }
    dropRepeatedRows()
    dropValueNouns()
  }

  /// Whether a word stands right behind a dimension that is asked for: "by product line" is not by product.
  private func isBehindDimension(_ index: Int) -> Bool {
    guard index > 0, case .meaning(.dimension) = spans[index - 1].readings[0] else { return false }
    return follows(.by, index - 1)
  }

  /// A word that says no more than a metric of the same rows: "profit of SUVs sold online", "profit for petrol cars",
  /// "wait over 60 minutes".
  private func repeatsMetric(_ lemma: String, at index: Int) -> Bool {
    let metrics = metricPlaces.compactMap { model.metric($0.name) }
    guard !metrics.isEmpty else { return false }
    let before = neighbour(of: index, step: -1).map { spans[$0].readings[0] }
    if case .number? = before {
      return metrics.contains { Lexicon.unitLemma($0) == lemma }
    }
    var followsValue = false
    if case .meaning(.value)? = before { followsValue = true }
    let token = tokens[spans[index].range.lowerBound]
    let isVerb = Vocabulary.irregular[token.folded] != nil || token.folded.hasSuffix("ed")
    guard followsValue || isVerb, let others = lexicon.metricsByLemma[lemma] else { return false }
    let datasets = Set(metrics.flatMap(\.measures).map(\.dataset))
    return others.contains { name in
      model.metric(name).map { $0.measures.allSatisfy { datasets.contains($0.dataset) } } ?? false
    }
  }

  /// "visits by Medicare patients": a metric right behind a value only names the rows when another one of the same
  /// dataset is measured.
  private mutating func dropValueNouns() {
    let places = metricPlaces
    for (first, second) in zip(places, places.dropFirst()) {
      guard let value = neighbour(of: second.place, step: -1), value > first.place,
        case .meaning(.value) = spans[value].readings[0],
        let one = model.metric(first.name)?.measures.first?.dataset,
        one == model.metric(second.name)?.measures.first?.dataset,
        spans[value].range.upperBound == spans[second.place].range.lowerBound
      else { continue }
      let between = tokens[spans[first.place].range.upperBound..<spans[second.place].range.lowerBound]
      let opens = between.first.map { ["for", "of", "from", "by", "to", "in"].contains($0.folded) } ?? false
      let joins = between.contains { $0.followsPause || ["and", "or", "plus", "versus"].contains($0.lemma) }
      if opens, !joins { spans[second.place].readings = [.filler] }
    }
  }

  /// "Gold dealers" are a population, not a breakdown: the plural behind a value of the same table asks for nothing.
  mutating func dropPopulations() {
    guard !metricPlaces.isEmpty, !has(.list), !has(.which), !has(.average) else { return }
    let others = spans.contains { span in
      guard case .operator(let operation) = span.readings[0] else { return false }
      return [.above, .below, .atLeast, .atMost].contains(operation) || Self.ranking(operation) != nil
    }
    guard !others else { return }
    for index in spans.indices {
      guard case .meaning(.dimension(let name)) = spans[index].readings[0], let dimension = model.dimension(name),
        let before = neighbour(of: index, step: -1), case .meaning(.value(let owner, _)) = spans[before].readings[0],
        owner != name, model.dimension(owner)?.dataset == dimension.dataset,
        model.dataset(dimension.dataset)?.labelColumn == dimension.column,
        spans[before].range.upperBound == spans[index].range.lowerBound
      else { continue }
      let last = tokens[spans[index].range.upperBound - 1]
      if last.folded != last.lemma { spans[index].readings = [.filler] }
    }
  }

  /// The metrics that the question names, in its order.
  var metricPlaces: [(place: Int, name: String)] {
    spans.indices.compactMap { index in
      if case .meaning(.metric(let name)) = spans[index].readings[0] { (index, name) } else { nil }
    }
  }

  private func datasetNouns(_ name: String) -> [String] {
    guard let dataset = model.dataset(name) else { return [] }
    return ([dataset.name, dataset.table, dataset.label] + dataset.synonyms).flatMap {
      Tokenizer.lemmas(of: String($0.map { $0 == "_" ? " " : $0 }))
    }
  }

  /// Whether a word is part of the names of the dimension whose value stands beside it.
  private func describesNeighbour(_ lemma: String, at index: Int) -> Bool {
    // "Gold members": people in general, said of a value.
    if ["member", "people", "person", "holder"].contains(lemma), index > 0,
      case .meaning(.value) = spans[index - 1].readings[0]
    {
      return true
    }
    var after = neighbour(of: index, step: 1)
    // "paid by lease"
    if let here = after, spans[here].readings == [.operator(.by)] { after = neighbour(of: here, step: 1) }
    return [neighbour(of: index, step: -1), after].contains { place in
      guard let place, case .meaning(.value(let name, _)) = spans[place].readings[0],
        let dimension = model.dimension(name)
      else { return false }
      let names = [dimension.name, dimension.label] + dimension.synonyms
      return names.contains { Tokenizer.lemmas(of: String($0.map { $0 == "_" ? " " : $0 })).contains(lemma) }
    }
  }

  /// "days to settle claims": a second metric that only names the rows of the first, with no "and" between.
  private mutating func dropRepeatedRows() {
    let places = metricPlaces
    for (first, second) in zip(places, places.dropFirst()) where !isSeparated(first.place, second.place) {
      guard let one = model.metric(first.name)?.measures.first?.dataset,
        let other = model.metric(second.name)?.measures.first?.dataset, one == other
      else { continue }
      let nouns = Set(datasetNouns(one))
      let stems = Set(nouns.map(Spelling.stem))
      func onlyNames(_ place: Int) -> Bool {
        tokens[spans[place].range].allSatisfy { token in
          nouns.contains(token.lemma) || (token.folded.hasSuffix("ed") && stems.contains(Spelling.stem(token.lemma)))
        }
      }
      if onlyNames(second.place) {
        spans[second.place].readings = [.filler]
      } else if onlyNames(first.place) {
        spans[first.place].readings = [.filler]
      }
    }
  }

  /// Whether something between two names says that both are meant.
  func isSeparated(_ first: Int, _ second: Int) -> Bool {
    let start = spans[first].range.upperBound
    let end = spans[second].range.lowerBound
    guard start <= end else { return false }
    if tokens[start...min(end, tokens.count - 1)].contains(where: \.followsPause) { return true }
    if spans[first + 1..<second].indices.contains(where: isPer) { return true }
    let words: Set<String> = ["and", "or", "plus", "with", "versus", "compare", "against", "also", "by", "along"]
    return tokens[start..<end].contains { words.contains($0.lemma) || $0.number != nil }
      || spans[first + 1..<second].contains { span in
        if case .operator(let operation) = span.readings[0] {
          operation == .compare || operation == .also
        } else {
          false
        }
      }
  }

  private mutating func completeMetric() {
    if has(.list), !has(.howMany) { dropVerbsOfLists() }
    let places = spans.indices.filter { index in
      spans[index].readings == [.unknown] && lexicon.metricsByLemma[tokens[spans[index].range.lowerBound].lemma] != nil
        && !isUnitOfNumber(index)
    }
    guard !places.isEmpty else { return }
    let mentioned = spans.compactMap { span -> String? in
      if case .meaning(.metric(let name)) = span.readings[0] { name } else { nil }
    }
    var candidates: Set<String>?
    var open: [Int] = []
    for place in places {
      let metrics = lexicon.metricsByLemma[tokens[spans[place].range.lowerBound].lemma] ?? []
      if mentioned.contains(where: metrics.contains) {
        spans[place].readings = [.filler]
        continue
      }
      let isHead = metrics.contains {
        lexicon.metricsByHead[tokens[spans[place].range.lowerBound].lemma]?.contains($0) ?? false
      }
      guard isHead || metrics.count > 1 else { continue }
      open.append(place)
      candidates = candidates.map { $0.intersection(metrics) } ?? metrics
    }
    guard mentioned.isEmpty, let candidates, !candidates.isEmpty, candidates.count <= 4 else { return }
    let names = model.metrics.map(\.name).filter(candidates.contains)
    for place in open { spans[place].readings = [.filler] }
    guard let first = open.first else { return }
    spans[first].readings = [.meaning(.metric(names[0]))]
    spans[first].isPartial = true
    if names.count > 1 { ambiguous.append((spans[first], names.map(Meaning.metric))) }
  }

  /// "over 24 hours": a unit behind a number names no metric.
  private func isUnitOfNumber(_ index: Int) -> Bool {
    guard index > 0, case .number = spans[index - 1].readings[0] else { return false }
    return lexicon.units.contains(tokens[spans[index].range.lowerBound].lemma)
  }

  /// "list the models that Boldt sells": the verb measures nothing.
  private mutating func dropVerbsOfLists() {
    for index in spans.indices where spans[index].readings == [.unknown] {
      let token = tokens[spans[index].range.lowerBound]
      if lexicon.metricsByLemma[token.lemma] != nil, Vocabulary.irregular[token.folded] != nil {
        spans[index].readings = [.filler]
      }
    }
  }

  private mutating func completeValues() {
    var index = 0
    while index < spans.count {
      guard spans[index].readings == [.unknown] else {
        index += 1
        continue
      }
      var end = index
      var found: Set<Lexicon.Value>?
      while end < spans.count, spans[end].readings == [.unknown],
        let values = lexicon.valuesByLemma[tokens[spans[end].range.lowerBound].lemma]
      {
        let narrowed = found.map { $0.intersection(values) } ?? values
        guard !narrowed.isEmpty else { break }
        found = narrowed
        end += 1
      }
      if let found, end > index { useValues(found, from: index, to: end) }
      index = max(end, index + 1)
    }
  }

  private mutating func useValues(_ values: Set<Lexicon.Value>, from start: Int, to end: Int) {
    let sorted = values.sorted { ($0.dimension, $0.value) < ($1.dimension, $1.value) }
    guard sorted.count <= 6, let first = sorted.first else { return }
    let range = spans[start].range.lowerBound..<spans[end - 1].range.upperBound
    for place in start..<end { spans[place].readings = [.filler] }
    let meanings = sorted.map { Meaning.value(dimension: $0.dimension, value: $0.value) }
    spans[start] = Span(
      range: range,
      readings: [.meaning(.value(dimension: first.dimension, value: first.value))],
      isPartial: true
    )
    if meanings.count > 1 { ambiguous.append((spans[start], meanings)) }
  }
}
