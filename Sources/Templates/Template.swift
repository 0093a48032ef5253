public import CoachVocabulary

/// A logic-less template of the Mustache family, made for prompts.
///
/// It knows variables (`{{name}}`, the same as `{{{name}}}` and `{{&name}}`, for prompts are no HTML), sections (`{{#name}}…{{/name}}`), inverted
/// sections (`{{^name}}…{{/name}}`), dotted names, `{{.}}` and comments (`{{! … }}`). A line that holds nothing but a section's tag or a
/// comment leaves no line behind. Partials, blocks and changed delimiters are refused.
///
/// Two things differ from Mustache. A name without a value is an error and never an empty text: give null for what is absent
/// and ask for it with a section. And lists and objects print as JSON with `<` and `>` written as escapes, so that
/// data inside cannot close a tag that the prompt has put around it.
public struct Template: Hashable, Sendable {
  let parts: [Part]

  /// Reads a template.
  ///
  /// - Throws: ``TemplateFailure`` with the place of the first fault.
  public init(parsing text: String, limits: TemplateLimits = TemplateLimits()) throws(TemplateFailure) {
    guard text.utf8.count <= limits.templateBytes else {
      throw TemplateFailure(
        kind: .tooLarge,
        message: "the template has \(text.utf8.count) bytes, and \(limits.templateBytes) are allowed; shorten it",
        line: 1,
        column: 1
      )
    }
    var tokenizer = Tokenizer(text)
    var builder = PartBuilder(depth: limits.depth)
    while let token = try tokenizer.next() { try builder.add(token) }
    parts = try builder.finish()
  }

  /// Every name that the template uses, in the order of its text.
  public var names: [TemplateName] {
    var names: [TemplateName] = []
    Self.collect(parts, sections: [], into: &names)
    return names
  }

  /// The names for which a caller that supplies `shape` has no value.
  ///
  /// A name is looked up in the innermost section first and then outwards, as it is when the template is filled in.
  public func names(missingFrom shape: TemplateShape) -> [TemplateName] {
    var missing: [TemplateName] = []
    Self.check(parts, scopes: [shape], sections: [], into: &missing)
    return missing
  }
}

// MARK: - Names

extension Template {
  private static func collect(_ parts: [Part], sections: [String], into names: inout [TemplateName]) {
    for part in parts {
      switch part {
      case .text: break
      case .variable(let reference): names.append(TemplateName(reference, in: sections))
      case .section(let reference, let isInverted, let children):
        names.append(TemplateName(reference, in: sections))
        collect(children, sections: isInverted ? sections : sections + [reference.name], into: &names)
      }
    }
  }

  private static func check(
    _ parts: [Part],
    scopes: [TemplateShape],
    sections: [String],
    into missing: inout [TemplateName]
  ) {
    for part in parts {
      switch part {
      case .text: break
      case .variable(let reference):
        if find(reference, in: scopes) == nil { missing.append(TemplateName(reference, in: sections)) }
      case .section(let reference, let isInverted, let children):
        let shape = find(reference, in: scopes)
        if shape == nil { missing.append(TemplateName(reference, in: sections)) }
        // Where the section itself is unknown, so is all inside: one finding is enough.
        guard let shape else { continue }
        let inner = isInverted ? scopes : scopes + [shape]
        check(children, scopes: inner, sections: isInverted ? sections : sections + [reference.name], into: &missing)
      }
    }
  }

  private static func find(_ reference: Reference, in scopes: [TemplateShape]) -> TemplateShape? {
    guard let first = reference.path.first else { return scopes.count > 1 ? scopes.last : nil }
    guard let scope = scopes.last(where: { $0.members[first] != nil }) else { return nil }
    return reference.path.reduce(scope) { shape, name in shape?.members[name] }
  }
}

extension TemplateName {
  fileprivate init(_ reference: Reference, in sections: [String]) {
    self.init(name: reference.name, sections: sections, line: reference.line, column: reference.column)
  }
}

// MARK: - Filling in

extension Template {
  /// Fills in the template.
  ///
  /// A section is left out when its value is null, false, an empty list or an empty text.
  /// - Throws: ``TemplateFailure`` when a value is missing or the text grows beyond the limit.
  public func render(
    _ values: [String: JSONValue],
    limits: TemplateLimits = TemplateLimits()
  ) throws(TemplateFailure) -> String {
    var renderer = Renderer(root: .object(values), limits: limits)
    try renderer.render(parts)
    return renderer.output
  }
}
