import Glibc

/// A folder whose files may be read, and nothing outside of it.
///
/// Names are relative to the folder. Neither `..` nor a symbolic link leads out of it.
public struct FileRoot: Hashable, Sendable {
  /// Where the folder lies.
  public let path: String
  /// The largest file that is read, in bytes.
  public let fileLimit: Int
  /// The most entries of one folder that are listed.
  public let entryLimit: Int

  /// Makes a root; nothing is read yet.
  public init(path: String, fileLimit: Int = 1 << 20, entryLimit: Int = 1_000) {
    self.path = path
    self.fileLimit = fileLimit
    self.entryLimit = entryLimit
  }

  /// What a name stands for.
  public enum Kind: Hashable, Sendable {
    /// A regular file.
    case file
    /// A folder.
    case folder
    /// Something that is neither, for instance a pipe.
    case other
  }

  /// What stands under a name; nil when there is nothing.
  ///
  /// - Throws: ``FileRootFailure`` when the name leads out of the root.
  public func kind(of name: String) throws(FileRootFailure) -> Kind? {
    guard let resolved = try resolve(name) else { return nil }
    var status = stat()
    guard stat(resolved, &status) == 0 else { return nil }
    return Kind(mode: status.st_mode)
  }

  /// The bytes of a file.
  ///
  /// - Throws: ``FileRootFailure`` when there is no such file, it lies outside, is too large or cannot be read.
  public func bytes(of name: String) throws(FileRootFailure) -> [UInt8] {
    guard let resolved = try resolve(name) else { throw FileRootFailure(name: name, reason: "there is no such file") }
    // The path is free of links by now; a pipe put in its place must not make us wait.
    let descriptor = open(resolved, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileRootFailure(name: name, errno: errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileRootFailure(name: name, errno: errno) }
    guard Kind(mode: status.st_mode) == .file else {
      throw FileRootFailure(name: name, reason: "it is not a regular file")
    }
    return try readAll(descriptor, name)
  }

  /// The text of a file, which must be UTF-8.
  ///
  /// - Throws: ``FileRootFailure`` as ``bytes(of:)`` does, and for text that is no UTF-8, with its line.
  public func text(of name: String) throws(FileRootFailure) -> String {
    let bytes = try bytes(of: name)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw FileRootFailure(name: name, reason: "it is not valid UTF-8", line: Self.lineOfFault(in: bytes))
    }
    return text
  }

  /// The names in a folder, sorted, without hidden ones; empty when there is no such folder.
  ///
  /// - Throws: ``FileRootFailure`` when it is no folder, lies outside, has too many entries or cannot be read.
  public func names(in folder: String) throws(FileRootFailure) -> [String] {
    guard let resolved = try resolve(folder) else { return [] }
    guard let stream = opendir(resolved) else { throw FileRootFailure(name: folder, errno: errno) }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard !name.hasPrefix(".") else { continue }
      guard names.count < entryLimit else {
        throw FileRootFailure(name: folder, reason: "it has more than \(entryLimit) entries")
      }
      names.append(name)
    }
    return names.sorted()
  }
}

// MARK: - Inside

extension FileRoot {
  /// The path without links; nil when nothing is there.
  private func resolve(_ name: String) throws(FileRootFailure) -> String? {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    let isPlain = parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." } && !name.utf8.contains(0)
    guard name.isEmpty || isPlain else {
      throw FileRootFailure(name: name, reason: "the name must be relative and without '..'")
    }
    guard let base = Self.realPath(path) else {
      throw FileRootFailure(name: path, reason: "there is no such folder")
    }
    guard let resolved = Self.realPath(name.isEmpty ? path : "\(path)/\(name)") else {
      guard errno == ENOENT || errno == ENOTDIR else { throw FileRootFailure(name: name, errno: errno) }
      return nil
    }
    let prefix = base == "/" ? base : base + "/"
    guard resolved == base || resolved.hasPrefix(prefix) else {
      throw FileRootFailure(name: name, reason: "it is a link that leads out of the folder")
    }
    return resolved
  }

  private static func realPath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  private func readAll(_ descriptor: Int32, _ name: String) throws(FileRootFailure) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw FileRootFailure(name: name, errno: errno) }
      if count == 0 { return bytes }
      bytes.append(contentsOf: chunk[..<count])
      guard bytes.count <= fileLimit else {
        throw FileRootFailure(name: name, reason: "it is larger than \(fileLimit) bytes; split it")
      }
    }
  }

  /// The line of the first byte that is no UTF-8: as far as a lenient reading agrees with the bytes.
  private static func lineOfFault(in bytes: [UInt8]) -> Int {
    let lenient = Array(String(decoding: bytes, as: UTF8.self).utf8)
    let agreed = zip(bytes, lenient).prefix { $0 == $1 }
    return 1 + agreed.count { $0.0 == 0x0A }
  }
}

extension FileRoot.Kind {
  fileprivate init(mode: mode_t) {
    switch mode & S_IFMT {
    case S_IFREG: self = .file
    case S_IFDIR: self = .folder
    default: self = .other
    }
  }
}

/// Why a file was not read.
public struct FileRootFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file or folder as it was asked for.
  public var name: String
  /// What is wrong with it.
  public var reason: String
  /// The line of the fault, counted from 1.
  public var line: Int

  /// Makes a failure.
  public init(name: String, reason: String, line: Int = 1) {
    self.name = name
    self.reason = reason
    self.line = line
  }

  init(name: String, errno code: Int32) {
    self.init(name: name, reason: String(cString: strerror(code)))
  }

  /// What is wrong, and where.
  public var description: String { "'\(name)' cannot be read: \(reason)" }
}
