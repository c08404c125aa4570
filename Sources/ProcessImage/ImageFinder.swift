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
    var isVerified: Bool
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
  private let memory: ProcessMemory
  private let all: [Mapping]
  private let root: Int32
  private(set) var images: [ElfImage] = []
  /// The verified file of each mapping that has one, by the mapping's start.
  private(set) var files: [Address: ElfFile] = [:]
  /// The mappings of images whose files cannot be read, by their starts.
  private(set) var unverified: Set<Address> = []
  private(set) var warnings: [String] = []
  /// The first image for which there is no address space: what is told without it would be wrong.
  private(set) var withoutRoom: String?

  init(mappings: [Mapping], folder: ProcessFolder, memory: ProcessMemory) {
    self.folder = folder
    self.memory = memory
    all = mappings
    root = wsp_open_folder("/proc/\(folder.memoryThread)/root")
    var opened: [FileKey: Found] = [:]
    var groups: [Group] = []
    var latest: [FileKey: Int] = [:]
    // An image is mapped privately; to read memory that processes share would make it real.
    for mapping in mappings
    where mapping.inode != 0 && mapping.name.hasPrefix("/") && !mapping.permissions.contains(.shared) {
      let key = FileKey(mapping)
      if let group = latest[key], groups[group].holds(mapping) {
        groups[group].mappings.append(mapping)
        note(mapping, of: groups[group])
        continue
      }
      let file: Found
      if let known = opened[key] {
        file = known
      } else {
        file = open(mapping)
        opened[key] = file
      }
      guard case .elf(let file, let isVerified) = file, let bias = Self.loadBias(of: mapping, file) else { continue }
      latest[key] = groups.count
      groups.append(
        Group(path: mapping.name, loadBias: bias, file: file, isVerified: isVerified, mappings: [mapping]))
      note(mapping, of: groups[groups.count - 1])
    }
    if root >= 0 { close(root) }
    images = groups.filter { $0.mappings.contains { $0.permissions.contains(.execute) } }
      .map {
        ElfImage(
          path: $0.path, loadBias: Address($0.loadBias), mappings: $0.mappings, isVerified: $0.isVerified, file: $0.file
        )
      }
      .sorted { $0.start < $1.start }
  }

  private mutating func note(_ mapping: Mapping, of group: Group) {
    if group.isVerified { files[mapping.start] = group.file } else { unverified.insert(mapping.start) }
  }

  /// The distance from a file's own addresses to the process's, told by one mapping.
  private static func loadBias(of mapping: Mapping, _ file: ElfFile) -> UInt64? {
    let pageMask = ~UInt64(PageScanner.pageSize - 1)
    return file.loadedSegments.first { $0.offset & pageMask == mapping.fileOffset }.map {
      mapping.start.bits &- $0.address & pageMask
    }
  }

  private enum Found {
    case elf(ElfFile, isVerified: Bool)
    case other
  }

  /// Opens the mapped file: by its path, by the link to the program, by the link to the mapping. Whatever opens must be
  /// the mapped file, so that one that has taken its place is never read. If none is, the process's memory has to do.
  private mutating func open(_ mapping: Mapping) -> Found {
    guard let id = headerAndBuildID(mapping) else { return .other }
    let range = "\(String(mapping.start.bits, radix: 16))-\(String(mapping.end.bits, radix: 16))"
    let ways: [() -> Int32] = [
      { [root] in root >= 0 ? wsp_open_in_root(root, mapping.name) : -1 },
      { [folder] in folder.opened("exe") },
      { [folder] in folder.opened("map_files/\(range)") },
    ]
    for way in ways {
      let descriptor = way()
      guard descriptor >= 0 else { continue }
      defer { close(descriptor) }
      var identity = wsp_file_identity()
      guard wsp_identify(descriptor, &identity) == 0 else { continue }
      let isSame = identity.inode == mapping.inode && identity.device == mapping.device
      // Where layers of file systems give a file two numbers (overlayfs, btrfs), the build id tells.
      guard isSame || id.buildID != nil else { continue }
      do throws(ElfFile.Refusal) {
        let file = try ElfFile(descriptor: descriptor)
        if isSame || file.buildID == id.buildID { return .elf(file, isVerified: true) }
      } catch {
        if error == .noRoom { return noRoom(mapping) }
      }
    }
    do throws(ElfFile.Refusal) {
      let file = try ElfFile.read(from: memory, mapping, all)
      warnings.append(
        "\(mapping.name): the file was replaced since it was mapped, or cannot be opened; what it tells was read from the "
          + "process: no sections, few symbols")
      return .elf(file, isVerified: false)
    } catch {
      return error == .noRoom ? noRoom(mapping) : .other
    }
  }

  private mutating func noRoom(_ mapping: Mapping) -> Found {
    withoutRoom = withoutRoom ?? mapping.name
    return .other
  }

  private struct Header { var buildID: [UInt8]? }

  /// What the mapped bytes themselves say; `nil` if no ELF file starts there.
  private func headerAndBuildID(_ mapping: Mapping) -> Header? {
    guard mapping.permissions.contains(.read) else { return nil }
    let size = min(mapping.size, 1 << 14)
    return withUnsafeTemporaryAllocation(byteCount: size, alignment: 16) { buffer in
      let count = memory.read(at: mapping.start, into: buffer)
      let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
      do throws(ElfFile.Refusal) {
        return Header(buildID: try ElfFile(bytes: bytes, owner: nil).buildID)
      } catch {
        return nil
      }
    }
  }
}
