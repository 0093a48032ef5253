import CPostgres

/// Where a server is, who signs in, and what holds for each connection.
///
/// Descriptions and reflection show neither the password nor options that may hold one.
public struct PostgresConfiguration: Hashable, Sendable {
  /// The name under which connections show up in `pg_stat_activity`.
  public var applicationName = "coach"
  /// The longest time to open a connection.
  public var connectTimeout: Duration = .seconds(10)
  /// The longest time for one statement, held by the server; nil for as long as it takes.
  public var statementTimeout: Duration?
  /// The longest time a statement waits for a lock; nil for as long as it takes.
  public var lockTimeout: Duration?
  /// The longest time a transaction may stand idle before the server ends it with its connection.
  public var idleTransactionTimeout: Duration? = .seconds(60)
  /// The schemas in which names are looked up, first to last; empty for the server's own rule.
  public var searchPath: [String] = []

  private var settings: [String: String]

  /// Takes a server apart from its address, `postgresql://user:password@host:port/database?sslmode=…` or
  /// `host=… dbname=…`; see https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNSTRING.
  ///
  /// - Throws: `PostgresFailure` of kind `misuse`; its message repeats nothing of the address.
  public init(address: String) throws(PostgresFailure) {
    guard address.utf8.count <= Self.longestAddress, !address.utf8.contains(0) else {
      throw PostgresFailure(kind: .misuse, message: "the address is longer than \(Self.longestAddress) bytes")
    }
    guard let options = PQconninfoParse(address, nil) else {
      throw PostgresFailure(
        kind: .misuse,
        message: "the address is unreadable; write postgresql://user@host:port/database"
      )
    }
    defer { PQconninfoFree(options) }
    var settings: [String: String] = [:]
    var option = options
    while let keyword = option.pointee.keyword {
      if let value = option.pointee.val { settings[String(cString: keyword)] = String(cString: value) }
      option += 1
    }
    self.settings = settings
  }

  /// Names a server by its parts.
  ///
  /// - Parameters:
  ///   - host: a name, an address, or the folder of a Unix socket.
  ///   - port: the port, which is part of the name of a Unix socket, too.
  ///   - database: the database.
  ///   - user: who signs in.
  ///   - password: the password; nil where the server asks for none.
  public init(host: String, port: Int = 5432, database: String, user: String, password: String? = nil) {
    settings = ["host": host, "port": String(port), "dbname": database, "user": user]
    settings["password"] = password
  }

  private static let longestAddress = 8_192

  /// The database.
  public var database: String { settings["dbname"] ?? user }
  /// Who signs in.
  public var user: String { settings["user"] ?? "" }

  /// Whether it holds a password, which then stands wherever the address was written.
  public var hasPassword: Bool { settings["password"] != nil }

  /// This configuration for another user.
  public func signingIn(as user: String, password: String? = nil) -> Self {
    var copy = self
    copy.settings["user"] = user
    copy.settings["password"] = password
    return copy
  }

  /// This configuration for another database of the server.
  public func on(database: String) -> Self {
    var copy = self
    copy.settings["dbname"] = database
    return copy
  }
}

// MARK: - For libpq

extension PostgresConfiguration {
  /// Every setting by libpq's keyword.
  var parameters: [String: String] {
    var parameters = settings
    parameters["application_name"] = applicationName
    parameters["client_encoding"] = "UTF8"
    parameters["connect_timeout"] = String(max(2, Int(connectTimeout.components.seconds)))
    // A peer that vanished without a word is noticed after half a minute and not after hours.
    parameters["keepalives_idle"] = settings["keepalives_idle"] ?? "30"
    parameters["tcp_user_timeout"] = settings["tcp_user_timeout"] ?? "30000"
    let given = settings["options"].map { [$0] } ?? []
    parameters["options"] = (given + sessionOptions).joined(separator: " ")
    return parameters
  }

  private var sessionOptions: [String] {
    var options = ["DateStyle=ISO,YMD", "IntervalStyle=iso_8601", "TimeZone=UTC", "bytea_output=hex"]
    if let statementTimeout { options.append("statement_timeout=\(statementTimeout.wholeMilliseconds)") }
    if let lockTimeout { options.append("lock_timeout=\(lockTimeout.wholeMilliseconds)") }
    if let limit = idleTransactionTimeout {
      options.append("idle_in_transaction_session_timeout=\(limit.wholeMilliseconds)")
    }
    if !searchPath.isEmpty {
      options.append("search_path=" + searchPath.map(PostgresStatement.quoted).joined(separator: ","))
    }
    return options.map { "-c " + Self.escaped($0) }
  }

  /// The server splits options at spaces unless a backslash stands before them.
  private static func escaped(_ option: String) -> String {
    option.reduce(into: "") { text, character in
      if character == " " || character == "\\" { text.append("\\") }
      text.append(character)
    }
  }
}

extension Duration {
  /// Milliseconds, rounded up, and at least one, since zero means no limit to the server.
  var wholeMilliseconds: Int {
    let (seconds, attoseconds) = components
    let part = Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    let (whole, overflow) = Int(seconds).multipliedReportingOverflow(by: 1_000)
    return overflow ? Int(Int32.max) : Swift.min(Swift.max(1, whole + part), Int(Int32.max))
  }
}

// MARK: - Descriptions

extension PostgresConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// User, host, port and database.
  public var description: String {
    let host = settings["host"] ?? settings["hostaddr"] ?? "localhost"
    return "postgresql://\(user)@\(host):\(settings["port"] ?? "5432")/\(database)"
  }

  /// The same as ``description``.
  public var debugDescription: String { description }

  /// Hides the password from reflection.
  public var customMirror: Mirror { Mirror(self, children: ["server": description]) }
}
