import CoachVocabulary
import SemanticLayer

/// Chooses a chart by the shape of the result and writes it as a Chart.js 3 configuration, without colours.
///
/// One number has no chart. Time is a line. A figure beside its target is a bullet: bars, each with a mark where it should
/// be. Parts of a whole, up to seven, are a doughnut. Two figures of different units by one name are a scatter. Two names
/// are stacked bars where the figure adds up, grouped ones where it does not. Anything else by name is a bar, lying on its
/// side when there are many or long names. `options.plugins.coach` says which of these it is, and the unit.
struct ChartRule {
  let columns: [ResultColumn]
  let rows: [[JSONValue]]
  let title: String
  /// The metrics whose sums over groups give the total.
  let additive: Set<String>

  static func chart(
    columns: [ResultColumn],
    rows: [[JSONValue]],
    title: String,
    additive: Set<String> = []
  ) -> JSONValue? {
    ChartRule(columns: columns, rows: rows, title: title, additive: additive).chart
  }

  private var chart: JSONValue? {
    guard rows.count > 1, rows.count <= 500 else { return nil }
    let keys = columns.indices.filter { columns[$0].role == .dimension || columns[$0].role == .time }
    let values = columns.indices.filter { columns[$0].role == .metric || columns[$0].role == .comparison }
    guard let key = keys.first, let value = values.first, keys.count <= 2 else { return nil }
    guard rows.contains(where: { !$0[value].isNull }) else { return nil }
    if keys.count == 2 { return pivoted(x: key, series: keys[1], value: value) }
    let hasTime = columns[key].role == .time
    // A line runs with time, whatever the order of the table.
    let rows = hasTime ? rows.sorted { Self.label($0[key]) < Self.label($1[key]) } : rows
    let labels = rows.map { JSONValue.string(Self.name(Self.label($0[key]), columns[key])) }
    let alike = values.filter { isSameScale($0, value) }
    func datasets(_ places: [Int]) -> [JSONValue] {
      places.map { place in Self.dataset(columns[place].label, rows.map { $0[place] }) }
    }
    if hasTime { return config("line", "line", labels, datasets(alike), unitOf: value) }
    if let share = columns.firstIndex(where: { $0.role == .share }), rows.count <= 7, Self.isWhole(rows, share) {
      return config("doughnut", "ring", labels, datasets([share]), unitOf: share)
    }
    if let target = target(of: value, among: alike) { return bullet(labels, datasets([value, target]), value) }
    if let other = values.dropFirst().first, values.count == 2, !isSameScale(other, value), rows.count >= Self.cloud {
      return scatter(key: key, x: value, y: other)
    }
    let shown = datasets(alike).map { Self.limited($0, to: Self.mostBars) }
    let names = Array(labels.prefix(Self.mostBars))
    return config("bar", alike.count > 1 ? "grouped" : "bar", names, shown, unitOf: value, lies: lies(labels))
  }

  /// The fewest points that show whether two figures go together.
  private static let cloud = 6
  private static let mostBars = 30

  private func isSameScale(_ one: Int, _ other: Int) -> Bool {
    columns[one].format == columns[other].format && columns[one].unit == columns[other].unit
  }

  private func lies(_ labels: [JSONValue]) -> Bool {
    rows.count > 8 || labels.contains { ($0.stringValue?.count ?? 0) > 14 }
  }

  // MARK: - Bullets

  private static let targetWords: Set<String> = ["target", "plan", "planned", "budget", "goal", "quota"]

  /// The column that says what the value should be: another metric on the same scale whose name says so.
  private func target(of value: Int, among alike: [Int]) -> Int? {
    func isTarget(_ place: Int) -> Bool {
      let words = columns[place].member.split(separator: "_") + columns[place].label.split(separator: " ")
      return words.contains { Self.targetWords.contains($0.lowercased()) }
    }
    guard alike.count == 2, columns[alike[1]].role == .metric, !isTarget(value), isTarget(alike[1]) else { return nil }
    return alike[1]
  }

  private func bullet(_ labels: [JSONValue], _ datasets: [JSONValue], _ value: Int) -> JSONValue {
    let shown = datasets.map { Self.limited($0, to: Self.mostBars) }
    var mark = shown[1].objectValue ?? [:]
    mark["type"] = "line"
    mark["showLine"] = false
    let names = Array(labels.prefix(Self.mostBars))
    return config("bar", "bullet", names, [shown[0], .object(mark)], unitOf: value, lies: lies(labels))
  }

  // MARK: - Scatters

  private func scatter(key: Int, x: Int, y: Int) -> JSONValue? {
    let points: [JSONValue] = rows.compactMap { row in
      guard row[x].doubleValue != nil, row[y].doubleValue != nil else { return nil }
      return ["x": row[x], "y": row[y], "label": .string(Self.name(Self.label(row[key]), columns[key]))]
    }
    guard points.count >= Self.cloud else { return nil }
    func axis(_ place: Int) -> JSONValue {
      let unit = columns[place].unit.map { " (\($0))" } ?? ""
      return ["title": ["display": true, "text": .string(columns[place].label + unit)]]
    }
    var config = config("scatter", "scatter", [], [Self.dataset(columns[y].label, points)], unitOf: y)
    guard var members = config.objectValue, var options = members["options"]?.objectValue else { return nil }
    options["scales"] = ["x": axis(x), "y": axis(y)]
    members["options"] = .object(options)
    members["data"] = ["datasets": members["data"]?["datasets"] ?? .null]
    config = .object(members)
    return config
  }

  // MARK: - Two keys

  private func pivoted(x: Int, series: Int, value: Int) -> JSONValue? {
    let hasTime = columns[x].role == .time
    var labels: [String] = []
    var names: [String] = []
    var table: [String: [String: JSONValue]] = [:]
    for row in rows {
      let (label, name) = (Self.label(row[x]), Self.label(row[series]))
      if table[name]?.isEmpty ?? true { names.append(name) }
      if !labels.contains(label) { labels.append(label) }
      table[name, default: [:]][label] = row[value]
    }
    guard names.count <= 8, labels.count <= 60 else { return nil }
    if hasTime { labels.sort() }
    let datasets = names.map { name in
      Self.dataset(Self.name(name, columns[series]), labels.map { table[name]?[$0] ?? .null })
    }
    let shown = labels.map { JSONValue.string(Self.name($0, columns[x])) }
    if hasTime { return config("line", "line", shown, datasets, unitOf: value) }
    // Parts below nought would hide one another, and parts of what does not add up make no whole.
    let isStacked =
      additive.contains(columns[value].member) && columns[value].role == .metric && names.count > 1
      && rows.allSatisfy { ($0[value].doubleValue ?? 0) >= 0 }
    return config(
      "bar",
      isStacked ? "stacked" : "grouped",
      shown,
      datasets,
      unitOf: value,
      lies: isStacked && labels.count > 8,
      isStacked: isStacked
    )
  }

  /// Whether the shares are parts of one whole, and all of them are there.
  private static func isWhole(_ rows: [[JSONValue]], _ share: Int) -> Bool {
    let shares = rows.compactMap { $0[share].doubleValue }
    return shares.allSatisfy { $0 >= 0 } && (99...101).contains(shares.reduce(0, +))
  }

  private static func name(_ text: String, _ column: ResultColumn) -> String {
    column.format == .date ? BucketText.name(text, grain: nil) : text
  }

  private static func label(_ value: JSONValue) -> String {
    if value.stringValue == "" { return "(none)" }
    return value.stringValue ?? value.intValue.map(String.init) ?? "(none)"
  }

  private static func dataset(_ label: String, _ values: [JSONValue]) -> JSONValue {
    ["label": .string(label), "data": .array(values)]
  }

  private static func limited(_ dataset: JSONValue, to count: Int) -> JSONValue {
    guard var members = dataset.objectValue, let data = members["data"]?.arrayValue else { return dataset }
    members["data"] = .array(Array(data.prefix(count)))
    return .object(members)
  }

  private func config(
    _ type: String,
    _ kind: String,
    _ labels: [JSONValue],
    _ datasets: [JSONValue],
    unitOf value: Int,
    lies: Bool = false,
    isStacked: Bool = false
  ) -> JSONValue {
    Self.config(
      type,
      labels,
      datasets,
      title: title,
      kind: kind,
      unit: columns[value].unit,
      lies: lies,
      isStacked: isStacked
    )
  }

  /// A chart as Chart.js wants it; `kind` is what the rule calls it, the type unless given.
  static func config(
    _ type: String,
    _ labels: [JSONValue],
    _ datasets: [JSONValue],
    title: String,
    kind: String? = nil,
    unit: String? = nil,
    lies: Bool = false,
    isStacked: Bool = false
  ) -> JSONValue {
    var hint: [String: JSONValue] = ["kind": .string(kind ?? type)]
    if let unit { hint["unit"] = .string(unit) }
    var options: [String: JSONValue] = [
      "responsive": true,
      "maintainAspectRatio": false,
      "plugins": [
        "title": ["display": true, "text": .string(title)],
        "legend": ["display": .bool(datasets.count > 1 || type == "doughnut")],
        "coach": .object(hint),
      ],
    ]
    if lies { options["indexAxis"] = "y" }
    if isStacked { options["scales"] = ["x": ["stacked": true], "y": ["stacked": true]] }
    return [
      "type": .string(type), "data": ["labels": .array(labels), "datasets": .array(datasets)],
      "options": .object(options),
    ]
  }
}
