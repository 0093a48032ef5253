import SQLiteKit

/// A first description of a database's tables, as far as a look at them can tell; the rest is marked as a gap.
///
/// It is made to be read by a person: what was guessed says why, and what nobody but a person can know says `GAP`.
public struct DomainDraft: Sendable {
  /// A table as it was found.
  struct Table: Sendable {
    var name: String
    var rows: Int
    var columns: [Column]
    var primaryKey: String?
    var foreignKeys: [(column: String, table: String, target: String)]
    /// The column that says when a fact happened.
    var time: String?
  }

  /// A column with what its values look like.
  struct Column: Sendable {
    enum Role: Sendable {
      case time
      case key
      case measure
      case attribute
      case personal
      case ignored(String)
    }

    var name: String
    var declared: String
    var distinct: Int
    var longest: Int
    var low: SQLiteValue
    var high: SQLiteValue
    var numbers: Int
    var values: Int
    var days: Int
    var role: Role = .attribute
  }

  /// The domain's name.
  public let domain: String
  /// The database's file, as the draft names it.
  public let database: String
  /// Questions that the draft should be able to answer; whoever can try them keeps those that work.
  public let candidates: [String]
  /// The questions that the page offers.
  public var starters: [String] = []
  private let tables: [Table]
  private let relationships: [(from: String, to: String, why: String)]
  private let measures: [Measure]
  private let attributes: [Attribute]

  private struct Measure: Sendable {
    var name: String
    var label: String
    var table: String
    var column: String?
    var aggregate: String
    var unit: String?
    var synonyms: [String]
    var gap: String?
  }

  private struct Attribute: Sendable {
    var name: String
    var label: String
    var table: String
    var column: String
    var kind: String?
    var isPersonal: Bool
  }

  /// Values beyond which a column is no list of names any more.
  static let mostValues = 5_000

  /// Looks at a database.
  ///
  /// - Parameters:
  ///   - path: the SQLite file.
  ///   - domain: what the domain is called; nil takes the file's name.
  ///   - only: the tables to describe; nil takes all that are not the coach's own.
  /// - Throws: ``ImportFailure`` `.database` when it cannot be read, `.unknown` when a table is not there.
  public init(ofDatabase path: String, domain: String? = nil, only: [String]? = nil) throws(ImportFailure) {
    let file = path.split(separator: "/").last.map(String.init) ?? path
    database = file
    let stem = file.split(separator: ".").first.map(String.init) ?? file
    self.domain = (domain ?? only?.first ?? stem).columnName ?? "data"
    let tables: [Table]
    do throws(SQLiteFailure) {
      let source = try SQLiteDatabase(path: path, configuration: SQLiteConfiguration(mode: .readOnly))
      tables = try source.read { session throws(SQLiteFailure) in try Self.tables(in: session, only: only) }
    } catch {
      throw ImportFailure(.database, "\(path) cannot be read: \(error.message)")
    }
    self.tables = tables
    if let missing = only?.first(where: { name in !tables.contains { $0.name == name } }) {
      throw ImportFailure(.unknown, "there is no table '\(missing)' in \(path)")
    }
    guard !tables.isEmpty else { throw ImportFailure(.database, "\(path) has no tables to describe") }
    relationships = Self.relationships(tables)
    measures = Self.measures(tables)
    attributes = Self.attributes(tables, taken: Set(measures.map(\.name)))
    candidates = Self.candidates(tables, measures, attributes, Self.reachable(tables, relationships))
  }

  // MARK: - Looking

  private static func tables(in session: borrowing SQLiteSession, only: [String]?) throws(SQLiteFailure) -> [Table] {
    var tables: [Table] = []
    for table in try session.tables() {
      let isOwn = table.name.hasPrefix("coach_") || table.name.hasPrefix("sqlite_")
      guard only?.contains(table.name) ?? !isOwn, tables.count < 200 else { continue }
      let quoted = quoted(table.name)
      let rows = try session.query("SELECT count(*) FROM \(quoted)").scalar?.int ?? 0
      var columns: [Column] = []
      for column in try session.columns(of: table.name).prefix(300) {
        columns.append(try self.column(column.name, column.declaredType, of: quoted, session))
      }
      let keys = try session.query("SELECT name FROM pragma_table_info(?1) WHERE pk > 0", [SQLiteValue(table.name)])
        .rows
      let foreign = try session.query(
        "SELECT \"from\", \"table\", \"to\" FROM pragma_foreign_key_list(?1)",
        [SQLiteValue(table.name)]
      ).rows
      var found = Table(
        name: table.name,
        rows: rows,
        columns: columns,
        primaryKey: keys.count == 1 ? keys[0][0].string : nil,
        foreignKeys: foreign.compactMap { row in
          guard let from = row[0].string, let target = row[1].string else { return nil }
          return (from, target, row[2].string ?? from)
        }
      )
      found.assignRoles()
      tables.append(found)
    }
    return tables
  }

  /// Counts over at most 200,000 rows, which tells as much as all of them would.
  private static func column(
    _ name: String,
    _ declared: String,
    of table: String,
    _ session: borrowing SQLiteSession
  ) throws(SQLiteFailure) -> Column {
    let column = quoted(name)
    let sample = "(SELECT \(column) AS v FROM \(table) WHERE \(column) IS NOT NULL LIMIT 200000)"
    let facts = try session.query(
      """
      SELECT count(*), sum(typeof(v) IN ('integer', 'real')), max(length(v)), min(v), max(v),
        sum(typeof(v) = 'text' AND v GLOB '[12][0-9][0-9][0-9]-[01][0-9]*' AND date(substr(v || '-01', 1, 10)) IS NOT NULL)
      FROM \(sample)
      """
    ).rows[0]
    let distinct = try session.query(
      "SELECT count(*) FROM (SELECT DISTINCT v FROM \(sample) LIMIT \(mostValues + 1))"
    ).scalar?.int
    return Column(
      name: name,
      declared: declared.uppercased(),
      distinct: distinct ?? 0,
      longest: facts[2].int ?? 0,
      low: facts[3],
      high: facts[4],
      numbers: facts[1].int ?? 0,
      values: facts[0].int ?? 0,
      days: facts[5].int ?? 0
    )
  }

  private static func quoted(_ name: String) -> String {
    "\"\(name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\""))\""
  }

  // MARK: - Joins

  /// Foreign keys, and columns that are called like the key of another table.
  private static func relationships(_ tables: [Table]) -> [(from: String, to: String, why: String)] {
    var found: [(from: String, to: String, why: String)] = []
    for table in tables {
      var joined: Set<String> = []
      for key in table.foreignKeys
      where tables.contains(where: { $0.name == key.table }) && joined.insert(key.column).inserted {
        found.append(("\(table.name).\(key.column)", "\(key.table).\(key.target)", "a foreign key"))
      }
      for column in table.columns where !joined.contains(column.name) {
        let targets = tables.filter { other in
          other.name != table.name && other.keyColumn == column.name && table.keyColumn != column.name
        }
        guard targets.count == 1, let target = targets.first, column.name.lowercased() != "id" else { continue }
        found.append(
          ("\(table.name).\(column.name)", "\(target.name).\(column.name)", "the same name; GAP: is it the same thing?")
        )
      }
    }
    return found
  }

  /// The tables whose dimensions each table knows, itself among them.
  private static func reachable(
    _ tables: [Table],
    _ relationships: [(from: String, to: String, why: String)]
  ) -> [String: Set<String>] {
    func table(_ place: String) -> String { String(place.split(separator: ".")[0]) }
    return tables.reduce(into: [:]) { reached, start in
      var known: Set<String> = [start.name]
      var open = [start.name]
      while let next = open.popLast() {
        for join in relationships where table(join.from) == next && known.insert(table(join.to)).inserted {
          open.append(table(join.to))
        }
      }
      reached[start.name] = known
    }
  }

  // MARK: - Members

  private static func measures(_ tables: [Table]) -> [Measure] {
    var measures: [Measure] = []
    var taken: Set<String> = []
    func name(_ base: String, _ table: String) -> String {
      let name = taken.contains(base) ? "\(table.columnName ?? table)_\(base)" : base
      taken.insert(name)
      return name
    }
    for table in tables {
      let things = table.name.words
      measures.append(
        Measure(
          name: name("\(table.name.columnName ?? table.name)_count", table.name),
          label: "Number of \(things)",
          table: table.name,
          aggregate: "count",
          synonyms: ["number of \(things)", "count of \(things)", "how many \(things)"]
        )
      )
      for column in table.columns {
        guard case .measure = column.role, let base = column.name.columnName else { continue }
        let isAverage = column.isAverage
        measures.append(
          Measure(
            name: name(base, table.name),
            label: (isAverage && !base.hasPrefix("average") ? "Average \(base.words)" : base.words).capitalizedFirst,
            table: table.name,
            column: column.name,
            aggregate: isAverage ? "average" : "sum",
            unit: column.isPercent ? "percent" : nil,
            synonyms: isAverage ? [base.words] : ["total \(base.words)"],
            gap: column.isPercent
              ? "a mean of percentages is rarely right; better a numerator and a denominator"
              : isAverage
                ? "averaged, for its name sounds like it" : "is its sum what people mean? has it a unit, a currency?"
          )
        )
      }
    }
    return measures
  }

  private static func attributes(_ tables: [Table], taken: Set<String>) -> [Attribute] {
    var attributes: [Attribute] = []
    var names = taken
    for table in tables {
      for column in table.columns {
        let isPersonal = if case .personal = column.role { true } else { false }
        if case .attribute = column.role {} else if !isPersonal { continue }
        guard let base = column.name.columnName else { continue }
        let isName = ["name", "title", "label"].contains(base)
        let isBare = ["description", "type", "status", "category", "kind"].contains(base)
        let single = table.name.singular
        let wanted = tables.count == 1 ? base : isName ? single : isBare ? "\(single)_\(base)" : base
        var name = names.contains(wanted) ? "\(table.name.singular)_\(base)" : wanted
        while names.contains(name) { name += "_2" }
        names.insert(name)
        let places = ["country", "region", "city", "state", "province", "continent"]
        attributes.append(
          Attribute(
            name: name,
            label: name.words,
            table: table.name,
            column: column.name,
            kind: places.contains { base.split(separator: "_").contains(Substring($0)) } ? "geo" : nil,
            isPersonal: isPersonal
          )
        )
      }
    }
    return attributes
  }

  /// Questions of the common kinds over the largest tables.
  private static func candidates(
    _ tables: [Table],
    _ measures: [Measure],
    _ attributes: [Attribute],
    _ reachable: [String: Set<String>]
  ) -> [String] {
    var questions: [String] = []
    for table in tables.sorted(by: { $0.rows > $1.rows }).prefix(3) {
      let own = measures.filter { $0.table == table.name }
      let known = attributes.filter { !$0.isPersonal && reachable[table.name]?.contains($0.table) ?? false }
      guard let count = own.first else { continue }
      let main = own.dropFirst().first ?? count
      if table.time != nil { questions.append("\(main.label) by month") }
      for attribute in known.prefix(3) { questions.append("\(main.label) by \(attribute.label)") }
      if let first = known.first { questions.append("Top 5 \(first.label) by \(main.label.lowercasedFirst)") }
      if table.time != nil { questions.append("\(main.label) this year compared to last year") }
      questions.append("\(count.label)")
      for other in own.dropFirst(2).prefix(2) { questions.append(other.label) }
    }
    return questions
  }

  // MARK: - Writing

  /// The draft as a domain file.
  public var yaml: String {
    let gap = "   # GAP:"
    var lines = [
      "# A first description of \(database), drafted from its tables. What only you can know is marked GAP:",
      "# correct it, remove the mark, and run `coach check`.",
      "domain: \(domain)",
      "description: \(Self.scalar("Data of \(domain.words)."))\(gap) one sentence on what this data is about",
      "# currency: EUR\(gap) the currency of amounts without a unit of their own",
      "database: {engine: sqlite, path: \(Self.scalar(database))}",
      "calendar: {as_of: data, week_start: monday, fiscal_start_month: 1}\(gap) does your fiscal year begin in January?",
      "",
      "datasets:",
    ]
    for table in tables {
      var parts = ["name: \(Self.scalar(table.name))", "table: \(Self.scalar(table.name))"]
      if let key = table.keyColumn { parts.append("primary_key: \(Self.scalar(key))") }
      if let time = table.time { parts.append("time: \(Self.scalar(time))") }
      parts.append("label: \(Self.scalar(table.name.words))")
      if let time = table.time, table.isStock {
        parts.append("semi_additive: {over: \(Self.scalar(time)), take: last}")
        lines.append(
          "  # GAP: '\(table.name.oneLine)' looks like stock taken at times; its last count is shown, not the sum of all. Is that so?"
        )
      }
      let note = table.time == nil ? "   # \(table.rows) rows, no column of days" : "   # \(table.rows) rows"
      lines.append("  - {\(parts.joined(separator: ", "))}\(note)")
    }
    if !relationships.isEmpty {
      lines += ["", "relationships:   # all many to one"]
      lines += relationships.map { "  - {from: \(Self.scalar($0.from)), to: \(Self.scalar($0.to))}   # \($0.why)" }
    }
    lines += [
      "", "dimensions:" + (attributes.isEmpty ? " []" : "") + "\(gap) other words for each (synonyms), and for values",
    ]
    for attribute in attributes {
      var parts = [
        "name: \(Self.scalar(attribute.name))", "expr: \(Self.scalar("\(attribute.table).\(attribute.column)"))",
      ]
      if attribute.label != attribute.name { parts.append("label: \(Self.scalar(attribute.label))") }
      if let kind = attribute.kind { parts.append("kind: \(kind)") }
      if attribute.isPersonal { parts.append("pii: true") }
      lines.append(
        "  - {\(parts.joined(separator: ", "))}"
          + (attribute.isPersonal ? "\(gap) is it personal? it is hidden until you say no" : "")
      )
    }
    lines += ["", "metrics:"]
    for measure in measures {
      var parts = [
        "name: \(measure.name)", "label: \(Self.scalar(measure.label))", "dataset: \(Self.scalar(measure.table))",
        "aggregate: \(measure.aggregate)",
      ]
      if let column = measure.column { parts.append("expr: \(Self.scalar(Self.quoted(column)))") }
      if let unit = measure.unit { parts.append("unit: \(unit)") }
      parts.append("synonyms: [\(measure.synonyms.map(Self.scalar).joined(separator: ", "))]")
      lines.append("  - {\(parts.joined(separator: ", "))}" + (measure.gap.map { "\(gap) \($0)" } ?? ""))
    }
    let ignored = tables.flatMap { table in
      table.columns.compactMap { column -> String? in
        guard case .ignored(let why) = column.role else { return nil }
        return "#   \(table.name).\(column.name): \(why)".oneLine
      }
    }
    if !ignored.isEmpty { lines += ["", "# Left out:"] + ignored }
    lines += ["", "language:", "  starters:" + (starters.isEmpty ? " []" : "")]
    lines += starters.map { "    - \(Self.scalar($0))" }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A text as YAML, in quotation marks unless it is plain beyond doubt.
  static func scalar(_ text: String) -> String {
    let isPlain =
      text.first?.isLetter == true
      && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || " _.".contains($0)) }
      && !text.hasSuffix(" ")
      && !["yes", "no", "true", "false", "null", "on", "off", "y", "n"].contains(text.lowercased())
    if isPlain { return text }
    let line = text.oneLine
    return "'\(line.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''"))'"
  }
}

// MARK: - What columns are

extension DomainDraft.Table {
  /// The column that names a row: the declared key, or the first that is different in every row and called like one.
  var keyColumn: String? {
    if let primaryKey { return primaryKey }
    let stem = name.singular
    return columns.first { column in
      column.distinct == column.values && column.values == rows && rows > 0
        && ["id", "\(stem)_id", "\(name.lowercased())_id", "\(stem)_no", "\(stem)_number", "uuid"].contains(
          column.name.lowercased()
        )
    }?.name
  }

  /// Whether its rows are counts of what is there at a time, which must not be added up over time.
  var isStock: Bool {
    let words = Set("\(name)_\(time ?? "")".lowercased().split { !$0.isLetter }.map(String.init))
    return !words.isDisjoint(with: ["snapshot", "snapshots", "stock", "inventory", "balance", "balances", "onhand"])
  }

  mutating func assignRoles() {
    let key = keyColumn
    let foreign = Set(foreignKeys.map(\.column))
    for index in columns.indices {
      columns[index].role =
        columns[index].name == key || foreign.contains(columns[index].name)
        ? .key : columns[index].guessedRole(rows: rows)
    }
    let times = columns.filter { if case .time = $0.role { true } else { false } }
    let liked = ["date", "day", "ordered", "order", "sold", "sale", "created", "time", "month", "timestamp"]
    let best = times.min { one, other in
      func rank(_ column: DomainDraft.Column) -> Int {
        liked.firstIndex { column.name.lowercased().contains($0) } ?? liked.count
      }
      return rank(one) < rank(other)
    }
    time = best?.name
    for index in columns.indices where columns[index].name != time {
      if case .time = columns[index].role { columns[index].role = .ignored("another column of days") }
    }
  }
}

extension DomainDraft.Column {
  private var words: Set<String> { Set((name.columnName ?? "").split(separator: "_").map(String.init)) }

  private static let personal: Set<String> = [
    "email", "mail", "phone", "mobile", "fax", "address", "street", "birth", "birthday", "birthdate", "dob", "ssn",
    "iban",
    "passport", "firstname", "lastname", "surname", "password", "ip",
  ]

  private static let codes: Set<String> = [
    "id", "code", "no", "nr", "number", "zip", "postal", "postcode", "plz", "year", "month", "quarter", "week",
    "weekday", "day",
    "hour", "uuid", "sku", "ean", "isbn", "version", "latitude", "longitude", "lat", "lon", "lng",
  ]

  private static let averages: Set<String> = [
    "rate", "ratio", "percent", "percentage", "pct", "price", "score", "rating", "age", "temperature", "average", "avg",
    "mean",
    "share", "margin", "discount", "satisfaction", "nps", "weight", "height",
  ]

  /// Whether a sum of it makes no sense.
  var isAverage: Bool {
    !words.isDisjoint(with: Self.averages) && !words.contains("amount") && !words.contains("total")
  }

  /// Whether it holds percentages.
  var isPercent: Bool { !words.isDisjoint(with: ["percent", "percentage", "pct"]) }

  func guessedRole(rows: Int) -> DomainDraft.Column.Role {
    guard name.columnName != nil, !name.contains("."), !name.contains("\"") else {
      return .ignored("a name that cannot be written in a question")
    }
    guard values > 0 else { return .ignored("no values") }
    if !words.isDisjoint(with: Self.personal)
      || ["first_name", "last_name", "full_name", "customer_name"].contains(name.columnName ?? "")
    {
      return .personal
    }
    if days == values { return .time }
    if numbers == values {
      if !words.isDisjoint(with: Self.codes) {
        return distinct <= 50 && distinct * 2 < rows ? .attribute : .ignored("a code or number that is not added up")
      }
      return distinct == 1 && rows > 20 ? .ignored("the same value in every row") : .measure
    }
    if longest > 200 { return .ignored("long text") }
    if distinct > DomainDraft.mostValues { return .ignored("more than \(DomainDraft.mostValues) different values") }
    return .attribute
  }
}

extension String {
  /// "net_amount" as "net amount".
  fileprivate var words: String {
    (columnName ?? self).split(separator: "_").joined(separator: " ")
  }

  /// "orders" as "order", as a name.
  fileprivate var singular: String {
    let name = columnName ?? self
    if name.hasSuffix("ies") { return String(name.dropLast(3)) + "y" }
    if name.hasSuffix("sses") || name.hasSuffix("xes") || name.hasSuffix("ches") { return String(name.dropLast(2)) }
    return name.hasSuffix("s") && !name.hasSuffix("ss") && !name.hasSuffix("us") ? String(name.dropLast()) : name
  }

  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
  fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }

  /// The text without line breaks and other controls, which would end a comment or a scalar.
  fileprivate var oneLine: String {
    String(
      String.UnicodeScalarView(
        unicodeScalars.map {
          $0.value < 0x20 || $0.value == 0x7F || $0.value == 0x85 || $0.value == 0x2028 || $0.value == 0x2029 ? " " : $0
        }
      )
    )
  }
}
