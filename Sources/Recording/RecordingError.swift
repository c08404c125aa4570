/// Why a recording cannot be read.
package enum RecordingError: Error, Equatable, CustomStringConvertible {
  /// What the recorder writes begins otherwise.
  case notARecording(name: String)
  case otherVersion(name: String, found: Int, supported: Int)
  /// Made on a machine with the other order of bytes.
  case otherByteOrder(name: String)
  /// The file ends before what its header says.
  case truncated(name: String, bytes: Int, needed: Int)
  /// The header contradicts itself.
  case damaged(name: String, what: String)
  case unreadable(name: String, error: String)

  package var description: String {
    switch self {
    case .notARecording(let name):
      return "\(name) is not a recording: it does not begin as one; `weakspot record` makes recordings"
    case .otherVersion(let name, let found, let supported):
      return "\(name) is a recording of version \(found), and this weakspot reads version \(supported): "
        + "read it with the weakspot that made it, or record again"
    case .otherByteOrder(let name):
      return "\(name) was recorded on a machine with the other order of bytes: read it there"
    case .truncated(let name, let bytes, let needed):
      return "\(name) is truncated: it has \(bytes) bytes of at least \(needed); copy it again, as a whole"
    case .damaged(let name, let what):
      return "\(name) is a damaged recording: \(what); record again"
    case .unreadable(let name, let error):
      return "\(name) cannot be read: \(error)"
    }
  }
}
