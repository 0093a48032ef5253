import CoachVocabulary

/// Why a file of weights cannot be used.
public enum DifficultyModelFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// It is no JSON, or a member is missing or of the wrong kind.
  case malformed(String)
  /// It was written in another form.
  case otherVersion(found: Int, known: Int)
  /// A list has another length than this program's features need.
  case wrongSize(String, found: Int, wanted: Int)
  /// A number is infinite or out of its range.
  case badNumber(String)
  /// It is larger than any such file should be, in bytes.
  case tooLarge(Int)

  /// What is wrong and how to mend it.
  public var description: String {
    let cure = "; write it anew with 'coach router fit'"
    return switch self {
    case .malformed(let what): "the weights cannot be read: \(what)\(cure)"
    case .otherVersion(let found, let known): "the weights have version \(found), this program reads \(known)\(cure)"
    case .wrongSize(let what, let found, let wanted): "'\(what)' has \(found) entries, \(wanted) are needed\(cure)"
    case .badNumber(let what): "'\(what)' holds a number out of range\(cure)"
    case .tooLarge(let bytes): "the weights take \(bytes) bytes, more than \(DifficultyModel.byteLimit)\(cure)"
    }
  }
}

extension DifficultyModel {
  /// The largest file that is read, in bytes.
  public static let byteLimit = 4_000_000

  /// Reads the file that ``text`` gives.
  ///
  /// - Throws: ``DifficultyModelFault`` for another version, wrong sizes, and numbers that are not finite.
  public init(parsing text: String) throws(DifficultyModelFault) {
    guard text.utf8.count <= Self.byteLimit else { throw .tooLarge(text.utf8.count) }
    let json: JSONValue
    do throws(JSONFailure) {
      json = try JSONValue(parsing: text)
    } catch {
      throw .malformed(error.message)
    }
    let reader = WeightsReader(json)
    let version = try reader.integer("version", of: json)
    guard version == Self.formatVersion else { throw .otherVersion(found: version, known: Self.formatVersion) }
    let names = try reader.list("features", of: json).compactMap(\.stringValue)
    guard names == PromptFeatures.names else {
      throw .wrongSize("features", found: names.count, wanted: PromptFeatures.names.count)
    }
    var weights: [PromptKind: Weights] = [:]
    for kind in PromptKind.allCases {
      guard let entry = json["kinds"]?[kind.rawValue] else { throw .malformed("kinds.\(kind.rawValue) is missing") }
      weights[kind] = try reader.weights(entry)
    }
    let deviation = try reader.number("deviation", of: json)
    guard deviation > 0 else { throw .badNumber("deviation") }
    let quantiles = try reader.numbers("quantiles", of: json)
    guard (2...1_001).contains(quantiles.count) else {
      throw .wrongSize("quantiles", found: quantiles.count, wanted: 51)
    }
    guard quantiles == quantiles.sorted(), quantiles.allSatisfy({ (0...1).contains($0) }) else {
      throw .badNumber("quantiles")
    }
    self.init(
      weights: weights,
      mean: try reader.number("mean", of: json),
      deviation: deviation,
      quantiles: quantiles,
      report: json["report"] ?? .null
    )
  }

  /// The file.
  public var text: String {
    JSONValue.object([
      "version": .int(Self.formatVersion),
      "features": .array(PromptFeatures.names.map { .string($0) }),
      "kinds": .object(
        Dictionary(uniqueKeysWithValues: weights.map { ($0.key.rawValue, $0.value.json) })
      ),
      "mean": .double(mean), "deviation": .double(deviation),
      "quantiles": .array(quantiles.map { .double($0) }),
      "report": report,
    ]).prettyText + "\n"
  }
}

extension DifficultyModel.Weights {
  fileprivate var json: JSONValue {
    var members: [String: JSONValue] = [
      "constant": .double(constant),
      "steps": .array(
        steps.map { steps in
          [
            "feature": .string(PromptFeatures.names[steps.feature]),
            "thresholds": .array(steps.thresholds.map { .double($0) }),
            "values": .array(steps.values.map { .double($0) }),
          ]
        }
      ),
      "lines": .array(
        lines.map { line in
          [
            "feature": .string(PromptFeatures.names[line.feature]), "mean": .double(line.mean),
            "deviation": .double(line.deviation), "weight": .double(line.weight),
          ]
        }
      ),
    ]
    if let wording {
      members["wording"] = ["unit": .double(wording.unit), "weights": .string(Self.hexadecimal(wording.weights))]
    }
    return .object(members)
  }

  /// Two digits for each weight.
  private static func hexadecimal(_ weights: [Int8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: weights.flatMap { weight in
        let byte = UInt8(bitPattern: weight)
        return [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      },
      as: UTF8.self
    )
  }
}

/// Reads the members of the file, each checked.
private struct WeightsReader {
  typealias Fault = DifficultyModelFault

  private let features: [String: Int]

  init(_ json: JSONValue) {
    features = Dictionary(uniqueKeysWithValues: PromptFeatures.names.enumerated().map { ($1, $0) })
  }

  func integer(_ name: String, of json: JSONValue) throws(Fault) -> Int {
    guard let value = json[name]?.intValue else { throw .malformed("'\(name)' is missing or no whole number") }
    return value
  }

  func number(_ name: String, of json: JSONValue) throws(Fault) -> Double {
    guard let value = json[name]?.doubleValue else { throw .malformed("'\(name)' is missing or no number") }
    guard value.isFinite, abs(value) < 1e9 else { throw .badNumber(name) }
    return value
  }

  func list(_ name: String, of json: JSONValue) throws(Fault) -> [JSONValue] {
    guard let value = json[name]?.arrayValue else { throw .malformed("'\(name)' is missing or no list") }
    return value
  }

  func numbers(_ name: String, of json: JSONValue) throws(Fault) -> [Double] {
    var found: [Double] = []
    for item in try list(name, of: json) {
      guard let value = item.doubleValue else { throw .malformed("'\(name)' holds something that is no number") }
      guard value.isFinite, abs(value) < 1e9 else { throw .badNumber(name) }
      found.append(value)
    }
    return found
  }

  func weights(_ json: JSONValue) throws(Fault) -> DifficultyModel.Weights {
    var weights = DifficultyModel.Weights(constant: try number("constant", of: json))
    for item in try list("steps", of: json) { weights.steps.append(try steps(item)) }
    for item in try list("lines", of: json) { weights.lines.append(try line(item)) }
    if let wording = json["wording"] { weights.wording = try self.wording(wording) }
    return weights
  }

  private func feature(_ json: JSONValue) throws(Fault) -> Int {
    guard let name = json["feature"]?.stringValue, let index = features[name] else {
      throw .malformed("a weight belongs to no feature that this program measures")
    }
    return index
  }

  private func steps(_ json: JSONValue) throws(Fault) -> DifficultyModel.Steps {
    let thresholds = try numbers("thresholds", of: json)
    let values = try numbers("values", of: json)
    guard values.count == thresholds.count + 1 else {
      throw .wrongSize("values", found: values.count, wanted: thresholds.count + 1)
    }
    guard thresholds == thresholds.sorted() else { throw .badNumber("thresholds") }
    return DifficultyModel.Steps(feature: try feature(json), thresholds: thresholds, values: values)
  }

  private func line(_ json: JSONValue) throws(Fault) -> DifficultyModel.Line {
    let deviation = try number("deviation", of: json)
    guard deviation > 0 else { throw .badNumber("deviation") }
    return DifficultyModel.Line(
      feature: try feature(json),
      mean: try number("mean", of: json),
      deviation: deviation,
      weight: try number("weight", of: json)
    )
  }

  private func wording(_ json: JSONValue) throws(Fault) -> DifficultyModel.Wording {
    guard let text = json["weights"]?.stringValue else { throw .malformed("'wording' has no weights") }
    let digits = Array(text.utf8)
    let wanted = PromptFeatures.wordingSize
    guard digits.count == 2 * wanted else { throw .wrongSize("wording", found: digits.count / 2, wanted: wanted) }
    var weights: [Int8] = []
    weights.reserveCapacity(wanted)
    for index in 0..<wanted {
      guard let high = Self.value(digits[2 * index]), let low = Self.value(digits[2 * index + 1]) else {
        throw .malformed("'wording' holds something that is no hexadecimal digit")
      }
      weights.append(Int8(bitPattern: high << 4 | low))
    }
    return DifficultyModel.Wording(unit: try number("unit", of: json), weights: weights)
  }

  private static func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case 0x30...0x39: digit - 0x30
    case 0x61...0x66: digit - 0x61 + 10
    default: nil
    }
  }
}
