import CoachVocabulary
import SemanticLayer

/// Reads the buckets of a time column, such as `2025-01` or `2025-Q1`, and names them for people.
enum BucketText {
  /// "Jan 2025", "Q1 2025", "5 Aug 2025"; a text that is no bucket stays as it is.
  static func name(_ bucket: String, grain: TimeGrain?) -> String {
    if let day = CivilDate(bucket) { return (grain == .week ? "the week of " : "") + DateText.day(day) }
    if let month = CivilDate(bucket + "-01") { return "\(DateText.monthName(month.month)) \(month.year)" }
    let parts = bucket.split(separator: "-")
    if parts.count == 2, parts[1].count == 2, parts[1].first == "Q", "1234".contains(parts[1].suffix(1)) {
      return "\(parts[1]) \(parts[0])"
    }
    return bucket
  }

  /// The first day behind a bucket of the calendar; nil for fiscal ones, whose start the text does not tell.
  static func end(of bucket: String, grain: TimeGrain) -> CivilDate? {
    switch grain {
    case .day: CivilDate(bucket)?.adding(days: 1)
    case .week: CivilDate(bucket)?.adding(days: 7)
    case .month: CivilDate(bucket + "-01")?.adding(months: 1)
    case .year: CivilDate(bucket + "-01-01")?.adding(months: 12)
    case .quarter:
      if let year = bucket.split(separator: "-").first, let number = bucket.last?.wholeNumberValue {
        CivilDate("\(year)-01-01")?.adding(months: 3 * number)
      } else {
        nil
      }
    case .fiscalQuarter, .fiscalYear: nil
    }
  }
}
