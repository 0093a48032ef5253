import Glibc

/// This program once more, as a fresh process.
struct ChildProcess {
  struct Failure: Error {
    let message: String
  }

  private let process: pid_t
  private let output: Int32

  /// Starts it; its standard output comes here.
  init(_ arguments: [String]) throws {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw Failure(message: "no pipe can be made") }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
    posix_spawn_file_actions_addclose(&actions, ends[0])
    posix_spawn_file_actions_addclose(&actions, ends[1])
    var vector = (["state-graph-bench"] + arguments).map { strdup($0) } + [nil]
    defer { for text in vector { free(text) } }
    var process: pid_t = 0
    let status = posix_spawn(&process, "/proc/self/exe", &actions, nil, &vector, environ)
    close(ends[1])
    guard status == 0 else {
      close(ends[0])
      throw Failure(message: "the program cannot start itself: \(status)")
    }
    self.process = process
    output = ends[0]
  }

  /// Waits for the first byte of output.
  func waitForOutput() throws {
    var byte: UInt8 = 0
    guard read(output, &byte, 1) == 1 else { throw Failure(message: "the process ended without a word") }
  }

  /// Waits for the end; gives the rest of the output and the processor seconds it took.
  func finish() throws -> (output: [UInt8], cpu: Double) {
    var all: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(output, &part, part.count)
      if count <= 0 { break }
      all += part[..<count]
    }
    close(output)
    var status: Int32 = 0
    var usage = rusage()
    guard wait4(process, &status, 0, &usage) == process, status == 0 else {
      throw Failure(message: "the process failed with status \(status)")
    }
    let user = Double(usage.ru_utime.tv_sec) + Double(usage.ru_utime.tv_usec) / 1e6
    return (all, user + Double(usage.ru_stime.tv_sec) + Double(usage.ru_stime.tv_usec) / 1e6)
  }
}

/// Plain writes, past the buffers of the C library.
enum FileDescriptors {
  static func write(_ text: String, to descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }
}
