import Glibc

/// A place in a report: 1-based; lines are physical lines, columns count bytes from the start of the line.
package struct ReportPosition: Sendable, Equatable, CustomStringConvertible {
  package let file: String
  package let line: Int
  package let column: Int
  /// The report column, where the fault has one.
  package let field: String?

  /// `reports/a.csv:7:43: rss_bytes`
  package var description: String { "\(file):\(line):\(column)" + (field.map { ": \($0)" } ?? "") }
}

/// What can go wrong with a report, each with the fact, the cause and the remedy as text.
package enum ReportError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The content is not a report, or was damaged.
  case damaged(ReportPosition, expected: String, found: String)
  /// A version of Weakspot newer than this one wrote it.
  case newerSchema(ReportPosition, found: Int64)
  /// The file cannot be opened or read; `partial` is the partial file of the same name, where there is one.
  case unreadable(path: String, errno: Int32, partial: String?)
  /// NAME.meta.json is there and cannot be understood.
  case damagedMeta(path: String, reason: String)
  /// A file that would be overwritten is there.
  case exists(path: String)
  /// A folder, device, pipe or link is where the report or a file beside it would be.
  case notAFile(path: String)
  /// Another run is writing the report.
  case inUse(path: String)
  /// An earlier run was killed and left its partial file.
  case stalePartial(path: String)
  /// A file or folder cannot be made or written; `kept` is the file with the rows written so far.
  case unwritable(path: String, errno: Int32, kept: KeptRows?)
  /// A row holds what the report cannot.
  case unwritableValue(column: ColumnName, value: String, expected: String)

  /// What is safe on disk when writing fails.
  package struct KeptRows: Sendable, Equatable {
    package let count: Int
    package let path: String
  }

  package var description: String {
    switch self {
    case .damaged(let position, let expected, let found):
      return "\(position): expected \(expected); found \(found)"
    case .newerSchema(let position, let found):
      return "\(position): schema version \(found), but this Weakspot knows versions up to \(reportSchemaVersion); "
        + "update Weakspot, or measure again with this one"
    case .unreadable(let path, let errno, let partial):
      let fact = "\(path): cannot be read: \(Self.text(errno))"
      guard let partial else { return fact }
      return "\(fact); the run was killed or is still running: \(partial) has what it measured"
    case .damagedMeta(let path, let reason):
      return "\(path): \(reason); move it away to read the report without its environment"
    case .exists(let path):
      return "\(path): exists; give another --output, or --force to overwrite it"
    case .notAFile(let path):
      return "\(path): is no regular file, which a report must be, with others beside it; give another --output"
    case .inUse(let path):
      return "\(path): another run is writing it; wait for its end, or give another --output"
    case .stalePartial(let path):
      return "\(path): a run that was killed left it, or one is still writing it; "
        + "read it with weakspot-bench show \(path), then move it away, or overwrite it with --force"
    case .unwritable(let path, let errno, let kept):
      let fact = "\(path): cannot be written: \(Self.text(errno))"
      guard let kept else { return fact }
      return "\(fact); the \(kept.count) rows written before are kept in \(kept.path)"
    case .unwritableValue(let column, let value, let expected):
      return "\(column.rawValue): cannot write \(value): a report holds \(expected) there"
    }
  }

  private static func text(_ errno: Int32) -> String { String(cString: strerror(errno)) }
}
