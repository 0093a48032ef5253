import CoachVocabulary
import SemanticLayer

/// Fiscal years by name, and their halves and quarters.
extension TimeGrammar {
  /// Whether a word says that the company's own year is meant.
  func isFiscalWord(_ index: Int) -> Bool { ["fiscal", "financial", "business"].contains(lemma(index)) }

  /// A fiscal year by number or by place: "FY25", "the 2025 fiscal year", "last fiscal year".
  func fiscalYear(at index: Int) -> (year: Int, end: Int)? {
    if let numbered = fiscalYearNumber(at: index) { return numbered }
    let place = skipThe(lemma(index) == "of" ? index + 1 : index)
    if let named = namedFiscalYear(at: place) { return named }
    let back = ["this": 0, "current": 0, "last": 1, "previous": 1, "prior": 1][lemma(place)]
    guard let back, let (grain, end) = unit(at: place + 1), grain == .fiscalYear else { return nil }
    let start = calendar.start(of: .fiscalYear, holding: today).adding(months: -12 * back)
    return (calendar.fiscalStartMonth == 1 ? start.year : start.year + 1, end)
  }

  /// "2025 fiscal year", "2024/25 financial year".
  func namedFiscalYear(at index: Int) -> (year: Int, end: Int)? {
    guard let year = yearNumber(at: index) ?? doubleYear(at: index), isFiscalWord(index + 1),
      lemma(index + 2) == "year"
    else { return nil }
    return (year, index + 3)
  }

  /// "2024/25", "2024-2025": the later of two neighbouring years.
  func doubleYear(at index: Int) -> Int? {
    let parts = folded(index).split { $0 == "/" || $0 == "-" }.map { Int($0) }
    guard parts.count == 2, let first = parts[0], let second = parts[1], (1_990...2_100).contains(first) else {
      return nil
    }
    let last = second < 100 ? first / 100 * 100 + second : second
    return last == first + 1 ? last : nil
  }

  /// "H2 FY25", "first half of fiscal 2025".
  func fiscalHalf(at index: Int) -> TimeMatch? {
    let short = ["h1": 1, "h2": 2][folded(index)]
    let long = ["first": 1, "1st": 1, "second": 2, "2nd": 2][folded(index)]
    guard let number = short ?? (lemma(index + 1) == "half" ? long : nil),
      let (year, end) = fiscalYear(at: short == nil ? index + 2 : index + 1), let start = fiscalStart(of: year)
    else { return nil }
    let first = start.adding(months: 6 * (number - 1))
    let range = DateRange(start: first, end: first.adding(months: 6))
    let isRunning = first <= today && range.end > tomorrow
    return TimeMatch(selection: TimeSelection(range, isRunning: isRunning), isFuture: first > today, end: end)
  }

  /// "fourth fiscal quarter of 2025", "first fiscal quarter".
  func ordinalFiscalQuarter(at index: Int) -> TimeMatch? {
    let ordinals = ["first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4]
    guard let number = ordinals[folded(index)], isFiscalWord(index + 1), lemma(index + 2) == "quarter" else {
      return nil
    }
    if let (year, end) = yearAfter(index + 3) { return fiscalQuarter(number, of: year, end: end) }
    let start = calendar.start(of: .fiscalYear, holding: today).adding(months: 3 * (number - 1))
    return whole(.fiscalQuarter, holding: start > today ? start.adding(months: -12) : start, end: index + 3)
  }

  /// "Q1/2023", "2024q2".
  func slashed(at index: Int) -> TimeMatch? {
    let parts = folded(index).split(separator: "/").map(String.init)
    var quarter = parts.first ?? ""
    var year = parts.count == 2 ? Int(parts[1]) : nil
    if parts.count == 1, quarter.count == 6, let number = Int(quarter.prefix(4)) {
      (year, quarter) = (number, String(quarter.suffix(2)))
    }
    guard quarter.count == 2, quarter.hasPrefix("q"), let digit = quarter.last?.wholeNumberValue,
      (1...4).contains(digit), let year
    else { return nil }
    let full = year < 100 ? 2_000 + year : year
    guard (1_990...2_100).contains(full), let first = CivilDate(year: full, month: 3 * digit - 2, day: 1) else {
      return nil
    }
    return whole(.quarter, holding: first, end: index + 1)
  }

  /// `20250810`, when it is a day.
  func compactDate(_ word: String) -> CivilDate? {
    guard word.count == 8, let number = Int(word), (1_990...2_100).contains(number / 10_000) else { return nil }
    return CivilDate(year: number / 10_000, month: number / 100 % 100, day: number % 100)
  }
}

extension TimeGrain {
  /// Whether it follows the fiscal year.
  var isFiscalUnit: Bool { self == .fiscalYear || self == .fiscalQuarter }
}
