import Glibc

/// Writes a report row by row, so that a run that is killed loses nothing that it measured.
///
/// Rows go to `NAME.csv.partial`, each with one write(2); `finish` writes `NAME.schema.json` and `NAME.meta.json` and
/// then renames the partial file. Until that rename an older report of the same name is untouched, `--force` or not.
package final class ReportWriter {
  /// The files that this writer makes.
  package let files: ReportFiles
  /// Whole rows written so far.
  package private(set) var rowCount = 0

  private let file: File
  private var encoder = RowEncoder()
  private var size = 0

  /// Opens the partial file and writes the header.
  ///
  /// - Parameters:
  ///   - path: `NAME.csv`; missing folders above it are made.
  ///   - force: whether files of that name, a partial file too, may be overwritten.
  ///   - meta: written beside the partial file at once, as not complete, so that a killed run keeps its environment.
  package init(path: String, force: Bool, meta: ReportMeta? = nil) throws(ReportError) {
    files = ReportFiles(path: path)
    // Renaming onto a device or a link would replace it.
    if path.isEmpty || path.hasSuffix("/") { throw .notAFile(path: path.isEmpty ? "an empty path" : path) }
    for target in [files.report, files.meta, files.schema, files.partial, files.partialMeta] where File.isOther(target)
    {
      throw .notAFile(path: target)
    }
    if !force {
      if File.exists(files.partial) { throw .stalePartial(path: files.partial) }
      for target in [files.report, files.meta, files.schema] where File.exists(target) { throw .exists(path: target) }
    }
    do throws(SystemError) {
      let folder = File.folder(of: files.report)
      try File.makeFolder(folder)
      file = try File(path: files.partial, flags: O_WRONLY | O_CREAT | (force ? 0 : O_EXCL))
      // Before a byte of it is cut: another run may be writing it.
      try file.lock()
      try file.truncate()
    } catch {
      if error.errno == EWOULDBLOCK { throw .inUse(path: files.partial) }
      // Only O_EXCL says EEXIST: another run took the name since the check above.
      if error.errno == EEXIST { throw .stalePartial(path: files.partial) }
      throw .unwritable(path: files.partial, errno: error.errno, kept: nil)
    }
    do throws(ReportError) {
      try write(RowEncoder.header)
      if var meta {
        meta.complete = false
        try replace(files.partialMeta, with: meta.json())
      }
    } catch {
      // A header alone helps nobody, and would stand in the way of the next run.
      unlink(files.partial)
      throw error
    }
  }

  /// Writes one whole row; if that fails, the file ends with the row before it.
  package func append(_ row: ReportRow) throws(ReportError) {
    try encoder.encode(row)
    try write(encoder.line)
    rowCount += 1
  }

  /// Writes schema and meta file and gives the report its name. Nothing can be appended after it.
  package func finish(meta: ReportMeta) throws(ReportError) {
    var meta = meta
    meta.rows = rowCount
    try step(files.partial) { () throws(SystemError) in try file.synchronize() }
    try replace(files.schema, with: ReportSchema.tableSchemaJSON())
    try replace(files.meta, with: meta.json())
    try step(files.report) { () throws(SystemError) in
      try File.rename(files.partial, to: files.report)
      try File(path: File.folder(of: files.report), flags: O_RDONLY | O_DIRECTORY).synchronize()
    }
    unlink(files.partialMeta)
  }

  /// Removes what was begun: for a run that ended before it measured anything.
  package func discard() {
    unlink(files.partial)
    unlink(files.partialMeta)
  }

  private func write(_ bytes: [UInt8]) throws(ReportError) {
    do throws(SystemError) {
      try file.write(bytes)
      size += bytes.count
    } catch {
      // Nothing can be done if this fails too; the reader drops a last line without an end.
      _ = ftruncate(file.descriptor, off_t(size))
      _ = lseek(file.descriptor, off_t(size), SEEK_SET)
      throw .unwritable(path: files.partial, errno: error.errno, kept: kept)
    }
  }

  private func replace(_ path: String, with text: String) throws(ReportError) {
    try step(path) { () throws(SystemError) in try File.replace(path, with: Array(text.utf8)) }
  }

  private func step(_ path: String, _ body: () throws(SystemError) -> Void) throws(ReportError) {
    do throws(SystemError) {
      try body()
    } catch {
      throw .unwritable(path: path, errno: error.errno, kept: kept)
    }
  }

  private var kept: ReportError.KeptRows? {
    rowCount == 0 ? nil : ReportError.KeptRows(count: rowCount, path: files.partial)
  }
}
