/// A name of one thing among its kind; two kinds of identifier never mix.
public struct Identifier<Kind>: Hashable, Sendable, Codable, RawRepresentable, CustomStringConvertible,
  ExpressibleByStringLiteral, Comparable
{
  /// The text that is stored and shown.
  public var rawValue: String

  /// Makes an identifier from its text.
  public init(rawValue: String) { self.rawValue = rawValue }

  /// Makes an identifier from its text.
  public init(_ text: String) { rawValue = text }

  /// Makes an identifier from a literal.
  public init(stringLiteral value: String) { rawValue = value }

  /// Reads the plain text form.
  public init(from decoder: any Decoder) throws {
    rawValue = try decoder.singleValueContainer().decode(String.self)
  }

  /// Writes the plain text form.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }

  /// The text.
  public var description: String { rawValue }

  /// Orders by text; generated identifiers sort by time.
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// Marks identifiers of tenants.
public enum TenantKind {}
/// Marks identifiers of people who use the coach.
public enum UserKind {}
/// Marks identifiers of chat sessions.
public enum SessionKind {}
/// Marks identifiers of messages within a session.
public enum MessageKind {}
/// Marks identifiers of graph runs.
public enum RunKind {}
/// Marks identifiers of model calls.
public enum OperationKind {}

/// One customer of an installation; every stored row belongs to one.
public typealias TenantID = Identifier<TenantKind>
/// One person who uses the coach.
public typealias UserID = Identifier<UserKind>
/// One conversation.
public typealias SessionID = Identifier<SessionKind>
/// One message of a conversation.
public typealias MessageID = Identifier<MessageKind>
/// One execution of a graph.
public typealias RunID = Identifier<RunKind>
/// One model call, with all of its attempts.
public typealias OperationID = Identifier<OperationKind>

extension Identifier where Kind == TenantKind {
  /// The tenant of an installation without sign-in.
  public static var local: TenantID { "local" }
}

/// Makes identifiers that sort by time: 48 bits of milliseconds, then 80 random bits, in 26 base-32 letters.
///
/// The layout is that of a ULID (Crockford's base 32, no I, L, O, U).
public struct IdentifierSource: Sendable {
  private let milliseconds: @Sendable () -> UInt64
  private let random: @Sendable () -> UInt64

  /// Makes a source.
  ///
  /// - Parameters:
  ///   - milliseconds: milliseconds since 1970, from the injected clock.
  ///   - random: 64 random bits at each call, from the injected generator.
  public init(milliseconds: @escaping @Sendable () -> UInt64, random: @escaping @Sendable () -> UInt64) {
    self.milliseconds = milliseconds
    self.random = random
  }

  /// A new identifier of the wanted kind.
  public func next<Kind>(_ kind: Kind.Type = Kind.self) -> Identifier<Kind> {
    let time = milliseconds() & 0xFFFF_FFFF_FFFF
    let low = random()
    let high = random()
    var letters: [UInt8] = []
    letters.reserveCapacity(26)
    for index in 0..<10 { letters.append(Self.alphabet[Int((time >> UInt64((9 - index) * 5)) & 31)]) }
    for index in 0..<8 { letters.append(Self.alphabet[Int((high >> UInt64(index * 5)) & 31)]) }
    for index in 0..<8 { letters.append(Self.alphabet[Int((low >> UInt64(index * 5)) & 31)]) }
    return Identifier(String(decoding: letters, as: UTF8.self))
  }

  private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
}
