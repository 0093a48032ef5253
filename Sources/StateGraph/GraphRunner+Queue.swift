import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials

extension GraphRunner {
  /// Starts a run when its turn comes; at once when its thread is free and nobody waits for it.
  func startInLine(_ start: QueuedStart, _ graph: Graph) async throws -> RunHandle {
    let line = try await services.store.queue(of: start.thread)
    if line.isEmpty, let handle = try await startIfFree(start, graph) { return handle }
    if let known = line.first(where: { $0.isSameStart(as: start) }) { return wait(inLine: known, graph) }
    try await services.store.enqueue(start)
    return wait(inLine: start, graph)
  }

  /// Waits for all starts in line that nobody waits for in this process.
  func resumeQueue() async throws(CheckpointFailure) -> [RunHandle] {
    var handles: [RunHandle] = []
    for start in try await services.store.queue(of: nil) {
      // A graph that this process does not know is left to one that does.
      guard let graph = graphs[start.graph], !isInLine(start.run) else { continue }
      handles.append(wait(inLine: start, graph))
    }
    return handles
  }

  private func startIfFree(_ start: QueuedStart, _ graph: Graph) async throws -> RunHandle? {
    do {
      return try await begin(
        graph,
        run: start.run,
        thread: start.thread,
        input: start.input,
        options: start.options,
        timeLimit: start.timeLimit
      )
    } catch CheckpointFailure.threadBusy {
      return nil
    }
  }

  private func wait(inLine start: QueuedStart, _ graph: Graph) -> RunHandle {
    let (completion, isNew) = enterLine(start.run)
    if isNew {
      Task { [self] in
        let result: Result<RunOutcome, any Error>
        do { result = .success(try await turn(of: start, graph)) } catch { result = .failure(error) }
        leaveLine(start.run)
        completion.finish(result)
      }
    }
    return RunHandle(run: start.run, completion: completion, events: events(of: start.run))
  }

  /// Waits for the turn of a start, and then for its run.
  private func turn(of start: QueuedStart, _ graph: Graph) async throws -> RunOutcome {
    while !isDraining {
      if try await services.store.record(of: start.run) != nil {
        // Another process waited for it, too, and was first.
        try await services.store.dequeue(start.run)
        return try await end(of: start.run)
      }
      let line = try await services.store.queue(of: start.thread)
      guard line.contains(where: { $0.run == start.run }) else {
        // Whoever was first begins a run before it takes it out of the line.
        if try await services.store.record(of: start.run) != nil { continue }
        throw RunnerFailure.leftLine(start.run)
      }
      if let deadline = start.deadline, deadline <= services.clock.now {
        try await services.store.dequeue(start.run)
        throw RunnerFailure.waitedTooLong(start.run, start.thread)
      }
      if line.first?.run == start.run, let handle = try await startFirst(start, graph) {
        try await services.store.dequeue(start.run)
        return try await handle.outcome()
      }
      try await pause()
    }
    throw RunnerFailure.draining
  }

  private func startFirst(_ start: QueuedStart, _ graph: Graph) async throws -> RunHandle? {
    do {
      return try await startIfFree(start, graph)
    } catch CheckpointFailure.runExists {
      return nil
    } catch let error as CheckpointFailure {
      throw error
    } catch let failure as RunnerFailure {
      throw failure
    } catch {
      // An input that does not fit would hold up the line for ever.
      try await services.store.dequeue(start.run)
      throw error
    }
  }

  /// Waits for a run that another process works on.
  private func end(of run: RunID) async throws -> RunOutcome {
    while !isDraining {
      guard let record = try await services.store.record(of: run) else { throw CheckpointFailure.noSuchRun(run) }
      if record.status != .running, let outcome = try await outcome(of: run) { return outcome }
      if isActive(run) { return try await resume(run).outcome() }
      try await pause()
    }
    throw RunnerFailure.draining
  }

  private func pause() async throws {
    try await services.sleep(.milliseconds(250))
    await Task.yield()
  }
}

extension QueuedStart {
  /// Whether both are one start, asked for twice.
  fileprivate func isSameStart(as other: QueuedStart) -> Bool {
    run == other.run || (options.idempotencyKey != nil && options.idempotencyKey == other.options.idempotencyKey)
  }
}
