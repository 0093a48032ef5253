import CoachVocabulary
import Declarations
import FoundationEssentials

/// A project of its own for a test, in a temporary folder that is removed at its end.
struct Project: ~Copyable {
  let path: String

  init(_ files: [String: String] = [:]) throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("declarations-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    for (name, text) in files { try write(Data(text.utf8), to: name) }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ data: Data, to name: String) throws {
    let file = URL(filePath: "\(path)/\(name)")
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try data.write(to: file)
  }

  func link(_ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(atPath: "\(path)/\(name)", withDestinationPath: target)
  }

  var root: FileRoot { FileRoot(path: path) }

  /// What loading finds, as lines that name file, line and message.
  func findings() -> [String] { DeclarationFolder.load(root: root).1.map(\.description) }

  /// A project without a fault.
  static let sound = [
    "agents/greeter.yaml": """
    agent: greeter
    purpose: Greets.
    prompt: greeting
    inputs: [name, {friends: [first, city]}]
    model: {needs: [json_schema, tools], tier: local, max_output_tokens: 64, temperature: 0.5}
    tools: [time.now]
    output: {schema: Greeting, writes: [greeting]}
    limits: {steps: 2, time: 1500ms, cost: 0.02 USD}
    without_model: {outcome: decline, say: No greeter is here.}

    """,
    "prompts/greeting/system.md": "You greet.\n",
    "prompts/greeting/user.md":
      "Greet {{name}}.\n{{#friends}}\n- {{first}} of {{city}}, friend of {{name}}\n{{/friends}}\n",
    "graphs/hello.yaml": "graph: hello\n",
    "config/domains/shop.yaml": "domain: shop\n",
    "config/models.yaml": "endpoints: []\n",
    "config/server.yaml": "port: 9000\ndefault_domain: shop\nrun_time_limit: 2m\n",
  ]
}
