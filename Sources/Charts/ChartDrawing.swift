/// Draws a chart as an SVG document that needs nothing else: no script, no font, no style sheet.
///
/// Colours are CSS variables, light by default, dark where the reader's system is; a page may set them anew. Screen
/// readers get a title and a description with the ends of the values; every mark says its exact value.
public struct ChartDrawing: Sendable {
  /// The width of the drawing in pixels.
  public static let width = 760.0

  private static let seriesLimit = 8
  private let picture: ChartPicture
  private var svg = SVGText()

  private init(_ picture: ChartPicture) { self.picture = picture }

  /// The whole document.
  public static func svg(of picture: ChartPicture) -> String {
    var drawing = ChartDrawing(picture)
    return drawing.draw()
  }

  // MARK: - Frame

  private struct Area {
    var left: Double
    var top: Double
    var right: Double
    var bottom: Double
    var width: Double { right - left }
    var height: Double { bottom - top }
  }

  private var titleLines: [String] { Self.wrapped(picture.title, to: 84) }
  private var hasLegend: Bool { picture.kind == .ring || (picture.kind != .scatter && picture.series.count > 1) }
  private var headHeight: Double { 16 + Double(titleLines.count) * 20 }

  private mutating func draw() -> String {
    let lying = picture.isLying && picture.kind != .line
    let top = headHeight + (hasLegend && picture.kind != .ring ? legendHeight : picture.kind == .scatter ? 26 : 8)
    let body = lying ? max(120, Double(picture.labels.count) * lyingStep + 34) : 300
    let height = top + body + 12
    begin(height: height)
    let left = lying ? nameWidth : 64
    let area = Area(left: left, top: top, right: Self.width - 36, bottom: height - (lying ? 34 : 58))
    switch picture.kind {
    case .ring: drawRing(Area(left: 20, top: top, right: Self.width - 20, bottom: height - 16))
    case .scatter: drawScatter(area)
    case .line: drawLine(area)
    case .bar, .bullet: if lying { drawLyingBars(area) } else { drawStandingBars(area) }
    }
    svg.end()
    return svg.text
  }

  private mutating func begin(height: Double) {
    let size = "\(ChartNumber.place(Self.width)) \(ChartNumber.place(height))"
    svg.begin(
      "svg",
      [
        "xmlns": "http://www.w3.org/2000/svg", "viewBox": "0 0 \(size)", "width": ChartNumber.place(Self.width),
        "height": ChartNumber.place(height), "role": "img", "aria-labelledby": "chart-title chart-description",
        "class": "coach-chart",
      ]
    )
    svg.element("title", ["id": "chart-title"], picture.title.isEmpty ? "Chart" : picture.title)
    svg.element("desc", ["id": "chart-description"], picture.description)
    svg.raw(Self.style)
    svg.element("rect", ["class": "surface", "width": "100%", "height": "100%"])
    for (number, line) in titleLines.enumerated() {
      svg.element("text", ["class": "title", "x": "20", "y": ChartNumber.place(26 + Double(number) * 20)], line)
    }
    if hasLegend, picture.kind != .ring { drawLegend() }
  }

  private static let style = """
    <style>
    .coach-chart{--surface:#fff;--text:#15201c;--text-2:#46534f;--grid:#e8ecea;--mark:#15201c;\
    --c0:#12806b;--c1:#d0741a;--c2:#4f5fd0;--c3:#bb3f73;--c4:#2f8bc4;--c5:#8a7a08;--c6:#8557b8;--c7:#65736f;\
    font-family:system-ui,sans-serif;font-size:12px}
    @media (prefers-color-scheme:dark){.coach-chart{--surface:#171d1b;--text:#e9eeec;--text-2:#b2bdb9;--grid:#252d2b;\
    --mark:#e9eeec;--c0:#45b89d;--c1:#eb9f4f;--c2:#929dff;--c3:#ee7fa8;--c4:#63b3ec;--c5:#c9b645;--c6:#b896e8;\
    --c7:#98a5a1}}
    .coach-chart .surface{fill:var(--surface)}.coach-chart text{fill:var(--text-2)}
    .coach-chart .title{fill:var(--text);font-size:15px;font-weight:600}
    .coach-chart .grid{stroke:var(--grid);stroke-width:1}.coach-chart .line{fill:none;stroke-width:2}
    .coach-chart .mark{stroke:var(--mark);stroke-width:3}.coach-chart .part{stroke:var(--surface);stroke-width:2}
    \((0..<8).map { ".coach-chart .f\($0){fill:var(--c\($0))}.coach-chart .s\($0){stroke:var(--c\($0))}" }.joined())
    </style>

    """

  private func place(_ number: Double) -> String { ChartNumber.place(number) }
  private func colour(_ index: Int) -> Int { index % Self.seriesLimit }

  // MARK: - Legend

  private var legendEntries: [(x: Double, row: Int, index: Int)] {
    var entries: [(Double, Int, Int)] = []
    var (x, row) = (20.0, 0)
    for (index, series) in picture.series.enumerated() {
      let width = 26 + 7 * Double(min(30, series.label.count))
      if x + width > Self.width - 20, x > 20 { (x, row) = (20, row + 1) }
      entries.append((x, row, index))
      x += width
    }
    return entries
  }

  private var legendHeight: Double { Double((legendEntries.last?.row ?? 0) + 1) * 18 + 8 }

  private mutating func drawLegend() {
    for (x, row, index) in legendEntries {
      let y = headHeight + Double(row) * 18
      let series = picture.series[index]
      if series.isMark {
        svg.element(
          "line",
          ["class": "mark", "x1": place(x + 5), "x2": place(x + 5), "y1": place(y), "y2": place(y + 10)]
        )
      } else {
        svg.element(
          "rect",
          [
            "class": "f\(colour(index))", "x": place(x), "y": place(y), "width": "10", "height": "10", "rx": "2",
          ]
        )
      }
      svg.element("text", ["x": place(x + 16), "y": place(y + 9)], Self.short(series.label, to: 30))
    }
  }

  // MARK: - Lines

  private mutating func drawLine(_ area: Area) {
    let values = picture.series.flatMap { $0.values.compactMap(\.self) }
    let scale = AxisScale(values, includesZero: false)
    drawValueGrid(scale, area)
    let count = picture.labels.count
    func x(_ index: Int) -> Double {
      count == 1 ? area.left + area.width / 2 : area.left + area.width * Double(index) / Double(count - 1)
    }
    func y(_ value: Double) -> Double { area.bottom - area.height * scale.share(of: value) }
    drawNames(area, at: x)
    for (number, series) in picture.series.enumerated() {
      for stretch in Self.stretches(of: series.values) {
        let points = stretch.map { "\(place(x($0.index))),\(place(y($0.value)))" }.joined(separator: " ")
        svg.element("polyline", ["class": "line s\(colour(number))", "points": points])
      }
      for (index, value) in series.values.prefix(count).enumerated() {
        guard let value else { continue }
        svg.shape(
          "circle",
          ["class": "f\(colour(number))", "cx": place(x(index)), "cy": place(y(value)), "r": count > 60 ? "1.5" : "3"],
          saying: saying(series, index, value)
        )
      }
    }
  }

  /// Runs of values without a gap: a line must not pretend to know what lies in one.
  private static func stretches(of values: [Double?]) -> [[(index: Int, value: Double)]] {
    var all: [[(Int, Double)]] = []
    var current: [(Int, Double)] = []
    for (index, value) in values.enumerated() {
      if let value {
        current.append((index, value))
      } else if !current.isEmpty {
        all.append(current)
        current = []
      }
    }
    return current.isEmpty ? all : all + [current]
  }

  // MARK: - Bars

  private var bars: [(number: Int, series: ChartPicture.Series)] {
    picture.series.enumerated().filter { !$0.element.isMark }.map { ($0.offset, $0.element) }
  }

  /// The ends of the bar of each series at a name: side by side from nought, or each upon the one before.
  private func extents(at index: Int) -> [(number: Int, value: Double, from: Double, to: Double)] {
    var (above, below) = (0.0, 0.0)
    return bars.compactMap { number, series in
      guard series.values.indices.contains(index), let value = series.values[index] else { return nil }
      guard picture.isStacked else { return (number, value, 0, value) }
      let from = value >= 0 ? above : below
      if value >= 0 { above += value } else { below += value }
      return (number, value, from, from + value)
    }
  }

  private var barScale: AxisScale {
    let ends = picture.labels.indices.flatMap { index in extents(at: index).flatMap { [$0.from, $0.to] } }
    let marks = picture.series.filter(\.isMark).flatMap { $0.values.compactMap(\.self) }
    return AxisScale(ends + marks, includesZero: true)
  }

  private mutating func drawStandingBars(_ area: Area) {
    let scale = barScale
    drawValueGrid(scale, area)
    let slot = area.width / Double(max(1, picture.labels.count))
    func y(_ value: Double) -> Double { area.bottom - area.height * scale.share(of: value) }
    drawNames(area) { area.left + slot * (Double($0) + 0.5) }
    let count = picture.isStacked ? 1 : max(1, bars.count)
    let thick = min(46, slot * 0.76 / Double(count))
    for index in picture.labels.indices {
      let middle = area.left + slot * (Double(index) + 0.5)
      for (order, end) in extents(at: index).enumerated() {
        let offset = picture.isStacked ? -thick / 2 : thick * (Double(order) - Double(count) / 2)
        let top = min(y(end.from), y(end.to))
        svg.shape(
          "rect",
          [
            "class": "f\(colour(end.number))", "x": place(middle + offset), "y": place(top), "width": place(thick),
            "height": place(max(0.5, abs(y(end.from) - y(end.to)))), "rx": "2",
          ],
          saying: saying(picture.series[end.number], index, end.value)
        )
      }
      for series in picture.series where series.isMark {
        guard series.values.indices.contains(index), let value = series.values[index] else { continue }
        let half = thick * Double(count) / 2 + 4
        svg.shape(
          "line",
          [
            "class": "mark", "x1": place(middle - half), "x2": place(middle + half), "y1": place(y(value)),
            "y2": place(y(value)),
          ],
          saying: saying(series, index, value)
        )
      }
    }
  }

  private var nameWidth: Double {
    let longest = picture.labels.map { min(28, $0.count) }.max() ?? 0
    return min(220, 36 + 6.6 * Double(longest))
  }

  private var lyingStep: Double { picture.isStacked ? 26 : max(24, 12 * Double(bars.count) + 10) }

  private mutating func drawLyingBars(_ area: Area) {
    let scale = barScale
    func x(_ value: Double) -> Double { area.left + area.width * scale.share(of: value) }
    for tick in scale.ticks {
      svg.element(
        "line",
        [
          "class": "grid", "x1": place(x(tick)), "x2": place(x(tick)), "y1": place(area.top), "y2": place(area.bottom),
        ]
      )
      svg.element(
        "text",
        ["x": place(x(tick)), "y": place(area.bottom + 18), "text-anchor": "middle"],
        ChartNumber.short(tick, unit: picture.unit)
      )
    }
    let slot = area.height / Double(max(1, picture.labels.count))
    let count = picture.isStacked ? 1 : max(1, bars.count)
    let thick = min(26, slot * 0.76 / Double(count))
    for index in picture.labels.indices {
      let middle = area.top + slot * (Double(index) + 0.5)
      svg.element(
        "text",
        ["x": place(area.left - 8), "y": place(middle + 4), "text-anchor": "end"],
        Self.short(picture.labels[index], to: 28)
      )
      for (order, end) in extents(at: index).enumerated() {
        let offset = picture.isStacked ? -thick / 2 : thick * (Double(order) - Double(count) / 2)
        svg.shape(
          "rect",
          [
            "class": "f\(colour(end.number))", "x": place(min(x(end.from), x(end.to))), "y": place(middle + offset),
            "width": place(max(0.5, abs(x(end.from) - x(end.to)))), "height": place(thick), "rx": "2",
          ],
          saying: saying(picture.series[end.number], index, end.value)
        )
      }
      for series in picture.series where series.isMark {
        guard series.values.indices.contains(index), let value = series.values[index] else { continue }
        let half = thick * Double(count) / 2 + 3
        svg.shape(
          "line",
          [
            "class": "mark", "x1": place(x(value)), "x2": place(x(value)), "y1": place(middle - half),
            "y2": place(middle + half),
          ],
          saying: saying(series, index, value)
        )
      }
    }
  }

  // MARK: - Rings

  private mutating func drawRing(_ area: Area) {
    let values = (picture.series.first?.values ?? []).map { max(0, $0 ?? 0) }
    let total = values.reduce(0, +)
    guard total > 0 else { return }
    let radius = min(area.height, area.width / 2) / 2 - 4
    let (cx, cy) = (area.left + radius + 20, area.top + area.height / 2)
    // A circle of circumference 100 drawn in dashes: each part is a dash as long as its percentage.
    var before = 0.0
    for (index, value) in values.enumerated() where value > 0 {
      let part = 100 * value / total
      let gap = values.count(where: { $0 > 0 }) > 1 ? min(0.4, part / 4) : 0
      svg.shape(
        "circle",
        [
          "class": "s\(colour(index))", "cx": place(cx), "cy": place(cy), "r": place(radius * 0.78), "fill": "none",
          "stroke-width": place(radius * 0.44), "pathLength": "100",
          "stroke-dasharray": "\(Self.fine(part - gap)) \(Self.fine(100 - part + gap))",
          "stroke-dashoffset": Self.fine(25 - before),
        ],
        saying: saying(picture.series[0], index, value)
      )
      before += part
    }
    let step = min(28, (area.height - 8) / Double(max(1, values.count)))
    for (index, value) in values.enumerated() where picture.labels.indices.contains(index) {
      let y = cy - step * Double(values.count) / 2 + step * (Double(index) + 0.5)
      let x = cx + radius + 40
      svg.element(
        "rect",
        ["class": "f\(colour(index))", "x": place(x), "y": place(y - 5), "width": "10", "height": "10", "rx": "2"]
      )
      let share = ChartNumber.exact((value * 1_000 / total).rounded() / 10, unit: "percent")
      svg.element(
        "text",
        ["x": place(x + 18), "y": place(y + 4)],
        "\(Self.short(picture.labels[index], to: 32)) · \(share)"
      )
    }
  }

  private static func fine(_ number: Double) -> String { "\((number * 1_000).rounded() / 1_000)" }

  // MARK: - Scatters

  private mutating func drawScatter(_ area: Area) {
    let points = picture.series.flatMap(\.points)
    let across = AxisScale(points.map(\.x), includesZero: false)
    let up = AxisScale(points.map(\.y), includesZero: false)
    drawValueGrid(up, area)
    func x(_ value: Double) -> Double { area.left + area.width * across.share(of: value) }
    for tick in across.ticks {
      svg.element(
        "text",
        ["x": place(x(tick)), "y": place(area.bottom + 18), "text-anchor": "middle"],
        ChartNumber.short(tick, unit: nil)
      )
    }
    svg.element(
      "text",
      ["x": place(area.left + area.width / 2), "y": place(area.bottom + 40), "text-anchor": "middle"],
      Self.short(picture.axisTitles.x, to: 80)
    )
    svg.element("text", ["x": "20", "y": place(area.top - 6)], Self.short(picture.axisTitles.y, to: 80))
    for (number, series) in picture.series.enumerated() {
      for point in series.points {
        let names = [point.label, picture.axisTitles.x, picture.axisTitles.y]
        svg.shape(
          "circle",
          [
            "class": "f\(colour(number))", "cx": place(x(point.x)), "r": "4.5",
            "cy": place(area.bottom - area.height * up.share(of: point.y)), "fill-opacity": "0.8",
          ],
          saying: "\(names[0]): \(names[1]) \(ChartNumber.exact(point.x, unit: nil)), \(names[2]) "
            + ChartNumber.exact(point.y, unit: nil)
        )
      }
    }
  }

  // MARK: - Axes

  private mutating func drawValueGrid(_ scale: AxisScale, _ area: Area) {
    for tick in scale.ticks {
      let y = area.bottom - area.height * scale.share(of: tick)
      svg.element(
        "line",
        ["class": "grid", "x1": place(area.left), "x2": place(area.right), "y1": place(y), "y2": place(y)]
      )
      svg.element(
        "text",
        ["x": place(area.left - 8), "y": place(y + 4), "text-anchor": "end"],
        ChartNumber.short(tick, unit: picture.kind == .scatter ? nil : picture.unit)
      )
    }
  }

  /// The names below the drawing, as many as there is room for.
  private mutating func drawNames(_ area: Area, at x: (Int) -> Double) {
    let count = picture.labels.count
    let longest = picture.labels.map { min(14, $0.count) }.max() ?? 1
    let room = max(1, Int(area.width / (Double(longest) * 6.8 + 12)))
    let step = max(1, (count + room - 1) / room)
    for index in stride(from: 0, to: count, by: step) {
      svg.element(
        "text",
        ["x": place(x(index)), "y": place(area.bottom + 20), "text-anchor": "middle"],
        Self.short(picture.labels[index], to: 14)
      )
    }
  }

  // MARK: - Words

  private func saying(_ series: ChartPicture.Series, _ index: Int, _ value: Double) -> String {
    let name = picture.labels.indices.contains(index) ? picture.labels[index] : ""
    return "\(name) – \(series.label): \(ChartNumber.exact(value, unit: picture.unit))"
  }

  private static func short(_ text: String, to length: Int) -> String {
    text.count <= length ? text : text.prefix(length - 1) + "…"
  }

  private static func wrapped(_ text: String, to length: Int) -> [String] {
    var lines: [String] = []
    for word in text.split(whereSeparator: \.isWhitespace) {
      if let last = lines.last, last.count + word.count < length {
        lines[lines.count - 1] = "\(last) \(word)"
      } else {
        lines.append(String(word))
      }
    }
    return lines.count <= 3 ? lines : Array(lines.prefix(2)) + [short(lines[2] + " …", to: length)]
  }
}
