/// Why there are no field layouts; the inspection goes on without them, and must say so.
package enum RemoteMirrorError: Error, Equatable, CustomStringConvertible {
  /// No candidate path holds a file.
  case libraryNotFound(searched: [String])
  /// The dynamic linker refuses the file; its own words.
  case libraryNotLoaded(path: String, reason: String)
  /// A library without a function that is needed: of a release before Swift 5.9.
  case functionMissing(path: String, function: String)
  /// The library could not make a context.
  case contextNotCreated(path: String)

  package var description: String {
    switch self {
    case .libraryNotFound(let searched):
      "libswiftRemoteMirror.so, which knows the fields of Swift types, was not found, so that there are no typed references. "
        + "It ships with every Swift toolchain and runtime image: put it beside the weakspot executable. The process's own one "
        + "is used only if nobody but root and this user can have written it. Looked at: "
        + searched.joined(separator: ", ")
    case .libraryNotLoaded(let path, let reason):
      "\(path) cannot be loaded: \(reason). Put the libswiftRemoteMirror.so of a Swift 5.9 or later toolchain beside the "
        + "weakspot executable."
    case .functionMissing(let path, let function):
      "\(path) has no function \(function): it is older than Swift 5.9. Put a newer libswiftRemoteMirror.so beside the "
        + "weakspot executable."
    case .contextNotCreated(let path):
      "\(path) made no reflection context; it may not support this platform. Put the libswiftRemoteMirror.so of a Swift 5.9 "
        + "or later toolchain for x86-64 beside the weakspot executable."
    }
  }
}
