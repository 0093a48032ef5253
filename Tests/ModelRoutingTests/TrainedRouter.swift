import CoachVocabulary
import FoundationEssentials
import ModelRouting

/// The shipped weights.
enum TrainedRouter {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static func file() throws -> String {
    try String(contentsOf: root.appending(path: "config/router.json"), encoding: .utf8)
  }

  static func model() throws -> DifficultyModel { try DifficultyModel(parsing: file()) }

  /// Prompts of several kinds, with signs, numbers, options, other scripts.
  static let prompts = [
    "What was revenue last month?",
    "Why did gross margin fall in the West between Q1 and Q2, and which products contributed most?",
    "Tom buys 3 boxes of 12 eggs each for $4.50; he eats half of them. How many eggs remain?",
    "Which of these is a metal? A. Iron B. Neon C. Argon D. All of the above Answer:",
    "Wie hoch war der Umsatz in München im März – und warum „fiel“ er?",
    "Сколько автомобилей продано в мае?",
    "def f(x): return x ** 2; what is f(3)?",
    "ΟΔΥΣΣΕΥΣ και Straße: Größe",
  ]
}
