internal import Glibc

/// A program by the name that a command line has for it.
package enum Program: Equatable, Sendable {
  case found(path: String)
  case notFound
  case folder(path: String)
  /// There is a file, but it cannot be executed.
  case notExecutable(path: String)

  /// Looks as a shell does: a name with a slash is a path, any other is looked for in `searchPath`.
  /// - Parameter searchPath: The value of PATH; `nil` for the system's own (execvp(3)).
  package init(named name: String, searchPath: String?) {
    guard !name.isEmpty else {
      self = .notFound
      return
    }
    let folders = (searchPath ?? "/bin:/usr/bin").split(separator: ":", omittingEmptySubsequences: false)
    let candidates = name.contains("/") ? [name] : folders.map { $0.isEmpty ? "./\(name)" : "\($0)/\(name)" }
    var refused: String?
    for candidate in candidates {
      var status = stat()
      guard stat(candidate, &status) == 0 else {
        if errno == EACCES { refused = refused ?? candidate }
        continue
      }
      if status.st_mode & S_IFMT == S_IFREG, access(candidate, X_OK) == 0 {
        self = .found(path: candidate)
        return
      }
      // A folder on the way is none of what was looked for.
      if status.st_mode & S_IFMT == S_IFDIR {
        guard name.contains("/") else { continue }
        self = .folder(path: candidate)
        return
      }
      refused = refused ?? candidate
    }
    self = refused.map { .notExecutable(path: $0) } ?? .notFound
  }

  /// Becomes the program at `path`, with this process's environment. A text without `#!` is the shell's, as for execvp(3).
  /// - Returns: `errno`, if it fails.
  package static func become(path: String, arguments: [String]) -> Int32 {
    let error = execute(path, arguments)
    guard error == ENOEXEC else { return error }
    return execute("/bin/sh", ["/bin/sh", path] + arguments.dropFirst())
  }

  private static func execute(_ path: String, _ arguments: [String]) -> Int32 {
    var values: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
    values.append(nil)
    defer { for value in values { free(value) } }
    execv(path, values)
    return errno
  }
}
