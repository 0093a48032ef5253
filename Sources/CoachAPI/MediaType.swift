/// The types of content that the API answers with.
enum MediaType: Sendable, CaseIterable {
  case json
  case eventStream
  case svg
  case csv
  case xlsx

  var text: String {
    switch self {
    case .json: "application/json"
    case .eventStream: "text/event-stream"
    case .svg: "image/svg+xml"
    case .csv: "text/csv"
    case .xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    }
  }

  /// Whether a `Content-Type` header says JSON, in UTF-8 where it names an encoding.
  static func isJSON(_ contentType: String) -> Bool {
    let parts = contentType.lowercased().split(separator: ";").map { $0.trimmingSpaces }
    guard parts.first == "application/json" else { return false }
    let encodings = parts.dropFirst().filter { $0.hasPrefix("charset=") }
    return encodings.allSatisfy { ["utf-8", "\"utf-8\""].contains($0.dropFirst("charset=".count)) }
  }
}

/// The `Accept` header of a request, as RFC 9110, section 12.5.1, describes it.
struct AcceptHeader: Sendable {
  private struct Range {
    var type: Substring
    var subtype: Substring
    var quality: Double

    /// How exactly the range names the type, or nil when it does not cover it.
    func specificity(for media: MediaType) -> Int? {
      let wanted = media.text.split(separator: "/")
      if type == wanted[0], subtype == wanted[1] { return 2 }
      if type == wanted[0], subtype == "*" { return 1 }
      return type == "*" && subtype == "*" ? 0 : nil
    }
  }

  private let ranges: [Range]

  /// Reads the values of all `Accept` fields; none means that anything is welcome.
  init(_ values: [String]) {
    let parts = values.flatMap { $0.lowercased().split(separator: ",") }
    ranges = parts.compactMap(Self.range)
  }

  /// The type to answer with: the one that the client likes best, then the one it named most exactly, then the first.
  func best(of offered: [MediaType]) -> MediaType? {
    guard !ranges.isEmpty else { return offered.first }
    var best: (media: MediaType, quality: Double, specificity: Int)?
    for media in offered {
      guard let (quality, specificity) = judge(media), quality > 0 else { continue }
      if let best, (best.quality, best.specificity) >= (quality, specificity) { continue }
      best = (media, quality, specificity)
    }
    return best?.media
  }

  private func judge(_ media: MediaType) -> (quality: Double, specificity: Int)? {
    let matches = ranges.compactMap { range in
      range.specificity(for: media).map { (quality: range.quality, specificity: $0) }
    }
    return matches.max { $0.specificity < $1.specificity }
  }

  private static func range(_ part: Substring) -> Range? {
    let fields = part.split(separator: ";").map { $0.trimmingSpaces }
    let types = fields.first?.split(separator: "/") ?? []
    guard types.count == 2 else { return nil }
    let quality = fields.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
    return Range(type: types[0], subtype: types[1], quality: quality)
  }
}

extension Substring {
  /// The text without the spaces and tabs around it.
  var trimmingSpaces: Substring {
    let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    guard let last = lastIndex(where: { !isSpace($0) }) else { return self[endIndex...] }
    return self[...last].drop(while: isSpace)
  }
}
