import CoachVocabulary
import SemanticLayer

/// Chooses a chart by the shape of the result and writes it as a Chart.js 3 configuration, without colours.
///
/// One number has no chart; time is a line; parts of a whole, up to seven, are a doughnut; anything else by
/// category is a bar, lying on its side when there are many or long names.
enum ChartRule {
  static func chart(columns: [ResultColumn], rows: [[JSONValue]], title: String) -> JSONValue? {
    guard rows.count > 1, rows.count <= 500 else { return nil }
    let keys = columns.indices.filter { columns[$0].role == .dimension || columns[$0].role == .time }
    let values = columns.indices.filter { columns[$0].role == .metric || columns[$0].role == .comparison }
    guard let key = keys.first, let value = values.first, keys.count <= 2 else { return nil }
    guard rows.contains(where: { !$0[value].isNull }) else { return nil }
    let hasTime = columns[key].role == .time
    if keys.count == 2 {
      return pivoted(columns, rows, x: key, series: keys[1], value: value, type: hasTime ? "line" : "bar", title: title)
    }
    // A line runs with time, whatever the order of the table.
    let rows = hasTime ? rows.sorted { label($0[key]) < label($1[key]) } : rows
    let labels = rows.map { JSONValue.string(name(label($0[key]), columns[key])) }
    if let share = columns.firstIndex(where: { $0.role == .share }), rows.count <= 7, !hasTime, isWhole(rows, share) {
      return config("doughnut", labels, [dataset(columns[share].label, rows.map { $0[share] })], title: title)
    }
    let shown = values.filter { columns[$0].format == columns[value].format && columns[$0].unit == columns[value].unit }
    let datasets = shown.map { place in dataset(columns[place].label, rows.map { $0[place] }) }
    if hasTime { return config("line", labels, datasets, title: title) }
    let lies = rows.count > 8 || labels.contains { ($0.stringValue?.count ?? 0) > 14 }
    return config("bar", Array(labels.prefix(30)), datasets.map { limited($0, to: 30) }, title: title, lies: lies)
  }

  private static func pivoted(
    _ columns: [ResultColumn],
    _ rows: [[JSONValue]],
    x: Int,
    series: Int,
    value: Int,
    type: String,
    title: String
  ) -> JSONValue? {
    var labels: [String] = []
    var names: [String] = []
    var table: [String: [String: JSONValue]] = [:]
    for row in rows {
      let (label, name) = (label(row[x]), label(row[series]))
      if !labels.contains(label) { labels.append(label) }
      if !names.contains(name) { names.append(name) }
      table[name, default: [:]][label] = row[value]
    }
    guard names.count <= 8, labels.count <= 60 else { return nil }
    let datasets = names.map { name in dataset(name, labels.map { table[name]?[$0] ?? .null }) }
    let shown = labels.map { JSONValue.string(name($0, columns[x])) }
    return config(type, shown, datasets, title: title)
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

  static func config(
    _ type: String,
    _ labels: [JSONValue],
    _ datasets: [JSONValue],
    title: String,
    lies: Bool = false
  ) -> JSONValue {
    var options: [String: JSONValue] = [
      "responsive": true,
      "maintainAspectRatio": false,
      "plugins": [
        "title": ["display": true, "text": .string(title)],
        "legend": ["display": .bool(datasets.count > 1 || type == "doughnut")],
      ],
    ]
    if lies { options["indexAxis"] = "y" }
    return [
      "type": .string(type), "data": ["labels": .array(labels), "datasets": .array(datasets)],
      "options": .object(options),
    ]
  }
}
