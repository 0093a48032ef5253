import CoachVocabulary
import SemanticLayer
import StateGraph

/// The channels of the coach's graph that nodes read and write; `graphs/coach.yaml` declares them.
enum CoachState {
  static let message = StateKey<String>("message")
  static let domain = StateKey<String>("domain")
  static let session = StateKey<String>("session")
  static let history = StateKey<[String]>("history")
  static let previousFrame = StateKey<Frame>("previous_frame")
  static let askedAt = StateKey<Double>("asked_at")
  static let isPrivate = StateKey<Bool>("private")
  static let asOf = StateKey<CivilDate>("as_of")
  static let modelAvailable = StateKey<Bool>("model_available")
  static let outcome = StateKey<String>("outcome")
  static let frame = StateKey<Frame>("frame")
  static let reason = StateKey<String>("reason")
  static let missing = StateKey<[String]>("missing")
  static let options = StateKey<[Answer.Option]>("options")
  static let proposal = StateKey<SQLProposal>("proposal")
  static let byModel = StateKey<Bool>("by_model")
  static let modelUsed = StateKey<String>("model_used")
  static let agentProblem = StateKey<String>("agent_problem")
  static let sql = StateKey<String>("sql")
  static let countSQL = StateKey<String>("count_sql")
  static let parameters = StateKey<[JSONValue]>("parameters")
  static let columns = StateKey<[ResultColumn]>("columns")
  static let interpretation = StateKey<String>("interpretation")
  static let verdict = StateKey<String>("verdict")
  static let problem = StateKey<String>("problem")
  static let attempts = StateKey<Int>("attempts")
  static let rows = StateKey<[[JSONValue]]>("rows")
  static let totalRows = StateKey<Int>("total_rows")
  static let wording = StateKey<String>("wording")
  static let answer = StateKey<Answer>("answer")
  static let goal = StateKey<String>("goal")
  static let isApproved = StateKey<Bool>("approved")
  static let owner = StateKey<String>("owner")
  static let notes = StateKey<[String]>("notes")
  static let steps = StateKey<[StepRecord]>("steps")
}

/// What one node did, for people.
public struct StepRecord: Hashable, Sendable, Codable {
  /// The node.
  public var node: String
  /// How long it took, in milliseconds.
  public var durationMilliseconds: Double
  /// A few words on what came of it.
  public var note: String?

  private enum CodingKeys: String, CodingKey {
    case node
    case durationMilliseconds = "duration_ms"
    case note
  }
}

/// What the SQL generator returns.
struct SQLProposal: Hashable, Sendable, Codable {
  enum Kind: String, Hashable, Sendable, Codable {
    case sql
    case impossible
  }

  var kind: Kind
  var sql: String
  var explanation: String
  var missing: String

  /// The JSON Schema that replies must fit.
  static let schema: JSONValue = [
    "type": "object",
    "properties": [
      "kind": ["type": "string", "enum": ["sql", "impossible"]],
      "sql": ["type": "string"],
      "explanation": ["type": "string"],
      "missing": ["type": "string"],
    ],
    "required": ["kind", "sql", "explanation", "missing"],
    "additionalProperties": false,
  ]
}
