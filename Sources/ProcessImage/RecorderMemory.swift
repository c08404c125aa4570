import CRecorder

/// The mappings of our own preloaded recorder in a process: they are none of the program's, and the recording takes half a
/// terabyte of address space, of which a read of what was never written would make the kernel allocate it.
struct RecorderMemory {
  private var ranges: [Range<Address>] = []

  /// Looks at the beginning of each mapping that could be a recording. Such a one says where the rest is.
  init(in mappings: [Mapping], of memory: ProcessMemory, _ scanner: inout PageScanner) {
    for mapping in mappings where Self.mayBeRecording(mapping) {
      // A recording's beginning is in memory; of another file it might have to come from a server that stands still.
      var pages: [PageRange] = []
      scanner.scan(from: mapping.start, to: mapping.start + PageScanner.pageSize, into: &pages)
      // The header is some pages long, which another file's memory may not have yet: reading would make them.
      guard pages.contains(where: { $0.state.contains(.present) }), Self.magic(at: mapping.start, memory) == WSR_MAGIC
      else { continue }
      let header = withUnsafeTemporaryAllocation(of: wsr_header.self, capacity: 1) { buffer -> wsr_header? in
        // Safety: all bytes are read before they are looked at, and any bytes make a header.
        let raw = UnsafeMutableRawBufferPointer(buffer)
        return memory.read(at: mapping.start, into: raw) == raw.count ? buffer[0] : nil
      }
      guard let header else { continue }
      let (regions, overflow) = header.region_bytes.multipliedReportingOverflow(by: UInt64(header.region_capacity))
      guard !overflow else { continue }
      let end = mapping.start.bits &+ header.regions_offset &+ regions
      ranges.append(mapping.start..<Address(max(end, mapping.end.bits)))
      if header.walkers_start < header.walkers_end {
        ranges.append(Address(header.walkers_start)..<Address(header.walkers_end))
      }
    }
  }

  /// The first word of `wsr_header`.
  private static func magic(at address: Address, _ memory: ProcessMemory) -> UInt64? {
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 1) { buffer in
      memory.read(at: address, into: UnsafeMutableRawBufferPointer(buffer)) == 8 ? buffer[0] : nil
    }
  }

  /// A file that is written through memory, from its beginning on. Not a device: what is read from one may answer.
  private static func mayBeRecording(_ mapping: Mapping) -> Bool {
    mapping.permissions.isSuperset(of: [.read, .write, .shared]) && mapping.inode != 0 && mapping.fileOffset == 0
      && mapping.size > MemoryLayout<wsr_header>.size
      && (!mapping.name.hasPrefix("/dev/") || mapping.name.hasPrefix("/dev/shm/"))
  }

  func isRecorders(_ mapping: Mapping) -> Bool {
    ranges.contains { $0.contains(mapping.start) && mapping.end <= $0.upperBound }
  }
}
