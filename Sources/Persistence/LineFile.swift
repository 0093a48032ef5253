import CoachVocabulary
import Glibc

/// The check sum of a text: FNV-1a with 64 bits, which tells damage and not malice.
///
/// Source: Fowler, Noll and Vo, draft-eastlake-fnv-17, section 5.
struct CheckSum: Hashable, Sendable {
  private var value: UInt64 = 0xCBF2_9CE4_8422_2325

  mutating func add(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }
  }

  var text: String { String(value, radix: 16) }
}

/// Writes lines to a file that appears under its name when it is finished.
final class LineFileWriter {
  private let path: String
  private let partial: String
  private let descriptor: Int32
  private var waiting: [UInt8] = []
  private var sum = CheckSum()
  private var isFinished = false
  private static let page = 1 << 18

  init(path: String) throws(PersistenceFailure) {
    self.path = path
    partial = "\(path).partial-\(getpid())"
    descriptor = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .unavailable("\(path) cannot be written: \(String(cString: strerror(errno)))") }
  }

  deinit {
    close(descriptor)
    if !isFinished { unlink(partial) }
  }

  /// The check sum of all lines so far.
  var checkSum: String { sum.text }

  func write(_ line: String) throws(PersistenceFailure) {
    let start = waiting.count
    waiting += line.utf8
    waiting.append(UInt8(ascii: "\n"))
    sum.add(waiting[start...])
    if waiting.count >= Self.page { try flush() }
  }

  /// Writes the last line, waits for the disk, and gives the file its name.
  func finish(_ trailer: JSONValue) throws(PersistenceFailure) {
    try write(trailer.text)
    try flush()
    try DurableFile.publish(partial, as: path)
    isFinished = true
  }

  private func flush() throws(PersistenceFailure) {
    var rest = waiting[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        throw .unavailable("\(path) cannot be written: \(String(cString: strerror(errno)))")
      }
      rest = rest.dropFirst(count)
    }
    waiting = []
  }
}

/// Reads a file line by line.
final class LineFileReader {
  private let path: String
  private let descriptor: Int32
  private var page: [UInt8] = []
  private var place = 0
  private var isAtEnd = false
  private var sum = CheckSum()
  private static let pageSize = 1 << 18
  /// The longest line; a state of a run is far shorter.
  private static let longestLine = 1 << 28

  init(path: String) throws(PersistenceFailure) {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .unavailable("\(path) cannot be read: \(String(cString: strerror(errno)))") }
  }

  deinit { close(descriptor) }

  /// The check sum of all lines so far.
  var checkSum: String { sum.text }

  /// The next line; nil at the end, and for a last line without its end.
  func next() throws(PersistenceFailure) -> String? {
    var line: [UInt8] = []
    while true {
      if let end = page[place...].firstIndex(of: UInt8(ascii: "\n")) {
        line += page[place...end]
        place = end + 1
        sum.add(line)
        return String(decoding: line.dropLast(), as: UTF8.self)
      }
      line += page[place...]
      guard line.count <= Self.longestLine else { throw .damaged("\(path) has a line that is too long") }
      guard try fill() else { return nil }
    }
  }

  private func fill() throws(PersistenceFailure) -> Bool {
    if isAtEnd { return false }
    page = [UInt8](repeating: 0, count: Self.pageSize)
    place = 0
    let count = page.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
    guard count >= 0 else { throw .unavailable("\(path) cannot be read: \(String(cString: strerror(errno)))") }
    page.removeLast(Self.pageSize - count)
    isAtEnd = count == 0
    return count > 0
  }
}
