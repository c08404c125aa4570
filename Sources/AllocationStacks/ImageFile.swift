import Glibc
import ProcessImage
import Recording

/// The file behind a recorded image, if it is still the one that was loaded.
enum ImageFile {
  case found(path: String, file: ElfFile)
  /// The file at the path is another one by now, or cannot be read.
  case lost
  /// The image has no file: the vdso.
  case none

  /// - Parameter process: The recorded process, if it still runs: its files may lie below a root of its own, and its program
  ///   may have been removed from its folder.
  init(of image: RecordedImage, process: Int32?) {
    guard let path = image.path, path.hasPrefix("/") else {
      self = .none
      return
    }
    let name = path.hasSuffix(" (deleted)") ? String(path.dropLast(" (deleted)".count)) : path
    var candidates = [name]
    if let process { candidates = ["/proc/\(process)/root" + name, name, "/proc/\(process)/exe"] }
    // Without a build-id there is nothing to tell files apart by but their name.
    for candidate in candidates {
      guard let file = Self.elf(candidate) else { continue }
      if image.buildID.isEmpty ? !candidate.hasSuffix("/exe") : file.buildID == image.buildID {
        self = .found(path: candidate, file: file)
        return
      }
    }
    self = .lost
  }

  private static func elf(_ path: String) -> ElfFile? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    do throws(ElfFile.Refusal) {
      return try ElfFile(descriptor: descriptor)
    } catch {
      return nil
    }
  }
}
