/// Why a program cannot be started with the recorder.
package enum RecorderLaunchError: Error, Equatable, CustomStringConvertible {
  case noExecutablePath(error: String)
  case noLibrary(places: [String])
  /// The library's own path cannot stand in LD_PRELOAD, which is split at colons and spaces.
  case unusablePath(String)

  package var description: String {
    switch self {
    case .noExecutablePath(let error):
      "where weakspot itself lies cannot be told: /proc/self/exe: \(error); name the recorder by WEAKSPOT_RECORDER=PATH"
    case .noLibrary(let places):
      "there is no recorder: looked for \(places.joined(separator: ", ")); install weakspot with Scripts/install, "
        + "or name it by WEAKSPOT_RECORDER=PATH"
    case .unusablePath(let path):
      "the recorder cannot be loaded from \(path): LD_PRELOAD is split at spaces and colons; install it elsewhere"
    }
  }
}
