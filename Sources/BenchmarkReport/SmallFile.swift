/// A file that is read as a whole, such as a policy.
package enum SmallFile {
  /// More than any such file needs: what is longer is something else.
  package static let mostBytes = 16 << 20

  /// - Throws: `ReportError.unreadable`, also for a file of more than `mostBytes` (EFBIG).
  package static func read(_ path: String) throws(ReportError) -> [UInt8] {
    do throws(SystemError) {
      return try File.contents(of: path, limit: mostBytes)
    } catch {
      throw .unreadable(path: path, errno: error.errno, partial: nil)
    }
  }
}
