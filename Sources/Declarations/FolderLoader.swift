import CoachVocabulary
import Templates

/// Reads the files of a project one kind after the other.
struct FolderLoader {
  let root: FileRoot
  let diagnostics = DiagnosticCollector()

  init(root: FileRoot) { self.root = root }

  func load() -> DeclarationFolder {
    var folder = DeclarationFolder()
    do throws(FileRootFailure) {
      _ = try root.names(in: "")
    } catch {
      report(error, in: root.path)
      return folder
    }
    folder.prompts = loadPrompts()
    folder.agents = loadAgents(folder.prompts)
    folder.graphs = loadTrees(in: "graphs")
    folder.domains = loadTrees(in: "config/domains")
    folder.models = loadTree("config/models.yaml", isRequired: false)
    folder.schedules = loadTree("config/schedules.yaml", isRequired: false)
    folder.dumps = loadTree("config/dumps.yaml", isRequired: false)
    folder.prices = loadTree("config/prices.yaml", isRequired: false)
    folder.budgets = loadTree("config/budgets.yaml", isRequired: false)
    if let tree = loadTree("config/server.yaml", isRequired: false) {
      folder.server = ServerSettings(tree, reporting: diagnostics)
      checkDefaultDomain(of: folder, tree)
    }
    return folder
  }

  private func report(_ failure: FileRootFailure, in file: String) {
    diagnostics.error("cannot be read: \(failure.reason)", at: SourcePosition(file: file, line: failure.line))
  }
}

// MARK: - Trees

extension FolderLoader {
  private func loadTrees(in folder: String) -> [String: DeclarationTree] {
    var trees: [String: DeclarationTree] = [:]
    for (stem, file) in declarationFiles(in: folder) { trees[stem] = loadTree(file, isRequired: true) }
    return trees
  }

  private func loadTree(_ file: String, isRequired: Bool) -> DeclarationTree? {
    do throws(FileRootFailure) {
      if !isRequired, try root.kind(of: file) == nil { return nil }
      let text = try root.text(of: file)  // as text, so that the line of a byte that is no UTF-8 is known
      return DeclarationTree.reading(yaml: text.utf8, file: file, reporting: diagnostics)
    } catch {
      report(error, in: file)
      return nil
    }
  }

  /// The YAML files of a folder with their names; a file with another ending for YAML is reported.
  private func declarationFiles(in folder: String) -> [(stem: String, file: String)] {
    names(in: folder).compactMap { name in
      let file = "\(folder)/\(name)"
      if name.hasSuffix(".yaml") { return (String(name.dropLast(5)), file) }
      if name.hasSuffix(".yml") {
        diagnostics.error("is not read; rename it to end in .yaml", at: SourcePosition(file: file, line: 1))
      }
      return nil
    }
  }

  private func names(in folder: String) -> [String] {
    do throws(FileRootFailure) {
      return try root.names(in: folder)
    } catch {
      report(error, in: folder)
      return []
    }
  }

  private func checkDefaultDomain(of folder: DeclarationFolder, _ tree: DeclarationTree) {
    guard let domain = folder.server.defaultDomain, folder.domains[domain] == nil else { return }
    let reader = DeclarationReader(tree, as: "the server settings", reporting: diagnostics)
    let known = folder.domains.keys.sorted().joined(separator: ", ")
    diagnostics.error(
      "there is no domain '\(domain)' in config/domains; known domains: \(known)",
      at: reader.position(of: "default_domain")
    )
  }
}

// MARK: - Prompts

extension FolderLoader {
  private func loadPrompts() -> [String: Prompt] {
    var prompts: [String: Prompt] = [:]
    for name in names(in: "prompts") where isFolder("prompts/\(name)") {
      let system = loadTemplate("prompts/\(name)/system.md")
      let user = loadTemplate("prompts/\(name)/user.md")
      if let system, let user { prompts[name] = Prompt(name: name, system: system, user: user) }
    }
    return prompts
  }

  private func isFolder(_ name: String) -> Bool {
    do throws(FileRootFailure) {
      return try root.kind(of: name) == .folder
    } catch {
      report(error, in: name)
      return false
    }
  }

  private func loadTemplate(_ file: String) -> Template? {
    let text: String
    do throws(FileRootFailure) {
      text = try root.text(of: file)
    } catch {
      report(error, in: file)
      return nil
    }
    do throws(TemplateFailure) {
      return try Template(parsing: text)
    } catch {
      diagnostics.error(error.message, at: SourcePosition(file: file, line: error.line, column: error.column))
      return nil
    }
  }
}

// MARK: - Agents

extension FolderLoader {
  private func loadAgents(_ prompts: [String: Prompt]) -> [String: AgentDeclaration] {
    var agents: [String: AgentDeclaration] = [:]
    var used: Set<String> = []
    let reader = AgentReader(diagnostics: diagnostics)
    for (stem, file) in declarationFiles(in: "agents") {
      guard let tree = loadTree(file, isRequired: true), let draft = reader.read(tree, stem: stem) else { continue }
      used.insert(draft.prompt)
      guard let prompt = prompts[draft.prompt] else {
        reportMissingPrompt(draft)
        continue
      }
      checkNames(of: prompt, draft)
      agents[draft.id] = draft.make(prompt)
    }
    for name in prompts.keys where !used.contains(name) {
      let position = SourcePosition(file: "prompts/\(name)/system.md", line: 1)
      diagnostics.warning("no agent uses the prompt '\(name)'", at: position)
    }
    return agents
  }

  private func reportMissingPrompt(_ draft: AgentReader.Draft) {
    // A folder that is there has its own finding, for the file that is missing or wrong.
    guard draft.prompt.contains("/") || !isFolder("prompts/\(draft.prompt)") else { return }
    diagnostics.error(
      "there is no folder prompts/\(draft.prompt) with system.md and user.md",
      at: draft.promptPosition
    )
  }

  private func checkNames(of prompt: Prompt, _ draft: AgentReader.Draft) {
    var used: Set<String> = []
    for (file, template) in [("system.md", prompt.system), ("user.md", prompt.user)] {
      for name in template.names(missingFrom: draft.inputs) {
        let position = SourcePosition(file: "prompts/\(prompt.name)/\(file)", line: name.line, column: name.column)
        let inside = name.sections.isEmpty ? "" : " inside '\(name.sections.joined(separator: "/"))'"
        diagnostics.error(
          "the value '\(name.name)'\(inside) is not among the inputs of agent '\(draft.id)'",
          at: position
        )
      }
      used.formUnion(template.names.compactMap { $0.name.split(separator: ".").first.map(String.init) })
    }
    for name in draft.inputs.members.keys where !used.contains(name) {
      diagnostics.warning(
        "the prompt of agent '\(draft.id)' does not use the input '\(name)'",
        at: draft.inputsPosition
      )
    }
  }
}
