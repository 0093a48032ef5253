public import CoachVocabulary

/// A chart as its Chart.js configuration says it, read into types.
///
/// Only what the coach's own rule writes is understood: lines, bars (grouped, stacked, lying, bullet), rings, scatters.
public struct ChartPicture: Hashable, Sendable {
  /// How values are drawn.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// Values along time.
    case line
    /// Values by name.
    case bar
    /// Parts of a whole.
    case ring
    /// Two values of each thing against one another.
    case scatter
    /// Values as bars, each with a mark where it should be.
    case bullet
  }

  /// One row of values.
  public struct Series: Hashable, Sendable {
    /// What it is called.
    public var label: String
    /// The values by label; nil where there is none.
    public var values: [Double?]
    /// The points of a scatter.
    public var points: [Point]
    /// Whether it is what the values are measured against, not one of them.
    public var isMark: Bool
  }

  /// One point of a scatter.
  public struct Point: Hashable, Sendable {
    /// Its name.
    public var label: String
    /// Its place from left to right.
    public var x: Double
    /// Its place from bottom to top.
    public var y: Double
  }

  /// How values are drawn.
  public var kind: Kind
  /// What the chart says.
  public var title: String
  /// The names along the axis of names.
  public var labels: [String]
  /// The values.
  public var series: [Series]
  /// Whether bars lie on their side.
  public var isLying: Bool
  /// Whether bars of one name stand on one another.
  public var isStacked: Bool
  /// The unit of the values, for instance `EUR` or `percent`.
  public var unit: String?
  /// What the axes of a scatter are called.
  public var axisTitles: (x: String, y: String) { (xTitle, yTitle) }
  private var xTitle: String
  private var yTitle: String

  /// The most values that are drawn; more would be no picture any more.
  static let valueLimit = 10_000

  /// Reads a configuration; nil when it is none that can be drawn.
  public init?(_ config: JSONValue) {
    guard let sets = config["data"]?["datasets"]?.arrayValue, !sets.isEmpty else { return nil }
    let hint = config["options"]?["plugins"]?["coach"]
    switch (hint?["kind"]?.stringValue, config["type"]?.stringValue) {
    case ("bullet", "bar"): kind = .bullet
    case (_, "line"): kind = .line
    case (_, "bar"): kind = .bar
    case (_, "doughnut"), (_, "pie"): kind = .ring
    case (_, "scatter"): kind = .scatter
    default: return nil
    }
    title = config["options"]?["plugins"]?["title"]?["text"]?.stringValue ?? ""
    labels = (config["data"]?["labels"]?.arrayValue ?? []).map { $0.stringValue ?? $0.text }
    series = sets.map { Series($0) }
    isLying = config["options"]?["indexAxis"]?.stringValue == "y"
    isStacked = config["options"]?["scales"]?["x"]?["stacked"]?.boolValue ?? false
    unit = hint?["unit"]?.stringValue
    xTitle = config["options"]?["scales"]?["x"]?["title"]?["text"]?.stringValue ?? ""
    yTitle = config["options"]?["scales"]?["y"]?["title"]?["text"]?.stringValue ?? ""
    let count = series.reduce(0) { $0 + $1.values.count + $1.points.count }
    guard (1...Self.valueLimit).contains(count), kind == .scatter || !labels.isEmpty else { return nil }
  }
}

extension ChartPicture.Series {
  init(_ dataset: JSONValue) {
    label = dataset["label"]?.stringValue ?? ""
    let data = dataset["data"]?.arrayValue ?? []
    values = data.map { value in value.doubleValue.flatMap { $0.isFinite ? $0 : nil } }
    points = data.compactMap { value in
      guard let x = value["x"]?.doubleValue, let y = value["y"]?.doubleValue, x.isFinite, y.isFinite else { return nil }
      return ChartPicture.Point(label: value["label"]?.stringValue ?? "", x: x, y: y)
    }
    isMark = dataset["type"]?.stringValue == "line" && dataset["showLine"]?.boolValue == false
  }
}
