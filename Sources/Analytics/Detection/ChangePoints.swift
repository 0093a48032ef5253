/// Where a series changes.
public enum ChangePoints {
  /// Finds the first places of new segments.
  public static func find(_ values: [Double]) throws(DetectionFault) -> [Int] {
    []
  }
}
