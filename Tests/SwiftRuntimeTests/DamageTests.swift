import Glibc
import HeapBlocks
import ProcessImage
import Testing

@testable import SwiftRuntime

/// Whatever bytes a process has: an answer, never a trap or a loop without end.
struct DamageTests {
  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func `a damaged copy of a process is classified somehow`(_ seed: UInt64) throws {
    let program = try TargetProgram(TestPrograms.pitfallsProgram())
    let snapshot = try Snapshot.capture(pid: program.pid)
    let process = try SwiftProcess(snapshot)
    let heap = try Heap.walk(snapshot)
    var random = Random(state: seed)
    let writable = snapshot.mappings.filter { mapping in
      mapping.permissions.contains(.write)
        && snapshot.images.contains { mapping.start < $0.end && $0.start < mapping.end }
    }
    for _ in 0..<25 {
      for index in 0..<heap.blocks.count where random.next() % 4 == 0 {
        damage(snapshot, heap.blocks.address(of: index), heap.blocks.usableBytes(of: index), &random)
      }
      for mapping in writable {
        for _ in 0..<20 { damage(snapshot, mapping.start + Int(random.next() % UInt64(mapping.size)), 64, &random) }
      }
      let table = Classification.classify(process, heap: heap)
      #expect(table.type.count == heap.blocks.count)
      #expect(table.type.allSatisfy { Int($0) < table.types.count })
      for task in process.tasks(of: heap, table) { _ = process.asyncBacktrace(ofTask: task.address) }
    }
  }

  /// Changes bytes of the copy: a bit, a byte, or a word that looks like a pointer.
  private func damage(_ snapshot: Snapshot, _ start: Address, _ size: Int, _ random: inout Random) {
    let bytes = snapshot.bytes(from: start)
    let count = min(size, bytes.count)
    guard count >= 8, let base = UnsafeMutableRawPointer(mutating: bytes.baseAddress) else { return }
    let offset = Int(random.next() % UInt64(count - 7))
    switch random.next() % 3 {
    case 0: (base + offset).assumingMemoryBound(to: UInt8.self).pointee ^= 1 << UInt8(random.next() % 8)
    case 1: (base + offset).storeBytes(of: random.next(), as: UInt64.self)
    default:
      let other = bytes.loadUnaligned(fromByteOffset: Int(random.next() % UInt64(count / 8)) * 8, as: UInt64.self)
      (base + offset / 8 * 8).storeBytes(of: other, as: UInt64.self)
    }
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func `types of damaged metadata and descriptors have some name or none`(_ seed: UInt64) throws {
    // Metadata, descriptors and names of this very test: all that its executable has in memory, code aside.
    let own = OwnMemory()
    let types = TypeNameTests.names.map { unsafeBitCast($0.0, to: UnsafeRawPointer.self) }
    let executable = CommandLine.arguments[0]
    let pristine = own.copy {
      ($0.name == executable || $0.name.hasSuffix(".xctest")) && !$0.permissions.contains(.execute)
    }
    try #require(!pristine.isEmpty)
    var random = Random(state: seed)
    var named = 0
    for _ in 0..<6 {
      var parts = pristine
      for index in parts.indices {
        for _ in 0..<(parts[index].bytes.count / 16) {
          let place = Int(random.next() % UInt64(parts[index].bytes.count))
          parts[index].bytes[place] ^= UInt8(truncatingIfNeeded: random.next())
        }
      }
      let memory = UserMemory(image: MemoryImage(parts))
      let namer = TypeNamer(memory: memory)
      for type in types where namer.name(of: Address(UInt64(UInt(bitPattern: type)))) != nil { named += 1 }
      for part in parts {
        for offset in stride(from: 0, to: part.bytes.count, by: 256) {
          _ = namer.name(of: part.start + offset)
          _ = SymbolicType.name(at: part.start + offset + 1, in: memory, namer: namer)
          _ = CaptureDescriptor(at: part.start + offset, in: memory)
          _ = ContextDescriptor(at: part.start + offset, in: memory)?.generics
        }
      }
    }
    #expect(named < types.count * 6)
  }
}

/// Memory as a process can have it: nothing in the upper half of the addresses, which is the kernel's.
private struct UserMemory: MemoryReader {
  let image: MemoryImage

  func bytes(from address: Address) -> UnsafeRawBufferPointer {
    address.bits >> 63 == 0 ? image.bytes(from: address) : UnsafeRawBufferPointer(start: nil, count: 0)
  }
}

/// SplitMix64.
struct Random {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
    return word ^ word >> 31
  }
}
