import FoundationEssentials
import Glibc

/// Holds a data folder for one server, since a server goes on with every run that it finds unfinished there.
///
/// The system lets go of it when the process ends, however it ends.
struct FolderLock: Sendable {
  private let descriptor: Int32

  /// Takes the folder, making it when it is missing.
  ///
  /// - Throws: `CoachCommand.Refused` when another server has it, or it cannot be written to.
  init(_ folder: String) throws(CoachCommand.Refused) {
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    descriptor = open("\(folder)/serve.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      let reason = String(cString: strerror(errno))
      throw CoachCommand.Refused(text: "coach: cannot write to the data folder \(folder): \(reason)", status: .failure)
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw CoachCommand.Refused(
        text: "coach: another 'coach serve' uses \(folder); stop it, or give this one another --data-folder",
        status: .failure
      )
    }
  }

  /// Lets another server have the folder.
  func release() { close(descriptor) }
}
