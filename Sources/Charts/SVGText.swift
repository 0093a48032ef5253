/// Builds elements of SVG whose texts cannot become markup.
struct SVGText {
  private(set) var text = ""
  private var open: [String] = []

  /// Begins an element; it is closed by ``end()``.
  mutating func begin(_ name: String, _ attributes: KeyValuePairs<String, String>) {
    text += "<\(name)\(Self.written(attributes))>"
    open.append(name)
  }

  /// Ends the element begun last.
  mutating func end() {
    if let name = open.popLast() { text += "</\(name)>\n" }
  }

  /// A whole element with text in it.
  mutating func element(_ name: String, _ attributes: KeyValuePairs<String, String>, _ content: String = "") {
    if content.isEmpty {
      text += "<\(name)\(Self.written(attributes))/>\n"
    } else {
      text += "<\(name)\(Self.written(attributes))>\(Self.escaped(content))</\(name)>\n"
    }
  }

  /// A shape that says its value when it is pointed at.
  mutating func shape(_ name: String, _ attributes: KeyValuePairs<String, String>, saying value: String) {
    text += "<\(name)\(Self.written(attributes))><title>\(Self.escaped(value))</title></\(name)>\n"
  }

  /// Markup of this module's own.
  mutating func raw(_ markup: String) { text += markup }

  private static func written(_ attributes: KeyValuePairs<String, String>) -> String {
    attributes.map { " \($0.key)=\"\(escaped($0.value))\"" }.joined()
  }

  /// Text as XML 1.0 can hold it: markup escaped, characters that XML forbids replaced.
  static func escaped(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;".unicodeScalars
      case "<": result += "&lt;".unicodeScalars
      case ">": result += "&gt;".unicodeScalars
      case "\"": result += "&quot;".unicodeScalars
      case "'": result += "&#39;".unicodeScalars
      case "\t", "\n", "\r": result.append(" ")
      case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: result.append("\u{FFFD}")
      default: result.append(scalar)
      }
    }
    return String(result)
  }
}
