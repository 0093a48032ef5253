/// Minimises a function of a few variables without derivatives.
///
/// Source: Nelder and Mead (1965), "A Simplex Method for Function Minimization", The Computer Journal 7(4), with the
/// standard coefficients 1, 2, 1/2, 1/2. Outside its domain a function answers with infinity.
enum NelderMead {
  /// Finds a local minimum.
  ///
  /// - Parameters:
  ///   - start: the first point; the function must be finite there for the result to mean something.
  ///   - steps: how far the other corners of the first simplex lie from `start`, one per variable.
  ///   - maximumEvaluations: the search ends after about this many evaluations.
  ///   - tolerance: it also ends once best and worst corner differ by less than this share of the best.
  ///   - function: what to minimise.
  /// - Returns: the best point met and its value.
  static func minimize(
    from start: [Double],
    steps: [Double],
    maximumEvaluations: Int,
    tolerance: Double = 1e-5,
    _ function: ([Double]) -> Double
  ) -> (point: [Double], value: Double) {
    let count = start.count
    guard count > 0 else { return (start, function(start)) }
    var corners = [start]
    var values = [function(start)]
    for index in 0..<count {
      var corner = start
      corner[index] += steps[index]
      var value = function(corner)
      if !value.isFinite {
        corner[index] = start[index] - steps[index]
        value = function(corner)
      }
      corners.append(corner)
      values.append(value)
    }
    var evaluations = count + 1
    while evaluations < maximumEvaluations {
      let (best, next, worst) = ranks(of: values)
      if abs(values[worst] - values[best]) <= tolerance * (abs(values[best]) + 1e-12) { break }
      var center = [Double](repeating: 0, count: count)
      for (index, corner) in corners.enumerated() where index != worst {
        for axis in 0..<count { center[axis] += corner[axis] / Double(count) }
      }
      let reflected = move(from: center, away: corners[worst], by: 1)
      let reflectedValue = function(reflected)
      evaluations += 1
      if reflectedValue < values[best] {
        let expanded = move(from: center, away: corners[worst], by: 2)
        let expandedValue = function(expanded)
        evaluations += 1
        let goesFurther = expandedValue < reflectedValue
        corners[worst] = goesFurther ? expanded : reflected
        values[worst] = goesFurther ? expandedValue : reflectedValue
      } else if reflectedValue < values[next] {
        corners[worst] = reflected
        values[worst] = reflectedValue
      } else {
        let outside = reflectedValue < values[worst]
        let contracted = move(from: center, away: corners[worst], by: outside ? 0.5 : -0.5)
        let contractedValue = function(contracted)
        evaluations += 1
        if contractedValue < min(reflectedValue, values[worst]) {
          corners[worst] = contracted
          values[worst] = contractedValue
        } else {
          for index in corners.indices where index != best {
            for axis in 0..<count { corners[index][axis] = 0.5 * (corners[index][axis] + corners[best][axis]) }
            values[index] = function(corners[index])
            evaluations += 1
          }
        }
      }
    }
    let best = ranks(of: values).best
    return (corners[best], values[best])
  }

  /// The corners with the smallest, the second largest and the largest value; what is no number counts as largest.
  private static func ranks(of values: [Double]) -> (best: Int, next: Int, worst: Int) {
    let order = values.indices.sorted { left, right in
      if values[left].isNaN { return false }
      return values[right].isNaN || values[left] < values[right]
    }
    return (order[0], order[max(0, order.count - 2)], order[order.count - 1])
  }

  private static func move(from center: [Double], away corner: [Double], by factor: Double) -> [Double] {
    var point = center
    for axis in point.indices { point[axis] += factor * (center[axis] - corner[axis]) }
    return point
  }
}
