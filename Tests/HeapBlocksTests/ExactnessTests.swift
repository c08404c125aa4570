import Glibc
import HeapBlocks
import ProcessImage
import Testing

/// The program's own list is the truth: every block of it is found with its size, and no other.
struct ExactnessTests {
  struct Plan: CustomStringConvertible, Sendable {
    var words: [String]
    var isStatic = false
    var description: String { words.joined(separator: " ") + (isStatic ? " static" : "") }
  }

  /// Threads, rounds, operations of each, and what else happens.
  static let plans = [
    Plan(words: ["0", "1", "8000"]), Plan(words: ["4", "3", "8000"]), Plan(words: ["3", "2", "6000", "large"]),
    Plan(words: ["3", "2", "30000", "foreign"]), Plan(words: ["3", "2", "8000", "blocked"]),
    Plan(words: ["3", "2", "30000", "foreign", "blocked"]), Plan(words: ["2", "2", "6000", "lookalike"]),
    Plan(words: ["3", "2", "6000", "large"], isStatic: true),
  ]

  static let tunables = [
    "tcache_count=0", "tcache_count=100", "tcache_count=60000", "tcache_max=64", "tcache_max=4000000", "arena_max=1",
    "mmap_threshold=4096", "mmap_max=0", "perturb=85", "hugetlb=1", "hugetlb=2", "mxfast=160", "top_pad=1",
    "trim_threshold=1",
  ]

  /// How often each case is tried; `Scripts/heap-soak` sets more.
  static let runs = getenv("WEAKSPOT_HEAP_RUNS").flatMap { Int(String(cString: $0)) } ?? 1

  @Test(arguments: Release.all, plans)
  func `every live block is found with its size, and none invented`(release: Release, plan: Plan) throws {
    // A static program has brought its library along.
    if plan.isStatic, release.loader != nil { return }
    for _ in 0..<Self.runs { try Self.check(release, plan) }
  }

  @Test(arguments: Release.all, tunables)
  func `tunables of malloc change nothing of that`(release: Release, tunable: String) throws {
    for _ in 0..<Self.runs {
      try Self.check(release, Plan(words: ["2", "2", "4000", "large"]), tunables: "glibc.malloc.\(tunable)")
    }
  }

  private static func check(_ release: Release, _ plan: Plan, tunables: String? = nil) throws {
    let seed = UInt64.random(in: 0..<1 << 40)
    let tenant = try Tenant(release, [String(seed)] + plan.words, tunables: tunables, isStatic: plan.isStatic)
    let known = try tenant.knownBlocks()
    let heap = try Heap.walk(Snapshot.capture(pid: tenant.pid))
    let context = "seed \(seed), \(plan), \(release), \(tunables ?? "")"
    // A look-alike may have the size of a true mapped block: then nothing tells which is which, and the heap must say so.
    if plan.words.contains("lookalike"), heap.problems.count == 1, case .mappedBlocksDiffer = heap.problems[0] {
      return
    }
    #expect(heap.isTrusted, "\(heap.problems.map(\.description)) \(context)")
    #expect(!heap.isBusy)
    var missing = 0
    var wrong = 0
    for (address, block) in known {
      guard let index = heap.blocks.index(startingAt: Address(address)) else {
        missing += 1
        continue
      }
      let last = Address(address) + (block.usable - 1)
      if heap.blocks.usableBytes(of: index) != block.usable || heap.blocks.address(of: index).bits != address
        || heap.blocks.index(containing: last) != index || heap.blocks.index(startingAt: last) != nil
      {
        wrong += 1
      }
    }
    #expect(missing == 0, "\(context)")
    #expect(wrong == 0, "\(context)")
    #expect(heap.blocks.count == known.count, "\(context)")
    checkSums(heap)
  }

  /// What the tables hold adds up to the arenas' own sums, and ascends.
  private static func checkSums(_ heap: Heap) {
    var live = Array(repeating: 0, count: heap.arenas.count)
    var last = Address(0)
    for index in 0..<heap.blocks.count {
      live[heap.blocks.arena(of: index)] += heap.blocks.chunkBytes(of: index)
      #expect(heap.blocks.address(of: index) > last)
      last = heap.blocks.address(of: index)
    }
    var free = Array(repeating: 0, count: heap.arenas.count)
    for index in 0..<heap.free.count { free[heap.free.arena(of: index)] += heap.free.bytes(of: index) }
    for arena in heap.arenas {
      #expect(live[arena.number] == arena.liveBytes)
      let known = arena.threadCacheBytes + arena.fastbinBytes + arena.binBytes + arena.topBytes
      if arena.kind != .mapped { #expect(free[arena.number] == known) }
      #expect(arena.accountedBytes == arena.systemBytes)
    }
  }
}
