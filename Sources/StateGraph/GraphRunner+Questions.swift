public import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials

extension GraphRunner {
  /// Answers questions of a waiting run and goes on with it.
  ///
  /// The answers are saved before the run goes on. Nodes whose questions stay open are not executed again; the run then
  /// waits for the rest.
  ///
  /// - Parameters:
  ///   - run: a waiting run.
  ///   - answers: by the question's name, or by its ``Frontier/Question/id`` when several nodes ask by one name.
  ///   - timeLimit: the most time the run may take from now on; nil for what is left of its limit.
  /// - Returns: a handle to wait for the run and to follow it.
  /// - Throws: ``RunnerFailure`` for an unknown name, an answer that does not fit, or a run that does not wait, in which
  ///   case nothing is changed; ``CheckpointFailure``.
  public func answer(
    _ run: RunID,
    _ answers: [String: JSONValue],
    timeLimit: Duration? = nil
  ) async throws -> RunHandle {
    let now = services.clock.now
    return try await takeUp(run, timeLimit: timeLimit) { saved in
      // After the claim the run counts as running; the trial before it has seen that it waits.
      guard saved.record.status == .waiting || saved.record.status == .running, !saved.frontier.questions.isEmpty else {
        throw RunnerFailure.notWaiting(run)
      }
      saved.frontier.release()
      for (name, value) in answers.sorted(by: { $0.key < $1.key }) {
        try saved.frontier.answer(name, with: value, at: now)
      }
    }
  }

  /// The open questions of a run; none for a run that does not wait.
  ///
  /// - Throws: ``CheckpointFailure``.
  public func questions(of run: RunID) async throws -> [Frontier.Question] {
    guard let saved = try await services.store.load(run) else { throw CheckpointFailure.noSuchRun(run) }
    return saved.frontier.openQuestions
  }
}

extension Frontier {
  /// Notes an answer.
  fileprivate mutating func answer(_ name: String, with value: JSONValue, at now: Date) throws(RunnerFailure) {
    let open = openQuestions.filter { question in question.expiresAt.map { $0 > now } ?? true }
    let exact = open.filter { $0.id == name }
    let meant = exact.isEmpty ? open.filter { $0.name == name } : exact
    guard meant.count == 1 else { throw .noSuchQuestion(name, open: open.map(\.id)) }
    guard let fitting = meant[0].schema.normalised(value) else {
      throw .answerDoesNotFit(name, wanted: "\(meant[0].schema)", found: value.kindName)
    }
    Self.answer(meant[0].id, with: fitting, in: &questions)
    for place in ahead.indices { Self.answer(meant[0].id, with: fitting, in: &ahead[place].questions) }
  }

  private static func answer(_ id: String, with value: JSONValue, in questions: inout [Question]) {
    for index in questions.indices where questions[index].id == id && questions[index].answer == nil {
      questions[index].answer = value
    }
  }
}
