import Glibc

/// Ridge regression on standardised measures, solved exactly.
struct LineRegression {
  let penalty: Double
  let names: [String]

  func fit(_ examples: [PreparedExample], _ targets: [Double]) -> [DifficultyModel.Line] {
    let columns = names.compactMap { name in PromptFeatures.names.firstIndex(of: name) }
    let scales = columns.map { column in Self.scale(examples.map { $0.features.values[column] }) }
    let used = columns.indices.filter { scales[$0].deviation > 1e-6 }
    let rows = examples.map { example in
      used.map { index in
        DifficultyModel.Line(
          feature: columns[index],
          mean: scales[index].mean,
          deviation: scales[index].deviation,
          weight: 1
        ).value(at: example.features.values[columns[index]])
      }
    }
    let weights = solve(rows, targets)
    return zip(used, weights).map { index, weight in
      DifficultyModel.Line(
        feature: columns[index],
        mean: scales[index].mean,
        deviation: scales[index].deviation,
        weight: Rounding.toFile(weight)
      )
    }
  }

  private static func scale(_ values: [Double]) -> (mean: Double, deviation: Double) {
    let mean = values.reduce(0, +) / Double(max(1, values.count))
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, values.count))
    return (Rounding.toFile(mean), Rounding.toFile(variance.squareRoot()))
  }

  /// Solves (XᵀX + penalty) w = Xᵀy by Cholesky's decomposition; the matrix is positive definite as the penalty is.
  private func solve(_ rows: [[Double]], _ targets: [Double]) -> [Double] {
    let size = rows.first?.count ?? 0
    var matrix = [[Double]](repeating: [Double](repeating: 0, count: size), count: size)
    var right = [Double](repeating: 0, count: size)
    for (row, target) in zip(rows, targets) {
      for i in 0..<size {
        right[i] += row[i] * target
        for j in 0...i { matrix[i][j] += row[i] * row[j] }
      }
    }
    for i in 0..<size {
      matrix[i][i] += penalty
      for j in 0...i {
        let sum = (0..<j).reduce(matrix[i][j]) { $0 - matrix[i][$1] * matrix[j][$1] }
        matrix[i][j] = i == j ? sum.squareRoot() : sum / matrix[j][j]
      }
    }
    for i in 0..<size { right[i] = (0..<i).reduce(right[i]) { $0 - matrix[i][$1] * right[$1] } / matrix[i][i] }
    for i in (0..<size).reversed() {
      right[i] = ((i + 1)..<size).reduce(right[i]) { $0 - matrix[$1][i] * right[$1] } / matrix[i][i]
    }
    return right
  }
}

/// Boosted stumps: in each round the one jump of one measure that lowers the squared error most is added, in part.
struct StumpBoosting {
  let rounds: Int
  let rate: Double
  /// The fewest examples on each side of a jump.
  var leastExamples = 60
  /// Added to the number of examples of a side, so that a small side moves little.
  var penalty = 10.0
  /// How many places of a measure may become jumps.
  var binCount = 32

  func fit(_ examples: [PreparedExample], _ targets: [Double]) -> [DifficultyModel.Steps] {
    let thresholds = PromptFeatures.names.indices.map { feature in
      cuts(examples.map { $0.features.values[feature] })
    }
    let bins = PromptFeatures.names.indices.map { feature in
      examples.map { example in UInt8(thresholds[feature].count { example.features.values[feature] > $0 }) }
    }
    var residuals = targets
    var values = thresholds.map { [Double](repeating: 0, count: $0.count + 1) }
    for _ in 0..<rounds {
      guard let best = bestJump(residuals, bins, thresholds) else { break }
      for bin in values[best.feature].indices { values[best.feature][bin] += best.value(inBin: bin, rate) }
      let own = bins[best.feature]
      for index in residuals.indices { residuals[index] -= best.value(inBin: Int(own[index]), rate) }
    }
    return PromptFeatures.names.indices.compactMap { Self.steps($0, thresholds[$0], values[$0]) }
  }

  private struct Jump {
    var feature: Int
    /// Bins up to this one are below the jump.
    var bin: Int
    var below: Double
    var above: Double
    var merit: Double

    func value(inBin other: Int, _ rate: Double) -> Double { rate * (other <= bin ? below : above) }
  }

  private func cuts(_ values: [Double]) -> [Double] {
    let sorted = values.sorted()
    var cuts: [Double] = []
    for step in 1..<binCount {
      let index = sorted.count * step / binCount
      // Between two values, so that rounding in the file moves nobody across.
      guard index > 0, let next = sorted[index...].first(where: { $0 > sorted[index - 1] }) else { continue }
      let cut = Rounding.toFile((sorted[index - 1] + next) / 2)
      if cuts.last.map({ cut > $0 }) ?? true { cuts.append(cut) }
    }
    return cuts
  }

  private func bestJump(_ residuals: [Double], _ bins: [[UInt8]], _ thresholds: [[Double]]) -> Jump? {
    let total = residuals.reduce(0, +)
    let count = Double(residuals.count)
    var best: Jump?
    for feature in bins.indices where !thresholds[feature].isEmpty {
      var sums = [Double](repeating: 0, count: thresholds[feature].count + 1)
      var counts = sums
      for (bin, residual) in zip(bins[feature], residuals) {
        sums[Int(bin)] += residual
        counts[Int(bin)] += 1
      }
      var (sum, below) = (0.0, 0.0)
      for bin in thresholds[feature].indices {
        sum += sums[bin]
        below += counts[bin]
        let above = count - below
        guard below >= Double(leastExamples), above >= Double(leastExamples) else { continue }
        let merit = sum * sum / (below + penalty) + (total - sum) * (total - sum) / (above + penalty)
        if merit > (best?.merit ?? 0) + 1e-12 {
          best = Jump(
            feature: feature,
            bin: bin,
            below: sum / (below + penalty),
            above: (total - sum) / (above + penalty),
            merit: merit
          )
        }
      }
    }
    return best
  }

  /// The step function without jumps of nothing; nil when there is none left.
  private static func steps(_ feature: Int, _ thresholds: [Double], _ values: [Double]) -> DifficultyModel.Steps? {
    guard let first = values.first else { return nil }
    var keptThresholds: [Double] = []
    var keptValues = [Rounding.toFile(first)]
    for (threshold, value) in zip(thresholds, values.dropFirst()) where Rounding.toFile(value) != keptValues.last {
      keptThresholds.append(threshold)
      keptValues.append(Rounding.toFile(value))
    }
    if keptThresholds.isEmpty { return nil }
    return DifficultyModel.Steps(feature: feature, thresholds: keptThresholds, values: keptValues)
  }
}

extension DifficultyModel.Steps {
  func scaled(by factor: Double) -> Self {
    Self(feature: feature, thresholds: thresholds, values: values.map { Rounding.toFile($0 * factor) })
  }
}

/// Ridge regression on hashed words, by conjugate gradients (Hestenes and Stiefel 1952).
struct WordingRegression {
  let penalty: Double

  func fit(_ examples: [PreparedExample], _ targets: [Double]) -> DifficultyModel.Wording {
    let rows = examples.map(\.features.wording)
    var weights = [Double](repeating: 0, count: PromptFeatures.wordingSize)
    var residual = Self.transposed(rows, targets)
    var direction = residual
    var square = Self.product(residual, residual)
    let goal = square * 1e-8
    for _ in 0..<100 where square > goal {
      var image = Self.transposed(rows, Self.applied(rows, direction))
      for index in image.indices { image[index] += penalty * direction[index] }
      let step = square / Self.product(direction, image)
      for index in weights.indices {
        weights[index] += step * direction[index]
        residual[index] -= step * image[index]
      }
      let next = Self.product(residual, residual)
      for index in direction.indices { direction[index] = residual[index] + next / square * direction[index] }
      square = next
    }
    return Self.quantised(weights)
  }

  private static func applied(_ rows: [[Int]], _ weights: [Double]) -> [Double] {
    rows.map { row in row.isEmpty ? 0 : row.reduce(0) { $0 + weights[$1] } / Double(row.count).squareRoot() }
  }

  private static func transposed(_ rows: [[Int]], _ values: [Double]) -> [Double] {
    var sums = [Double](repeating: 0, count: PromptFeatures.wordingSize)
    for (row, value) in zip(rows, values) where !row.isEmpty {
      let share = value / Double(row.count).squareRoot()
      for bucket in row { sums[bucket] += share }
    }
    return sums
  }

  private static func product(_ left: [Double], _ right: [Double]) -> Double {
    zip(left, right).reduce(0) { $0 + $1.0 * $1.1 }
  }

  private static func quantised(_ weights: [Double]) -> DifficultyModel.Wording {
    let largest = weights.reduce(0) { max($0, abs($1)) }
    let unit = max(1e-7, Rounding.toFile(largest / 127))
    return DifficultyModel.Wording(
      unit: unit,
      weights: weights.map { Int8(max(-127, min(127, ($0 / unit).rounded()))) }
    )
  }
}

extension DifficultyModel.Wording {
  func scaled(by factor: Double) -> Self { Self(unit: unit * factor, weights: weights) }
}
