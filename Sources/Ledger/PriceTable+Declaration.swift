public import CoachVocabulary
import FoundationEssentials

extension PriceTable {
  /// The lists that `config/prices.yaml` declares, by endpoint; every fault is reported and what is sound is kept.
  ///
  /// - Parameters:
  ///   - tree: the file.
  ///   - diagnostics: where faults go.
  /// - Returns: the sound lists.
  public static func lists(
    reading tree: DeclarationTree,
    diagnostics: DiagnosticCollector
  ) -> [String: [PriceList]] {
    let reader = DeclarationReader(tree, as: "prices", reporting: diagnostics)
    var lists: [String: [PriceList]] = [:]
    for item in reader.list("prices") {
      let entry = DeclarationReader(item, as: "price list", reporting: diagnostics)
      guard let endpoint = entry.requiredString("endpoint"), let list = PriceList(reading: entry) else { continue }
      if lists[endpoint]?.contains(where: { $0.from == list.from }) == true {
        diagnostics.error("two price lists of '\(endpoint)' begin at the same moment", at: item.position)
      }
      lists[endpoint, default: []].append(list)
    }
    reader.finish()
    return lists
  }
}

extension PriceList {
  /// Reads a list: dollars per million tokens by class, and when and where they hold; the reader is finished.
  ///
  /// Faults are reported; nil without a price of input and output.
  public init?(reading reader: DeclarationReader) {
    defer { reader.finish() }
    let from = Self.moment(reader)
    let version = reader.string("version")
    let prices = TokenPrices(reading: reader)
    var steps: [Step] = []
    for item in reader.list("above") {
      let entry = DeclarationReader(item, as: "step of prices", reporting: reader.diagnostics)
      let tokens = entry.requiredTree("tokens").flatMap { _ in entry.int("tokens", in: 1...100_000_000) }
      if let tokens, let prices = TokenPrices(reading: entry) { steps.append(Step(above: tokens, prices: prices)) }
      entry.finish()
    }
    var notional: TokenPrices?
    if let entry = reader.reader("notional", as: "notional prices") {
      notional = TokenPrices(reading: entry)
      entry.finish()
    }
    guard let prices else { return nil }
    self.init(prices: prices, steps: steps, notional: notional, from: from, version: version)
  }

  /// The start of the day, in UTC, from which a list holds.
  private static func moment(_ reader: DeclarationReader) -> Date? {
    guard let text = reader.string("from") else { return nil }
    if let day = CivilDate(text) { return Date(timeIntervalSince1970: Double(day.dayNumber) * 86_400) }
    reader.diagnostics.error("'from' must be a day such as 2026-01-31, not '\(text)'", at: reader.position(of: "from"))
    return nil
  }
}

extension TokenPrices {
  /// Reads dollars per million tokens by class; nil, with the faults reported, without a price of input and output.
  fileprivate init?(reading reader: DeclarationReader) {
    let input = reader.price("input")
    let cached = reader.price("cached_input")
    let written = reader.price("cache_write")
    let output = reader.price("output")
    if reader.requiredTree("input") == nil || reader.requiredTree("output") == nil { return nil }
    guard let input, let output else { return nil }
    self.init(input: input, cachedInput: cached, cacheWrite: written, output: output)
  }
}

extension DeclarationReader {
  fileprivate func price(_ key: String) -> NanoDollars? {
    amount(key, meaning: "dollars per million tokens such as \"0.15\"")
  }

  /// A sum of money; a fault is reported.
  func amount(_ key: String, meaning: String) -> NanoDollars? {
    guard let text = string(key) else { return nil }
    if let amount = NanoDollars(dollars: text), amount >= .zero { return amount }
    diagnostics.error(
      "'\(key)' must be \(meaning), with at most nine decimals, not '\(text)'",
      at: position(of: key)
    )
    return nil
  }
}
