/// A place in a file.
public struct SourcePosition: Hashable, Sendable, CustomStringConvertible {
  /// The file as the user named it.
  public var file: String
  /// The line, from 1.
  public var line: Int
  /// The column, from 1.
  public var column: Int

  /// Makes a position.
  public init(file: String, line: Int, column: Int = 1) {
    self.file = file
    self.line = line
    self.column = column
  }

  /// `file:line`.
  public var description: String { "\(file):\(line)" }
}

/// Something found in a declaration, with its place.
public struct Diagnostic: Hashable, Sendable, CustomStringConvertible {
  /// How bad it is.
  public enum Severity: String, Hashable, Sendable {
    /// Nothing may run with it.
    case error
    /// Worth a look, but runs.
    case warning
  }

  /// How bad it is.
  public var severity: Severity
  /// What is wrong and how to mend it.
  public var message: String
  /// Where.
  public var position: SourcePosition

  /// Makes a finding.
  public init(_ severity: Severity, _ message: String, at position: SourcePosition) {
    self.severity = severity
    self.message = message
    self.position = position
  }

  /// `file:line: error: message`, which editors can jump to.
  public var description: String { "\(position): \(severity.rawValue): \(message)" }
}

/// Gathers findings, so that all of them are reported at once.
public final class DiagnosticCollector {
  /// What was found so far, in the order of finding.
  public private(set) var diagnostics: [Diagnostic] = []

  /// Makes an empty collector.
  public init() {}

  /// Whether an error is among the findings.
  public var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

  /// Adds an error.
  public func error(_ message: String, at position: SourcePosition) {
    diagnostics.append(Diagnostic(.error, message, at: position))
  }

  /// Adds a warning.
  public func warning(_ message: String, at position: SourcePosition) {
    diagnostics.append(Diagnostic(.warning, message, at: position))
  }

  /// Adds findings made elsewhere.
  public func add(_ findings: some Sequence<Diagnostic>) { diagnostics.append(contentsOf: findings) }
}
