/// A target and series that may drive it, observed at the same equally spaced times.
public struct DriverPanel: Sendable {
  /// A series that may drive the target.
  public struct Candidate: Sendable {
    /// What it is called.
    public var name: String
    /// One value per time; NaN where it is missing.
    public var values: [Double]

    /// A candidate.
    ///
    /// - Parameters:
    ///   - name: what it is called.
    ///   - values: one value per time; NaN where it is missing.
    public init(name: String, values: [Double]) {
      self.name = name
      self.values = values
    }
  }

  /// The series to explain, one value per time; NaN where it is missing.
  public var target: [Double]
  /// What may drive it.
  public var candidates: [Candidate]
  /// Times by which a candidate may lead the target at most.
  public var maximumLag: Int
  /// Times after which a pattern repeats: 7 for days with a weekly rhythm, nil for none.
  public var season: Int?
  /// Candidates that were tried on this target before and dropped; they count in the correction for chance.
  public var triedBefore: Int

  /// A target and its candidates.
  ///
  /// - Parameters:
  ///   - target: the series to explain.
  ///   - candidates: what may drive it; of the same length.
  ///   - maximumLag: times by which a candidate may lead at most.
  ///   - season: times after which a pattern repeats, or nil.
  ///   - triedBefore: candidates that were tried before and dropped.
  public init(
    target: [Double],
    candidates: [Candidate],
    maximumLag: Int = 14,
    season: Int? = 7,
    triedBefore: Int = 0
  ) {
    self.target = target
    self.candidates = candidates
    self.maximumLag = maximumLag
    self.season = season
    self.triedBefore = triedBefore
  }
}
