/// Why a program cannot be started with the recorder, or a running one's recording cannot be found.
package enum RecorderLaunchError: Error, Equatable, CustomStringConvertible {
  case noExecutablePath(error: String)
  case noLibrary(places: [String])
  /// The library's own path cannot stand in LD_PRELOAD, which is split at colons and spaces.
  case unusablePath(String)
  case noSuchProcess(pid: Int32)
  case notPermitted(pid: Int32)
  case notRecorded(pid: Int32)

  package var description: String {
    switch self {
    case .noExecutablePath(let error):
      "where weakspot itself lies cannot be told: /proc/self/exe: \(error); name the recorder by WEAKSPOT_RECORDER=PATH"
    case .noLibrary(let places):
      "there is no recorder: looked for \(places.joined(separator: ", ")); install weakspot with Scripts/install, "
        + "or name it by WEAKSPOT_RECORDER=PATH"
    case .unusablePath(let path):
      "the recorder cannot be loaded from \(path): LD_PRELOAD is split at spaces and colons; install it elsewhere"
    case .noSuchProcess(let pid):
      "\(pid): no such process; a recording that `weakspot record --output FILE` has left is read with --recording FILE"
    case .notPermitted(let pid):
      "\(pid): not permitted to look at its files; run as its user or with sudo"
    case .notRecorded(let pid):
      "\(pid): is not recorded, so that nobody knows where its blocks were allocated; start it with `weakspot record -- COMMAND` "
        + "(--output FILE for a daemon, which closes the recording's descriptor)"
    }
  }
}
