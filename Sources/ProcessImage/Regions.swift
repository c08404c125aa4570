/// The memory of a snapshot as regions: runs that were copied, completed from their files, and what is read late.
struct Regions {
  private(set) var list: [MemoryRegion] = []

  private let pages: [PageRange]
  private let destination: CopyDestination
  private let memory: ProcessMemory

  /// The most of a process's memory that is read late as one region.
  private static let lateBytes = 64 << 20

  /// - Parameter files: The verified file of each mapping that has one, by the mapping's start.
  init(
    mappings: [Mapping], pages: [PageRange], plan: CopyPlan, destination: CopyDestination, files: [Address: ElfFile],
    memory: ProcessMemory
  ) {
    self.pages = pages
    self.destination = destination
    self.memory = memory
    for run in plan.runs {
      guard let host = destination.host(of: run.start, count: run.size) else { continue }
      list.append(MemoryRegion(start: run.start, end: run.end, host: host, late: nil))
    }
    // An image's headers and symbols are asked for whether they are present or not.
    let code = Set(mappings.filter { $0.inode != 0 && $0.permissions.contains(.execute) }.map(FileKey.init))
    for mapping in mappings where mapping.permissions.contains(.read) {
      if plan.holds(mapping) {
        if mapping.inode != 0 { complete(mapping, from: files[mapping.start], isCode: code.contains(FileKey(mapping))) }
      } else if let file = files[mapping.start] {
        addLate(mapping.start, mapping.end, .file(file, offset: mapping.fileOffset))
      } else if !CopyPlan.isUnreadable(mapping) {
        var start = mapping.start
        while start < mapping.end {
          let end = start + min(Self.lateBytes, mapping.end.distance(from: start))
          let present = code.contains(FileKey(mapping)) ? nil : presentPages(start, end)
          addLate(start, end, .process(memory, present: present))
          start = end
        }
      }
    }
    list.sort { $0.start < $1.start }
  }

  private struct FileKey: Hashable {
    var device: UInt64
    var inode: UInt64

    init(_ mapping: Mapping) { (device, inode) = (mapping.device, mapping.inode) }
  }

  private func presentPages(_ start: Address, _ end: Address) -> [PageRange] {
    pages[pages.partitioningIndex { $0.end > start }...].prefix { $0.start < end }.map { $0 }
  }

  private mutating func addLate(_ start: Address, _ end: Address, _ source: LateRegion.Source) {
    let late = LateRegion(start: start, size: end.distance(from: start), source: source)
    list.append(MemoryRegion(start: start, end: end, host: nil, late: late))
  }

  /// Fills the pages of a private file mapping that were not copied because they are still the file's.
  private func complete(_ mapping: Mapping, from file: ElfFile?, isCode: Bool) {
    if file == nil, !isCode {
      for range in presentPages(mapping.start, mapping.end) where range.state.contains(.fileBacked) {
        fill(mapping, max(range.start, mapping.start), min(range.end, mapping.end), from: nil)
      }
      return
    }
    var position = mapping.start
    for range in pages[pages.partitioningIndex { $0.end > mapping.start }...] {
      guard range.start < mapping.end else { break }
      if range.state.contains(.fileBacked) { continue }
      fill(mapping, position, max(position, range.start), from: file)
      position = min(range.end, mapping.end)
    }
    fill(mapping, position, mapping.end, from: file)
  }

  private func fill(_ mapping: Mapping, _ start: Address, _ end: Address, from file: ElfFile?) {
    let size = end.distance(from: start)
    guard size > 0, let host = destination.host(of: start, count: size) else { return }
    let target = UnsafeMutableRawBufferPointer(start: host, count: size)
    guard let file else {
      _ = memory.read(at: start, into: target)
      return
    }
    let offset = mapping.fileOffset &+ UInt64(start.distance(from: mapping.start))
    guard offset < UInt64(file.bytes.count) else { return }
    target.copyMemory(from: UnsafeRawBufferPointer(rebasing: file.bytes[Int(offset)...].prefix(size)))
  }
}
