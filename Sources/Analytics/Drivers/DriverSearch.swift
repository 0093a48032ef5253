import Glibc

/// The working state of a ``DriverFinder``.
struct DriverSearch {
  private struct Chosen {
    var candidate: Int
    var lag: Int
    var coefficient = 0.0
    var standardError = 0.0
    var partial = 0.0
    var probability = 1.0
  }

  /// A target and candidates as seen by white noise.
  private struct White {
    var memory: Memory
    var basis: SeasonalBasis
    var target: [Double]
    var candidates: [[Double]]
  }

  private let panel: DriverPanel
  private let target: [Double]
  private let level: Double
  private let maximumMemory: Int
  private var candidates: [[Double]] = []
  private var chosen: [Chosen] = []
  private var noise: [Double]

  init(_ panel: DriverPanel, target: [Double], level: Double, memory: Int) {
    self.panel = panel
    self.target = target
    self.level = level
    maximumMemory = memory
    noise = target
  }

  mutating func add(_ values: [Double], _ index: Int) { candidates.append(values) }

  /// How many questions are asked.
  private var questions: Double {
    let varying = candidates.count { !$0.isEmpty }
    return Double((varying + panel.triedBefore) * (panel.maximumLag + 1))
  }

  mutating func grow(atMost limit: Int) {
    while chosen.count < limit {
      let white = whitened()
      guard let next = strongest(white) else { break }
      chosen.append(next)
      fit(white)
    }
    prune()
  }

  // MARK: - Rounds

  /// Everything seen through the filter that makes the noise white.
  private func whitened() -> White {
    let memory = Memory(noise, maximum: min(maximumMemory, target.count / 10))
    let order = memory.coefficients.count
    let basis = SeasonalBasis(times: order..<target.count, season: panel.season)
    return White(
      memory: memory,
      basis: basis,
      target: basis.residual(memory.whitened(target)),
      candidates: candidates.map { $0.isEmpty ? [] : basis.residual(memory.whitened($0)) }
    )
  }

  private func lagged(_ values: [Double], _ lag: Int) -> [Double] {
    lag == 0 ? values : [Double](repeating: 0, count: lag) + values.dropLast(lag)
  }

  /// Orthonormal columns of the chosen drivers, beside season and trend.
  private func columns(_ white: White) -> [[Double]] {
    var columns: [[Double]] = []
    for driver in chosen {
      var column = white.basis.residual(lagged(white.candidates[driver.candidate], driver.lag))
      for _ in 0..<2 {
        for base in columns { DriverStatistics.subtract(DriverStatistics.dot(base, column), base, from: &column) }
      }
      let norm = DriverStatistics.dot(column, column).squareRoot()
      columns.append(norm > 0 ? column.map { $0 / norm } : column)
    }
    return columns
  }

  /// The candidate and lag of the largest partial correlation, if it is beyond chance.
  private func strongest(_ white: White) -> Chosen? {
    let columns = columns(white)
    var rest = white.target
    for column in columns { DriverStatistics.subtract(DriverStatistics.dot(column, rest), column, from: &rest) }
    let power = DriverStatistics.dot(rest, rest)
    let count = rest.count
    guard power > 0 else { return nil }
    var best = Chosen(candidate: 0, lag: 0)
    var most = 0.0
    rest.withUnsafeBufferPointer { rest in
      guard let rest = rest.baseAddress else { return }
      for (index, candidate) in white.candidates.enumerated() where !candidate.isEmpty {
        if chosen.contains(where: { $0.candidate == index }) { continue }
        candidate.withUnsafeBufferPointer { values in
          guard let values = values.baseAddress else { return }
          var norm = DriverStatistics.dot(values, values, count)
          let whole = norm
          for lag in 0...panel.maximumLag {
            let length = count - lag
            if lag > 0 { norm -= values[length] * values[length] }
            let product = DriverStatistics.dot(rest + lag, values, length)
            var own = norm
            // Without the part the chosen drivers share with it; a bound tells first whether it can matter.
            if product * product <= most * 0.2 * own { continue }
            for column in columns {
              let shared = column.withUnsafeBufferPointer { column in
                column.baseAddress.map { DriverStatistics.dot($0 + lag, values, length) } ?? 0
              }
              own -= shared * shared
            }
            guard own > 0.02 * whole else { continue }
            let strength = product * product / own
            if strength > most {
              most = strength
              best = Chosen(candidate: index, lag: lag, partial: product / (own * power).squareRoot())
            }
          }
        }
      }
    }
    let freedom = freedom(white, count: count, extra: 1)
    guard most > 0, freedom > 3 else { return nil }
    let correlation = min(abs(best.partial), 0.999_999)
    let t = correlation * (freedom / (1 - correlation * correlation)).squareRoot()
    best.probability = min(DriverStatistics.studentTails(t, freedom: freedom) * questions, 1)
    let allowed = level * 0.8 * Double(chosen.count + 1)
    return best.probability <= allowed ? best : nil
  }

  private func freedom(_ white: White, count: Int, extra: Int) -> Double {
    Double(count - white.basis.columns.count - chosen.count - white.memory.coefficients.count - extra)
  }

  /// Least squares of the whitened target on the chosen drivers; renews the noise.
  private mutating func fit(_ white: White) {
    let raw = chosen.map { white.basis.residual(lagged(white.candidates[$0.candidate], $0.lag)) }
    let solution = DriverRegression(raw, white.target)
    let freedom = max(freedom(white, count: white.target.count, extra: 0), 1)
    for k in chosen.indices {
      chosen[k].coefficient = solution.coefficients[k]
      let error = (solution.residualPower / freedom * solution.inverseDiagonal[k]).squareRoot()
      chosen[k].standardError = error
      let t = error > 0 ? solution.coefficients[k] / error : 0
      chosen[k].partial = t / (t * t + freedom).squareRoot()
      chosen[k].probability = min(DriverStatistics.studentTails(t, freedom: freedom) * questions, 1)
    }
    noise = target
    for driver in chosen {
      DriverStatistics.subtract(driver.coefficient, lagged(candidates[driver.candidate], driver.lag), from: &noise)
    }
  }

  /// Drops what no longer stands once the others are there.
  private mutating func prune() {
    while !chosen.isEmpty {
      fit(whitened())
      guard let weakest = chosen.indices.max(by: { chosen[$0].probability < chosen[$1].probability }),
        chosen[weakest].probability > level * 2
      else { return }
      chosen.remove(at: weakest)
    }
  }

  // MARK: - Answer

  func findings(power: Double) -> DriverFindings {
    let drivers = chosen.map {
      DriverFindings.Driver(
        name: panel.candidates[$0.candidate].name,
        lag: $0.lag,
        effect: $0.coefficient,
        standardError: $0.standardError,
        partialCorrelation: $0.partial,
        adjustedProbability: $0.probability
      )
    }
    let memory = Memory(noise, maximum: min(maximumMemory, target.count / 10))
    let carried = memory.coefficients.reduce(0, +)
    return DriverFindings(
      drivers: drivers.sorted { abs($0.partialCorrelation) > abs($1.partialCorrelation) },
      constant: zip(panel.candidates, candidates).filter { $1.isEmpty }.map(\.0.name),
      effectiveObservations: Double(target.count) * max(1 - carried, 0.02) / max(1 + carried, 0.02),
      explained: max(1 - DriverStatistics.dot(noise, noise) / power, 0)
    )
  }
}

/// Ordinary least squares of few columns, by Cholesky factors of the normal equations.
struct DriverRegression {
  let coefficients: [Double]
  let inverseDiagonal: [Double]
  let residualPower: Double

  init(_ columns: [[Double]], _ target: [Double]) {
    let k = columns.count
    var normal = [Double](repeating: 0, count: k * k)
    var right = [Double](repeating: 0, count: k)
    for i in 0..<k {
      for j in 0...i {
        normal[i * k + j] = DriverStatistics.dot(columns[i], columns[j])
        normal[j * k + i] = normal[i * k + j]
      }
      right[i] = DriverStatistics.dot(columns[i], target)
    }
    let inverse = Self.inverse(normal, k)
    let weights = (0..<k).map { i in (0..<k).reduce(0) { $0 + inverse[i * k + $1] * right[$1] } }
    coefficients = weights
    inverseDiagonal = (0..<k).map { inverse[$0 * k + $0] }
    var rest = target
    for i in 0..<k { DriverStatistics.subtract(weights[i], columns[i], from: &rest) }
    residualPower = DriverStatistics.dot(rest, rest)
  }

  /// Inverse of a small positive definite matrix, by Gauss-Jordan; a column that hangs on others gets no weight.
  private static func inverse(_ matrix: [Double], _ k: Int) -> [Double] {
    var left = matrix
    var right = [Double](repeating: 0, count: k * k)
    for i in 0..<k { right[i * k + i] = 1 }
    for i in 0..<k {
      let pivot = left[i * k + i]
      guard pivot > 1e-10 * max(matrix[i * k + i], .leastNormalMagnitude) else {
        for j in 0..<k {
          left[i * k + j] = i == j ? 1 : 0
          right[i * k + j] = 0
        }
        continue
      }
      for j in 0..<k {
        left[i * k + j] /= pivot
        right[i * k + j] /= pivot
      }
      for r in 0..<k where r != i {
        let factor = left[r * k + i]
        guard factor != 0 else { continue }
        for j in 0..<k {
          left[r * k + j] -= factor * left[i * k + j]
          right[r * k + j] -= factor * right[i * k + j]
        }
      }
    }
    return right
  }
}
