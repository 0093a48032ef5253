#if canImport(Glibc)
import Glibc
#else
import Foundation
#endif

/// Location and scale that a few wild values cannot move.
///
/// Source: Rousseeuw, Croux (1993), "Alternatives to the median absolute deviation", JASA 88; Hyndman, Fan (1996),
/// "Sample quantiles in statistical packages", definition 7.
public enum Robust {
  /// The middle value; 0 for no values.
  ///
  /// - Complexity: O(n), by Hoare's selection.
  public static func median(_ values: [Double]) -> Double {
    guard values.count > 8 else { return quantile(values, 0.5) }
    var values = values
    let middle = values.count / 2
    let upper = select(&values, middle)
    guard values.count % 2 == 0 else { return upper }
    var lower = values[0]
    for index in 1..<middle where values[index] > lower { lower = values[index] }
    return 0.5 * (lower + upper)
  }

  /// Moves the value of rank `rank` to its place, smaller ones before it and larger ones behind.
  private static func select(_ values: inout [Double], _ rank: Int) -> Double {
    values.withUnsafeMutableBufferPointer { values in
      var low = 0
      var high = values.count - 1
      while low < high {
        let pivot = values[(low + high) / 2]
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
        if rank <= right { high = right } else if rank >= left { low = left } else { break }
      }
      return values[rank]
    }
  }

  /// The value below which a share of the values lies, between neighbours by the line through them.
  ///
  /// - Parameters:
  ///   - values: all finite, in any order.
  ///   - share: 0...1.
  /// - Returns: the quantile; 0 for no values.
  public static func quantile(_ values: [Double], _ share: Double) -> Double {
    quantile(ofSorted: values.sorted(), share)
  }

  /// ``quantile(_:_:)`` of values already in ascending order.
  public static func quantile(ofSorted values: [Double], _ share: Double) -> Double {
    guard let first = values.first else { return 0 }
    guard values.count > 1 else { return first }
    let place = min(max(share, 0), 1) * Double(values.count - 1)
    let below = min(Int(place), values.count - 2)
    return values[below] + (place - Double(below)) * (values[below + 1] - values[below])
  }

  /// 1.4826 times the median distance from the median: the standard deviation of normal values.
  ///
  /// - Parameters:
  ///   - values: all finite.
  ///   - center: what distances are measured from; nil for the median.
  /// - Returns: the scale; 0 where more than half of the values agree, and for no values.
  public static func scale(_ values: [Double], around center: Double? = nil) -> Double {
    let middle = center ?? median(values)
    return 1.4826 * median(values.map { abs($0 - middle) })
  }
}
