import CoachVocabulary
import FoundationEssentials
import HTTPClientKit

/// How long a server asks to wait: milliseconds in `retry-after-ms`, seconds or a date in `Retry-After`, or else, for a
/// request too many, until its limit is lifted.
enum RetryAfter {
  /// No server means more than a day.
  private static let longest = Duration.seconds(86_400)

  static func read(_ headers: HTTPHeaders, status: Int, now: Date) -> Duration? {
    if let text = headers["retry-after-ms"], let number = Double(text), number >= 0, number.isFinite {
      return clamp(seconds: number / 1_000)
    }
    if let pause = seconds(headers["retry-after"], now: now) { return clamp(seconds: pause) }
    // These headers come with every response, also where it is not the limit that the request has met.
    return status == 429 ? RateLimitReset.read(headers, now: now).map(clamp) : nil
  }

  private static func seconds(_ text: String?, now: Date) -> Double? {
    guard let text = text?.split(separator: " ").joined(separator: " ") else { return nil }
    if let seconds = Double(text) { return seconds >= 0 && seconds.isFinite ? seconds : nil }
    return date(text).map { max(0, $0.timeIntervalSince(now)) }
  }

  private static func clamp(seconds: Double) -> Duration { min(longest, .seconds(min(seconds, 86_400))) }

  /// `Sun, 06 Nov 1994 08:49:37 GMT`, the only form that RFC 9110, section 5.6.7 lets servers send.
  private static func date(_ text: String) -> Date? {
    let parts = text.split(whereSeparator: { $0 == " " || $0 == "," || $0 == ":" })
    let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    guard parts.count == 8, parts[7] == "GMT", let month = months.firstIndex(of: parts[2].lowercased()) else {
      return nil
    }
    let numbers = [parts[1], parts[3], parts[4], parts[5], parts[6]].compactMap { Int($0) }
    guard numbers.count == 5, let day = CivilDate(year: numbers[1], month: month + 1, day: numbers[0]) else {
      return nil
    }
    let seconds = numbers[2] * 3_600 + numbers[3] * 60 + numbers[4]
    guard (0...86_400).contains(seconds) else { return nil }
    return Date(timeIntervalSince1970: Double(day.dayNumber * 86_400 + seconds))
  }
}
