internal import Glibc

/// Whose code may be loaded into this process, which may have more rights than the one that it inspects.
package enum CodeTrust {
  /// Whether nobody but root and this process's user can have written the file, or put it there: they own it and all folders
  /// on its way, and nobody else may write to any of them. No symbolic link is on its way.
  ///
  /// What an owner's number says holds where the inspected process sees the files that we see: the root of a container is
  /// another one (`Snapshot.seesOurFiles`).
  ///
  /// - Parameter base: The folder where the way begins; nothing is asked of what is above.
  package static func isOurs(_ path: String, in base: String = "") -> Bool {
    var parts = path.split(separator: "/")
    guard path.utf8.first == UInt8(ascii: "/"), let file = parts.popLast() else { return false }
    var way = base
    guard isOurs(way + "/", type: S_IFDIR) else { return false }
    for part in parts {
      way += "/" + part
      guard isOurs(way, type: S_IFDIR) else { return false }
    }
    return isOurs(way + "/" + file, type: S_IFREG)
  }

  private static func isOurs(_ path: String, type: mode_t) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == type && status.st_mode & 0o022 == 0
      && (status.st_uid == 0 || status.st_uid == geteuid())
  }

  /// Whether a file beside our executable is of those who could have written the executable too, or root's or our user's: the
  /// folder may be one in which everybody makes files.
  package static func isAsGood(_ path: String, as executable: String) -> Bool {
    var (file, program) = (stat(), stat())
    return stat(path, &file) == 0 && stat(executable, &program) == 0
      && [0, geteuid(), program.st_uid].contains(file.st_uid) && file.st_mode & S_IWOTH == 0
  }
}
