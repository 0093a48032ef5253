import CoachVocabulary
import Templates

/// Reads an agent from its tree.
struct AgentReader {
  /// An agent whose prompt is not looked up yet.
  struct Draft {
    var id: String
    var prompt: String
    var promptPosition: SourcePosition
    var make: (Prompt) -> AgentDeclaration
    var inputs: TemplateShape
    var inputsPosition: SourcePosition
  }

  let diagnostics: DiagnosticCollector

  /// Reads an agent; nil when an essential part is missing, which is reported.
  func read(_ tree: DeclarationTree, stem: String) -> Draft? {
    let what = "agent '\(stem)'"
    let reader = DeclarationReader(tree, as: what, reporting: diagnostics)
    defer { reader.finish() }
    let id = reader.requiredString("agent")
    if let id, id != stem {
      diagnostics.error(
        "the agent '\(id)' must stand in \(id).yaml, or be called '\(stem)'",
        at: reader.position(of: "agent")
      )
    }
    let purpose = reader.requiredString("purpose")
    let prompt = reader.requiredString("prompt")
    let inputs = shape(reader.list("inputs"), of: what)
    let model = reader.reader("model", as: "the model of \(what)").map(model) ?? AgentDeclaration.ModelWish()
    let tools = reader.strings("tools")
    let output = reader.requiredTree("output").map { self.output($0, what) }
    let limits = reader.reader("limits", as: "the limits of \(what)").map(limits) ?? AgentDeclaration.Limits()
    let withoutModel = reader.requiredTree("without_model").map { self.withoutModel($0, what) }
    if !tools.isEmpty, !model.needs.contains(.tools) {
      diagnostics.error("\(what) has tools, so its model needs: [tools]", at: reader.position(of: "tools"))
    }
    guard let id, let purpose, let prompt, let output = output ?? nil, let withoutModel = withoutModel ?? nil else {
      return nil
    }
    let make = { (found: Prompt) in
      AgentDeclaration(
        id: id,
        purpose: purpose,
        prompt: found,
        inputs: inputs,
        model: model,
        tools: tools,
        output: output,
        limits: limits,
        withoutModel: withoutModel,
        position: tree.position
      )
    }
    return Draft(
      id: id,
      prompt: prompt,
      promptPosition: reader.position(of: "prompt"),
      make: make,
      inputs: inputs,
      inputsPosition: reader.position(of: "inputs")
    )
  }

  /// Names, each alone or as a mapping to the list of the names inside it.
  private func shape(_ entries: [DeclarationTree], of what: String) -> TemplateShape {
    var shape = TemplateShape()
    func add(_ name: String, _ inner: TemplateShape, at position: SourcePosition) {
      if shape.members.updateValue(inner, forKey: name) != nil {
        diagnostics.error("the input '\(name)' of \(what) is declared twice", at: position)
      }
    }
    for entry in entries {
      switch entry.content {
      case .scalar(_, text: let name): add(name, TemplateShape(), at: entry.position)
      case .mapping(let members):
        for member in members {
          guard case .list(let inner) = member.value.content else {
            diagnostics.error(
              "the names inside the input '\(member.key)' must be a list, not \(member.value.kindName)",
              at: member.value.position
            )
            continue
          }
          add(member.key, self.shape(inner, of: what), at: member.position)
        }
      case .list: diagnostics.error("an input of \(what) must be a name, not a list", at: entry.position)
      }
    }
    return shape
  }

  private func model(_ reader: DeclarationReader) -> AgentDeclaration.ModelWish {
    defer { reader.finish() }
    var wish = AgentDeclaration.ModelWish()
    for text in reader.strings("needs") {
      if let need = AgentDeclaration.ModelWish.Need(rawValue: text) {
        wish.needs.append(need)
      } else {
        let known = AgentDeclaration.ModelWish.Need.allCases.map(\.rawValue).joined(separator: ", ")
        diagnostics.error("'\(text)' is nothing a model can need; known: \(known)", at: reader.position(of: "needs"))
      }
    }
    wish.tier = reader.choice("tier", of: AgentDeclaration.ModelWish.Tier.self) ?? wish.tier
    wish.maxOutputTokens = reader.int("max_output_tokens", in: 1...32_768) ?? wish.maxOutputTokens
    if let temperature = reader.double("temperature") {
      wish.temperature = temperature
      if !(0...2).contains(temperature) {
        diagnostics.error(
          "'temperature' must be from 0 to 2, not \(temperature)",
          at: reader.position(of: "temperature")
        )
      }
    }
    return wish
  }

  private func output(_ tree: DeclarationTree, _ what: String) -> AgentDeclaration.Output? {
    let reader = DeclarationReader(tree, as: "the output of \(what)", reporting: diagnostics)
    defer { reader.finish() }
    let output = AgentDeclaration.Output(schema: reader.string("schema"), writes: reader.strings("writes"))
    if output.writes.isEmpty {
      diagnostics.error("the output of \(what) needs 'writes', the keys of the state that it writes", at: tree.position)
    }
    return output
  }

  private func limits(_ reader: DeclarationReader) -> AgentDeclaration.Limits {
    defer { reader.finish() }
    var limits = AgentDeclaration.Limits()
    limits.steps = reader.int("steps", in: 1...50) ?? limits.steps
    limits.time = reader.duration("time", in: .milliseconds(1) ... .seconds(600)) ?? limits.time
    limits.cost = reader.cost("cost")
    return limits
  }

  private func withoutModel(_ tree: DeclarationTree, _ what: String) -> AgentDeclaration.WithoutModel? {
    let reader = DeclarationReader(tree, as: "'without_model' of \(what)", reporting: diagnostics)
    defer { reader.finish() }
    let say = reader.string("say")
    guard reader.requiredTree("outcome") != nil,
      let outcome = reader.choice("outcome", of: AgentDeclaration.WithoutModel.Outcome.self)
    else { return nil }
    return AgentDeclaration.WithoutModel(outcome: outcome, say: say)
  }
}
