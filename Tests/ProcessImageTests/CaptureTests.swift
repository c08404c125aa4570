import Glibc
import ProcessImage
import Testing

/// The facts that the target keeps in `target_facts`.
private struct Facts {
  var pattern: Address
  var sparse: Address
  var shared: Address
  var heapCount: Int
  var heap: Address

  init(_ snapshot: Snapshot) throws {
    let image = try #require(snapshot.images.first { $0.path.hasSuffix("ProcessImageTarget") })
    let at = try #require(image.address(ofSymbol: "target_facts"))
    #expect(snapshot.word(at: at) == 0x5745_414b_5350_4f54)
    pattern = try #require(snapshot.pointer(at: at + 8))
    sparse = try #require(snapshot.pointer(at: at + 16))
    shared = try #require(snapshot.pointer(at: at + 24))
    heapCount = Int(try #require(snapshot.word(at: at + 32)))
    heap = try #require(snapshot.pointer(at: at + 40))
  }

  static func mixed(_ value: UInt64) -> UInt64 {
    var value = value
    value ^= value >> 33
    value = value &* 0xff51_afd7_ed55_8ccd
    value ^= value >> 33
    value = value &* 0xc4ce_b9fe_1a85_ec53
    return value ^ value >> 33
  }
}

struct CaptureTests {
  static func options(forks: Bool, threads: Int) -> Snapshot.Options {
    Snapshot.Options(copyThreads: threads, forks: forks)
  }

  @Test(arguments: [(false, 1), (false, 2), (true, 2)])
  func `captured memory is the target's, and the target goes on`(forks: Bool, threads: Int) throws {
    let target = try TestTarget()
    let before = try target.health()
    let snapshot = try Snapshot.capture(pid: target.pid, options: Self.options(forks: forks, threads: threads))
    let facts = try Facts(snapshot)
    let pattern = try #require(snapshot.bytes(at: facts.pattern, count: 4 << 20))
    var wrong = 0
    for index in 0..<pattern.count / 8
    where pattern.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self) != Facts.mixed(UInt64(index + 1)) {
      wrong += 1
    }
    #expect(wrong == 0)
    for index in 0..<facts.heapCount {
      let block = try #require(snapshot.pointer(at: facts.heap + index * 8))
      #expect(snapshot.word(at: block) == Facts.mixed(UInt64(index)))
    }
    #expect(snapshot.threads.count >= 8)
    #expect(Set(snapshot.threads.map(\.id)).count == snapshot.threads.count)
    #expect(snapshot.warnings.isEmpty)
    #expect(snapshot.executable == snapshot.images.first?.path)
    try expectUnharmed(target, before)
  }

  @Test func `only pages that are there are copied, and the others read as zeros`() throws {
    let target = try TestTarget("single")
    let snapshot = try Snapshot.capture(pid: target.pid)
    let facts = try Facts(snapshot)
    let sparse = try #require(snapshot.bytes(at: facts.sparse, count: 256 << 20))
    for at in stride(from: 0, to: sparse.count, by: 1 << 20) {
      #expect(sparse[at] == UInt8(ascii: "s"))
      #expect(sparse[at + 4096] == 0)
    }
    #expect(snapshot.copiedBytes < 16 << 20)
    let mapping = try #require(snapshot.mapping(containing: facts.sparse))
    let pages = snapshot.pages(in: mapping.start..<mapping.end)
    #expect(pages.reduce(0) { $0 + $1.size } >= 256 * 4096)
    #expect(pages.allSatisfy { $0.state.contains(.present) })
  }

  @Test func `pages add up to the resident memory that the kernel tells`() throws {
    let target = try TestTarget("single")
    let snapshot = try Snapshot.capture(pid: target.pid)
    let present = snapshot.pages.filter { $0.state.contains(.present) && !$0.state.contains(.zeroPage) }
      .reduce(0) { $0 + $1.size }
    let resident = try #require(snapshot.residentBytes)
    #expect(abs(present - resident) <= 64 << 10, "\(present) \(resident)")
  }

  @Test func `text, relocated data and shared memory are read from where they are`() throws {
    let target = try TestTarget("single")
    let snapshot = try Snapshot.capture(pid: target.pid)
    let facts = try Facts(snapshot)
    #expect(snapshot.string(at: facts.shared) == "shared")
    let image = try #require(snapshot.images.first { $0.path.hasSuffix("ProcessImageTarget") })
    let table = try #require(image.address(ofSymbol: "target_relocated"))
    let words = try (0..<3).map { snapshot.string(at: try #require(snapshot.pointer(at: table + $0 * 8))) }
    #expect(words == ["one", "two", "three"])
    let main = try #require(image.address(ofSymbol: "main"))
    let symbol = try #require(snapshot.symbol(at: main + 1))
    #expect((symbol.name, symbol.offset) == ("main", 1))
    let text = try #require(image.section(named: ".text"))
    let start = try #require(text.address)
    let inMemory = try #require(snapshot.bytes(at: start, count: text.size))
    let inFile = try #require(image.content(of: text))
    #expect(inMemory.elementsEqual(inFile))
    #expect(image.isVerified)
    for image in snapshot.images {
      #expect(snapshot.image(containing: image.start) === image)
      #expect(snapshot.bytes(at: image.start, count: 4)?.elementsEqual([0x7f, 0x45, 0x4c, 0x46]) == true)
    }
  }

  @Test func `lazily read memory is the same from several threads`() async throws {
    let target = try TestTarget("single")
    let snapshot = try Snapshot.capture(pid: target.pid)
    let starts = snapshot.mappings.map(\.start)
    let sums = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<8 {
        group.addTask { starts.reduce(0) { $0 &+ snapshot.bytes(from: $1).count } }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(Set(sums).count == 1)
    #expect(try #require(sums.first) > 1 << 20)
  }

  @Test func `reading shared memory makes none of it real that nobody has used`() throws {
    let target = try TestTarget("single")
    /// Kilobytes in memory, page by page.
    func shared() -> Int {
      let lines = Text.file("/proc/\(target.pid)/smaps").split(separator: "\n")
      let mapping = lines.drop { !$0.contains("/dev/zero") }.dropFirst()
      return mapping.first { $0.hasPrefix("Rss:") }.flatMap { $0.split(separator: " ").dropFirst().first }
        .flatMap { Int($0) } ?? -1
    }
    let before = shared()
    #expect(before > 0 && before < 1000)
    let snapshot = try Snapshot.capture(pid: target.pid)
    let facts = try Facts(snapshot)
    let sparse = facts.shared + 4096 * 16
    #expect(snapshot.word(at: sparse) == 0x6172_6573_7061_7273)
    for mapping in snapshot.mappings { _ = snapshot.bytes(from: mapping.start) }
    #expect(shared() == before)
  }

  @Test func `outside of all mappings there is nothing`() throws {
    let target = try TestTarget("single")
    let snapshot = try Snapshot.capture(pid: target.pid)
    for address in [0, 1, 4096, UInt64.max, UInt64.max - 7, 1 << 47, 0x8000_0000_0000_0000] {
      #expect(snapshot.bytes(from: Address(address)).isEmpty)
      #expect(snapshot.word(at: Address(address)) == nil)
    }
  }

  @Test func `a stack pointer lies in captured memory`() throws {
    let target = try TestTarget()
    let snapshot = try Snapshot.capture(pid: target.pid)
    for thread in snapshot.threads {
      #expect(snapshot.word(at: thread.registers.stackPointer) != nil)
      #expect(snapshot.mapping(containing: thread.registers.instructionPointer)?.permissions.contains(.execute) == true)
      // One of those that come and go may have ended before its name was read, which is done after the pause.
      let hasEnded = access("/proc/\(target.pid)/task/\(thread.id)", F_OK) != 0
      #expect(thread.name == "ProcessImageTar" || thread.name.isEmpty && hasEnded)
    }
  }
}

/// The target runs, untraced, with its memory, children and results as they were.
func expectUnharmed(_ target: TestTarget, _ before: TestTarget.Health, _ place: SourceLocation = #_sourceLocation)
  throws
{
  let status = try #require(ProcessStatus.parse(Text.file("/proc/\(target.pid)/status")), sourceLocation: place)
  #expect(status.tracerID == 0, sourceLocation: place)
  #expect(!["T", "t", "Z"].contains(status.state), sourceLocation: place)
  var after = try target.health()
  // On a busy machine a thread may not have had its turn yet.
  for _ in 0..<2000 where zip(before.counters, after.counters).contains(where: { $0 == $1 }) {
    usleep(1000)
    after = try target.health()
  }
  #expect(after.isUnchanged, sourceLocation: place)
  #expect(after.faults == 0, sourceLocation: place)
  #expect(after.hasNoChild, sourceLocation: place)
  #expect(zip(before.counters, after.counters).allSatisfy { $0 < $1 }, sourceLocation: place)
}

enum Text {
  /// A file's text, empty if it cannot be read.
  static func file(_ path: String) -> String {
    guard let file = fopen(path, "r") else { return "" }
    defer { fclose(file) }
    var text: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      if count == 0 { break }
      text += buffer[..<count]
    }
    return String(decoding: text, as: UTF8.self)
  }
}
