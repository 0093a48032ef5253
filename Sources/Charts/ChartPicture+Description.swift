extension ChartPicture {
  /// What a person who cannot see the chart is told: its kind, its extent, and the ends of each row of values.
  public var description: String {
    let kinds: [Kind: String] = [
      .line: "Line chart", .bar: isStacked ? "Stacked bar chart" : series.count > 1 ? "Grouped bar chart" : "Bar chart",
      .ring: "Ring chart", .scatter: "Scatter chart", .bullet: "Bullet chart",
    ]
    let lead = kinds[kind] ?? "Chart"
    if kind == .scatter {
      let count = series.reduce(0) { $0 + $1.points.count }
      return "\(lead) of \(count) points: \(axisTitles.x) from left to right, \(axisTitles.y) from bottom to top."
    }
    let ends = labels.count > 1 ? ", from \(labels[0]) to \(labels[labels.count - 1])" : ""
    let parts = series.prefix(8).map { " \(extent(of: $0))" }.joined()
    return "\(lead) with \(labels.count) value\(labels.count == 1 ? "" : "s")\(ends).\(parts)"
  }

  private func extent(of series: Series) -> String {
    let known = series.values.enumerated().compactMap { index, value in value.map { (index, $0) } }
    guard let most = known.max(by: { $0.1 < $1.1 }), let least = known.min(by: { $0.1 < $1.1 }) else {
      return "\(series.label): no values."
    }
    func told(_ entry: (Int, Double)) -> String {
      let name = labels.indices.contains(entry.0) ? " (\(labels[entry.0]))" : ""
      return ChartNumber.exact(entry.1, unit: unit) + name
    }
    return "\(series.label): highest \(told(most)), lowest \(told(least))."
  }
}
