import CProcess
import Glibc
import ProcessImage

/// What a capture is measured against: stop all threads, copy the same bytes by process_vm_readv(2) into memory that is
/// there already, in one thread, and resume.
struct PlainCopy {
  private let pid: Int32
  private let transfers: [wsp_transfer]
  private let memory: UnsafeMutableRawPointer
  private let size: Int

  struct Failure: Error, CustomStringConvertible { var description: String }

  /// - Parameter snapshot: Tells which pages there are to copy.
  init(like snapshot: Snapshot) throws {
    pid = snapshot.pid
    var ranges: [(start: Address, size: Int)] = []
    for mapping in snapshot.mappings
    where mapping.permissions.contains(.read) && !mapping.permissions.contains(.shared) && !mapping.name.hasPrefix("[v")
    {
      for page in snapshot.pages(in: mapping.start..<mapping.end)
      where !page.state.contains(.fileBacked) && !page.state.contains(.zeroPage) {
        ranges.append((page.start, page.size))
      }
    }
    size = ranges.reduce(0) { $0 + $1.size }
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE
    guard let memory = mmap(nil, size, PROT_READ | PROT_WRITE, flags, -1, 0), memory != MAP_FAILED else {
      throw Failure(description: "no memory for \(size) bytes")
    }
    self.memory = memory
    var offset = 0
    transfers = ranges.map { range in
      defer { offset += range.size }
      return wsp_transfer(remote: range.start.bits, local: memory + offset, length: range.size)
    }
  }

  func free() { munmap(memory, size) }

  func run() throws {
    var threads: [Int32] = []
    guard let folder = opendir("/proc/\(pid)/task") else { throw Failure(description: "it has ended") }
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if let thread = Int32(name) { threads.append(thread) }
    }
    closedir(folder)
    for thread in threads {
      guard wsp_seize(thread, 0) == 0, wsp_interrupt(thread) == 0 else { throw Failure(description: "not stopped") }
    }
    for thread in threads {
      var result = wsp_wait_result()
      guard wsp_wait(thread, 0, &result) == 0 else { throw Failure(description: "not stopped") }
    }
    var copied = 0
    transfers.withUnsafeBufferPointer { transfers in
      for start in stride(from: 0, to: transfers.count, by: wsp_transfer_limit) {
        let count = min(wsp_transfer_limit, transfers.count - start)
        copied += max(0, wsp_read_memory(pid, transfers.baseAddress! + start, count))
      }
    }
    for thread in threads { _ = wsp_detach(thread, 0) }
    guard copied == size else { throw Failure(description: "copied \(copied) of \(size) bytes") }
  }
}
