import CoachVocabulary
import LanguageModel

/// Reads token counts into classes that do not overlap.
enum ChatUsage {
  /// The `usage` member of a chunk or body; nil when it is missing, null or without counts.
  ///
  /// `prompt_tokens` includes what was read from and written to the cache, `completion_tokens` includes reasoning. Some
  /// servers leave reasoning out of `completion_tokens` but not out of `total_tokens`: the difference is output.
  static func read(_ usage: JSONValue?) -> ModelUsage? {
    // No prompt has 0 tokens: some servers say 0 for one that they had cached, which means that they do not know.
    guard let usage, let prompt = count(usage["prompt_tokens"]), prompt > 0 else { return nil }
    let total = count(usage["total_tokens"])
    guard let stated = count(usage["completion_tokens"]) ?? total.map({ max(0, $0 - prompt) }) else { return nil }
    let hidden = max(0, (total ?? 0) - prompt - stated)
    let read = count(usage["prompt_tokens_details"]?["cached_tokens"])
    let written = count(usage["prompt_tokens_details"]?["cache_write_tokens"])
    let reasoned = count(usage["completion_tokens_details"]?["reasoning_tokens"])
    let cached = min(prompt, read ?? 0)
    let cacheWrite = min(prompt - cached, written ?? 0)
    let output = stated + hidden
    return ModelUsage(
      tokens: TokenCounts(
        input: prompt - cached - cacheWrite,
        cachedInput: cached,
        cacheWrite: cacheWrite,
        output: output,
        reasoning: min(output, max(reasoned ?? 0, hidden))
      ),
      sources: TokenClasses(
        input: .reported,
        cachedInput: .ofOptional(read),
        cacheWrite: .ofOptional(written),
        output: .reported,
        reasoning: hidden > 0 ? .reported : .ofOptional(reasoned)
      )
    )
  }

  /// The `timings` member of llama.cpp, which comes also where `usage` does not: `prompt_n` excludes `cache_n`.
  static func readTimings(_ timings: JSONValue?) -> ModelUsage? {
    guard let timings, let prompt = count(timings["prompt_n"]), let output = count(timings["predicted_n"]) else {
      return nil
    }
    let cached = count(timings["cache_n"])
    return ModelUsage(
      tokens: TokenCounts(input: prompt, cachedInput: cached ?? 0, output: output),
      sources: TokenClasses(
        input: .reported,
        cachedInput: .ofOptional(cached),
        cacheWrite: .unknown,
        output: .reported,
        reasoning: .unknown
      )
    )
  }

  private static func count(_ value: JSONValue?) -> Int? { TokenCount.read(value) }
}

/// A number of tokens in a reply.
enum TokenCount {
  /// No request has more tokens than this; a larger number is a fault of the server and counts as missing.
  private static let most = 1 << 40

  static func read(_ value: JSONValue?) -> Int? {
    guard let number = value?.intValue, (0...most).contains(number) else { return nil }
    return number
  }
}
