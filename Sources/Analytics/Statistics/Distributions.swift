#if canImport(Glibc)
import Glibc
#else
import Foundation
#endif

/// Shares and quantiles of the normal distribution and of Student's t.
public enum Distributions {
  /// The probability that a standard normal value is at most `value`.
  public static func normalShare(below value: Double) -> Double { 0.5 * erfc(-value / 2.0.squareRoot()) }

  /// The value that a standard normal one stays below with a probability.
  ///
  /// Source: Acklam's rational approximation (2003), refined by one step of Halley's method; relative error below 1e-14.
  ///
  /// - Parameter share: strictly between 0 and 1; outside, an infinity.
  /// - Returns: the quantile.
  public static func normalQuantile(_ share: Double) -> Double {
    guard share > 0 else { return -.infinity }
    guard share < 1 else { return .infinity }
    let rough: Double
    if share < 0.02425 || share > 1 - 0.02425 {
      let tail = (-2 * log(min(share, 1 - share))).squareRoot()
      let top = polynomial(
        tail,
        [
          -7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838, -2.549732539343734, 4.374664141464968,
          2.938163982698783,
        ]
      )
      let bottom = polynomial(
        tail,
        [
          7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996, 3.754408661907416, 1,
        ]
      )
      rough = share < 0.5 ? top / bottom : -top / bottom
    } else {
      let center = share - 0.5
      let square = center * center
      let top = polynomial(
        square,
        [
          -3.969683028665376e+01, 2.209460984245205e+02, -2.759285104469687e+02, 1.383577518672690e+02,
          -3.066479806614716e+01, 2.506628277459239,
        ]
      )
      let bottom = polynomial(
        square,
        [
          -5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02, 6.680131188771972e+01,
          -1.328068155288572e+01, 1,
        ]
      )
      rough = center * top / bottom
    }
    let error = normalShare(below: rough) - share
    let step = error * (2 * Double.pi).squareRoot() * exp(0.5 * rough * rough)
    return rough - step / (1 + 0.5 * rough * step)
  }

  /// A polynomial's value, the highest power's coefficient first.
  private static func polynomial(_ x: Double, _ coefficients: [Double]) -> Double {
    coefficients.reduce(0) { $0 * x + $1 }
  }

  /// The value that Student's t with 4 degrees of freedom stays below with a probability, in closed form.
  ///
  /// Source: Shaw (2006), "Sampling Student's T distribution", Journal of Computational Finance 9(4), section 2.
  static func student4Quantile(_ share: Double) -> Double {
    let product = 4 * share * (1 - share)
    guard product > 0 else { return share < 0.5 ? -.infinity : .infinity }
    let root = product.squareRoot()
    let size = 2 * (cos(acos(min(root, 1)) / 3) / root - 1).squareRoot()
    return share < 0.5 ? -size : size
  }
}
