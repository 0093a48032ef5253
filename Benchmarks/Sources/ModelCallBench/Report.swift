import Foundation

/// One line for each case.
struct Report {
  private var lines = [
    "case                                           p50 ms  p99 ms  added p50  calls/s  CPU ms  server's  peak MB"
  ]
  private var plain: Double?

  mutating func add(_ measured: BenchCase, _ figures: Figures, serverSeconds: Double) {
    if measured.name == "plain" { plain = figures.percentile(0.5) }
    let isAlone = !measured.name.hasSuffix("-32") && measured.name != "plain" && measured.name != "first-token"
    let added = isAlone ? plain.map { String(format: "%9.3f", figures.percentile(0.5) - $0) } : nil
    let line = String(
      format: "%7.3f %7.3f  %@ %8.0f %7.3f %9.3f %8.1f",
      figures.percentile(0.5),
      figures.percentile(0.99),
      added ?? "         ",
      Double(figures.count) / figures.seconds,
      figures.processorSeconds / Double(figures.count) * 1_000,
      serverSeconds / Double(figures.count) * 1_000,
      figures.peakMegabytes
    )
    lines.append(measured.title.padding(toLength: 46, withPad: " ", startingAt: 0) + line)
  }

  var text: String { lines.joined(separator: "\n") + "\n" }
}
