import CoachAPI
import CoachAgents
import CoachApp
import CoachVocabulary
import Goals

/// `coach plan`, `coach goals`.
extension CoachCommand {
  static let planUsage = """
    coach plan turns a wish into one to three goals with figures from the data, and keeps them as proposals.

    Usage: coach plan "WISH" [options]

      --owner NAME         who answers for the goals
      --as-of DAY          what counts as today (YYYY-MM-DD)
      --approve            approve the first goal at once, if it passes its checks
      --json               one JSON object
      --root, --data-folder, --domain, --data as for other commands

    Examples:
      coach plan "grow revenue by 5 % until the end of 2026"
      coach plan "raise customer satisfaction to 86 points within 6 months" --owner "Anna Berg"
      coach plan "cut warranty cost by 10 percent by December" --json

    The probability of a goal is the share of 4,000 simulated futures that reach it. Approve one with 'coach goals
    approve ID'. Exit status: 0 done, 2 wrong command line, 3 failure, 4 something has to be said first.
    """

  static func plan(_ words: [String]) async throws -> ExitStatus {
    let arguments = try Arguments(
      words,
      options: commonOptions.union(["as-of", "owner"]),
      flags: ["json", "approve", "timing"]
    )
    let wish = arguments.rest.joined(separator: " ")
    guard !wish.allSatisfy(\.isWhitespace) else {
      throw Arguments.Fault(description: "plan needs a wish: coach plan \"grow revenue by 5 % until the end of 2026\"")
    }
    return try await withGoals(arguments) { application, domain, asOf in
      var plan = try await application.planGoals(wish, owner: arguments.value("owner"), domain: domain, asOf: asOf)
      if arguments.flags.contains("approve"), let first = plan.goals.first {
        plan.goals[0] = try await application.approveGoal(first.id)
      }
      if arguments.flags.contains("json") {
        output(try JSONValue(encoding: plan).text)
      } else {
        say(plan.text)
        for fact in plan.facts { say("  \(fact)") }
        for goal in plan.goals {
          say("")
          show(goal)
        }
        for question in plan.questions where question != plan.text { say("Question: \(question)") }
      }
      return plan.goals.isEmpty ? .unanswered : .success
    }
  }

  static let goalsUsage = """
    coach goals keeps the goals: where they stand, check-ins, and their end.

    Usage: coach goals list|show|approve|checkin|close [options]

      list                 the newest goals; --open leaves out closed ones
      show ID              one goal with its checks, milestones and check-ins
      approve ID           a proposed goal becomes one that is worked on; --owner NAME
      checkin ID           where it stands today, kept; --confidence 0..1, --note TEXT
      close ID             --as achieved|missed|cancelled|replaced, --note TEXT
      --as-of DAY          what counts as today (YYYY-MM-DD)
      --json               one JSON object
      --root, --data-folder, --domain, --data as for other commands

    Examples:
      coach goals list --open
      coach goals checkin 01J9ZK3E8Q --confidence 0.7 --note "two dealers joined"
      coach goals close 01J9ZK3E8Q --as achieved

    Exit status: 0 done, 2 wrong command line, 3 failure, 4 no such goal, or it cannot be done.
    """

  static func goals(_ words: [String]) async throws -> ExitStatus {
    let arguments = try Arguments(
      Array(words.dropFirst()),
      options: commonOptions.union(["as-of", "owner", "confidence", "note", "as"]),
      flags: ["json", "open"]
    )
    let asJSON = arguments.flags.contains("json")
    func id() throws -> GoalID {
      guard let id = arguments.rest.first else { throw Arguments.Fault(description: "name the goal by its id") }
      return GoalID(id)
    }
    switch words.first {
    case "list":
      return try await withGoals(arguments) { application, domain, _ in
        let goals = try await application.goals(domain: domain, openOnly: arguments.flags.contains("open"))
        if asJSON { output(JSONValue.object(["goals": try JSONValue(encoding: goals)]).text) }
        for goal in goals where !asJSON {
          let chance = Int((100 * goal.likelihood.probability).rounded())
          say("\(goal.id)  \(goal.state.rawValue)  \(chance) %  \(goal.title)")
        }
        if goals.isEmpty { message("there are no goals; make some with 'coach plan'") }
        return .success
      }
    case "show":
      let id = try id()
      return try await withGoals(arguments) { application, _, asOf in
        let goal = try await application.goal(id)
        let checkIns = try await application.checkIns(of: id)
        if asJSON {
          var members = try JSONValue(encoding: goal).objectValue ?? [:]
          members["check_ins"] = try JSONValue(encoding: checkIns)
          output(JSONValue.object(members).text)
        } else {
          show(goal)
          if goal.state == .active { show(try await application.standing(of: goal, asOf: asOf)) }
          for checkIn in checkIns { say("\(checkIn.day): \(checkIn.status.rawValue)  \(checkIn.note ?? checkIn.draft)") }
        }
        return .success
      }
    case "approve":
      let id = try id()
      return try await withGoals(arguments) { application, _, _ in
        let goal = try await application.approveGoal(id, owner: arguments.value("owner"))
        if asJSON { output(try JSONValue(encoding: goal).text) } else { say("Approved: \(goal.title)") }
        return .success
      }
    case "checkin":
      let id = try id()
      var confidence: Double?
      if let text = arguments.value("confidence") {
        guard let number = Double(text), (0...1).contains(number) else {
          throw Arguments.Fault(description: "--confidence must be from 0 to 1")
        }
        confidence = number
      }
      return try await withGoals(arguments) { application, _, asOf in
        let checkIn = try await application.checkIn(
          id,
          confidence: confidence,
          note: arguments.value("note"),
          asOf: asOf
        )
        if asJSON { output(try JSONValue(encoding: checkIn).text) } else { show(checkIn) }
        return .success
      }
    case "close":
      let id = try id()
      guard let state = arguments.value("as").flatMap(Goal.State.init), state.isClosed else {
        throw Arguments.Fault(description: "--as must be achieved, missed, cancelled or replaced")
      }
      return try await withGoals(arguments) { application, _, _ in
        let goal = try await application.closeGoal(id, as: state, note: arguments.value("note"))
        if asJSON { output(try JSONValue(encoding: goal).text) } else { say("Closed as \(state.rawValue): \(goal.title)") }
        return .success
      }
    default: throw Arguments.Fault(description: "goals knows: list, show, approve, checkin, close")
    }
  }

  private static func withGoals(
    _ arguments: Arguments,
    _ body: (CoachApplication, String, CivilDate?) async throws -> ExitStatus
  ) async throws -> ExitStatus {
    let asOf = try day(arguments)
    let surroundings = Surroundings.machine
    let (installation, domain) = try load(arguments, surroundings)
    let application = try await CoachApplication(
      installation,
      surroundings: surroundings,
      owner: "goals-\(surroundings.random())",
      store: installation.store
    )
    do {
      let status = try await body(application, domain, asOf)
      await application.shutdown()
      return status
    } catch let problem as GoalProblem {
      await application.shutdown()
      throw Refused(text: "coach: \(problem)", status: .unanswered)
    } catch let refusal as EvidenceDesk.Refusal {
      await application.shutdown()
      throw Refused(text: "\(refusal)", status: .unanswered)
    } catch {
      await application.shutdown()
      throw error
    }
  }

  // MARK: - On the terminal

  private static func show(_ goal: Goal) {
    let write = GoalWriter.writer(for: goal)
    say("\(goal.title)  [\(goal.state.rawValue)]  \(goal.id)")
    say("  from \(write(goal.baseline)) to \(write(goal.target)), \(goal.start) to \(goal.deadline), owner: \(goal.owner ?? "nobody yet")")
    let chance = Int((100 * goal.likelihood.probability).rounded())
    say("  probability \(chance) %; as before: \(write(goal.likelihood.asBefore)); 70 % reach \(write(goal.likelihood.safe)), "
      + "50 % \(write(goal.likelihood.even)), 30 % \(write(goal.likelihood.stretch))")
    for check in goal.review { say("  \(check.letter.rawValue) \(check.result.rawValue): \(check.message)") }
    for milestone in goal.milestones { say("  milestone \(milestone.day): \(write(milestone.value))") }
    for indicator in goal.indicators { say("  watch \(indicator.label): \(indicator.reason)") }
    for initiative in goal.initiatives {
      say("  could do: \(initiative.title)" + (initiative.effect.map { " (\(write($0)))" } ?? ""))
    }
    for one in goal.guards {
      let side = one.direction == .atLeast ? "at least" : "at most"
      say("  guard: \(one.label) \(side) \((one.limit * 100).rounded() / 100)")
    }
  }

  private static func show(_ checkIn: CheckIn) {
    say("\(checkIn.day): \(checkIn.status.rawValue). \(checkIn.draft)")
    for warning in checkIn.warnings { say("  ! \(warning)") }
    if let confidence = checkIn.confidence { say("  confidence: \(confidence)") }
    if let note = checkIn.note { say("  note: \(note)") }
  }
}
