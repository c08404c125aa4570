import Glibc
import TestSupport
import Testing

@testable import ProcessImage

/// The smallest generator that serves: the same numbers in every run.
private struct Numbers: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ state >> 29
  }
}

struct ElfTests {
  /// The test's own target program, as bytes.
  private static func program() throws -> [UInt8] {
    let descriptor = open(TestProcess.path("ProcessImageTarget"), O_RDONLY | O_CLOEXEC)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    return try #require(ProcFile.contents(of: descriptor))
  }

  private static func refusal(_ bytes: [UInt8]) -> ElfFile.Refusal? {
    bytes.withUnsafeBytes { bytes in
      do throws(ElfFile.Refusal) {
        _ = try ElfFile(bytes: bytes, owner: nil)
        return nil
      } catch {
        return error
      }
    }
  }

  /// Asks for everything; returns how much there was.
  private static func useAll(_ bytes: UnsafeRawBufferPointer) -> Int {
    do throws(ElfFile.Refusal) {
      let file = try ElfFile(bytes: bytes, owner: nil)
      let table = SymbolTable(file: file)
      var sum = file.sections.count + file.segments.count + (file.buildID?.count ?? 0)
      for section in file.sections { sum &+= file.content(of: section)?.count ?? 0 }
      for entry in table.entries.prefix(50) {
        sum &+= table.name(of: entry).count
        sum &+= table.entry(at: entry.address &+ 1)?.type == nil ? 0 : 1
      }
      sum &+= table.entry(named: "main") == nil ? 0 : 1
      if let (symbols, names) = file.dynamicSymbols() { sum &+= symbols.count &+ names.count }
      return sum
    } catch {
      return 0
    }
  }

  @Test func `a program's sections, symbols and build id are read`() throws {
    let bytes = try Self.program()
    try bytes.withUnsafeBytes { bytes in
      let file = try ElfFile(bytes: bytes, owner: nil)
      #expect(file.sections.contains { $0.name == ".text" && $0.isLoaded })
      #expect(file.loadedSegments.count >= 2)
      let table = SymbolTable(file: file)
      let main = try #require(table.entry(named: "main"))
      #expect(table.name(of: main) == "main")
      #expect(table.entry(at: main.address + main.size - 1) == main)
      #expect(table.entry(named: "mai") == nil)
      #expect(table.entry(at: 0) == nil)
      #expect(table.entry(at: .max) == nil)
      let sorted = zip(table.entries, table.entries.dropFirst()).allSatisfy { $0.address <= $1.address }
      #expect(sorted)
    }
  }

  @Test func `the dynamic linker's symbols are found without section headers`() throws {
    let library = "/lib/x86_64-linux-gnu/libc.so.6"
    let descriptor = open(library, O_RDONLY | O_CLOEXEC)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    var bytes = try #require(ProcFile.contents(of: descriptor))
    for offset in 40..<48 { bytes[offset] = 0 }
    try bytes.withUnsafeBytes { bytes in
      let file = try ElfFile(bytes: bytes, owner: nil)
      #expect(file.sections.isEmpty)
      #expect(SymbolTable(file: file).entry(named: "malloc") != nil)
    }
  }

  @Test func `what is no 64-bit ELF file is refused`() throws {
    var bytes = try Self.program()
    bytes[4] = 1
    #expect(Self.refusal(bytes) == .thirtyTwoBit)
    bytes[4] = 2
    bytes[5] = 2
    #expect(Self.refusal(bytes) == .damaged)
    bytes[0] = 0
    #expect(Self.refusal(bytes) == .notElf)
    #expect(Self.refusal([]) == .notElf)
  }

  @Test func `a file that is cut anywhere is read as far as it goes`() throws {
    let bytes = try Self.program()
    bytes.withUnsafeBytes { bytes in
      for length in Array(0..<300) + Array(stride(from: 300, to: bytes.count, by: 97)) {
        _ = Self.useAll(UnsafeRawBufferPointer(rebasing: bytes[..<length]))
      }
    }
  }

  @Test func `damaged bytes are never trusted`() throws {
    var numbers = Numbers(state: 7)
    let whole = try Self.program()
    let headers = Int(whole.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 40, as: UInt64.self) })
    for _ in 0..<1500 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...8, using: &numbers) {
        let places = [0..<64, 64..<800, headers..<whole.count, 0..<whole.count]
        let at = Int.random(in: places.randomElement(using: &numbers) ?? 0..<64, using: &numbers)
        bytes[at] = Bool.random(using: &numbers) ? 0xff : UInt8.random(in: 0...255, using: &numbers)
      }
      bytes.withUnsafeBytes { _ = Self.useAll($0) }
    }
  }

  @Test func `notes that lie about their sizes end the search`() {
    for size in [UInt32.max, 0, 1, 100] {
      let notes: [UInt32] = [4, size, 3, 0x0055_4e47, 1, 2]
      notes.withUnsafeBytes { _ = ElfFile.buildID(inNotes: $0) }
    }
    let good: [UInt32] = [4, 4, 3, 0x0055_4e47, 0x0403_0201]
    #expect(good.withUnsafeBytes { ElfFile.buildID(inNotes: $0) } == [1, 2, 3, 4])
  }
}

struct ReplacedFileTests {
  @Test func `a program that was replaced is read from what is mapped, not from the new file`() throws {
    let folder = ScratchFolder()
    let path = folder["target"]
    let copy = try TestProcess("cp", [TestProcess.path("ProcessImageTarget"), path])
    try #require(copy.wait() == 0)
    let process = try TestProcess(path, ["single"])
    #expect(process.line()?.hasPrefix("ready") == true)
    let other = try TestProcess("sh", ["-c", "cp /bin/true \(path).new && mv \(path).new \(path)"])
    try #require(other.wait() == 0)
    let snapshot = try Snapshot.capture(pid: process.pid)
    #expect(snapshot.executable == "\(path) (deleted)")
    let image = try #require(snapshot.images.first { $0.path.hasPrefix(path) })
    let facts = try #require(image.address(ofSymbol: "target_facts"))
    #expect(snapshot.word(at: facts) == 0x5745_414b_5350_4f54)
  }

  @Test func `an image whose file cannot be opened is read from the process`() throws {
    let target = try TestTarget("single")
    let snapshot = try Snapshot.capture(pid: target.pid)
    let library = try #require(snapshot.images.first { $0.path.contains("libc.so") })
    let memory = ProcessMemory(descriptor: open("/proc/\(target.pid)/mem", O_RDONLY | O_CLOEXEC))
    let first = try #require(library.mappings.first)
    let file = try ElfFile.read(from: memory, first, snapshot.mappings)
    #expect(file.sections.isEmpty)
    #expect(file.buildID == library.buildID)
    let symbols = SymbolTable(file: file)
    let malloc = try #require(symbols.entry(named: "malloc"))
    #expect(library.loadBias + Int(malloc.address) == library.address(ofSymbol: "malloc"))
  }
}

struct PageScannerTests {
  @Test func `the list of ranges and the entries page by page agree`() throws {
    let target = try TestTarget("single")
    let descriptor = open("/proc/\(target.pid)/pagemap", O_RDONLY | O_CLOEXEC)
    try #require(descriptor >= 0)
    let mappings = Mapping.parse(Text.file("/proc/\(target.pid)/maps")).filter { !CopyPlan.isKernels($0) }
    var quick = PageScanner(descriptor: descriptor)
    var slow = quick
    slow.usesScan = false
    var ranges: [[PageRange]] = [[], []]
    for mapping in mappings {
      quick.scan(from: mapping.start, to: mapping.end, into: &ranges[0])
      slow.scan(from: mapping.start, to: mapping.end, into: &ranges[1])
    }
    try #require(quick.usesScan, "needs Linux 6.7")
    // The entries do not know the page of zeros.
    let pages = ranges.map { list in
      Set(
        list.flatMap { range in
          stride(from: range.start.bits, to: range.end.bits, by: 4096).map { $0 | UInt64(range.state.rawValue & 7) }
        })
    }
    #expect(pages[0].symmetricDifference(pages[1]).isEmpty)
  }
}
