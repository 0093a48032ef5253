import CoachVocabulary
import ConcurrencyKit
import Declarations
import LanguageModel
import Ledger
import ModelRouting
import StateGraph
import Templates

/// Runs a declared agent: fills in its prompt from the state, calls a model through router and ledger, and writes
/// what its declaration says.
struct AgentNode: Sendable {
  /// Gives the value of an input that is no channel of the state.
  typealias InputProvider = @Sendable (StateSnapshot) throws -> JSONValue

  let declaration: AgentDeclaration
  let services: CoachServices
  let inputs: [String: InputProvider]
  let schemas: [String: JSONValue]

  /// What is kept of a reply, so that a resumed run does not ask again.
  private struct Reply: Codable, Sendable {
    var text: String
    var json: JSONValue?
    var model: String
    var problem: String?
    var record: JSONValue
  }

  func run(_ state: StateSnapshot, _ context: NodeContext) async throws -> StateUpdate {
    let call = try call(state, context)
    let streams = declaration.output.schema == nil
    let reply = try await context.once("reply") { () async throws -> Reply in
      try await self.reply(to: call, context, streams: streams)
    }
    context.emit("model_call", reply.record)
    var update = StateUpdate()
    if let problem = reply.problem {
      try update.set(CoachState.agentProblem, declaration.withoutModel.say ?? problem)
      update.note = "no reply: \(problem)"
      return update
    }
    guard let target = declaration.output.writes.first else { return update }
    update.set(target, reply.json ?? .string(reply.text))
    try update.set(CoachState.modelUsed, reply.model)
    try update.set(CoachState.agentProblem, "")
    update.note = "answered by \(reply.model)"
    return update
  }

  private func reply(to call: ModelCall, _ context: NodeContext, streams: Bool) async throws -> Reply {
    do throws(RoutingFailure) {
      let routed = try await services.router.reply(to: call) { event in
        switch event {
        case .decided(let decision): context.emit("routing", decision)
        case .text(let text) where streams: context.emit("token", ["text": .string(text)])
        case .restarted(let endpoint):
          context.emit("model_restarted", ["endpoint": .string(endpoint)])
          if streams { context.emit("token_reset", ["endpoint": .string(endpoint)]) }
        case .budgetPassed(let cap): context.emit("budget_passed", ["budget": .string(cap.description)])
        case .text, .started: break
        }
      }
      // Half a wording is kept in the record; what stands in its place says that it broke off.
      let problem = routed.isPartial ? "the reply of \(routed.model) broke off" : nil
      return Reply(
        text: routed.text,
        json: routed.json,
        model: routed.model,
        problem: problem,
        record: routed.isPartial ? routed.record.adding("partial_text", .string(routed.text)) : routed.record
      )
    } catch {
      if error.kind == .cancelled || Task.isCancelled {
        // What was written until then stays in the log of the run.
        let isWorth = !error.partialText.isEmpty
        let record = isWorth ? error.record.adding("partial_text", .string(error.partialText)) : error.record
        context.emit("model_call", record)
        throw CancellationError()
      }
      return Reply(text: "", json: nil, model: "", problem: error.description, record: error.record)
    }
  }

  private func call(_ state: StateSnapshot, _ context: NodeContext) throws -> ModelCall {
    let values = try self.values(state)
    let messages: [ModelMessage]
    do {
      messages = [
        .system(try declaration.prompt.system.render(values)), .user(try declaration.prompt.user.render(values)),
      ]
    } catch {
      throw CoachFailure.prompt("\(error)")
    }
    var format = ResponseFormat.text
    if let name = declaration.output.schema {
      guard let schema = schemas[name] else { throw CoachFailure.missingInput("the output schema '\(name)'") }
      format = .jsonSchema(name: name, schema: schema)
    }
    let wish = declaration.model
    let request = ModelRequest(
      messages: messages,
      responseFormat: format,
      maxOutputTokens: wish.maxOutputTokens,
      temperature: wish.temperature
    )
    let session = try state[CoachState.session].map { SessionID($0) }
    let origin = CallOrigin(
      tenant: .local,
      run: context.run,
      session: session,
      node: context.node,
      agent: declaration.id
    )
    let missing = try state[CoachState.missing] ?? []
    return ModelCall(
      request,
      origin: origin,
      complexity: ComplexityInput(question: try state[CoachState.message] ?? "", unresolvedWords: missing.count),
      tier: TierChoice(wish.tier),
      isPrivate: try state[CoachState.isPrivate] ?? false,
      needs: Set(wish.needs.map(ModelAbility.init)),
      deadline: .after(declaration.limits.time),
      caps: caps(context.run)
    )
  }

  private func caps(_ run: RunID) -> [SpendingCap] {
    declaration.limits.cost.map { [SpendingCap(LedgerScope(tenant: .local, .run(run)), most: $0)] } ?? []
  }

  private func values(_ state: StateSnapshot) throws -> [String: JSONValue] {
    var values: [String: JSONValue] = [:]
    for name in declaration.inputs.members.keys {
      values[name] = try inputs[name].map { try $0(state) } ?? state[name] ?? .null
    }
    return values
  }
}

extension TierChoice {
  fileprivate init(_ tier: AgentDeclaration.ModelWish.Tier) {
    self =
      switch tier {
      case .auto: .auto
      case .local: .local
      case .cloud: .cloud
      }
  }
}

extension ModelAbility {
  fileprivate init(_ need: AgentDeclaration.ModelWish.Need) {
    self =
      switch need {
      case .jsonSchema: .jsonSchema
      case .tools: .tools
      }
  }
}

extension JSONValue {
  /// The object with one more member.
  fileprivate func adding(_ key: String, _ value: JSONValue) -> JSONValue {
    var members = objectValue ?? [:]
    members[key] = value
    return .object(members)
  }
}
