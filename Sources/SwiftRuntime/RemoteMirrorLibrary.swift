internal import CRemoteMirror
internal import Glibc

/// `libswiftRemoteMirror`, found and loaded at run time: there is no archive of it to link.
package final class RemoteMirrorLibrary: @unchecked Sendable {
  // Safety: immutable after `init`; the library stays loaded for good.
  package static let fileName = "libswiftRemoteMirror.so"

  package let path: String
  let create: wm_create
  let destroy: wm_destroy
  let addSections: wm_add_sections
  let typeOfMetadata: wm_type_of_metadata
  let typeOfName: wm_type_of_name
  let infoOfType: wm_info_of_type
  let infoOfMetadata: wm_info_of_address
  let infoOfInstance: wm_info_of_address
  let childOfType: wm_child_of_type
  let childOfMetadata: wm_child_of_address
  let childOfInstance: wm_child_of_address
  let projectEnum: wm_project_enum
  let copyName: wm_copy_name
  let argumentCount: wm_argument_count
  let argument: wm_argument

  /// Where the library is looked for, the first first: beside our executable and in the `lib` folders next to it; in the folders
  /// from which the target loaded its Swift runtime; in the toolchain that Weakspot runs on; in `/usr` and `/opt/swift`, where
  /// Swift's packages and images put it.
  ///
  /// - Parameters:
  ///   - executable: The absolute path of our own executable, links resolved.
  ///   - targetRuntime: Paths of Swift runtime libraries that the target has mapped, as we can open them.
  ///   - toolchain: The runtime folder from which we were loaded, if it is known.
  package static func candidates(executable: String?, targetRuntime: [String], toolchain: String?) -> [String] {
    var folders: [String] = []
    if let folder = executable.flatMap(parent(of:)) {
      folders.append(folder)
      if let above = parent(of: folder) {
        folders.append(above + "/lib")
        folders.append(above + "/lib/swift/linux")
      }
    }
    folders += targetRuntime.compactMap(parent(of:))
    if let toolchain { folders.append(toolchain) }
    folders += ["/usr/lib/swift/linux", "/opt/swift/usr/lib/swift/linux"]
    var seen: Set<String> = []
    return folders.filter { seen.insert($0).inserted }.map { ($0 == "/" ? "" : $0) + "/" + fileName }
  }

  private static func parent(of path: String) -> String? {
    guard path.utf8.first == UInt8(ascii: "/"), path != "/", let slash = path.lastIndex(of: "/") else { return nil }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The first candidate that is a readable file is loaded; a file that cannot be loaded is an error, not skipped.
  package static func load(candidates: [String]) throws(RemoteMirrorError) -> RemoteMirrorLibrary {
    guard let path = candidates.first(where: { access($0, R_OK) == 0 }) else {
      throw .libraryNotFound(searched: candidates)
    }
    return try RemoteMirrorLibrary(path: path)
  }

  private init(path: String) throws(RemoteMirrorError) {
    guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
      throw .libraryNotLoaded(path: path, reason: dlerror().map { String(cString: $0) } ?? "no reason given")
    }
    func function<Function>(_ name: String, _ type: Function.Type) throws(RemoteMirrorError) -> Function {
      guard let symbol = dlsym(handle, "swift_reflection_" + name) else {
        throw .functionMissing(path: path, function: "swift_reflection_" + name)
      }
      // Safety: the caller names the type that CRemoteMirror.h gives to this symbol.
      return unsafeBitCast(symbol, to: type)
    }
    self.path = path
    create = try function("createReflectionContextWithDataLayout", wm_create.self)
    destroy = try function("destroyReflectionContext", wm_destroy.self)
    addSections = try function("addReflectionMappingInfo", wm_add_sections.self)
    typeOfMetadata = try function("typeRefForMetadata", wm_type_of_metadata.self)
    typeOfName = try function("typeRefForMangledTypeName", wm_type_of_name.self)
    infoOfType = try function("infoForTypeRef", wm_info_of_type.self)
    infoOfMetadata = try function("infoForMetadata", wm_info_of_address.self)
    infoOfInstance = try function("infoForInstance", wm_info_of_address.self)
    childOfType = try function("childOfTypeRef", wm_child_of_type.self)
    childOfMetadata = try function("childOfMetadata", wm_child_of_address.self)
    childOfInstance = try function("childOfInstance", wm_child_of_address.self)
    projectEnum = try function("projectEnumValue", wm_project_enum.self)
    copyName = try function("copyNameForTypeRef", wm_copy_name.self)
    argumentCount = try function("genericArgumentCountOfTypeRef", wm_argument_count.self)
    argument = try function("genericArgumentOfTypeRef", wm_argument.self)
  }
}
