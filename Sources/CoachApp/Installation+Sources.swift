import CoachVocabulary
import PostgresKit
import SemanticLayer
import Warehouse

extension Installation {
  /// Opens the database of a domain; `--data FILE` stands for a SQLite file in place of whatever the domain names.
  func openSource(of model: SemanticModel) async throws(WarehouseFailure) -> any DataSource {
    let location = model.database
    if options.databases[model.name] != nil { return try SQLiteDataSource(path: databasePath(of: model)) }
    switch location.engine {
    case .sqlite: return try SQLiteDataSource(path: databasePath(of: model))
    case .csv: return try CSVFolder.open(databasePath(of: model), cache: "\(dataFolder)/csv", name: model.name)
    case .postgres: return try await PostgresDataSource(configuration(of: location), settings: location.settings)
    }
  }

  /// Where a domain's data is, for people; never a password.
  func place(of model: SemanticModel) -> String {
    guard model.database.engine == .postgres, options.databases[model.name] == nil else {
      return databasePath(of: model)
    }
    do throws(WarehouseFailure) {
      return "\(try configuration(of: model.database))"
    } catch {
      return "a PostgreSQL server"
    }
  }

  private func configuration(of location: DatabaseLocation) throws(WarehouseFailure) -> PostgresConfiguration {
    let fromEnvironment = location.addressVariable.flatMap { environment[$0] }.flatMap { $0.isEmpty ? nil : $0 }
    guard let address = fromEnvironment ?? location.address else {
      throw WarehouseFailure(
        .unreachable,
        "the address of the database is not known",
        remedy: "Set the environment variable \(location.addressVariable ?? "")."
      )
    }
    let configuration: PostgresConfiguration
    do throws(PostgresFailure) {
      configuration = try PostgresConfiguration(address: address)
    } catch {
      throw WarehouseFailure(.unreachable, error.message, remedy: "Correct the address.")
    }
    guard fromEnvironment != nil || !configuration.hasPassword else {
      throw WarehouseFailure(
        .denied,
        "the domain's 'address' holds a password",
        remedy: "Name a variable with 'address_env' and put the address there."
      )
    }
    return configuration
  }
}

extension DatabaseLocation {
  fileprivate var settings: PostgresDataSource.Settings {
    var settings = PostgresDataSource.Settings()
    settings.schema = schema ?? settings.schema
    settings.tenantSetting = tenantSetting
    settings.tenant = tenant
    return settings
  }
}
