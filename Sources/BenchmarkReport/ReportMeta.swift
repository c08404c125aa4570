import FoundationEssentials
import Glibc

/// What `NAME.meta.json` says of a run.
package struct ReportMeta: Codable, Sendable, Equatable {
  package var schemaVersion: Int
  /// Version of Weakspot.
  package var toolVersion: String
  package var runID: String
  package var suite: String
  /// The arguments, in the order in which they were given.
  package var options: [String]
  package var seed: UInt64
  /// The executable whose samples these are, where it is not the one that wrote the report.
  package var executable: String?
  /// ISO 8601, UTC.
  package var startTime: String
  /// ISO 8601, UTC; nil while the run goes on, and for ever if it is killed.
  package var endTime: String?
  /// Every sample that was asked for is in the report.
  package var complete: Bool
  /// The run was ended early, and wrote what it had.
  package var interrupted: Bool
  /// Rows in the report; the writer fills it in.
  package var rows: Int?
  package var environment: EnvironmentFacts
  package var warnings: [String]
  /// Of a report with more than Swift in it, what made each runtime's rows, by the name in the column `runtime`.
  package var runtimes: [String: RuntimeFacts]?

  package init(
    toolVersion: String, runID: String, suite: String, options: [String], seed: UInt64,
    executable: String? = nil, startTime: String, endTime: String? = nil, complete: Bool = false,
    interrupted: Bool = false, environment: EnvironmentFacts,
    warnings: [String] = []
  ) {
    schemaVersion = reportSchemaVersion
    self.toolVersion = toolVersion
    self.runID = runID
    self.suite = suite
    self.options = options
    self.seed = seed
    self.executable = executable
    self.startTime = startTime
    self.endTime = endTime
    self.complete = complete
    self.interrupted = interrupted
    self.environment = environment
    self.warnings = warnings
  }

  /// A runtime whose graphs are in a report.
  package struct RuntimeFacts: Codable, Sendable, Equatable {
    /// Of the compiler or interpreter.
    package var version: String
    /// How its program was built or started.
    package var build: String
    /// What in its figures is not like for like: a sentence without its full stop.
    package var notLikeForLike: String
  }

  /// Pretty JSON with sorted keys and a final newline.
  package func json() -> String {
    do {
      return String(decoding: try prettyJSON(self), as: UTF8.self)
    } catch {
      fatalError("the meta data hold only strings, integers and flags, and could not be encoded: \(error)")
    }
  }

  /// Reads a meta file; nil if there is none.
  package static func read(path: String) throws(ReportError) -> ReportMeta? {
    let bytes: [UInt8]
    do throws(SystemError) {
      bytes = try File.contents(of: path)
    } catch {
      if error.errno == ENOENT { return nil }
      throw .unreadable(path: path, errno: error.errno, partial: nil)
    }
    do {
      let data = Data(bytes)
      // The version alone first: a newer file may lack what this version needs.
      let version = try JSONDecoder().decode(VersionOnly.self, from: data).schemaVersion
      if version > reportSchemaVersion {
        let position = ReportPosition(file: path, line: 1, column: 1, field: "schemaVersion")
        throw ReportError.newerSchema(position, found: Int64(version))
      }
      return try JSONDecoder().decode(ReportMeta.self, from: data)
    } catch let error as ReportError {
      throw error
    } catch let error as DecodingError {
      throw .damagedMeta(path: path, reason: explain(error))
    } catch {
      throw .damagedMeta(path: path, reason: "not a meta file")
    }
  }

  private struct VersionOnly: Decodable {
    let schemaVersion: Int
  }

  private static func explain(_ error: DecodingError) -> String {
    func place(_ context: DecodingError.Context) -> String {
      context.codingPath.isEmpty ? "the file" : context.codingPath.map(\.stringValue).joined(separator: ".")
    }
    return switch error {
    case .keyNotFound(let key, let context): "no \(key.stringValue) in \(place(context))"
    case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
      "\(place(context)) is not \(type)"
    case .dataCorrupted(let context): "\(place(context)) is not JSON of a report"
    @unknown default: "not a meta file"
    }
  }
}
