import HeapBlocks
import ProcessImage
import SwiftRuntime
import Testing

/// Every pitfall of field layouts on a real program, which says itself what its objects hold.
@Suite struct LayoutShapeTests {
  @Test(arguments: [LayoutTarget.Build.debug, .optimized, .statically])
  func `every object holds exactly the references that the program says`(build: LayoutTarget.Build) throws {
    let target = try LayoutTarget.of(build)
    #expect(target.objects.count > 120)
    var scanner = try layoutScanner(target.snapshot)
    for object in target.objects {
      let found = scanner.references(of: object.address, in: target.snapshot)
      if object.isPartial {
        #expect(Set(object.references).isSubset(of: found), "\(object.name)")
      } else {
        #expect(found == object.references, "\(object.name)")
      }
    }
  }

  @Test func `only elements of managed buffers and C's own objects are unknown`() throws {
    let target = try LayoutTarget.of(.debug)
    var scanner = try layoutScanner(target.snapshot)
    scanAll(&scanner, target.snapshot, try Heap.walk(target.snapshot))
    let gaps = scanner.layouts.gaps.values.reduce(into: Set<LayoutGap>()) { $0.formUnion($1) }
    #expect(gaps.isSubset(of: [.managedBufferElements, .foreignLayout]), "\(gaps)")
    #expect(gaps.contains(.managedBufferElements))
  }

  @Test(arguments: [LayoutTarget.Build.debug, .optimized, .statically])
  func `references account for the counts of all objects that only objects own`(build: LayoutTarget.Build) throws {
    let target = try LayoutTarget.of(build)
    let snapshot = target.snapshot
    let heap = try Heap.walk(snapshot)
    var scanner = try layoutScanner(snapshot)
    let table = Classification.classify(try SwiftProcess(snapshot), heap: heap)
    scanner.scan(heap: heap, objects: table)
    let fields = scanner.layouts.fields
    var found = [Int](repeating: 0, count: heap.blocks.count)
    for reference in scanner.takeReferences() where fields[Int(reference.field)].ownership == .strong {
      if let block = heap.blocks.index(startingAt: Address(reference.target)) { found[block] += 1 }
    }
    let known = Set(target.objects.map(\.address))
    for block in 0..<heap.blocks.count where table.entry(block).kind.isSwiftObject {
      let address = heap.blocks.address(of: block)
      guard table.flags[block].isDisjoint(with: [.dead, .immortal]), let count = strongCount(address, snapshot) else {
        continue
      }
      let name = table.entry(block).name
      if known.contains(address) { #expect(count == found[block], "\(name) at \(address)") }
      #expect(count >= found[block], "a reference too many to \(name) at \(address)")
    }
  }

  @Test func `a stripped program loses the values of types that cannot be copied, and says so`() throws {
    let target = try LayoutTarget.of(.stripped)
    var scanner = try layoutScanner(target.snapshot)
    for object in target.objects where !object.isPartial {
      let expected = object.references.filter { !$0.hasPrefix("mutex.value ") && !$0.hasPrefix("handle.") }
      #expect(scanner.references(of: object.address, in: target.snapshot) == expected, "\(object.name)")
    }
    let gaps = scanner.layouts.gaps.values.reduce(into: Set<LayoutGap>()) { $0.formUnion($1) }
    #expect(gaps.isSuperset(of: [.unknownField("mutex"), .unknownField("handle")]))
  }

  @Test func `without reflection metadata there are no references of own types, and the types are marked`() throws {
    let target = try LayoutTarget.of(.withoutReflection)
    let snapshot = target.snapshot
    var scanner = try layoutScanner(snapshot)
    let plain = try #require(target.objects.first { $0.name == "plain" })
    #expect(scanner.references(of: plain.address, in: snapshot) == [])
    let metadata = try #require(snapshot.pointer(at: plain.address))
    #expect(scanner.layouts.gaps[metadata] == [.noReflection])
    for object in target.objects {
      let invented = Set(scanner.references(of: object.address, in: snapshot)).subtracting(object.references)
      #expect(invented.isEmpty || object.isPartial, "\(object.name)")
    }
  }

  @Test func `without the library there are no references, and every type is marked`() throws {
    let target = try LayoutTarget.of(.debug)
    var scanner = ReferenceScanner(layouts: LayoutTable(snapshot: target.snapshot, mirror: nil))
    let plain = try #require(target.objects.first { $0.name == "plain" })
    #expect(scanner.references(of: plain.address, in: target.snapshot) == [])
    #expect(scanner.layouts.gaps.values.contains([.noReflection]))
  }

  private func scanAll(_ scanner: inout ReferenceScanner, _ snapshot: Snapshot, _ heap: Heap) {
    guard let process = try? SwiftProcess(snapshot) else { return }
    scanner.scan(heap: heap, objects: Classification.classify(process, heap: heap))
  }

  private func strongCount(_ object: Address, _ snapshot: Snapshot) -> Int? {
    guard let word = snapshot.word(at: object + 8) else { return nil }
    let counts = ReferenceCounts(word)
    guard let sideTable = counts.sideTable else { return counts.strong.map { Int($0) } }
    return SideTableEntry(at: sideTable, in: snapshot)?.counts.strong.map { Int($0) }
  }
}
