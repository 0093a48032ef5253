import Glibc

/// What every leaf says about a change: its relative effect and how much that is worth.
///
/// For leaf `i`, `effect[i]` is x = actual / expected - 1 and `information[i]` is h = 1 / Var(x); a leaf that says
/// nothing has h = 0. The scan adds `x h` and `h` over the leaves of a segment.
struct LeafModel {
  /// How the probability of an effect r in a segment is measured.
  enum Family {
    /// Quasi-Poisson: the log-likelihood ratio of a leaf is h ((1 + x) ln(1 + r) - r). Small leaves stay honest.
    case poisson
    /// Normal: h (x r - r^2 / 2). For forecast errors, whose scale is all that is known of them.
    case normal
  }

  var family: Family
  var effect: [Double]
  var information: [Double]
  /// What of each leaf a full effect would move, in units of `information`: `information` itself when effects multiply
  /// what is counted; more when failures are counted and an effect multiplies the successes.
  var exposure: [Double]
  /// Standard deviation of what everything does together from period to period.
  var commonDeviation: Double
  /// What the actual value was and what was expected, in the metric's unit (denominators for a volume scan).
  var actual: [Double]
  var expected: [Double]
}

/// Statistics helpers of localisation; plain names are left to the module's statistics.
enum LeafStatistics {
  /// The value below which the share `level` of the values lies; 0 when there are none.
  static func quantile(_ values: [Double], _ level: Double) -> Double {
    guard values.count > 1 else { return values.first ?? 0 }
    var values = values
    let position = level * Double(values.count - 1)
    let lower = min(Int(position), values.count - 2)
    let low = select(lower, in: &values)
    // What lies right of a selected value is not smaller.
    let high = values[(lower + 1)...].min() ?? low
    return low + (high - low) * (position - Double(lower))
  }

  /// The value of a rank, by partition around the median of three (Hoare); reorders the values.
  private static func select(_ rank: Int, in values: inout [Double]) -> Double {
    values.withUnsafeMutableBufferPointer { values in
      var low = 0
      var high = values.count - 1
      while low < high {
        let middle = low + (high - low) / 2
        let pivot = max(min(values[low], values[high]), min(max(values[low], values[high]), values[middle]))
        var left = low
        var right = high
        while left <= right {
          while values[left] < pivot { left += 1 }
          while values[right] > pivot { right -= 1 }
          if left <= right {
            values.swapAt(left, right)
            left += 1
            right -= 1
          }
        }
        if rank <= right {
          high = right
        } else if rank >= left {
          low = left
        } else {
          break
        }
      }
      return values[rank]
    }
  }

  /// Robust standard deviation around zero: the median of the magnitudes over that of a standard normal.
  static func spreadAroundZero(_ values: [Double]) -> Double {
    quantile(values.map(abs), 0.5) / 0.674_489_750_196_082
  }

  /// Weights that fall by half every third of the history; the last period has weight 1.
  static func recencyWeights(_ periods: Int) -> [Double] {
    let halfLife = max(Double(periods) / 2, 1)
    return (0..<periods).map { exp2(-Double(periods - 1 - $0) / halfLife) }
  }
}
