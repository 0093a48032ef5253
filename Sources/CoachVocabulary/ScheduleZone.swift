public import FoundationEssentials

/// How far the clocks of a place are from UTC, and since when.
public struct ScheduleZone: Hashable, Sendable {
  /// A change of the clocks.
  public struct Transition: Hashable, Sendable {
    /// From when.
    public var moment: Date
    /// Seconds east of UTC from then on.
    public var offset: Int

    /// Makes a change.
    public init(_ moment: Date, offset: Int) {
      self.moment = moment
      self.offset = offset
    }
  }

  /// The name people use, such as `Europe/Berlin`.
  public let name: String
  private let first: Int
  private let transitions: [Transition]

  /// Makes a zone from the offset before any change and its changes in order of time.
  public init(name: String, first: Int, transitions: [Transition] = []) {
    self.name = name
    self.first = first
    self.transitions = transitions
  }

  /// Universal time.
  public static let utc = ScheduleZone(name: "UTC", first: 0)

  /// Seconds east of UTC at a moment.
  public func offset(at moment: Date) -> Int {
    var low = 0
    var high = transitions.count
    while low < high {
      let middle = (low + high) / 2
      if transitions[middle].moment <= moment { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? first : transitions[low - 1].offset
  }

  /// The day that the calendar shows at a moment.
  public func day(of moment: Date) -> CivilDate {
    let local = moment.timeIntervalSince1970 + Double(offset(at: moment))
    return CivilDate(dayNumber: Int((local / 86_400).rounded(.down)))
  }

  /// The moment at which the clocks show a local time, given as seconds since 1970 as if it were UTC.
  ///
  /// Of two such moments the first; for a time that the clocks skip, the moment of the skip.
  public func moment(ofLocal seconds: Int) -> Date {
    let guess = Date(timeIntervalSince1970: Double(seconds))
    let offsets = Set([offset(at: guess - 86_400), offset(at: guess + 86_400)]).sorted(by: >)
    for offset in offsets {
      let moment = guess - Double(offset)
      if self.offset(at: moment) == offset { return moment }
    }
    let skip = transitions.last { abs($0.moment.timeIntervalSince(guess)) <= 86_400 }
    return skip?.moment ?? guess
  }
}

extension ScheduleZone {
  /// Why a zone cannot be read.
  public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong and how to mend it.
    public let description: String
  }

  /// Reads a zone of the system's database.
  ///
  /// - Parameters:
  ///   - name: such as `Europe/Berlin`, or `UTC`.
  ///   - folder: where the database is.
  /// - Throws: ``Failure`` for an unknown name or an unreadable file.
  public init(named name: String, in folder: String = "/usr/share/zoneinfo") throws(Failure) {
    if name == "UTC" {
      self = .utc
      return
    }
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    let isName = parts.allSatisfy { part in
      !part.isEmpty && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_+-".contains($0)) }
    }
    guard isName, name.utf8.count <= 64 else { throw Failure(description: "'\(name)' is no name of a time zone") }
    guard let data = FileManager.default.contents(atPath: "\(folder)/\(name)"), data.count <= 1_000_000 else {
      throw Failure(description: "time zone '\(name)' is not in \(folder); install the package tzdata or mend the name")
    }
    guard let zone = TimeZoneFile(Array(data)).zone(named: name) else {
      throw Failure(description: "the file of time zone '\(name)' cannot be read")
    }
    self = zone
  }
}

/// A file of the time zone database.
///
/// Source: RFC 8536, "The Time Zone Information Format (TZif)".
private struct TimeZoneFile {
  private let bytes: [UInt8]
  private static let headerLength = 44
  /// How far ahead the rule at the end of the file is written out.
  private static let lastYear = 2100

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  private func number(at place: Int, length: Int) -> Int? {
    guard place >= 0, place + length <= bytes.count else { return nil }
    var value: UInt64 = 0
    for byte in bytes[place..<place + length] { value = value << 8 | UInt64(byte) }
    return length == 4 ? Int(Int32(truncatingIfNeeded: value)) : Int(Int64(bitPattern: value))
  }

  /// The counts of a header: UTC marks, standard marks, leap seconds, transitions, types, letters.
  private func counts(at start: Int) -> [Int]? {
    guard start + Self.headerLength <= bytes.count, bytes[start..<start + 4].elementsEqual("TZif".utf8) else {
      return nil
    }
    let counts = (0..<6).compactMap { number(at: start + 20 + $0 * 4, length: 4) }
    return counts.count == 6 && counts.allSatisfy { (0...100_000).contains($0) } ? counts : nil
  }

  func zone(named name: String) -> ScheduleZone? {
    guard let old = counts(at: 0), bytes[4] >= UInt8(ascii: "2") else { return nil }
    // The second part repeats the first with times of 64 bits.
    let skipped = old[3] * 5 + old[4] * 6 + old[5] + old[2] * 8 + old[1] + old[0]
    let start = Self.headerLength + skipped
    guard let counts = counts(at: start) else { return nil }
    let times = start + Self.headerLength
    let kinds = times + counts[3] * 8
    let types = kinds + counts[3]
    guard types + counts[4] * 6 <= bytes.count, counts[4] > 0, let first = number(at: types, length: 4) else {
      return nil
    }
    var transitions: [ScheduleZone.Transition] = []
    for index in 0..<counts[3] {
      guard let time = number(at: times + index * 8, length: 8), Int(bytes[kinds + index]) < counts[4],
        let offset = number(at: types + Int(bytes[kinds + index]) * 6, length: 4)
      else { return nil }
      transitions.append(ScheduleZone.Transition(Date(timeIntervalSince1970: Double(time)), offset: offset))
    }
    let end = types + counts[4] * 6 + counts[5] + counts[2] * 12 + counts[1] + counts[0]
    if end < bytes.count, let rule = ClockRule(String(decoding: bytes[end...], as: UTF8.self)) {
      transitions += rule.transitions(after: transitions.last?.moment, until: Self.lastYear)
    }
    return ScheduleZone(name: name, first: first, transitions: transitions)
  }
}

/// The rule for the years to come, as in `CET-1CEST,M3.5.0,M10.5.0/3`; other forms mean that the clocks stay as they are.
private struct ClockRule {
  private struct Change {
    let month: Int
    let week: Int
    let weekday: Int
    let seconds: Int
  }

  private let standard: Int
  private let summer: Int
  private let begin: Change
  private let end: Change

  init?(_ text: String) {
    let parts = text.filter { $0 != "\n" }.split(separator: ",")
    guard parts.count == 3, let begin = Self.change(parts[1]), let end = Self.change(parts[2]) else { return nil }
    var rest = parts[0]
    Self.skipName(&rest)
    guard let west = Self.time(&rest) else { return nil }
    Self.skipName(&rest)
    let summerWest = rest.isEmpty ? west - 3_600 : Self.time(&rest)
    guard let summerWest else { return nil }
    standard = -west
    summer = -summerWest
    self.begin = begin
    self.end = end
  }

  private static func skipName(_ text: inout Substring) {
    if text.first == "<" {
      text = text.drop { $0 != ">" }.dropFirst()
    } else {
      text = text.drop(while: \.isLetter)
    }
  }

  /// Reads `[+-]h[h][:mm[:ss]]` as seconds.
  private static func time(_ text: inout Substring) -> Int? {
    let sign = text.first == "-" ? -1 : 1
    if text.first == "-" || text.first == "+" { text = text.dropFirst() }
    let word = text.prefix { $0.isNumber || $0 == ":" }
    text = text.dropFirst(word.count)
    let parts = word.split(separator: ":").compactMap { Int($0) }
    guard (1...3).contains(parts.count), parts.allSatisfy({ $0 <= 167 }) else { return nil }
    return sign * zip(parts, [3_600, 60, 1]).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// Reads `Mm.w.d[/time]`.
  private static func change(_ text: Substring) -> Change? {
    let halves = text.split(separator: "/")
    guard let day = halves.first, day.first == "M" else { return nil }
    let parts = day.dropFirst().split(separator: ".").compactMap { Int($0) }
    guard parts.count == 3, (1...12).contains(parts[0]), (1...5).contains(parts[1]), (0...6).contains(parts[2]) else {
      return nil
    }
    var time = halves.count > 1 ? halves[1] : "2"
    guard let seconds = Self.time(&time) else { return nil }
    return Change(month: parts[0], week: parts[1], weekday: parts[2], seconds: seconds)
  }

  func transitions(after last: Date?, until year: Int) -> [ScheduleZone.Transition] {
    var result: [ScheduleZone.Transition] = []
    for year in 1970...year {
      result.append(ScheduleZone.Transition(moment(of: begin, in: year, standard), offset: summer))
      result.append(ScheduleZone.Transition(moment(of: end, in: year, summer), offset: standard))
    }
    return result.filter { last == nil || $0.moment > last ?? .distantPast }.sorted { $0.moment < $1.moment }
  }

  private func moment(of change: Change, in year: Int, _ offset: Int) -> Date {
    let first = CivilDate(dayNumber: 0).adding(months: (year - 1970) * 12 + change.month - 1)
    var day = first.dayNumber + (change.weekday - first.weekday % 7 + 7) % 7 + (change.week - 1) * 7
    let next = first.adding(months: 1).dayNumber
    while day >= next { day -= 7 }
    return Date(timeIntervalSince1970: Double(day * 86_400 + change.seconds - offset))
  }
}
