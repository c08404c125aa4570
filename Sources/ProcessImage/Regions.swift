/// The memory of a snapshot as regions: runs that were copied, completed from their files, and what is read late.
struct Regions {
  private(set) var list: [MemoryRegion] = []

  private let pages: [PageRange]
  private let destination: CopyDestination
  private let unverified: Set<Address>
  private let memory: ProcessMemory

  /// The most of a process's memory that is read late as one region.
  private static let lateBytes = 64 << 20

  /// - Parameters:
  ///   - files: The verified file of each mapping that has one, by the mapping's start.
  ///   - unverified: Mappings of images that have none, by their starts.
  init(
    mappings: [Mapping], pages: [PageRange], plan: CopyPlan, destination: CopyDestination, files: [Address: ElfFile],
    unverified: Set<Address>, memory: ProcessMemory
  ) {
    self.unverified = unverified
    self.pages = pages
    self.destination = destination
    self.memory = memory
    for run in plan.runs {
      guard let host = destination.host(of: run.start, count: run.size) else { continue }
      list.append(MemoryRegion(start: run.start, end: run.end, host: host, late: nil))
    }
    for mapping in mappings where mapping.permissions.contains(.read) {
      if plan.holds(mapping) {
        let file = files[mapping.start]
        if mapping.inode != 0, file != nil || !CopyPlan.isLargeFile(mapping) { complete(mapping, from: file) }
      } else if let file = files[mapping.start] {
        addLate(mapping.start, mapping.end, .file(file, offset: mapping.fileOffset))
      } else if !CopyPlan.isUnreadable(mapping) {
        addLateMemory(mapping)
      }
    }
    list.sort { $0.start < $1.start }
  }

  private mutating func addLateMemory(_ mapping: Mapping) {
    // Code and constants, which only the process has.
    let isImage = unverified.contains(mapping.start) || CopyPlan.isKernels(mapping)
    var start = mapping.start
    while start < mapping.end {
      let end = start + min(Self.lateBytes, mapping.end.distance(from: start))
      addLate(
        start, end, .process(memory), parts: isImage ? nil : present(from: start, to: end),
        isUrgent: isImage || CopyPlan.isWritableAndShared(mapping))
      start = end
    }
  }

  private func present(from start: Address, to end: Address) -> [Range<Address>] {
    pages[pages.partitioningIndex { $0.end > start }...].prefix { $0.start < end }
      .map { max($0.start, start)..<min($0.end, end) }
  }

  private mutating func addLate(
    _ start: Address, _ end: Address, _ source: LateRegion.Source, parts: [Range<Address>]? = nil,
    isUrgent: Bool = false
  ) {
    let late = LateRegion(
      start: start, size: end.distance(from: start), source: source, parts: parts, isUrgent: isUrgent)
    list.append(MemoryRegion(start: start, end: end, host: nil, late: late))
  }

  /// Fills the pages of a private file mapping that were not copied because they are still the file's.
  private func complete(_ mapping: Mapping, from file: ElfFile?) {
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
