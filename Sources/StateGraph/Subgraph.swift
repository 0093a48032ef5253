import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials

/// Lets a node run another graph.
///
/// Channels of both graphs with one name are shared: those the inner graph takes are copied in at the call, and what it
/// gives is written back as a change, so that lists are not doubled and siblings lose nothing.
enum Subgraph {
  static func entry(calling graph: Graph) -> NodeRegistry.Entry {
    NodeRegistry.Entry(
      function: { state, context in try await context.scope.run.services.call(graph, state, context) },
      reads: graph.inputNames,
      writes: graph.outputNames
    )
  }

  /// The runner, known to nodes once it is made.
  final class Caller: Sendable {
    private struct Reference: Sendable {
      weak var runner: GraphRunner?
    }

    private let reference = Locked(Reference())

    func set(_ runner: GraphRunner) { reference.withLock { $0.runner = runner } }

    func call(_ graph: Graph, _ state: StateSnapshot, _ context: NodeContext) async throws -> StateUpdate {
      guard let runner = reference.withLock({ $0.runner }) else { throw Interruption() }
      return try await runner.call(graph, state, context)
    }
  }
}

extension GraphRunner {
  /// Runs a subgraph for a node, or goes on with the run that an earlier execution of the node began.
  fileprivate func call(_ graph: Graph, _ state: StateSnapshot, _ context: NodeContext) async throws -> StateUpdate {
    let input = Self.input(of: graph, state, context)
    defer { setCaller(nil, of: RunID(context.idempotencyKey)) }
    do {
      let handle = try await handle(graph, input, context)
      let outcome = try await withTaskCancellationHandler {
        try await handle.outcome()
      } onCancel: {
        Task { try? await self.stop(handle.run) }
      }
      return try Self.update(from: outcome, graph, input, context)
    } catch RunnerFailure.draining {
      throw Interruption()
    }
  }

  private static func input(of graph: Graph, _ state: StateSnapshot, _ context: NodeContext) -> StateUpdate {
    var input = StateUpdate()
    let sent = context.input.objectValue ?? [:]
    for name in graph.inputNames {
      if let value = sent[name] ?? state.table.index[name].flatMap({ state.slots[$0] }) { input.overwrite(name, value) }
    }
    return input
  }

  private func handle(_ graph: Graph, _ input: StateUpdate, _ context: NodeContext) async throws -> RunHandle {
    let memory = context.scope.node.options.memory
    let run = RunID(context.idempotencyKey)
    let scope = context.scope
    let caller = LiveRun.Caller(live: scope.run.live, node: context.node, send: scope.send)
    setCaller(caller, of: run)
    if memory != .none, let known = try await services.store.record(of: run) {
      try await showMissing(of: known, to: caller, context)
      let answers = known.status == .waiting ? try await answers(for: run, context) : [:]
      return answers.isEmpty ? try await resume(run) : try await answer(run, answers)
    }
    let place = memory == .persistent ? "" : "/\(context.run)/\(context.step)"
    var options = StartOptions()
    options.durability = memory == .none ? .none : .step
    options.continuesThread = memory == .persistent
    return try await begin(
      graph,
      run: run,
      thread: ThreadID("\(context.thread)\(place)/\(context.scope.task)"),
      input: input,
      options: options,
      parent: context.run,
      timeLimit: context.deadline?.remaining
    )
  }

  /// Shows the calling run what happened in a subgraph and was lost to it, because its process died before it saved.
  private func showMissing(of known: RunRecord, to caller: LiveRun.Caller, _ context: NodeContext) async throws {
    var shown = 0
    var seen = 0
    while case let page = try await services.store.events(of: context.run, after: seen, limit: 256),
      let last = page.last
    {
      seen = last.sequence
      for event in page {
        if let inner = event.ofSubgraph?.event, inner.run == known.run { shown = max(shown, inner.sequence) }
      }
    }
    while case let page = try await services.store.events(of: known.run, after: shown, limit: 256), let last = page.last
    {
      shown = last.sequence
      for event in page where !RunEvent.runStates.contains(event.type) { caller.show(event) }
    }
  }

  /// The answers that people gave to the calling node in place of the subgraph.
  private func answers(for run: RunID, _ context: NodeContext) async throws -> [String: JSONValue] {
    var answers: [String: JSONValue] = [:]
    for question in try await questions(of: run) { answers[question.id] = context.scope.answer(to: question.id) }
    return answers
  }

  private static func update(
    from outcome: RunOutcome,
    _ graph: Graph,
    _ input: StateUpdate,
    _ context: NodeContext
  ) throws -> StateUpdate {
    switch outcome.record.status {
    case .finished: break
    case .failed:
      let error = outcome.record.error
      let message = "graph '\(graph.name)' failed: \(error?.description ?? "no reason was saved")"
      throw RunError(.subgraphFailed, message, node: context.node)
    case .waiting:
      pause(outcome, context)
      throw RunPause()
    case .stopped, .interrupted, .running: throw Interruption()
    }
    var update = StateUpdate()
    for name in graph.outputNames {
      guard let index = graph.table.index[name], let value = outcome.state.slots[index] else { continue }
      write(value, to: graph.table.channels[index], after: input.writes[name], into: &update)
    }
    if let command = outcome.frontier.parent {
      for (name, value) in command.writes { update.set(name, value) }
      for target in command.targets ?? [] { update.goto(target) }
    }
    return update
  }

  /// Hands the questions and the waits of a subgraph on to the run that called it.
  private static func pause(_ outcome: RunOutcome, _ context: NodeContext) {
    context.scope.pause { pause in
      for var question in outcome.questions {
        question.name = question.id
        question.node = context.node
        question.send = context.scope.send
        pause.questions.append(question)
      }
      pause.isHeld = outcome.frontier.isAtBreakpoint || !outcome.frontier.holds.isEmpty
      if let wakeAt = outcome.frontier.timers.map(\.until).min() {
        let timer = Frontier.Timer(node: context.node, send: context.scope.send, name: "graph", until: wakeAt)
        pause.timers.append(timer)
      }
    }
  }

  /// Writes what became of a shared channel as a change, in the way the channel combines writes.
  private static func write(
    _ value: JSONValue,
    to channel: Channel,
    after input: JSONValue?,
    into update: inout StateUpdate
  ) {
    switch (channel.kind, input, value) {
    case (.ephemeral, _, _), (.untracked, _, _): break
    case (.append, .array(let before)?, .array(let after)):
      if after.starts(with: before) {
        if after.count > before.count { update.set(channel.name, .array(Array(after.dropFirst(before.count)))) }
      } else {
        update.overwrite(channel.name, value)
      }
    case (.messages, .array(let before)?, .array(let after)):
      let kept = Set(after.compactMap { $0["id"]?.stringValue })
      let gone = before.compactMap { $0["id"]?.stringValue }.filter { !kept.contains($0) }
      let old = Set(before)
      let changes = gone.map { Messages.removal(of: $0) } + after.filter { !old.contains($0) }
      if !changes.isEmpty { update.set(channel.name, .array(changes)) }
    case (.reduce(.sum), .int(let before)?, .int(let after)): update.set(channel.name, .int(after &- before))
    case (.reduce(.sum), .double(let before)?, .double(let after)): update.set(channel.name, .double(after - before))
    case (.reduce(.merge), .object(let before)?, .object(let after)):
      update.set(channel.name, .object(after.filter { before[$0.key] != $0.value }))
    case (.last, let before?, _): if before != value { update.set(channel.name, value) }
    default: update.set(channel.name, value)
    }
  }
}
