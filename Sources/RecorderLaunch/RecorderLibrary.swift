internal import Glibc

/// Where `libweakspot-recorder.so` is looked for.
package enum RecorderLibrary {
  static let name = "libweakspot-recorder.so"

  /// The places, best first: what the user says, beside the executable, where `Scripts/install` puts it
  /// (`PREFIX/bin/weakspot`, `PREFIX/lib/weakspot/`), and where the build has put it.
  ///
  /// The build's place counts only for an executable of the same build folder: an installed one must not load what has since
  /// appeared under a path that somebody else may write to.
  /// - Parameters:
  ///   - asked: The value of WEAKSPOT_RECORDER.
  ///   - executable: What `/proc/self/exe` leads to.
  ///   - built: What the build has written down.
  package static func candidates(asked: String?, executable: String, built: String) -> [String] {
    if let asked, !asked.isEmpty { return [asked] }
    let folder = parent(of: executable)
    var places = ["\(folder)/\(name)", "\(parent(of: folder))/lib/weakspot/\(name)"]
    if let scratch = built.firstRange(of: "/plugins/outputs/").map({ built[..<$0.lowerBound] }),
      executable.hasPrefix(scratch + "/")
    {
      places.append(built)
    }
    return places
  }

  /// The first place where there is one, for this process.
  package static func find() throws(RecorderLaunchError) -> String {
    var path = [CChar](repeating: 0, count: Int(PATH_MAX))
    let length = readlink("/proc/self/exe", &path, path.count - 1)
    guard length > 0 else { throw .noExecutablePath(error: String(cString: strerror(errno))) }
    let executable = String(decoding: path[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
    let asked = getenv("WEAKSPOT_RECORDER").map { String(cString: $0) }
    let places = candidates(asked: asked, executable: executable, built: builtRecorder)
    guard let place = places.first(where: { access($0, R_OK) == 0 }) else { throw .noLibrary(places: places) }
    return place
  }

  /// The folder of a path; `/` for what lies in it.
  private static func parent(of path: String) -> Substring {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return path[..<slash]
  }

  private static func parent(of path: Substring) -> Substring { parent(of: String(path)) }
}
