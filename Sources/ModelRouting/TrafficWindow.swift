import CoachVocabulary

/// The scores of recent traffic and where it went, so that a share of the calls can be kept whatever the scores are.
///
/// It starts with the quantiles of the prompts that the weights were fitted on, which real traffic then drives out. A
/// bounded ring in the order of arrival and the same scores sorted: equal traffic gives equal windows.
public struct TrafficWindow: Hashable, Sendable {
  /// How many scores are kept.
  public static let capacity = 1_000
  /// How much of the share that was missed is made up for, per unit of it.
  static let correction = 4.0
  /// The furthest that making up for it moves a cut.
  static let furthestCorrection = 0.7
  /// From how many calls on the share that was missed counts.
  static let leastCalls = 20

  /// Where a score stands and what was missed lately.
  struct Standing: Hashable, Sendable {
    /// The share of recent traffic that is easier, 0…1.
    var position: Double
    /// How much the cuts are moved up, because too much went to the cloud tier lately.
    var shift: Double
  }

  enum Route: Int, Hashable, Sendable {
    case local, cloud, start
  }

  private var scores: [Double] = []
  private var routes: [Route] = []
  private var next = 0
  private var sorted: [Double] = []
  private var cloudCalls = 0
  private var calls = 0

  /// Starts with the scores that training saw.
  public init(start: [Double]) {
    for score in start.prefix(Self.capacity / 2) where score.isFinite { keep(score, .start) }
  }

  /// How many calls of real traffic are in it.
  public var callCount: Int { calls }
  /// How many of them went to the cloud tier.
  public var cloudCount: Int { cloudCalls }

  /// Where a score stands.
  ///
  /// - Parameters:
  ///   - score: the score.
  ///   - tie: 0…1, which place it takes among equal scores.
  ///   - localShare: the share that should go to the local tier.
  /// - Returns: the place, and what was missed.
  func standing(of score: Double, tie: Double, localShare: Double) -> Standing {
    let below = Self.firstIndex(in: sorted) { $0 >= score }
    let upTo = Self.firstIndex(in: sorted) { $0 > score }
    let position = (Double(below) + tie * Double(upTo - below + 1)) / Double(sorted.count + 1)
    guard calls >= Self.leastCalls else { return Standing(position: position, shift: 0) }
    let excess = Double(cloudCalls) / Double(calls) - (1 - localShare)
    let shift = min(max(Self.correction * excess, -Self.furthestCorrection), Self.furthestCorrection)
    return Standing(position: position, shift: shift)
  }

  /// Adds a call; the oldest goes when there are too many.
  public mutating func add(_ score: Double, toCloud: Bool) { keep(score, toCloud ? .cloud : .local) }

  private mutating func keep(_ score: Double, _ route: Route) {
    if scores.count < Self.capacity {
      scores.append(score)
      routes.append(route)
    } else {
      sorted.remove(at: Self.firstIndex(in: sorted) { $0 >= scores[next] })
      count(routes[next], -1)
      scores[next] = score
      routes[next] = route
      next = (next + 1) % Self.capacity
    }
    count(route, 1)
    sorted.insert(score, at: Self.firstIndex(in: sorted) { $0 > score })
  }

  private mutating func count(_ route: Route, _ change: Int) {
    if route != .start { calls += change }
    if route == .cloud { cloudCalls += change }
  }

  private static func firstIndex(in sorted: [Double], where isBehind: (Double) -> Bool) -> Int {
    var low = 0
    var high = sorted.count
    while low < high {
      let middle = (low + high) / 2
      if isBehind(sorted[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

// MARK: - Stored form

extension TrafficWindow {
  /// The window as text, oldest score first.
  public var text: String {
    let order = scores.indices.map { scores.count < Self.capacity ? $0 : (next + $0) % Self.capacity }
    return JSONValue.object([
      "scores": .array(order.map { .double(scores[$0]) }), "routes": .array(order.map { .int(routes[$0].rawValue) }),
    ]).text
  }

  /// Reads what ``text`` gave; nil for anything else.
  public init?(parsing text: String) {
    guard text.utf8.count <= 100 * Self.capacity, let json = try? JSONValue(parsing: text) else { return nil }
    guard let scores = json["scores"]?.arrayValue?.map(\.doubleValue), let routes = json["routes"]?.arrayValue,
      scores.count == routes.count, scores.count <= Self.capacity
    else { return nil }
    for (score, route) in zip(scores, routes) {
      guard let score, (0...1).contains(score), let route = route.intValue.flatMap(Route.init) else { return nil }
      keep(score, route)
    }
  }
}
