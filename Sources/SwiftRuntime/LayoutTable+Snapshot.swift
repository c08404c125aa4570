package import ProcessImage

extension RemoteMirror {
  /// A context over all images of a captured process.
  ///
  /// - Parameter memory: What to read instead of the snapshot.
  package convenience init(
    library: RemoteMirrorLibrary, snapshot: Snapshot, memory: (any MemoryReader)? = nil
  ) throws(RemoteMirrorError) {
    let images = snapshot.images.map { image in
      ReflectionSections { name in
        image.section(named: name).flatMap { section in section.address.map { .init(start: $0, size: section.size) } }
      }
    }
    try self.init(library: library, memory: memory ?? snapshot, images: images)
  }
}

extension LayoutTable {
  /// - Parameters:
  ///   - mirror: `nil`: no type has fields.
  ///   - memory: What to read instead of the snapshot.
  package convenience init(snapshot: Snapshot, mirror: RemoteMirror?, memory: (any MemoryReader)? = nil) {
    self.init(memory: memory ?? snapshot, mirror: mirror) { address in
      snapshot.symbol(at: address).flatMap { $0.offset == 0 ? $0.name : nil }
    }
  }
}

extension RemoteMirrorLibrary {
  /// Where the library is looked for to inspect a captured process: only where nobody can have put it who has fewer rights
  /// than we have.
  ///
  /// - Parameters:
  ///   - executable: The absolute path of our own executable, links resolved.
  ///   - toolchain: The runtime folder of the toolchain of the build, if it is known.
  package static func candidates(executable: String?, snapshot: Snapshot, toolchain: String?) -> [String] {
    let runtime = snapshot.seesOurFiles ? snapshot.images.map(\.path).filter { $0.contains("/libswift") } : []
    let ours = Set(candidates(executable: nil, targetRuntime: [], toolchain: toolchain))
    let beside = Set(candidates(executable: executable, targetRuntime: [], toolchain: nil)).subtracting(ours)
    return candidates(executable: executable, targetRuntime: runtime, toolchain: toolchain).filter { path in
      if ours.contains(path) { return true }
      if beside.contains(path), let executable { return CodeTrust.isAsGood(path, as: executable) }
      return CodeTrust.isOurs(path)
    }
  }
}
