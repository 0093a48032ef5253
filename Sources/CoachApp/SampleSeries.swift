/// Series of measurement data: tables of `series,t,value`, in the order of time.
enum SampleSeries {
  /// Reads a table.
  ///
  /// - Parameter path: a packed or plain file.
  /// - Returns: values by series; an empty field is not-a-number.
  /// - Throws: what is wrong with the file.
  static func read(_ path: String) throws -> [String: [Double]] {
    var series: [String: [Double]] = [:]
    for entry in try inOrder(path) { series[entry.name] = entry.values }
    return series
  }

  /// One series.
  struct Entry {
    var name: String
    var values: [Double] = []
    /// The first timestamps, where the table has them.
    var times: [String] = []
  }

  /// Reads a table; gives the series in the order of their first rows.
  static func inOrder(_ path: String) throws -> [Entry] {
    let table = try SampleTable(file: path)
    let (series, value) = (try table.column("series"), try table.column("value"))
    var places: [String: Int] = [:]
    let time = table.header.firstIndex(of: "timestamp")
    var answer: [Entry] = []
    var current: (bytes: ArraySlice<UInt8>, place: Int)?
    for row in 0..<table.rowCount {
      let bytes = table.text(row, series)
      let place: Int
      if let current, current.bytes.elementsEqual(bytes) {
        place = current.place
      } else {
        let name = String(decoding: bytes, as: UTF8.self)
        place = places[name] ?? answer.count
        if place == answer.count { answer.append(Entry(name: name)) }
        places[name] = place
      }
      current = (bytes, place)
      let isMissing = table.text(row, value).isEmpty
      if let time, answer[place].times.count < 50 {
        answer[place].times.append(String(decoding: table.text(row, time), as: UTF8.self))
      }
      answer[place].values.append(isMissing ? .nan : try table.number(row, value))
    }
    return answer
  }
}
