/// Memory made of byte arrays: for tests, and for parts of a process that were read on their own.
package final class MemoryImage: MemoryReader, @unchecked Sendable {
  // Safety: the buffers are filled in `init`, never written again, and freed in `deinit`.
  private let runs: [(start: Address, bytes: UnsafeMutableRawBufferPointer)]

  /// - Parameter parts: Address and bytes of each run; runs must not overlap. Runs that touch are still runs of their own.
  package init(_ parts: [(start: Address, bytes: [UInt8])]) {
    runs = parts.sorted { $0.start < $1.start }.map { part in
      let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(part.bytes.count, 1), alignment: 16)
      copy.copyBytes(from: part.bytes)
      return (part.start, UnsafeMutableRawBufferPointer(rebasing: copy[..<part.bytes.count]))
    }
  }

  deinit { for run in runs { run.bytes.baseAddress?.deallocate() } }

  package func bytes(from address: Address) -> UnsafeRawBufferPointer {
    var low = 0
    var high = runs.count
    while low < high {
      let middle = (low + high) / 2
      if runs[middle].start <= address { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    let run = runs[low - 1]
    let offset = address.distance(from: run.start)
    guard offset >= 0, offset < run.bytes.count else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    return UnsafeRawBufferPointer(rebasing: run.bytes[offset...])
  }
}
