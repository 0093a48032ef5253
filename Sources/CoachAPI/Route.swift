import CoachVocabulary
import HTTPServerKit

/// One address of the API: it decodes, asks the coach, encodes.
protocol Route: Sendable {
  static var method: Method { get }
  /// The path; a segment in braces matches any text and gives it a name.
  static var path: String { get }

  func respond(to request: APIRequest) async throws(APIProblem) -> HTTPServerResponse
}

/// The methods that the API knows; `HEAD` is `GET` without the body.
enum Method: String, Sendable {
  case get = "GET"
  case post = "POST"
}

/// The routes by method and path.
struct RouteTable: Sendable {
  enum Match {
    case route(any Route, parameters: [String: String])
    case otherMethods([String])
    case nothing
  }

  private struct Entry: Sendable {
    var method: Method
    var segments: [Substring]
    var route: any Route
  }

  private let entries: [Entry]

  init(_ routes: [any Route]) {
    entries = routes.map { route in
      Entry(method: type(of: route).method, segments: Self.segments(of: type(of: route).path), route: route)
    }
  }

  func match(method: String, path: String) -> Match {
    let segments = Self.segments(of: path)
    let found = entries.compactMap { entry in
      Self.parameters(of: segments, in: entry.segments).map { (entry: entry, parameters: $0) }
    }
    if found.isEmpty { return .nothing }
    let wanted = method == "HEAD" ? "GET" : method
    guard let (entry, parameters) = found.first(where: { $0.entry.method.rawValue == wanted }) else {
      return .otherMethods(found.flatMap { $0.entry.method == .get ? ["GET", "HEAD"] : [$0.entry.method.rawValue] })
    }
    return .route(entry.route, parameters: parameters)
  }

  private static func segments(of path: String) -> [Substring] {
    path.split(separator: "/", omittingEmptySubsequences: false)
  }

  private static func parameters(of segments: [Substring], in pattern: [Substring]) -> [String: String]? {
    guard segments.count == pattern.count else { return nil }
    var parameters: [String: String] = [:]
    for (segment, wanted) in zip(segments, pattern) {
      if wanted.hasPrefix("{") {
        parameters[String(wanted.dropFirst().dropLast())] = String(segment)
      } else if segment != wanted {
        return nil
      }
    }
    return parameters
  }
}
