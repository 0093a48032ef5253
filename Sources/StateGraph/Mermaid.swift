/// Draws graphs in the notation of Mermaid flowcharts.
public enum Mermaid {
  /// The whole graph: every node, edge, condition and join.
  public static func drawing(of definition: GraphDefinition) -> String {
    var lines = ["flowchart TD", "  start([start])", "  finish([end])"]
    var identifiers = [GraphDefinition.start: "start", GraphDefinition.end: "finish"]
    for (index, node) in definition.nodes.enumerated() {
      identifiers[node.name] = "n\(index)"
      lines.append("  n\(index)[\"\(escaped(label(of: node)))\"]")
    }
    func identifier(_ name: String) -> String { identifiers[name] ?? "unknown" }
    for (index, edge) in definition.edges.enumerated() {
      let arrow = edge.condition.map { "-->|\"\(escaped($0))\"|" } ?? "-->"
      var source = edge.sources.first.map(identifier) ?? "unknown"
      if edge.sources.count > 1 {
        source = "j\(index)"
        lines.append("  j\(index){{\"all of\"}}")
        lines += edge.sources.map { "  \(identifier($0)) --> j\(index)" }
      }
      lines += edge.targets.map { "  \(source) \(arrow) \(identifier($0))" }
    }
    for node in definition.nodes {
      let choices = node.options.goto.map { ("goto", $0) } + node.options.send.map { ("send", $0) }
      let handlers = [node.options.errorHandler].compactMap(\.self).map { ("on error", $0) }
      for (word, target) in choices + handlers {
        lines.append("  \(identifier(node.name)) -.->|\"\(word)\"| \(identifier(target))")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func label(of node: NodeDeclaration) -> String {
    switch node.work {
    case .function: node.name
    case .agent(let id): "\(node.name) (agent \(id))"
    case .graph(let name): "\(node.name) (graph \(name))"
    }
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "\"": result += "#quot;"
      case "#": result += "#35;"
      case "<": result += "#lt;"
      case ">": result += "#gt;"
      case "&": result += "#amp;"
      case "\n": result += " "
      default: result.append(character)
      }
    }
    return result
  }
}
