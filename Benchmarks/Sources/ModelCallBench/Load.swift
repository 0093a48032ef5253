import Foundation

/// What a case came to.
struct Figures: Codable {
  /// Milliseconds, sorted.
  var times: [Double]
  /// By the clock.
  var seconds: Double
  /// User and system time of all threads of the process.
  var processorSeconds: Double
  /// The most memory that the process had resident, in MB.
  var peakMegabytes: Double

  var count: Int { times.count }

  func percentile(_ share: Double) -> Double { times[min(times.count - 1, Int(Double(times.count) * share))] }
}

/// Makes calls and measures them.
enum Load {
  /// Calls one after the other, some more before to warm up.
  static func sequence(_ count: Int, _ call: () async throws -> Void) async throws -> Figures {
    if count >= 10 { for _ in 0..<(count / 10) { try await call() } }
    let meter = Meter()
    var times: [Double] = []
    for _ in 0..<count { times.append(try await time(call)) }
    return meter.figures(times)
  }

  /// Calls by 32 tasks.
  static func crowd(_ count: Int, _ call: @escaping @Sendable () async throws -> Void) async throws -> Figures {
    try await crowd(count) { try await time(call) }
  }

  /// Calls by 32 tasks, each of which says itself what time counts.
  static func crowd(
    _ count: Int,
    timing call: @escaping @Sendable () async throws -> Double
  ) async throws -> Figures {
    _ = try await together(count / 10, call)
    let meter = Meter()
    return meter.figures(try await together(count, call))
  }

  private static func together(
    _ count: Int,
    _ call: @escaping @Sendable () async throws -> Double
  ) async throws -> [Double] {
    try await withThrowingTaskGroup(of: [Double].self) { group in
      for _ in 0..<32 {
        group.addTask {
          var times: [Double] = []
          for _ in 0..<(count / 32) { times.append(try await call()) }
          return times
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
  }

  private static func time(_ call: () async throws -> Void) async throws -> Double {
    let start = ContinuousClock.now
    try await call()
    return (.now - start) / .milliseconds(1)
  }
}

/// Measures from its making on.
private struct Meter {
  private let start = ContinuousClock.now
  private let usage = Meter.usage

  func figures(_ times: [Double]) -> Figures {
    let now = Meter.usage
    return Figures(
      times: times.sorted(),
      seconds: (ContinuousClock.now - start) / .seconds(1),
      processorSeconds: now.processorSeconds - usage.processorSeconds,
      peakMegabytes: Double(now.ru_maxrss) / 1_024
    )
  }

  private static var usage: rusage {
    var usage = rusage()
    getrusage(RUSAGE_SELF.rawValue, &usage)
    return usage
  }
}

extension rusage {
  fileprivate var processorSeconds: Double {
    Double(ru_utime.tv_sec + ru_stime.tv_sec) + Double(ru_utime.tv_usec + ru_stime.tv_usec) / 1e6
  }
}
