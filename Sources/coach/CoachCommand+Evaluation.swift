import CoachApp
import CoachVocabulary
import FoundationEssentials

/// Measurement of the SQL gate, and what `coach help eval` prints.
extension CoachCommand {
  static let evaluationUsage = """
    coach eval measures one part of the coach. Each command writes JSON Lines in the order of what it reads and exits with
    0 when every line was processed; a line that cannot be read gives a line with "error".

    From standard input:
      eval questions --domain D [--data DB]
                           {id, question, history?, hint?, as_of} -> {id, outcome, sql?, rows?, text, …}
      eval time [--fiscal-start 1…12] [--week-start monday]
                           {id, text, ref} -> {id, start, end}
      eval route           {id, prompt} -> {id, score, class, features}
      eval gate --engine postgres|sqlite --policy FILE
                           {id, sql, tenant?} -> {id, verdict, reason, rewritten?}
                           verdict: pass (then `rewritten` is what may run), repairable or forbidden

    From a folder of samples:
      eval localize|correlate|forecast|detect DIR

    The gate's policy is a JSON file; all that is known of the data comes from it:
      allowed_relations    {"orders": ["id", "tenant_id", "amount"], …}: readable columns in the table's order
      forbidden_columns    {"staff": ["pay"]}: columns that are there and hidden
      forbidden_relations  ["vault", "staging.*"]
      tenant_column        "tenant_id"; relations with it show only rows of the caller
      caller_tenant        1, unless the line has a tenant of its own
      row_filters          {"orders": ["status <> 'draft'"]}: conditions on every row
      masks                {"customers": {"name": null, "email": "(hidden)"}}: what stands in place of values
      keys                 {"orders": ["id"]}: primary keys; "id" when it is not said
      row_limit            10000

    Examples:
      coach eval gate --engine postgres --policy policy.json < statements.jsonl > verdicts.jsonl
      echo '{"id": 1, "sql": "SELECT count(*) FROM orders", "tenant": 7}' | coach eval gate --engine sqlite --policy p.json
    """

  static func evaluateGate(_ words: [String]) async throws -> ExitStatus {
    let arguments = try Arguments(words, options: ["engine", "policy"], flags: [])
    guard let engine = arguments.value("engine"), let path = arguments.value("policy") else {
      throw Arguments.Fault(description: "eval gate needs --engine postgres|sqlite and --policy FILE")
    }
    guard let policy = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw Refused(text: "coach: the policy \(path) cannot be read", status: .failure)
    }
    let evaluation = try GateEvaluation(engine: engine, policy: policy)
    for line in InputLines() where !line.isEmpty { output(await evaluation.answer(line).text) }
    return .success
  }
}
