import CoachVocabulary

/// Fills in the parts of a template, one after the other.
struct Renderer {
  private var scopes: [JSONValue]
  private let limits: TemplateLimits
  private(set) var output = ""

  init(root: JSONValue, limits: TemplateLimits) {
    scopes = [root]
    self.limits = limits
  }

  mutating func render(_ parts: [Part]) throws(TemplateFailure) {
    for part in parts {
      switch part {
      case .text(let text): try write(text, at: nil)
      case .variable(let reference): try write(text(of: reference), at: reference)
      case .section(let reference, isInverted: true, let children):
        if try !value(of: reference).isShown { try render(children) }
      case .section(let reference, isInverted: false, let children):
        try renderSection(value(of: reference), children)
      }
    }
  }

  private mutating func renderSection(_ value: JSONValue, _ children: [Part]) throws(TemplateFailure) {
    guard value.isShown else { return }
    for item in value.arrayValue ?? [value] {
      scopes.append(item)
      defer { scopes.removeLast() }
      try render(children)
    }
  }

  private mutating func write(_ text: String, at reference: Reference?) throws(TemplateFailure) {
    guard output.utf8.count + text.utf8.count <= limits.outputBytes else {
      let place = reference.map { " at '\($0.name)'" } ?? ""
      throw TemplateFailure(
        kind: .tooLarge,
        message: "the text grows beyond \(limits.outputBytes) bytes\(place); give fewer or shorter values",
        line: reference?.line ?? 1,
        column: reference?.column ?? 1
      )
    }
    output += text
  }

  private func text(of reference: Reference) throws(TemplateFailure) -> String {
    switch try value(of: reference) {
    case .null:
      throw missing(reference, "has no value; ask for it with a section where it may be absent")
    case .string(let text): return text
    case .bool(let truth): return truth ? "true" : "false"
    case .int(let number): return String(number)
    case .double(let number):
      return number.rounded() == number && abs(number) < 1e15 ? String(Int(number)) : "\(number)"
    case .array, .object:
      return try value(of: reference).text.replacing("<", with: "\\u003c").replacing(">", with: "\\u003e")
    }
  }

  private func value(of reference: Reference) throws(TemplateFailure) -> JSONValue {
    guard let first = reference.path.first else {
      guard scopes.count > 1, let innermost = scopes.last else {
        throw missing(reference, "stands outside of a section")
      }
      return innermost
    }
    guard let scope = scopes.last(where: { $0[first] != nil }) else { throw missing(reference, "was not given") }
    var value = scope
    for name in reference.path {
      guard let inner = value[name] else { throw missing(reference, "was not given") }
      value = inner
    }
    return value
  }

  private func missing(_ reference: Reference, _ why: String) -> TemplateFailure {
    TemplateFailure(
      kind: .missingValue(name: reference.name),
      message: "the value '\(reference.name)' \(why)",
      line: reference.line,
      column: reference.column
    )
  }
}

extension JSONValue {
  /// Whether a section with this value is shown.
  fileprivate var isShown: Bool {
    switch self {
    case .null, .bool(false): false
    case .array(let items): !items.isEmpty
    case .string(let text): !text.isEmpty
    case .bool, .int, .double, .object: true
    }
  }
}
