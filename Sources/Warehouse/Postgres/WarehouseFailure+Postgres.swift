import PostgresKit

extension WarehouseFailure {
  /// Says a failure of PostgreSQL in the words of the warehouse.
  ///
  /// What a statement met in the data stays general: the server's own words may repeat it.
  init(_ error: any Error, server: String) {
    if let failure = error as? WarehouseFailure {
      self = failure
    } else if let failure = error as? PostgresFailure {
      self.init(failure, server: server)
    } else {
      self.init(.cancelled, "the question was stopped", remedy: "Ask again if the answer is still wanted.")
    }
  }

  private init(_ failure: PostgresFailure, server: String) {
    self =
      switch failure.kind {
      case .timedOut:
        WarehouseFailure(
          .timedOut,
          "the statement took too long",
          remedy: "Narrow the question, for instance to fewer days."
        )
      case .cancelled:
        WarehouseFailure(.cancelled, "the question was stopped", remedy: "Ask again if the answer is still wanted.")
      case .denied, .readOnly, .raised:
        WarehouseFailure(
          .denied,
          "the statement asks for more than its policy allows",
          remedy: "Read only the tables, columns and functions that are allowed."
        )
      case .conflict, .lockTimeout, .poolExhausted, .tooManyConnections:
        WarehouseFailure(.busy, "\(server) is busy", remedy: "Try again in a moment.")
      case .tooBig, .outOfMemory, .full:
        WarehouseFailure(.tooLarge, "the statement made too large a value", remedy: "Ask for fewer or shorter values.")
      case .unreachable, .authentication, .connectionLost, .closed:
        WarehouseFailure(.unreachable, "\(server) cannot be reached: \(failure.message)", remedy: "Look at the server.")
      case .syntax, .unknownName, .duplicateName, .misuse:
        WarehouseFailure(.failed, "the statement failed: \(failure.message)", remedy: "Correct the statement.")
      case .constraint, .invalidValue:
        WarehouseFailure(.failed, "a value does not fit what is done with it", remedy: "Correct the statement.")
      case .other:
        failure.sqlState == "53400"
          ? WarehouseFailure(.tooLarge, "the statement took too much disk", remedy: "Ask for less at once.")
          : WarehouseFailure(.failed, "the statement failed", remedy: "Correct the statement.")
      }
  }
}
