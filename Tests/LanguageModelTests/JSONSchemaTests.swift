import CoachVocabulary
import LanguageModel
import Testing

@Suite struct JSONSchemaTests {
  private static let frame: JSONValue = [
    "type": "object",
    "required": ["metric", "limit"],
    "additionalProperties": false,
    "properties": [
      "metric": ["type": "string", "enum": ["revenue", "units"]],
      "limit": ["type": "integer", "minimum": 1, "maximum": 100],
      "share": ["type": ["number", "null"], "exclusiveMinimum": 0, "exclusiveMaximum": 1],
      "name": ["type": "string", "minLength": 2, "maxLength": 5],
      "filters": [
        "type": "array", "minItems": 1, "maxItems": 2,
        "items": [
          "type": "object", "required": ["value"],
          "properties": ["value": ["anyOf": [["type": "string"], ["type": "boolean"]]]],
        ],
      ],
    ],
  ]

  @Test(arguments: [
    #"{"metric": "revenue", "limit": 10}"#,
    #"{"metric": "units", "limit": 10.0, "share": null, "filters": [{"value": true, "more": 1}], "name": "öäü"}"#,
  ])
  func `a value that fits has no violations`(text: String) throws {
    let schema = try JSONSchema(Self.frame)
    #expect(schema.violations(in: try JSONValue(parsing: text)).isEmpty)
  }

  @Test(arguments: [
    (#"[1]"#, ["The value must be an object, not a list"]),
    (#"{"metric": "revenue"}"#, ["'limit' is missing; it is required"]),
    (#"{"metric": "profit", "limit": 1}"#, [#"'metric' must be one of "revenue", "units", not "profit""#]),
    (#"{"metric": "units", "limit": "5"}"#, [#"'limit' must be a whole number, not "5""#]),
    (#"{"metric": "units", "limit": 1.5}"#, ["'limit' must be a whole number, not 1.5"]),
    (#"{"metric": "units", "limit": 0}"#, ["'limit' must be at least 1"]),
    (#"{"metric": "units", "limit": 101}"#, ["'limit' must be at most 100"]),
    (#"{"metric": "units", "limit": 1, "share": 0}"#, ["'share' must be more than 0"]),
    (#"{"metric": "units", "limit": 1, "share": 1}"#, ["'share' must be less than 1"]),
    (#"{"metric": "units", "limit": 1, "share": "x"}"#, [#"'share' must be null or a number, not "x""#]),
    (#"{"metric": "units", "limit": 1, "name": "x"}"#, ["'name' must have at least 2 letters"]),
    (#"{"metric": "units", "limit": 1, "name": "abcdef"}"#, ["'name' must have at most 5 letters"]),
    (#"{"metric": "units", "limit": 1, "filters": []}"#, ["'filters' must have at least 1 entry"]),
    (
      #"{"metric": "units", "limit": 1, "filters": [{"value": "a"}, {}]}"#,
      ["'filters[1].value' is missing; it is required"]
    ),
    (
      #"{"metric": "units", "limit": 1, "filters": [{"value": 3}]}"#,
      ["'filters[0].value' fits none of the 2 allowed forms; nearest: 'filters[0].value' must be a string, not 3"]
    ),
    (
      #"{"metric": "units", "limit": 1, "colour": 1}"#,
      ["'colour' is not allowed here; allowed: filters, limit, metric, name, share"]
    ),
  ])
  func `what does not fit is named with its place and what would be right`(text: String, expected: [String]) throws {
    let schema = try JSONSchema(Self.frame)
    #expect(schema.violations(in: try JSONValue(parsing: text)).map(\.description) == expected)
  }

  @Test func `exactly one of the forms must fit`() throws {
    let schema = try JSONSchema(["oneOf": [["type": "number"], ["type": "integer"], ["type": "string"]]])
    #expect(schema.violations(in: "x").isEmpty)
    #expect(
      schema.violations(in: 1).map(\.message) == ["fits 2 of the allowed forms; it must fit exactly one"]
    )
  }

  @Test func `all of the forms must fit`() throws {
    let schema = try JSONSchema(["allOf": [["minimum": 2], ["maximum": 4]]])
    #expect(schema.violations(in: 3).isEmpty)
    #expect(schema.violations(in: 5).map(\.message) == ["must be at most 4"])
  }

  @Test func `a number is the same with and without a fraction of zero`() throws {
    let schema = try JSONSchema(["const": 1])
    #expect(schema.violations(in: .double(1)).isEmpty)
    #expect(schema.violations(in: 2).map(\.message) == ["must be 1, not 2"])
  }

  @Test func `members without a declaration may have a schema of their own`() throws {
    let schema = try JSONSchema(["additionalProperties": ["type": "integer"]])
    #expect(schema.violations(in: ["a": 1]).isEmpty)
    #expect(schema.violations(in: ["a": "b"]).map(\.path) == ["a"])
  }

  @Test func `true allows and false forbids`() throws {
    let schema = try JSONSchema(["properties": ["a": true, "b": false]])
    #expect(schema.violations(in: ["a": 1]).isEmpty)
    #expect(schema.violations(in: ["b": 1]).map(\.description) == ["'b' is not allowed"])
  }

  @Test func `no more findings are made than asked for`() throws {
    let schema = try JSONSchema(["items": ["type": "string"]])
    let value = JSONValue.array(Array(repeating: 1, count: 50))
    #expect(schema.violations(in: value).count == 10)
    #expect(schema.violations(in: value, limit: 3).count == 3)
  }

  private static let unusable: [(schema: JSONValue, fault: String)] = [
    (["type": "text"], "#/type must be one or more of array, boolean"),
    (["properties": ["a": ["pattern": "^a"]]], "#/properties/a/pattern is a keyword that is not supported"),
    (["minimum": "1"], "#/minimum must be a number"),
    (["anyOf": []], "#/anyOf must list schemas"),
    (["required": [1]], "#/required must list names"),
    ([1], "# must be an object, true or false"),
  ]

  @Test(arguments: unusable)
  func `a schema that cannot be checked is refused with the place`(schema: JSONValue, fault: String) {
    let failure = #expect(throws: JSONFailure.self) { try JSONSchema(schema) }
    #expect(failure?.message.contains(fault) == true)
  }
}
