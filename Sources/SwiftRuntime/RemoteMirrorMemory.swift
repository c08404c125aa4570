internal import CRemoteMirror
import ProcessImage

/// What the library reads: the target's memory, and addresses at which we show it bytes of our own.
final class MirrorMemory {
  /// Not canonical, so that no process has memory there.
  static let overlayStart: UInt64 = 0x0100_0000_0000_0000

  private let memory: any MemoryReader
  /// Bytes shown at `overlayStart` for the time of one call.
  var overlay = UnsafeRawBufferPointer(start: nil, count: 0)

  /// Bytes shown for good, each at an address of its own behind the first window.
  private var permanent: [UnsafeRawBufferPointer] = []
  private static let permanentStart: UInt64 = 0x0100_0100_0000_0000
  private static let permanentStride: UInt64 = 4096

  init(_ memory: any MemoryReader) { self.memory = memory }

  /// Where the next bytes of `addPermanent` will lie.
  var nextPermanentStart: UInt64 { Self.permanentStart + UInt64(permanent.count) * Self.permanentStride }

  /// - Parameter bytes: At most 4096, which live as long as the context.
  func addPermanent(_ bytes: UnsafeRawBufferPointer) { permanent.append(bytes) }

  fileprivate func bytes(at address: UInt64, count: UInt64) -> UnsafeRawPointer? {
    guard let count = Int(exactly: count) else { return nil }
    if address >> 56 == Self.overlayStart >> 56 {
      var bytes = overlay
      var offset = address &- Self.overlayStart
      if address >= Self.permanentStart {
        let index = (address - Self.permanentStart) / Self.permanentStride
        guard index < UInt64(permanent.count) else { return nil }
        bytes = permanent[Int(index)]
        offset = (address - Self.permanentStart) % Self.permanentStride
      }
      guard offset <= UInt64(bytes.count), bytes.count - Int(offset) >= count else { return nil }
      return bytes.baseAddress.map { $0 + Int(offset) }
    }
    return memory.bytes(at: Address(address), count: count)?.baseAddress
  }

  fileprivate func stringLength(at address: UInt64) -> UInt64 {
    let run = memory.bytes(from: Address(address))
    let head = run[..<min(run.count, 1 << 16)]
    return head.firstIndex(of: 0).map { UInt64($0) } ?? 0
  }

  // MARK: Callbacks

  private static func from(_ reader: UnsafeMutableRawPointer?) -> MirrorMemory? {
    // Safety: `RemoteMirror` passes its own `MirrorMemory`, which outlives the context.
    reader.map { Unmanaged<MirrorMemory>.fromOpaque($0).takeUnretainedValue() }
  }

  static let readBytes: wm_read_bytes = { reader, address, count, freeContext in
    freeContext?.pointee = nil
    return from(reader)?.bytes(at: address, count: count)
  }

  /// Bytes are lent from the snapshot, never copied.
  static let freeBytes: wm_free_bytes = { _, _, _ in }

  static let stringLength: wm_string_length = { reader, address in from(reader)?.stringLength(at: address) ?? 0 }

  /// The questions are `DataLayoutQueryType` in swiftlang/swift, MemoryReaderInterface.h.
  static let queryDataLayout: wm_query_data_layout = { _, question, _, output in
    guard let output else { return 0 }
    switch question {
    case 0, 1:  // Bytes of a pointer; of a size.
      output.storeBytes(of: 8, as: UInt8.self)
    case 4:  // The least valid pointer: Swift on Linux keeps the values below for enums.
      output.storeBytes(of: 0x1000, as: UInt64.self)
    case 3, 5:  // Low bits that Objective-C reserves (no enum is projected without an answer); is there an Objective-C?
      output.storeBytes(of: 0, as: UInt8.self)
    default:
      return 0
    }
    return 1
  }
}
