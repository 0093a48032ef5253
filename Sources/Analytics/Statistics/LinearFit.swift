#if canImport(Glibc)
import Glibc
#else
import Foundation
#endif

/// Least squares for small systems.
enum LinearFit {
  /// Solves a symmetric positive definite system by Cholesky's method.
  ///
  /// - Parameters:
  ///   - matrix: row by row, count² values; only the lower triangle is read.
  ///   - right: the right side.
  /// - Returns: the solution, or nil where the matrix is not positive definite.
  static func solve(_ matrix: [Double], _ right: [Double]) -> [Double]? {
    let count = right.count
    var lower = matrix
    for column in 0..<count {
      var diagonal = lower[column * count + column]
      for inner in 0..<column { diagonal -= lower[column * count + inner] * lower[column * count + inner] }
      guard diagonal > 1e-14, diagonal.isFinite else { return nil }
      diagonal = diagonal.squareRoot()
      lower[column * count + column] = diagonal
      for row in (column + 1)..<max(count, column + 1) {
        var sum = lower[row * count + column]
        for inner in 0..<column { sum -= lower[row * count + inner] * lower[column * count + inner] }
        lower[row * count + column] = sum / diagonal
      }
    }
    var solution = right
    for row in 0..<count {
      for inner in 0..<row { solution[row] -= lower[row * count + inner] * solution[inner] }
      solution[row] /= lower[row * count + row]
    }
    for row in (0..<count).reversed() {
      for inner in (row + 1)..<max(count, row + 1) { solution[row] -= lower[inner * count + row] * solution[inner] }
      solution[row] /= lower[row * count + row]
    }
    return solution
  }

  /// The straight line through values at 0, 1, 2 and so on.
  static func line(through values: ArraySlice<Double>) -> (intercept: Double, slope: Double) {
    let count = Double(values.count)
    guard values.count > 1 else { return (values.first ?? 0, 0) }
    let middle = (count - 1) / 2
    var mean = 0.0
    for value in values { mean += value }
    mean /= count
    var top = 0.0
    for (index, value) in values.enumerated() { top += (Double(index) - middle) * (value - mean) }
    let slope = top / (count * (count * count - 1) / 12)
    return (mean - slope * middle, slope)
  }
}
