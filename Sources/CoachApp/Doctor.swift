import CoachVocabulary
import Declarations
import FoundationEssentials
import Ledger
import ModelRouting
import Persistence
import SemanticLayer
import Warehouse

/// Looks at an installation and says what is set where and what is wrong.
public struct Doctor: Sendable {
  /// One finding.
  public struct Finding: Hashable, Sendable, Codable {
    /// How it is.
    public enum State: String, Hashable, Sendable, Codable {
      /// As it should be.
      case ok
      /// Not set up, which may be meant.
      case note
      /// Broken.
      case problem
    }

    /// How it is.
    public var state: State
    /// What was looked at.
    public var subject: String
    /// What was found, and how to mend it.
    public var detail: String
  }

  private let options: Installation.Options
  private let surroundings: Surroundings

  /// Looks at the installation that options name.
  public init(_ options: Installation.Options, surroundings: Surroundings) {
    self.options = options
    self.surroundings = surroundings
  }

  /// Every finding, in the order of looking.
  public func examine() async -> [Finding] {
    let (loaded, diagnostics) = Installation.load(options, environment: surroundings.environment)
    var findings = diagnostics.map {
      Finding(state: $0.severity == .error ? .problem : .note, subject: "\($0.position)", detail: $0.message)
    }
    guard let installation = loaded else { return findings }
    let folder = installation.folder
    findings.append(
      Finding(
        state: .ok,
        subject: "declarations",
        detail: "\(folder.agents.count) agents, \(folder.graphs.count) graphs, \(installation.models.count) domains"
      )
    )
    findings.append(dataFolder(installation))
    findings += await databases(installation)
    findings += models(installation)
    return findings
  }

  private func dataFolder(_ installation: Installation) -> Finding {
    let path = installation.dataFolder
    let origin =
      options.dataFolder != nil
      ? "--data-folder" : surroundings.environment["COACH_DATA"] != nil ? "COACH_DATA" : "config/server.yaml"
    guard FileManager.default.fileExists(atPath: path) else {
      return Finding(
        state: .note,
        subject: "data folder",
        detail: "\(path) (from \(origin)) is not there yet; `coach demo` makes it"
      )
    }
    let writable = FileManager.default.isWritableFile(atPath: path)
    return Finding(
      state: writable ? .ok : .problem,
      subject: "data folder",
      detail: writable ? "\(path) (from \(origin))" : "\(path) (from \(origin)) is not writable; change its rights"
    )
  }

  private func databases(_ installation: Installation) async -> [Finding] {
    var findings: [Finding] = []
    for model in installation.models.values.sorted(by: { $0.name < $1.name }) {
      let path = installation.place(of: model)
      do throws(WarehouseFailure) {
        let source = try await installation.openSource(of: model)
        let tables = try await source.schema().tables.count
        await source.close()
        findings.append(Finding(state: .ok, subject: "domain \(model.name)", detail: "\(path), \(tables) tables"))
      } catch {
        findings.append(Finding(state: .problem, subject: "domain \(model.name)", detail: error.description))
      }
    }
    return findings
  }

  private func models(_ installation: Installation) -> [Finding] {
    let endpoints = installation.modelSettings.endpoints
    if endpoints.isEmpty {
      return [Finding(state: .note, subject: "models", detail: "none declared; questions are answered without a model")]
    }
    return endpoints.map { endpoint in
      switch endpoint.availability {
      case .configured(let address, let key):
        Finding(
          state: .ok,
          subject: "model \(endpoint.name)",
          detail: "\(endpoint.tier.rawValue), \(endpoint.model) at \(address), \(key == nil ? "no key" : "key set")"
        )
      case .notConfigured(let why):
        Finding(state: .note, subject: "model \(endpoint.name)", detail: "not configured: \(why)")
      }
    }
  }
}
