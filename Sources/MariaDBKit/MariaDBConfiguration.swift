/// Where a MariaDB or MySQL server is, and who signs in; descriptions never show the password.
public struct MariaDBConfiguration: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
  /// The host; of no use with a socket.
  public var host: String
  /// The port.
  public var port: Int
  /// The path of a Unix socket in place of host and port; nil for none.
  public var socket: String?
  /// The database.
  public var database: String
  /// Who signs in.
  public var user: String
  /// The longest time to open a connection.
  public var connectTimeout: Duration = .seconds(10)
  let password: String?

  /// Names a server.
  public init(
    host: String = "127.0.0.1",
    port: Int = 3_306,
    socket: String? = nil,
    database: String,
    user: String,
    password: String? = nil
  ) {
    self.host = host
    self.port = port
    self.socket = socket
    self.database = database
    self.user = user
    self.password = password
  }

  /// User, host or socket, and database.
  public var description: String { "mariadb://\(user)@\(socket ?? "\(host):\(port)")/\(database)" }

  /// Hides the password from reflection.
  public var customMirror: Mirror { Mirror(self, children: ["server": description]) }
}

/// Why MariaDB did not do what it was asked for; never with bound values.
public struct MariaDBFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// What a caller can decide on.
  public enum Kind: Hashable, Sendable {
    /// The server cannot be reached, or the connection broke.
    case unreachable
    /// The user may not do this, or may not sign in.
    case denied
    /// A write where only reading is allowed.
    case readOnly
    /// The statement took longer than allowed.
    case timedOut
    /// The calling task was cancelled.
    case cancelled
    /// A lock was not to be had in time.
    case busy
    /// The statement is wrong.
    case statement
    /// Any other failure.
    case other
  }

  /// What a caller can decide on.
  public var kind: Kind
  /// The server's number of the error; 0 for none.
  public var code: Int
  /// What happened, in the server's words.
  public var message: String

  /// Makes a failure.
  public init(_ kind: Kind, code: Int = 0, _ message: String) {
    self.kind = kind
    self.code = code
    self.message = message
  }

  init(code: UInt32, message: String) {
    let kind: Kind =
      switch code {
      case 2_000...2_999, 1_040, 1_053, 1_152, 1_153, 1_927: .unreachable
      case 1_044, 1_045, 1_142, 1_143, 1_227, 1_370, 1_698: .denied
      case 1_290, 1_792, 1_836: .readOnly
      case 1_969, 3_024: .timedOut
      case 1_317: .cancelled
      case 1_205, 1_213: .busy
      case 1_054, 1_060, 1_064, 1_146, 1_149, 1_305, 1_049, 1_235, 1_248, 1_295: .statement
      default: .other
      }
    self.init(kind, code: Int(code), message)
  }

  /// The number and the message.
  public var description: String { "MariaDB: \(message) (\(code))" }
}

/// A value of a result column, or one to bind.
public enum MariaDBValue: Hashable, Sendable {
  /// The absence of a value.
  case null
  /// A whole number of up to 64 bits.
  case integer(Int64)
  /// A floating point number.
  case real(Double)
  /// An exact number with a fraction, as the server writes it.
  case decimal(String)
  /// A text; days and times are texts, too.
  case text(String)
  /// A sequence of bytes.
  case bytes([UInt8])
}
