import Glibc

/// Finds series that move before a target, honestly: raw correlations of series with memory "find" something in nearly
/// every panel.
///
/// Method: season and trend are taken out of all series; a regression on lagged candidates with autoregressive noise is
/// grown forward: in each round the noise is whitened by an autoregression fitted to what is unexplained (Cochrane and
/// Orcutt, JASA 1949), every candidate and lag is tried by its partial correlation with it, and the best is kept while
/// its probability, times the number of candidates and lags (Bonferroni), stays below the level; later rounds are
/// granted the step-up of Benjamini and Hochberg (1995). At last each driver must stand against all others together.
/// Candidates are taken as zero before their first value, which weakens long lags and favours none.
public struct DriverFinder: Sendable {
  /// The share of panels without any driver that may show one.
  public var level: Double
  var memory = 7
  var mostDrivers = 8
  /// Shortest series.
  static let leastTimes = 30
  static let valueLimit = 20_000_000

  /// A search.
  ///
  /// - Parameter level: the share of panels without any driver that may show one.
  public init(level: Double = 0.05) { self.level = level }

  /// The drivers of a panel.
  ///
  /// - Parameter panel: a target and its candidates.
  /// - Returns: the drivers, strongest first; none when nothing stands out.
  /// - Throws: ``DriverFault`` when the panel cannot be searched.
  /// - Complexity: O(candidates × lags × times) per driver found.
  public func drivers(of panel: DriverPanel) throws(DriverFault) -> DriverFindings {
    try Self.check(panel)
    let basis = SeasonalBasis(times: 0..<panel.target.count, season: panel.season)
    let target = Self.prepared(panel.target, basis)
    let power = DriverStatistics.dot(target, target)
    guard power > 1e-18 * Self.power(panel.target) else { throw .constantTarget }
    var search = DriverSearch(panel, target: target, level: level, memory: memory)
    for (index, candidate) in panel.candidates.enumerated() {
      let values = Self.prepared(candidate.values, basis)
      let varies = DriverStatistics.dot(values, values) > 1e-18 * Self.power(candidate.values)
      search.add(varies ? values : [], index)
    }
    search.grow(atMost: mostDrivers)
    return search.findings(power: power)
  }

  private static func power(_ values: [Double]) -> Double {
    values.reduce(0) { $0 + ($1.isNaN ? 0 : $1 * $1) }
  }

  /// Season and trend taken out; missing values are what season and trend say.
  private static func prepared(_ values: [Double], _ basis: SeasonalBasis) -> [Double] {
    guard values.contains(where: \.isNaN) else { return basis.residual(values) }
    let known = values.filter { !$0.isNaN }
    let mean = known.isEmpty ? 0 : known.reduce(0, +) / Double(known.count)
    var filled = values.map { $0.isNaN ? mean : $0 }
    // A few rounds bring the gaps to what the others imply.
    for _ in 0..<8 {
      let rest = basis.residual(filled)
      for t in values.indices where values[t].isNaN { filled[t] -= rest[t] }
    }
    return basis.residual(filled)
  }

  private static func check(_ panel: DriverPanel) throws(DriverFault) {
    guard !panel.candidates.isEmpty else { throw .noCandidates }
    let count = panel.target.count
    guard panel.maximumLag >= 0, panel.triedBefore >= 0 else {
      throw .badSetting("the largest lag and the number tried before must not be negative")
    }
    if let season = panel.season, season < 1 { throw .badSetting("a season of \(season) times; use nil for none") }
    let needed = max(leastTimes, 2 * panel.maximumLag + 2)
    guard count >= needed else { throw .tooShort(count: count, needed: needed) }
    guard count * panel.candidates.count <= valueLimit else {
      throw .tooLarge(values: count * panel.candidates.count, limit: valueLimit)
    }
    for candidate in panel.candidates where candidate.values.count != count {
      throw .unequalLength(name: candidate.name, count: candidate.values.count, wanted: count)
    }
    if let index = panel.target.firstIndex(where: \.isInfinite) { throw .infinite(name: "target", index: index) }
    for candidate in panel.candidates {
      if let index = candidate.values.firstIndex(where: \.isInfinite) {
        throw .infinite(name: candidate.name, index: index)
      }
    }
    let missing = Double(panel.target.count { $0.isNaN }) / Double(count)
    guard missing <= 1.0 / 3 else { throw .missing(share: missing) }
  }
}
