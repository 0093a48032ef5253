public import CoachVocabulary

extension ModelReply {
  /// The JSON in the text, with or without a fence or words around it.
  ///
  /// Models wrap JSON in fences or add a sentence before it in spite of instructions, so the text is tried as it is,
  /// then the part from the first `{` or `[` to the last `}` or `]`. A comma behind a last element is forgiven.
  /// - Throws: `JSONFailure` when there is no JSON in the text.
  public static func json(in text: String) throws(JSONFailure) -> JSONValue {
    if let value = try? JSONValue(parsing: text, allowsTrailingCommas: true) { return value }
    guard let first = text.firstIndex(where: { $0 == "{" || $0 == "[" }) else {
      throw JSONFailure(message: "The reply holds no JSON; answer with one JSON value and nothing else.")
    }
    let closing: Character = text[first] == "{" ? "}" : "]"
    guard let last = text.lastIndex(of: closing), first < last else {
      throw JSONFailure(message: "The JSON in the reply breaks off; answer with one complete JSON value.")
    }
    do {
      return try JSONValue(parsing: String(text[first...last]), allowsTrailingCommas: true)
    } catch {
      throw JSONFailure(message: "The reply is not valid JSON; answer with one JSON value and nothing else.")
    }
  }
}
