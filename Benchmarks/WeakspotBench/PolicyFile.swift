import BenchmarkReport
import CommandLineTool
import RegressionCompare

/// A policy and where it comes from.
struct PolicyFile {
  let policy: Policy
  /// The file, or `built-in`.
  let name: String

  /// - Parameter path: `nil` for the built-in policy.
  /// - Throws: `ReportError` for a file that cannot be read, `Failure` with file, line and column for a damaged one.
  init(_ path: String?) throws {
    guard let path else {
      (policy, name) = (.builtIn, "built-in")
      return
    }
    let bytes = try SmallFile.read(path)
    do throws(ComparisonError) {
      (policy, name) = (try Policy(json: bytes), path)
    } catch {
      guard case .damagedPolicy(let line, let column, let key, let fact) = error else { throw error }
      throw Failure(.failure, "\(path):\(line):\(column): \(key.isEmpty ? "" : "\(key): ")\(fact)")
    }
  }
}
