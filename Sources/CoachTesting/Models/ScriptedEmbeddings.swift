import CoachVocabulary
import FoundationEssentials
import LanguageModel

/// Vectors that depend on nothing but the text: equal texts have equal vectors, of length 1.
enum ScriptedEmbeddings {
  /// The answer to an `embeddings` request; nil when the request is none.
  static func reply(to request: JSONValue, model: String) -> JSONValue? {
    let texts = request["input"]?.stringValue.map { [$0] } ?? request["input"]?.arrayValue?.compactMap(\.stringValue)
    guard let texts, !texts.isEmpty else { return nil }
    let size = min(4_096, max(1, request["dimensions"]?.intValue ?? 8))
    let wantsBase64 = request["encoding_format"] == "base64"
    let items = texts.enumerated().map { index, text -> JSONValue in
      let vector = vector(of: text, size: size)
      let embedding: JSONValue = wantsBase64 ? .string(base64(vector)) : .array(vector.map { .double(Double($0)) })
      return ["object": "embedding", "index": .int(index), "embedding": embedding]
    }
    let count = texts.reduce(0) { $0 + TokenEstimator.tokens(in: $1) }
    return [
      "object": "list", "model": .string(model), "data": .array(items),
      "usage": ["prompt_tokens": .int(count), "total_tokens": .int(count)],
    ]
  }

  private static func vector(of text: String, size: Int) -> [Float] {
    // FNV-1a over the bytes, then a step of a congruential generator for each component.
    var state = text.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    let raw = (0..<size).map { _ -> Float in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(state >> 40) / Float(1 << 23) - 1
    }
    let length = max(1e-6, raw.reduce(0) { $0 + $1 * $1 }.squareRoot())
    return raw.map { $0 / length }
  }

  /// Little-endian 32-bit numbers, as the API sends them.
  private static func base64(_ vector: [Float]) -> String {
    var bytes: [UInt8] = []
    for number in vector { withUnsafeBytes(of: number.bitPattern.littleEndian) { bytes += $0 } }
    return Data(bytes).base64EncodedString()
  }
}
