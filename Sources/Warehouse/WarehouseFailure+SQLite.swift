import SQLiteKit

extension WarehouseFailure {
  /// Says a failure of SQLite in the words of the warehouse.
  ///
  /// The message of a denied statement stays general: SQLite's own would name what is hidden.
  init(_ failure: SQLiteFailure, path: String) {
    self =
      switch failure.kind {
      case .notADatabase:
        WarehouseFailure(
          .notADatabase,
          "\(path) is no SQLite database",
          remedy: "Name a SQLite file, or run `coach demo`."
        )
      case .cannotOpen:
        WarehouseFailure(
          .unreadable,
          "\(path) cannot be opened",
          remedy: "Let this user read the file and its folder."
        )
      case .corrupt, .inputOutput:
        WarehouseFailure(.damaged, "\(path) cannot be read: \(failure.message)", remedy: "Restore it from a backup.")
      case .busy:
        WarehouseFailure(.busy, "another program is writing to \(path)", remedy: "Try again in a moment.")
      case .denied, .readOnly:
        WarehouseFailure(
          .denied,
          "the statement asks for more than its policy allows",
          remedy: "Read only the tables, columns and functions that are allowed."
        )
      case .timedOut:
        WarehouseFailure(.timedOut, failure.message, remedy: "Narrow the question, for instance to fewer days.")
      case .cancelled, .interrupted:
        WarehouseFailure(.cancelled, "the question was stopped", remedy: "Ask again if the answer is still wanted.")
      case .tooBig, .outOfMemory, .full:
        WarehouseFailure(.tooLarge, "the statement made too large a value", remedy: "Ask for fewer or shorter values.")
      case .syntax, .constraint, .misuse, .closed, .other:
        WarehouseFailure(.failed, "the statement failed: \(failure.message)", remedy: "Correct the statement.")
      }
  }
}
