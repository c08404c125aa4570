import BenchmarkReport
import Glibc

/// The reports of two executables that are measured in one session: `NAME-base.csv` and `NAME-head.csv`.
struct PairedReports {
  let base: String
  let head: String

  init(name: String) {
    base = name + "-base.csv"
    head = name + "-head.csv"
  }

  /// - Parameters:
  ///   - output: NAME, with or without `.csv`, or a folder; `nil` for the default.
  ///   - defaultName: The name in a folder.
  init(output: String?, defaultName: String) {
    guard let output else {
      self.init(name: "reports/" + defaultName)
      return
    }
    var status = stat()
    let isFolder = output.hasSuffix("/") || stat(output, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    if isFolder {
      self.init(name: output + (output.hasSuffix("/") ? "" : "/") + defaultName)
    } else {
      self.init(name: output.hasSuffix(".csv") ? String(output.dropLast(4)) : output)
    }
  }

  /// Where the two lie, in a line.
  var announcement: String { "Reports: \(base), \(head)\n" }
}
