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
  public static func median(_ values: [Double]) -> Double { quantile(values, 0.5) }

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
