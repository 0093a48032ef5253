/// What a figure means.
enum Unit: String, Codable, Sendable {
  case microseconds = "µs"
  case milliseconds = "ms"
  case perSecond = "runs/s"
  case stepsPerSecond = "steps/s"
  case megabytes = "MB"
  case percent = "%"

  var isBetterHigher: Bool { self == .perSecond || self == .stepsPerSecond }

  /// The figure for so many operations in so many seconds.
  func figure(_ seconds: Double, _ operations: Int) -> Double {
    switch self {
    case .microseconds: seconds * 1e6 / Double(operations)
    case .milliseconds: seconds * 1e3 / Double(operations)
    case .perSecond, .stepsPerSecond: Double(operations) / seconds
    case .megabytes, .percent: seconds
    }
  }
}

/// Some work that is repeated, and by how much its cost is divided.
struct Workload: Sendable {
  let operations: Int
  let run: @Sendable () async throws -> Void
}

/// One row of the table.
struct BenchmarkCase: Sendable {
  enum Method: Sendable {
    /// Work in a process of its own, measured there.
    case timed(@Sendable (TemporaryFolder) async throws -> Workload)
    /// A size in bytes, found in a process of its own.
    case sized(@Sendable (TemporaryFolder) async throws -> Int)
    /// The time from the start of a process to the first line of its first node.
    case startUp
  }

  let name: String
  let title: String
  let unit: Unit
  /// What it may be at most, or at least where more is better.
  let target: Double?
  /// LangGraph's figure by the clock on the wall.
  let reference: Double?
  let method: Method

  init(
    _ name: String,
    _ title: String,
    _ unit: Unit,
    target: Double? = nil,
    reference: Double? = nil,
    _ method: Method
  ) {
    self.name = name
    self.title = title
    self.unit = unit
    self.target = target
    self.reference = reference
    self.method = method
  }
}
