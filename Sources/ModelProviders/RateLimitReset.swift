import CoachVocabulary
import FoundationEssentials
import HTTPClientKit

/// When a limit that a request has run into is lifted, by the headers that count requests and tokens.
///
/// Sources: platform.openai.com/docs/guides/rate-limits (`x-ratelimit-reset-tokens: 6m0s`; Azure gives plain seconds),
/// docs.claude.com/en/api/rate-limits (`anthropic-ratelimit-tokens-reset`, RFC 3339).
enum RateLimitReset {
  /// What is counted, as the names of the headers begin and end.
  private static let limits: [(remaining: String, reset: String)] =
    ["requests", "tokens"].map { ("x-ratelimit-remaining-\($0)", "x-ratelimit-reset-\($0)") }
    + ["requests", "tokens", "input-tokens", "output-tokens"].map {
      ("anthropic-ratelimit-\($0)-remaining", "anthropic-ratelimit-\($0)-reset")
    } + [("x-ratelimit-remaining", "x-ratelimit-reset"), ("ratelimit-remaining", "ratelimit-reset")]

  /// The pause until every limit that is used up is lifted.
  ///
  /// Where none is said to be used up, for instance because a long prompt asked for more tokens than were left, the
  /// first one that is lifted; nil when no header tells of a moment to come.
  static func read(_ headers: HTTPHeaders, now: Date) -> Double? {
    var usedUp: Double?
    var first: Double?
    for limit in limits {
      // 0 stands for "not known" at some servers, and a moment that is over tells nothing.
      guard let text = headers[limit.reset], let pause = seconds(text, now: now), pause > 0 else { continue }
      first = first.map { min($0, pause) } ?? pause
      if headers[limit.remaining].flatMap(Double.init) == 0 { usedUp = max(usedUp ?? 0, pause) }
    }
    return usedUp ?? first
  }

  /// Seconds, a duration such as `1m2.5s`, a moment by RFC 3339, or one in seconds or milliseconds since 1970.
  private static func seconds(_ text: String, now: Date) -> Double? {
    if let number = Double(text) {
      guard number.isFinite else { return nil }
      // No limit lasts for thirty years, nor is one lifted in the year 5000.
      return number < 1e9 ? number : (number < 1e11 ? number : number / 1_000) - now.timeIntervalSince1970
    }
    return duration(text) ?? RFC3339.date(text).map { $0.timeIntervalSince(now) }
  }

  /// Numbers with units, the form of Go's `time.Duration`.
  private static func duration(_ text: String) -> Double? {
    let units = ["ms": 0.001, "s": 1, "m": 60, "h": 3_600, "d": 86_400]
    var rest = text[...]
    var sum = 0.0
    while !rest.isEmpty {
      let number = rest.prefix { $0.isNumber || $0 == "." }
      let unit = rest.dropFirst(number.count).prefix(while: \.isLetter)
      guard let value = Double(number), let factor = units[String(unit)] else { return nil }
      sum += value * factor
      rest = rest.dropFirst(number.count + unit.count)
    }
    return text.isEmpty ? nil : sum
  }
}

/// Moments such as `2026-11-21T08:30:00.25Z` or `2026-11-21T09:30:00+01:00`.
private enum RFC3339 {
  static func date(_ text: String) -> Date? {
    let halves = text.uppercased().split(separator: "T")
    guard halves.count == 2, let day = numbers(halves[0], separator: "-", [4, 2, 2]) else { return nil }
    guard let zone = halves[1].firstIndex(where: { "Z+-".contains($0) }),
      let offset = offset(halves[1][zone...])
    else { return nil }
    let clock = halves[1][..<zone].split(separator: ".", maxSplits: 1)
    guard let first = clock.first, let time = numbers(first, separator: ":", [2, 2, 2]),
      let fraction = clock.count == 1 ? 0 : Double("0.\(clock[1])")
    else { return nil }
    guard let civil = CivilDate(year: day[0], month: day[1], day: day[2]), time[0] < 24, time[1] < 60, time[2] <= 60
    else { return nil }
    let seconds = civil.dayNumber * 86_400 + time[0] * 3_600 + time[1] * 60 + time[2] - offset
    return Date(timeIntervalSince1970: Double(seconds) + fraction)
  }

  private static func offset(_ text: Substring) -> Int? {
    if text == "Z" { return 0 }
    guard let time = numbers(text.dropFirst(), separator: ":", [2, 2]), time[0] < 24, time[1] < 60 else { return nil }
    return (text.first == "-" ? -1 : 1) * (time[0] * 3_600 + time[1] * 60)
  }

  private static func numbers(_ text: Substring, separator: Character, _ widths: [Int]) -> [Int]? {
    let parts = text.split(separator: separator, omittingEmptySubsequences: false)
    guard parts.map(\.utf8.count) == widths, parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } })
    else { return nil }
    return parts.compactMap { Int($0) }
  }
}
