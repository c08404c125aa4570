import Glibc

extension Report {
  /// Reads a report in one pass.
  ///
  /// The file is never in memory as a whole: 1 MiB of it at a time, and then 8 bytes a row for each column asked for,
  /// 14 for what every row has, and while repeated keys are looked for 4 more, or 16 where every sample has failed.
  ///
  /// - Parameters:
  ///   - path: `NAME.csv`, or `NAME.csv.partial`.
  ///   - columns: the integer columns to keep; every column is checked whether it is kept or not.
  package static func read(path: String, columns: Set<ColumnName>) throws(ReportError) -> Report {
    try read(path: path, columns: columns, chunk: 1 << 20)
  }

  /// A seam for tests: rows longer than `chunk` bytes are refused.
  static func read(path: String, columns: Set<ColumnName>, chunk: Int) throws(ReportError) -> Report {
    var reader = ReportReader(path: path, columns: columns, chunk: chunk)
    var report = try reader.read()
    try report.attachMeta()
    return report
  }

  private mutating func attachMeta() throws(ReportError) {
    let files = ReportFiles(path: path)
    if isPartial { warnings.append("\(path) is a partial report: its run did not end") }
    let metaPath = isPartial ? files.partialMeta : files.meta
    guard let found = try ReportMeta.read(path: metaPath) else {
      warnings.append("\(metaPath) is missing: the environment of the report is known by its env_id only")
      return
    }
    guard runIDs.contains(found.runID) else {
      warnings.append("\(metaPath) belongs to another run, \(found.runID), and is not used")
      return
    }
    if !isPartial, runIDs.count == 1, let rows = found.rows, rows != rowCount {
      throw .damaged(
        ReportPosition(file: path, line: line(ofRow: rowCount), column: 1, field: nil),
        expected: "\(rows) rows, as \(metaPath) says",
        found: "\(rowCount): the report was cut off or edited (to read it as it is, move its meta file away)")
    }
    if !isPartial, !found.complete || found.interrupted {
      let ending = found.interrupted ? "was interrupted" : "did not end"
      warnings.append("\(metaPath) says that the run \(ending): the report is not complete")
    }
    meta = found
  }
}

/// The one pass over the bytes of a report.
private struct ReportReader: ~Copyable {
  private let columns: Set<ColumnName>
  private let buffer: UnsafeMutableBufferPointer<UInt8>
  /// The bytes in the buffer that are not read yet.
  private var start = 0
  private var end = 0
  private var isAtEnd = false
  private var isReserved = false
  private var report: Report
  /// The line on which the next row begins.
  private var line = 1
  private var header: [String] = []

  init(path: String, columns: Set<ColumnName>, chunk: Int) {
    self.columns = columns
    buffer = .allocate(capacity: chunk)
    report = Report(path: path)
  }

  deinit { buffer.deallocate() }

  mutating func read() throws(ReportError) -> Report {
    let file = try open()
    try fill(from: file)
    var parser = try readHeader()
    let kept = ReportSchema.columns.enumerated().filter { $1.type == .integer && columns.contains($1.name) }
    let positions = kept.map(\.offset)
    var values: [[Int64]] = Array(repeating: [], count: kept.count)
    while true {
      try readRows(&parser, positions, &values)
      if isAtEnd { break }
      if !isReserved, let size = file.size { reserve(&values, fileSize: size) }
      try fill(from: file)
    }
    try readRest()
    if report.rowCount == 0 { throw damaged(at: 0, expected: "a row", found: "the end of the file") }
    report.cases = parser.cases
    report.runIDs = parser.strings(.runID)
    report.envIDs = parser.strings(.envID)
    report.suite = parser.strings(.suite)
    for (column, array) in zip(kept, values) { report.columns[column.element.name] = array }
    try report.refuseRepeatedKeys()
    return report
  }

  private func open() throws(ReportError) -> File {
    do throws(SystemError) {
      return try File(path: report.path, flags: O_RDONLY)
    } catch {
      let partial = ReportFiles(path: report.path).partial
      let isThere = error.errno == ENOENT && !report.isPartial && File.exists(partial)
      throw .unreadable(path: report.path, errno: error.errno, partial: isThere ? partial : nil)
    }
  }

  /// Moves what is not read yet to the front and reads until the buffer is full or the file ends.
  private mutating func fill(from file: borrowing File) throws(ReportError) {
    if start == 0, end == buffer.count {
      let row = RowSplitter(UnsafeBufferPointer(buffer))
      let expected = row.isUnterminated ? "a closing quote" : "a line end"
      let field = row.fields[row.fields.count - 1]
      let fieldName = name(row.fields.count - 1)
      throw damaged(at: field.offset, field: fieldName, expected: expected, found: "none within \(buffer.count) bytes")
    }
    if let base = buffer.baseAddress, start > 0 { memmove(base, base + start, end - start) }
    end -= start
    start = 0
    while end < buffer.count, !isAtEnd {
      do throws(SystemError) {
        let count = try file.read(
          into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[end...]))
        end += count
        isAtEnd = count == 0
      } catch {
        throw .unreadable(path: report.path, errno: error.errno, partial: nil)
      }
    }
  }

  private var unread: UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(rebasing: UnsafeBufferPointer(buffer)[start..<end])
  }

  private mutating func readHeader() throws(ReportError) -> RowParser {
    if unread.starts(with: [0xef, 0xbb, 0xbf]) { start = 3 }
    if unread.isEmpty { throw damaged(at: 0, expected: "the header of a report", found: "an empty file") }
    let row = RowSplitter(unread)
    if let zero = unread.prefix(row.length).firstIndex(of: 0) {
      throw damaged(at: zero, expected: "the header of a report", found: "binary data")
    }
    let last = row.fields[row.fields.count - 1].offset
    if row.isUnterminated { throw damaged(at: last, expected: "a closing quote", found: "none") }
    if unread[row.length - 1] != UInt8(ascii: "\n") {
      throw damaged(at: row.length, expected: "a line end after the header", found: "none")
    }
    header = row.fields.map { String(decoding: $0.bytes, as: UTF8.self) }
    let problem = problem(ofHeader: row)
    start += row.length
    line += 1 + row.innerLines
    report.firstLine = line
    // A newer version may have other columns: then that is the thing to say.
    try refuseNewerSchema()
    if let problem { throw problem }
    return RowParser(columns: header.map { ColumnName(rawValue: $0) })
  }

  private func problem(ofHeader row: RowSplitter) -> ReportError? {
    for (index, name) in header.enumerated() where ReportSchema.positions[name] != nil {
      if header[..<index].contains(name) {
        return damaged(at: row.fields[index].offset, field: name, expected: "each column once", found: "it again")
      }
    }
    guard let missing = ColumnName.allCases.first(where: { !header.contains($0.rawValue) })?.rawValue else {
      return nil
    }
    return damaged(
      at: row.length - 1, field: missing, expected: "the column \(missing)", found: "a header without it")
  }

  /// Looks at the version in the next row before anything else is asked of it.
  private func refuseNewerSchema() throws(ReportError) {
    guard let index = header.firstIndex(of: ColumnName.schemaVersion.rawValue), !unread.isEmpty else { return }
    let row = RowSplitter(unread)
    guard index < row.fields.count, let version = Int64(String(decoding: row.fields[index].bytes, as: UTF8.self)),
      version > reportSchemaVersion
    else { return }
    throw .newerSchema(position(at: row.fields[index].offset, field: header[index]), found: version)
  }

  /// Reads the rows that are in the buffer as a whole.
  private mutating func readRows(
    _ parser: inout RowParser, _ kept: [Int], _ values: inout [[Int64]]
  ) throws(ReportError) {
    guard let lineFeed = unread.lastIndex(of: UInt8(ascii: "\n")), let base = unread.baseAddress else { return }
    let limit = base + lineFeed + 1
    var position = base
    while position < limit {
      let next: UnsafePointer<UInt8>?
      do throws(RowParser.Fault) {
        next = try parser.parse(position, limit: limit)
      } catch {
        start += position - base
        throw damaged(error)
      }
      // An open quote: the rest of the row is not here yet.
      guard let next else { break }
      if parser.integers[0] > reportSchemaVersion || report.rowCount == Int(Int32.max) {
        start += position - base
        try refuseNewerSchema()
        throw damaged(at: 0, expected: "at most \(Int32.max) rows", found: "more")
      }
      report.append(parser)
      for (index, column) in kept.enumerated() { values[index].append(parser.integers[column]) }
      line += 1 + parser.innerLines
      if parser.innerLines > 0 {
        report.lineSteps.append((report.rowCount - 1, line - report.rowCount - report.firstLine))
      }
      position = next
    }
    start += position - base
  }

  /// Judges what is left at the end of the file: in a partial file the row that was being written when the run died.
  private mutating func readRest() throws(ReportError) {
    if unread.isEmpty { return }
    if report.isPartial, !unread.contains(UInt8(ascii: "\n")) {
      report.warnings.append("\(report.path):\(line): the last row was cut off while it was written, and is left out")
      return
    }
    let row = RowSplitter(unread)
    if row.isUnterminated {
      let last = row.fields[row.fields.count - 1].offset
      throw damaged(
        at: last, field: name(row.fields.count - 1), expected: "a closing quote", found: "the end of the file")
    }
    throw damaged(
      at: row.length, field: name(row.fields.count - 1), expected: "a line end",
      found: "the end of the file: the last row was cut off, or lacks its line end")
  }

  /// Makes room for the rows to come, by the length of those that were read.
  private mutating func reserve(_ values: inout [[Int64]], fileSize: Int) {
    isReserved = true
    let average = start / max(1, report.rowCount)
    let rows = fileSize / max(1, average) / 50 * 51 + 64
    report.reserve(rows)
    for index in values.indices { values[index].reserveCapacity(rows) }
  }

  private func name(_ field: Int) -> String? { field < header.count ? header[field] : nil }

  /// A place in the row that begins at `start`, from its offset there.
  private func position(at offset: Int, field: String?) -> ReportPosition {
    let before = unread.prefix(offset)
    let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    let lines = before.count { $0 == UInt8(ascii: "\n") }
    return ReportPosition(file: report.path, line: line + lines, column: before.count - lineStart + 1, field: field)
  }

  private func damaged(at offset: Int, field: String? = nil, expected: String, found: String) -> ReportError {
    .damaged(position(at: offset, field: field), expected: expected, found: found)
  }

  private func damaged(_ fault: RowParser.Fault) -> ReportError {
    let fields = RowSplitter(unread).fields
    let offset = fields[min(fault.field, fields.count - 1)].offset
    return damaged(at: offset, field: name(fault.field), expected: fault.expected, found: fault.found)
  }
}
