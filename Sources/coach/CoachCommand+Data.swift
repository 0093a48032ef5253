import CoachApp
import CoachVocabulary
import DataImport
import FoundationEssentials

extension CoachCommand {
  static let dataUsage = """
    coach data brings tables of your own: CSV files and Excel workbooks become datasets that can be asked at once.

    Usage: coach data COMMAND [options]

      import FILE          read a file (.csv or .xlsx, up to 100 MB) as a dataset, or as the next version of one
        --name NAME        what it is called (default: the file's name)
        --date-order dmy|mdy   whether 5/8/2025 begins with the day or the month, where the file leaves it open
      list [--all]         the datasets; with --all older and deleted versions
      delete NAME          take a dataset out of reach; it is kept
      restore NAME [--version N]   bring it back, or make an older version the current one

    Options: --root, --data-folder as everywhere; --json for programs.

    Encoding, delimiter and types are found out over all rows. Rows at fault are left out and told by row, column and value;
    with more than 5 % of them nothing is imported. The tables lie in datasets.sqlite of the data folder, a first description
    in domains/NAME.yaml beside it; what only you can know is marked GAP there.

    Examples:
      coach data import orders.csv
      coach ask --domain orders "top 5 customers by amount this year"
      coach data restore orders --version 1
    """

  static let domainUsage = """
    coach domain draft looks at a database and writes a first description of it, with gaps marked GAP.

    Usage: coach domain draft --data FILE [--name NAME] [--table TABLE]… [--out FILE]

    Examples:
      coach domain draft --data shop.sqlite --out config/domains/shop.yaml
      coach domain draft --data data/datasets.sqlite --table orders
    """

  static func data(_ words: [String]) async throws -> ExitStatus {
    guard let command = words.first, ["import", "list", "delete", "restore"].contains(command) else {
      throw Arguments.Fault(description: "data knows: import, list, delete, restore")
    }
    let arguments = try Arguments(
      Array(words.dropFirst()),
      options: ["root", "data-folder", "name", "date-order", "version"],
      flags: ["json", "all"]
    )
    let isNamed = command != "list"
    guard arguments.rest.count == (isNamed ? 1 : 0) else {
      let what = command == "import" ? "one file" : isNamed ? "one name" : "no name"
      throw Arguments.Fault(description: "data \(command) takes \(what)")
    }
    let surroundings = Surroundings.machine
    let (installation, _) = try load(arguments, surroundings)
    let data = ImportedData(installation, surroundings: surroundings)
    do throws(ImportFailure) {
      switch command {
      case "import": return try await importData(arguments, data)
      case "list": try list(arguments, data)
      case "delete": try data.store.delete(arguments.rest[0])
      default:
        let version = arguments.value("version").flatMap { Int($0) }
        if version == nil, let text = arguments.value("version") {
          throw ImportFailure(.unknown, "--version must be a number, not '\(text)'")
        }
        try data.store.restore(arguments.rest[0], version: version)
      }
      return .success
    } catch {
      for fault in error.faults.prefix(20) { message("  \(line(fault))") }
      throw Refused(text: "coach: \(error.message)".withoutControls, status: error.kind == .faults ? .faulty : .failure)
    }
  }

  private static func importData(_ arguments: Arguments, _ data: ImportedData) async throws(ImportFailure) -> ExitStatus
  {
    var options = ImportOptions()
    if let text = arguments.value("date-order") {
      guard let order = ImportOptions.DateOrder(rawValue: text) else {
        throw ImportFailure(.file, "--date-order must be dmy or mdy, not '\(text)'")
      }
      options.dateOrder = order
    }
    let shows = isInteractive
    let imported = try await data.importFile(
      arguments.rest[0],
      name: arguments.value("name"),
      source: nil,
      options: options
    ) {
      if shows, $0.rows % 100_000 == 0, $0.rows > 0 {
        message("\($0.phase.rawValue) \($0.rows) rows\($0.total.map { " of \($0)" } ?? "")")
      }
      return true
    }
    let dataset = imported.dataset
    if arguments.flags.contains("json") {
      var members = (try? JSONValue(encoding: dataset))?.objectValue ?? [:]
      members["domain"] = imported.domain.map { .string($0) } ?? .null
      members["domain_file"] = imported.domainFile.map { .string($0) } ?? .null
      members["questions"] = .array(imported.questions.map { .string($0) })
      output(JSONValue.object(members).text)
      return .success
    }
    output(
      "\(dataset.name), version \(dataset.version): \(dataset.rows) rows, \(dataset.rejected) left out".withoutControls
    )
    for column in dataset.columns {
      output(
        "  \(column.name): \(column.type.rawValue)\(column.empty > 0 ? ", \(column.empty) empty" : "")".withoutControls
      )
    }
    for note in dataset.notes { message("  note: \(note)".withoutControls) }
    for fault in dataset.faults.prefix(20) { message("  \(line(fault))") }
    if let problem = imported.problem { message("  \(problem)".withoutControls) }
    if let domain = imported.domain {
      output("Ask: coach ask --domain \(domain) \"…\"")
      for question in imported.questions { output("  \(question)".withoutControls) }
    }
    return .success
  }

  private static func list(_ arguments: Arguments, _ data: ImportedData) throws(ImportFailure) {
    let datasets = try data.store.list(all: arguments.flags.contains("all"))
    if arguments.flags.contains("json") {
      output(((try? JSONValue(encoding: datasets)) ?? []).text)
      return
    }
    for dataset in datasets {
      let state = dataset.deletedAt.map { "deleted \($0)" } ?? (dataset.isCurrent ? "current" : "older")
      output(
        "\(dataset.name)  v\(dataset.version)  \(dataset.rows) rows  \(state)  \(dataset.source)  \(dataset.importedAt)"
          .withoutControls
      )
    }
  }

  private static func line(_ fault: RowFault) -> String {
    let place = ["row \(fault.row)", fault.column].compactMap(\.self).joined(separator: ", ")
    return "\(place): \(fault.value.map { "'\($0)': " } ?? "")\(fault.problem)".withoutControls
  }

  static func draftDomain(_ words: [String]) async throws -> ExitStatus {
    let arguments = try Arguments(words, options: ["data", "name", "table", "out"], flags: [])
    guard let database = arguments.value("data"), arguments.rest.isEmpty else {
      throw Arguments.Fault(description: "domain draft needs --data FILE")
    }
    let tables = arguments.all("table")
    let draft = try await DomainDrafting.draft(
      ofDatabase: database,
      name: arguments.value("name"),
      tables: tables.isEmpty ? nil : tables
    )
    if let path = arguments.value("out") {
      guard !FileManager.default.fileExists(atPath: path) else {
        throw Refused(text: "coach: \(path) is there already; it is not overwritten", status: .failure)
      }
      do {
        try Data(draft.yaml.utf8).write(to: URL(filePath: path), options: .atomic)
      } catch {
        throw Refused(text: "coach: \(path) cannot be written; check the folder", status: .failure)
      }
      message(
        "wrote \(path) with \(draft.gaps) gaps marked GAP; \(draft.questions.count) questions were tried and work"
      )
    } else {
      output(draft.yaml)
    }
    return .success
  }
}
