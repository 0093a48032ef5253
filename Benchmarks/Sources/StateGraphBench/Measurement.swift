/// The figures of one case, in its unit.
struct Measurement: Codable, Sendable {
  let name: String
  let unit: Unit
  /// By the clock on the wall, or the size.
  let wall: Double
  /// In processor time; nil for sizes.
  let cpu: Double?
  /// The most memory its process had resident, in MB of 1,000,000 B; nil where it was not asked for.
  let peak: Double?
  /// What `wall` may be.
  var target: Double?
  /// LangGraph's `wall`.
  var reference: Double?

  /// How many times better than the reference.
  var ratio: Double? { reference.map { unit.isBetterHigher ? wall / $0 : $0 / wall } }

  /// Whether the target is met; nil without a target.
  var isMet: Bool? { target.map { unit.isBetterHigher ? wall >= $0 : wall <= $0 } }
}

extension BenchmarkCase {
  /// Measures a case in this process; start-up is measured from outside.
  ///
  /// Not on the main thread, where no server starts its runs: the change of threads would count twice for each run.
  @concurrent func measureHere(samples: Int) async throws -> Measurement {
    let folder = try TemporaryFolder()
    switch method {
    case .timed(let prepare):
      let workload = try await prepare(folder)
      try await workload.run()
      var costs: [Cost] = []
      for _ in 0..<samples { costs.append(try await Stopwatch.measure { try await workload.run() }) }
      return measurement(costs, workload.operations, peak: Double(Stopwatch.peakBytes()) / 1e6)
    case .sized(let size):
      let bytes = try await size(folder)
      return Measurement(
        name: name,
        unit: unit,
        wall: Double(bytes) / 1e6,
        cpu: nil,
        peak: Double(Stopwatch.peakBytes()) / 1e6,
        target: target,
        reference: reference
      )
    case .startUp:
      return try startUp(samples: samples)
    }
  }

  private func startUp(samples: Int) throws -> Measurement {
    var costs: [Cost] = []
    for sample in 0...samples {
      let start = ContinuousClock.now
      let child = try ChildProcess(["--first-node"])
      try child.waitForOutput()
      let wall = ContinuousClock.now - start
      let cpu = try child.finish().cpu
      // The first reads the program from the disk.
      if sample > 0 { costs.append(Cost(wall: wall / .seconds(1), cpu: cpu)) }
    }
    return measurement(costs, 1, peak: nil)
  }

  private func measurement(_ costs: [Cost], _ operations: Int, peak: Double?) -> Measurement {
    Measurement(
      name: name,
      unit: unit,
      wall: Stopwatch.median(costs.map { unit.figure($0.wall, operations) }),
      cpu: Stopwatch.median(costs.map { unit.figure($0.cpu, operations) }),
      peak: peak,
      target: target,
      reference: reference
    )
  }
}
