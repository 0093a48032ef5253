/// The little grammar that sentences need: plurals, and lists.
enum English {
  /// The plural of a singular label such as "dealer group", "city" or "salesperson"; a plural stays as it is.
  static func plural(of label: String) -> String {
    let lower = label.lowercased()
    if lower.hasSuffix("person") { return String(label.dropLast(6)) + "people" }
    if isPlural(word: lower) { return label }
    if lower.hasSuffix("y"), let before = lower.dropLast().last, !"aeiou".contains(before) {
      return String(label.dropLast()) + "ies"
    }
    return label + (["s", "x", "z", "ch", "sh"].contains { lower.hasSuffix($0) } ? "es" : "s")
  }

  /// The word for a count: "1 dealer", "3 dealers".
  static func counted(_ count: Int, _ label: String) -> String {
    "\(ValueText.decimal(Double(count), places: 0)) \(count == 1 ? label : plural(of: label))"
  }

  /// Whether a label speaks of many: "Units sold", "Claims per 100 cars", but not "Cost of sales" or "Sales margin".
  static func isPlural(_ label: String) -> Bool {
    let words = label.lowercased().split(separator: " ").map(String.init)
    let head = Array(words.prefix { !["of", "per", "in", "by", "at", "on", "from", "for", "with"].contains($0) })
    guard let last = head.last else { return false }
    // A participle stands behind its noun: "units sold", "cars delivered".
    let isParticiple =
      head.count > 1 && (last.hasSuffix("ed") || ["sold", "made", "lost", "won", "built"].contains(last))
    return isPlural(word: isParticiple ? head[head.count - 2] : last)
  }

  /// "second", "third", "21st".
  static func ordinal(_ number: Int) -> String {
    let words = ["first", "second", "third", "fourth", "fifth"]
    guard !(1...words.count).contains(number) else { return words[number - 1] }
    let suffix = (11...13).contains(number % 100) ? "th" : [1: "st", 2: "nd", 3: "rd"][number % 10] ?? "th"
    return "\(number)\(suffix)"
  }

  /// "a, b and c".
  static func list(_ items: [String]) -> String {
    guard let last = items.last, items.count > 1 else { return items.first ?? "" }
    return items.dropLast().joined(separator: ", ") + " and " + last
  }

  private static func isPlural(word: String) -> Bool {
    if word.hasSuffix("people") || word.hasSuffix("men") || word.hasSuffix("children") { return true }
    return word.hasSuffix("s") && !["ss", "us", "is"].contains { word.hasSuffix($0) }
  }
}
