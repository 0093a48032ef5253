import Glibc

/// What some work cost.
struct Cost: Sendable {
  /// Seconds by the clock on the wall.
  let wall: Double
  /// Seconds of processor time of this process, user and system, over all threads.
  let cpu: Double
}

/// Measures work of this process.
enum Stopwatch {
  static func measure(_ work: () async throws -> Void) async rethrows -> Cost {
    let cpu = processorSeconds()
    let start = ContinuousClock.now
    try await work()
    let wall = ContinuousClock.now - start
    return Cost(wall: wall / .seconds(1), cpu: processorSeconds() - cpu)
  }

  static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard let last = sorted.last else { return .nan }
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : min(sorted[middle], last)
  }

  /// The most memory this process has had resident, in bytes.
  ///
  /// From the kernel's high-water mark of this address space: the figure of `getrusage` would include the parent's,
  /// since it is kept over `exec`.
  static func peakBytes() -> Int {
    guard let file = fopen("/proc/self/status", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      guard text.hasPrefix("VmHWM:") else { continue }
      return (Int(text.filter(\.isNumber)) ?? 0) * 1_024
    }
    return 0
  }

  private static func processorSeconds() -> Double {
    var usage = rusage()
    getrusage(RUSAGE_SELF.rawValue, &usage)
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
  }

  private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
}
