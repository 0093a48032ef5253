import CoachVocabulary
import Declarations
public import Persistence
import PostgresKit

extension Installation {
  /// Where the coach keeps its own data: the server that `COACH_STORE` or `config/server.yaml` names, else a file.
  static func storeLocation(
    _ settings: StoreSettings,
    dataFolder: String,
    environment: [String: String],
    reporting diagnostics: DiagnosticCollector
  ) -> StoreLocation {
    let file = StoreLocation.file("\(dataFolder)/coach.db")
    let place = SourcePosition(file: "config/server.yaml", line: 1)
    func configuration(_ address: String, from origin: String) -> PostgresConfiguration? {
      do throws(PostgresFailure) {
        return try PostgresConfiguration(address: address)
      } catch {
        diagnostics.error("the address of the store, from \(origin), cannot be used: \(error.message)", at: place)
        return nil
      }
    }
    let variable = environment[settings.addressVariable].flatMap(\.nonBlank)
    let origin = variable == nil ? "'store.postgres'" : settings.addressVariable
    guard let address = variable ?? settings.address else { return file }
    guard let user = configuration(address, from: origin) else { return file }
    if variable == nil, user.hasPassword {
      diagnostics.error(
        "'store.postgres' holds a password; give the address in \(settings.addressVariable) instead",
        at: place
      )
    }
    let owner = environment[settings.ownerVariable].flatMap(\.nonBlank).flatMap {
      configuration($0, from: settings.ownerVariable)
    }
    return .server(ServerStore(user, owner: owner, connections: settings.connections))
  }
}

extension Installation {
  /// After how long what is kept about people goes.
  public var retention: PersonalData.Retention {
    let settings = folder.server.retention
    return PersonalData.Retention(
      runs: settings.runs,
      sessions: settings.sessions,
      audit: settings.audit,
      ledgerNames: settings.ledgerNames
    )
  }
}

extension String {
  /// The text without blanks around it; nil when nothing is left.
  fileprivate var nonBlank: String? {
    let text = drop { $0.isWhitespace }
    return text.isEmpty ? nil : String(text.reversed().drop { $0.isWhitespace }.reversed())
  }
}
