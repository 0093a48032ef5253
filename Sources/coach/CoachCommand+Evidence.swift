import CoachApp
import CoachVocabulary

/// Measurement of the evidence analyzer: each command reads a folder of samples and writes JSON Lines.
extension CoachCommand {
  static func evaluateLocalization(_ words: [String]) throws -> ExitStatus {
    let evaluation = LocalizationEvaluation(folder: try sampleFolder(words, of: "localize"))
    for line in try evaluation.lines() { output(evaluation.answer(line).text) }
    return .success
  }

  static func evaluateDrivers(_ words: [String]) throws -> ExitStatus {
    let evaluation = try DriverEvaluation(folder: try sampleFolder(words, of: "correlate"))
    for line in evaluation.lines { output(evaluation.answer(line).text) }
    return .success
  }

  static func evaluateForecasts(_ words: [String]) throws -> ExitStatus {
    let evaluation = try ForecastEvaluation(folder: try sampleFolder(words, of: "forecast"))
    for line in evaluation.lines { output(evaluation.answer(line).text) }
    return .success
  }

  /// The lines of forecasts whose series have goals: what a scorer of goals needs, and no more.
  static func evaluateGoals(_ words: [String]) throws -> ExitStatus {
    let evaluation = try ForecastEvaluation(folder: try sampleFolder(words, of: "goals"))
    for line in evaluation.lines where evaluation.hasGoals(line) { output(evaluation.answer(line).text) }
    return .success
  }

  static func evaluateDetection(_ words: [String]) throws -> ExitStatus {
    let evaluation = try DetectionEvaluation(folder: try sampleFolder(words, of: "detect"))
    for series in evaluation.series { output(evaluation.answer(series).text) }
    return .success
  }

  private static func sampleFolder(_ words: [String], of command: String) throws -> String {
    let arguments = try Arguments(words, options: [], flags: [])
    guard arguments.rest.count == 1, let folder = arguments.rest.first else {
      throw Arguments.Fault(description: "eval \(command) needs one folder")
    }
    return folder
  }
}
