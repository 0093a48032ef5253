import CoachVocabulary
import Foundation

/// A scripted model in a process of its own; it goes with the value.
final class PlayedModel: Sendable {
  let process: ChildProcess
  /// The base URL, with `/v1`.
  let url: String
  private let folder: TemporaryFolder

  /// Starts the model and waits until it listens.
  init(_ exchanges: [JSONValue]) async throws {
    folder = try TemporaryFolder()
    let script = try folder.write(exchanges.map(\.text).joined(separator: "\n"), to: "script.jsonl")
    process = try Coach.withoutData().start(["testing", "model", "--script", script])
    url = try await process.line(beginning: "scripted model at ")
  }

  /// A question that only a model can read.
  static let question = "average days between sale and warranty claim for grumpy customers"

  /// Exchanges that answer ``question`` any number of times, the way a slow model does.
  static func answering(first: Duration = .zero, chunk: Duration = .zero) -> [JSONValue] {
    let proposal: JSONValue = [
      "kind": "sql", "sql": "SELECT COUNT(*) AS claims FROM warranty_claims", "explanation": "All warranty claims.",
      "missing": "",
    ]
    let timing: [String: JSONValue] = [
      "times": 0, "first_delay_ms": .int(Int(first / .milliseconds(1))),
      "delay_ms": .int(Int(chunk / .milliseconds(1))),
    ]
    return [
      .object(timing.merging(["match": "You write SQL", "reply": proposal]) { $1 }),
      .object(timing.merging(["reply": "That is how many claims there are, one by one by one."]) { $1 }),
    ]
  }
}
