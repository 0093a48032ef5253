import CoachVocabulary

/// A JSON Schema as a grammar in GBNF, llama.cpp's notation, that lets only fitting values through.
///
/// Source: github.com/ggml-org/llama.cpp/blob/master/grammars/README.md. Members come in the order of their names, the
/// required ones first, and only those that the schema names where it names any. Bounds of numbers are not part of the
/// grammar: what it lets through is checked against the schema all the same.
struct JSONGrammar: Hashable, Sendable {
  /// The longest list or text that a grammar spells out; longer bounds count as none.
  private static let largestCount = 2_000

  /// The grammar; the rule to start with is `root`.
  let text: String

  /// Writes a grammar.
  ///
  /// - Throws: `JSONFailure` for a schema that has no grammar: `allOf`, or nested deeper than 64 levels.
  init(_ schema: JSONValue) throws(JSONFailure) {
    var rules = Rules()
    let root = try rules.add(schema, depth: 0)
    text = (["root ::= ws \(root) ws"] + rules.lines + Self.common).joined(separator: "\n") + "\n"
  }

  private static let common = [
    #"ws ::= [ \n]?"#,
    #"value ::= object | array | string | number | boolean | null"#,
    #"object ::= "{" ws (string ws ":" ws value (ws "," ws string ws ":" ws value)*)? ws "}""#,
    #"array ::= "[" ws (value (ws "," ws value)*)? ws "]""#,
    #"string ::= "\"" char* "\"""#,
    #"char ::= [^"\\\x00-\x1F\x7F] | "\\" (["\\/bfnrt] | "u" [0-9a-fA-F] [0-9a-fA-F] [0-9a-fA-F] [0-9a-fA-F])"#,
    #"integer ::= "-"? ("0" | [1-9] [0-9]{0,14})"#,
    #"number ::= integer ("." [0-9]{1,15})? ([eE] [-+]? [0-9]{1,2})?"#,
    #"boolean ::= "true" | "false""#,
    #"null ::= "null""#,
  ]

  private struct Rules {
    private(set) var lines: [String] = []

    /// The name or the text of the rule for a schema.
    mutating func add(_ schema: JSONValue, depth: Int) throws(JSONFailure) -> String {
      guard depth <= 64 else { throw JSONFailure(message: "The JSON Schema is nested too deep for a grammar.") }
      if let choices = schema["enum"]?.arrayValue ?? schema["const"].map({ [$0] }) {
        return "(" + choices.map { JSONGrammar.literal($0.text) }.joined(separator: " | ") + ")"
      }
      if schema["allOf"] != nil { throw JSONFailure(message: "A grammar cannot say 'allOf'.") }
      if let forms = schema["anyOf"]?.arrayValue ?? schema["oneOf"]?.arrayValue {
        var names: [String] = []
        for form in forms { names.append(try add(form, depth: depth + 1)) }
        return "(" + names.joined(separator: " | ") + ")"
      }
      let types = schema["type"]?.stringValue.map { [$0] } ?? schema["type"]?.arrayValue?.compactMap(\.stringValue)
      guard let types else { return schema["properties"] == nil ? "value" : try object(schema, depth) }
      var forms: [String] = []
      for type in types { forms.append(try form(type, schema, depth)) }
      return forms.count == 1 ? forms[0] : "(" + forms.joined(separator: " | ") + ")"
    }

    private mutating func form(_ type: String, _ schema: JSONValue, _ depth: Int) throws(JSONFailure) -> String {
      switch type {
      case "object": return try object(schema, depth)
      case "array": return try array(schema, depth)
      case "string": return string(schema)
      case "integer", "number", "boolean", "null": return type
      default: throw JSONFailure(message: "A grammar has no type '\(type)'.")
      }
    }

    private mutating func name(_ body: String) -> String {
      lines.append("r\(lines.count) ::= \(body)")
      return "r\(lines.count - 1)"
    }

    private func string(_ schema: JSONValue) -> String {
      let bounds = JSONGrammar.bounds(schema, "minLength", "maxLength")
      return bounds == "*" ? "string" : #"("\"" char\#(bounds) "\"")"#
    }

    private mutating func array(_ schema: JSONValue, _ depth: Int) throws(JSONFailure) -> String {
      let item = try schema["items"].map { items throws(JSONFailure) in try add(items, depth: depth + 1) } ?? "value"
      let least = schema["minItems"]?.intValue ?? 0
      let most = schema["maxItems"]?.intValue.flatMap { $0 <= JSONGrammar.largestCount ? $0 : nil }
      if most == 0 { return #"("[" ws "]")"# }
      let more = most.map { "{\(max(0, least - 1)),\(max(0, $0 - 1))}" } ?? (least > 1 ? "{\(least - 1),}" : "*")
      let list = "\(item) (ws \",\" ws \(item))\(more)"
      return name(#""[" ws \#(least > 0 ? list : "(\(list))?") ws "]""#)
    }

    private mutating func object(_ schema: JSONValue, _ depth: Int) throws(JSONFailure) -> String {
      let properties = schema["properties"]?.objectValue ?? [:]
      let required = Set(schema["required"]?.arrayValue?.compactMap(\.stringValue) ?? [])
      if properties.isEmpty { return try map(schema, required, depth) }
      var pairs: [String: String] = [:]
      for (key, value) in properties.sorted(by: { $0.key < $1.key }) {
        let form = try add(value, depth: depth + 1)
        pairs[key] = name("\(JSONGrammar.literal(JSONValue.string(key).text)) ws \":\" ws \(form)")
      }
      let must = pairs.filter { required.contains($0.key) }.sorted { $0.key < $1.key }.map(\.value)
      let may = pairs.filter { !required.contains($0.key) }.sorted { $0.key < $1.key }.map(\.value)
      return name(#""{" ws \#(Self.members(must, may)) ws "}""#)
    }

    /// An object whose members have no names yet; those that are required have any value.
    private mutating func map(
      _ schema: JSONValue,
      _ required: Set<String>,
      _ depth: Int
    ) throws(JSONFailure) -> String {
      if !required.isEmpty {
        let keys = required.sorted().map { "\(JSONGrammar.literal(JSONValue.string($0).text)) ws \":\" ws value" }
        return name(#""{" ws \#(keys.joined(separator: #" ws "," ws "#)) ws "}""#)
      }
      guard let additional = schema["additionalProperties"] else { return "object" }
      if additional == false { return #"("{" ws "}")"# }
      let pair = "string ws \":\" ws \(try add(additional, depth: depth + 1))"
      return name("\"{\" ws (\(pair) (ws \",\" ws \(pair))*)? ws \"}\"")
    }

    /// Members in order, with commas only between those that are there.
    private static func members(_ must: [String], _ may: [String]) -> String {
      let comma = #" ws "," ws "#
      if !must.isEmpty {
        return must.joined(separator: comma) + may.map { " (ws \",\" ws \($0))?" }.joined()
      }
      let forms = may.indices.map { first in
        may[first] + may[(first + 1)...].map { " (ws \",\" ws \($0))?" }.joined()
      }
      return "(" + forms.joined(separator: " | ") + ")?"
    }
  }

  private static func bounds(_ schema: JSONValue, _ least: String, _ most: String) -> String {
    let least = schema[least]?.intValue ?? 0
    guard let most = schema[most]?.intValue, most <= largestCount else { return least > 0 ? "{\(least),}" : "*" }
    return "{\(least),\(most)}"
  }

  /// Text that stands for itself.
  private static func literal(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\r": quoted += "\\r"
      case "\t": quoted += "\\t"
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
