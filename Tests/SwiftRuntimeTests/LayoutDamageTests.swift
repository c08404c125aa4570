import HeapBlocks
import ProcessImage
import SwiftRuntime
import Testing

/// A copy of a process's writable memory, damaged; the rest as it is.
final class DamagedMemory: MemoryReader, @unchecked Sendable {
  // Safety: written by `damage` only, before a test reads.
  private let snapshot: Snapshot
  private let copies: [(start: Address, bytes: UnsafeMutableRawBufferPointer)]

  init(_ snapshot: Snapshot) {
    self.snapshot = snapshot
    copies = snapshot.mappings.filter { $0.permissions.contains(.write) && $0.permissions.contains(.read) }
      .compactMap { mapping in
        let bytes = snapshot.bytes(from: mapping.start)
        let count = min(bytes.count, mapping.size, 1 << 20)
        guard count > 0 else { return nil }
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 16)
        copy.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
        return (mapping.start, copy)
      }
  }

  deinit { for copy in copies { copy.bytes.deallocate() } }

  func bytes(from address: Address) -> UnsafeRawBufferPointer {
    for copy in copies {
      let offset = address.distance(from: copy.start)
      if offset >= 0, offset < copy.bytes.count {
        return UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(copy.bytes)[offset...])
      }
    }
    return snapshot.bytes(from: address)
  }

  /// Changes `count` places in the given objects: a bit, or a whole word, to a small or another object's word.
  func damage(_ count: Int, objects: [Address], _ random: inout DamageNumbers) {
    for _ in 0..<count {
      let object = objects[Int(random.next() % UInt64(objects.count))]
      guard let copy = copies.first(where: { $0.start <= object && object.distance(from: $0.start) < $0.bytes.count })
      else { continue }
      let offset = object.distance(from: copy.start) + Int(random.next() % 16) * 8
      guard offset + 8 <= copy.bytes.count else { continue }
      let place = copy.bytes.baseAddress! + offset
      let word = place.loadUnaligned(as: UInt64.self)
      let other = objects[Int(random.next() % UInt64(objects.count))].bits
      let changed: [UInt64] = [
        word ^ 1 << (random.next() % 64), random.next(), other, random.next() % 0x2000, word &+ 8, .max,
        snapshot.word(at: Address(other)) ?? 0,
      ]
      place.storeBytes(of: changed[Int(random.next() % UInt64(changed.count))], as: UInt64.self)
    }
  }
}

/// The same numbers in every run.
struct DamageNumbers {
  var state: UInt64
  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}

@Suite struct LayoutDamageTests {
  @Test func `damaged objects and metadata neither trap nor loop`() async throws {
    let program = try LayoutTarget.debugProgram()
    await #expect(processExitsWith: .success) { [program = program as String] in
      let target = try LayoutTarget(program: program)
      let objects = target.objects.map(\.address)
      let metadata = Set(objects.compactMap { target.snapshot.pointer(at: $0) }).sorted()
      for seed in 1...12 as ClosedRange<UInt64> {
        var random = DamageNumbers(state: seed &* 0x9E37_79B9_7F4A_7C15)
        let memory = DamagedMemory(target.snapshot)
        memory.damage(Int(seed * 2), objects: seed % 2 == 0 ? objects : metadata, &random)
        var scanner = try layoutScanner(target.snapshot, memory: memory)
        for object in objects { _ = scanner.references(of: object, in: memory) }
      }
    }
  }
}
