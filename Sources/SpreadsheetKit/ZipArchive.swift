import CZip

/// A zip file whose parts are unpacked piece by piece and within limits, whatever its directory promises.
final class ZipArchive {
  private let archive: OpaquePointer
  private let limits: SheetLimits

  init(path: String, limits: SheetLimits) throws(SpreadsheetFailure) {
    self.limits = limits
    var code: Int32 = 0
    guard let archive = zip_open(path, Int32(ZIP_RDONLY) | Int32(ZIP_CHECKCONS), &code) else {
      throw SpreadsheetFailure(.format, "the file is no workbook, or a damaged one; save it anew as .xlsx")
    }
    self.archive = archive
    let count = zip_get_num_entries(archive, 0)
    guard count <= limits.parts else {
      throw SpreadsheetFailure(.tooLarge, "the workbook has \(count) parts; at most \(limits.parts) are read")
    }
  }

  deinit { zip_discard(archive) }

  /// Whether there is a part of this name.
  func has(_ name: String) -> Bool { zip_name_locate(archive, name, 0) >= 0 }

  /// Unpacks a part; `body` gets its pieces.
  ///
  /// - Throws: ``SpreadsheetFailure`` `.format` when the part is missing or damaged, `.tooLarge` when it unpacks to more than
  ///   the limits, and what `body` throws.
  func read(
    _ name: String,
    _ body: (UnsafeRawBufferPointer, _ isLast: Bool) throws(SpreadsheetFailure) -> SheetReading
  ) throws(SpreadsheetFailure) {
    var status = zip_stat_t()
    guard zip_stat(archive, name, 0, &status) == 0, let part = zip_fopen(archive, name, 0) else {
      throw SpreadsheetFailure(.format, "the workbook has no readable part '\(name)'; save it anew without a password")
    }
    defer { zip_fclose(part) }
    let packed = max(1, Int(clamping: status.comp_size))
    var unpacked = 0
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let got = buffer.withUnsafeMutableBytes { zip_fread(part, $0.baseAddress, zip_uint64_t($0.count)) }
      guard got >= 0 else { throw SpreadsheetFailure(.format, "the part '\(name)' of the workbook is damaged") }
      unpacked += Int(got)
      guard unpacked <= limits.unpackedBytes, unpacked <= 1 << 20 || unpacked / packed <= limits.unpackedRatio else {
        throw SpreadsheetFailure(
          .tooLarge,
          "the part '\(name)' unpacks to far more than it should, as parts of zip bombs do; save the data as CSV"
        )
      }
      let reading = try Self.handOn(buffer, Int(got), body)
      if got == 0 || reading == .stop { return }
    }
  }

  private static func handOn(
    _ buffer: [UInt8],
    _ count: Int,
    _ body: (UnsafeRawBufferPointer, _ isLast: Bool) throws(SpreadsheetFailure) -> SheetReading
  ) throws(SpreadsheetFailure) -> SheetReading {
    let result = buffer.withUnsafeBytes { bytes -> Result<SheetReading, SpreadsheetFailure> in
      do throws(SpreadsheetFailure) {
        return .success(try body(UnsafeRawBufferPointer(rebasing: bytes[..<count]), count == 0))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }
}
