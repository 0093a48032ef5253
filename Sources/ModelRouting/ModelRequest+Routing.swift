import CoachVocabulary
import LanguageModel

extension ModelRequest {
  /// The request as an endpoint can take it: without the ability to enforce a schema, the schema moves into the prompt.
  func adapted(to endpoint: ModelEndpoint) -> ModelRequest {
    guard case .jsonSchema(name: _, let schema, strict: _) = responseFormat,
      !endpoint.abilities.contains(.jsonSchema)
    else { return self }
    var request = self
    request.responseFormat = .text
    let rule = "Answer with one JSON value that fits this JSON Schema, and nothing else:\n\(schema.text)"
    if case .system(let text)? = messages.first {
      request.messages[0] = .system("\(text)\n\n\(rule)")
    } else {
      request.messages.insert(.system(rule), at: 0)
    }
    return request
  }

  /// The request again, with the reply that did not fit and what is wrong with it.
  func repairing(_ reply: String, faults: [String]) -> ModelRequest {
    var request = self
    let list = faults.map { "- \($0)" }.joined(separator: "\n")
    request.messages += [
      .assistant(reply),
      .user(
        "That reply does not fit the JSON Schema:\n\(list)\nAnswer again with the corrected JSON and nothing else."
      ),
    ]
    return request
  }
}
