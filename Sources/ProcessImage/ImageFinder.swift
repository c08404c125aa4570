import CProcess
import Glibc

/// Finds the ELF images among a process's mappings, and for each the very file that is mapped.
struct ImageFinder {
  private struct FileKey: Hashable {
    var device: UInt64
    var inode: UInt64
    init(_ mapping: Mapping) {
      device = mapping.device
      inode = mapping.inode
    }
  }

  /// An image whose mappings are still being collected.
  private struct Group {
    var path: String
    var loadBias: UInt64
    var file: ElfFile
    var mappings: [Mapping]

    /// Whether `mapping` shows a part of the file where a segment of this image has it.
    func holds(_ mapping: Mapping) -> Bool {
      file.loadedSegments.contains { segment in
        let start = segment.address &+ loadBias
        return mapping.start.bits &- mapping.fileOffset == start &- segment.offset
          && mapping.start.bits < start &+ segment.memorySize && mapping.end.bits > start
      }
    }
  }

  private let folder: ProcessFolder
  private let root: Int32
  private(set) var images: [ElfImage] = []
  /// The verified file of each mapping that has one, by the mapping's start.
  private(set) var files: [Address: ElfFile] = [:]
  private(set) var warnings: [String] = []

  init(mappings: [Mapping], folder: ProcessFolder) {
    self.folder = folder
    root = wsp_open_folder("/proc/\(folder.pid)/root")
    var opened: [FileKey: ElfFile?] = [:]
    var groups: [Group] = []
    var latest: [FileKey: Int] = [:]
    for mapping in mappings where mapping.inode != 0 && mapping.name.hasPrefix("/") {
      let key = FileKey(mapping)
      if let group = latest[key], groups[group].holds(mapping) {
        groups[group].mappings.append(mapping)
        files[mapping.start] = groups[group].file
        continue
      }
      let file: ElfFile?
      if let known = opened[key] {
        file = known
      } else {
        file = open(mapping)
        opened[key] = file
      }
      guard let file, let bias = Self.loadBias(of: mapping, file) else { continue }
      latest[key] = groups.count
      groups.append(Group(path: mapping.name, loadBias: bias, file: file, mappings: [mapping]))
      files[mapping.start] = file
    }
    if root >= 0 { close(root) }
    images = groups.filter { $0.mappings.contains { $0.permissions.contains(.execute) } }
      .map {
        ElfImage(
          path: $0.path, loadBias: Address($0.loadBias), mappings: $0.mappings, isVerified: true, file: $0.file)
      }
      .sorted { $0.start < $1.start }
  }

  /// The distance from a file's own addresses to the process's, told by one mapping.
  private static func loadBias(of mapping: Mapping, _ file: ElfFile) -> UInt64? {
    let pageMask = ~UInt64(PageScanner.pageSize - 1)
    return file.loadedSegments.first { $0.offset & pageMask == mapping.fileOffset }.map {
      mapping.start.bits &- $0.address & pageMask
    }
  }

  /// Opens the mapped file: by its path, by the link to the program, by the link to the mapping. Whatever opens must have the
  /// device and inode that the kernel names, so that a file that has taken the place of the mapped one is never read.
  private func open(_ mapping: Mapping) -> ElfFile? {
    let name = "\(String(mapping.start.bits, radix: 16))-\(String(mapping.end.bits, radix: 16))"
    let ways: [() -> Int32] = [
      { root >= 0 ? wsp_open_in_root(root, mapping.name) : -1 },
      { folder.opened("exe") },
      { folder.opened("map_files/\(name)") },
    ]
    for way in ways {
      let descriptor = way()
      guard descriptor >= 0 else { continue }
      defer { close(descriptor) }
      var identity = wsp_file_identity()
      guard wsp_identify(descriptor, &identity) == 0, identity.inode == mapping.inode,
        identity.device == mapping.device
      else { continue }
      do throws(ElfFile.Refusal) {
        return try ElfFile(descriptor: descriptor)
      } catch {
        return nil
      }
    }
    return nil
  }
}
