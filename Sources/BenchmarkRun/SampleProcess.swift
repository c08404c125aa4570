import BenchmarkReport
import CProcess
import Glibc
import GraphWorkloads
import HeapProbe
import SystemPackage

/// One sample, measured in the process that it is called in, on its main thread: builds a graph, drops its root, and
/// writes a record at each of the four checkpoints. The benchmark starts its own executable again for each sample.
package enum SampleProcess {
  /// The first argument that makes the executable a sample's process.
  package static let command = "measure-sample"

  /// The arguments after the executable's name.
  ///
  /// - Parameter waits: At each checkpoint the process waits for a byte on its stdin.
  static func arguments(
    for specification: GraphSpecification, memoryLimit: Int?, timeout: Duration, waits: Bool = false
  ) -> [String] {
    [
      command, specification.topology.name, specification.backLink.name, String(specification.nodes),
      String(specification.payload), String(specification.seed), String(memoryLimit ?? 0),
      String(timeout.components.seconds),
    ] + (waits ? [waiting] : [])
  }

  private static let waiting = "wait"

  /// Runs the sample that the arguments name and returns the process's exit status: 0, 64 for arguments that are not
  /// those of `arguments(for:memoryLimit:timeout:waits:)`, 2 where the process cannot be measured.
  package static func main(_ arguments: [String]) -> Int32 {
    guard let (specification, memoryLimit, seconds, waits) = parse(arguments) else {
      complain("\(command) is started by weakspot-bench itself; use: weakspot-bench run")
      return 64
    }
    signal(SIGPIPE, SIG_IGN)
    tellOutOfMemory()
    limit(memory: memoryLimit, seconds: seconds)
    // Where that fails there is no Yama, and nothing to allow.
    if waits { _ = wsp_allow_tracers() }
    do {
      // Plays the whole sample with a few nodes first: the runtime builds its metadata and the code is read from its
      // file, which would else be counted as the graph's.
      try measure(smallVersion(of: specification)) { _ = $0.encode() }
      try measure(specification) { record in
        guard write(record), !waits || wait() else { exit(2) }
      }
      return 0
    } catch {
      complain("\(error)")
      return 2
    }
  }

  private static func parse(
    _ arguments: [String]
  ) -> (GraphSpecification, memoryLimit: Int, seconds: Int, waits: Bool)? {
    let waits = arguments.count == 9 && arguments[8] == waiting
    guard arguments.count == 8 || waits, arguments[0] == command,
      let topology = Topology(name: arguments[1]), let backLink = BackLink(name: arguments[2]),
      let nodes = Int(arguments[3]), let payload = Int(arguments[4]), let seed = UInt64(arguments[5]),
      let memoryLimit = Int(arguments[6]), let seconds = Int(arguments[7]),
      case .success(let specification) = Result(catching: {
        try GraphSpecification(topology: topology, backLink: backLink, nodes: nodes, payload: payload, seed: seed)
      })
    else { return nil }
    return (specification, memoryLimit, seconds, waits)
  }

  private static func complain(_ text: String) {
    // Where nobody reads the complaint, the exit status still tells.
    _ = try? FileDescriptor.standardError.writeAll("weakspot-bench: \(text)\n".utf8)
  }

  /// Bounds the process from within, so that it ends by itself even if its parent is gone. A failed allocation ends it
  /// (setrlimit(2), RLIMIT_DATA: brk and private writable mappings) before the system has to choose a process to end;
  /// after `seconds` SIGALRM does (setitimer(2)). No core file, however the sample ends.
  private static func limit(memory bytes: Int, seconds: Int) {
    var timer = itimerval(it_interval: timeval(), it_value: timeval(tv_sec: seconds, tv_usec: 0))
    setitimer(__itimer_which_t(ITIMER_REAL.rawValue), &timer, nil)
    var noCore = rlimit(rlim_cur: 0, rlim_max: 0)
    setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &noCore)
    guard bytes > 0 else { return }
    var data = rlimit(rlim_cur: rlim_t(bytes), rlim_max: rlim_t(bytes))
    setrlimit(__rlimit_resource_t(RLIMIT_DATA.rawValue), &data)
  }

  /// The exit status of a process that crashed because no memory was left.
  static let outOfMemoryStatus: Int32 = 12

  /// Makes a crash for want of memory known by its exit status: not every place in the runtime that allocates says so
  /// when it fails. Where a further mapping is refused, that is why the process crashed.
  private static func tellOutOfMemory() {
    for number in [SIGSEGV, SIGABRT, SIGILL, SIGTRAP, SIGBUS] {
      signal(number) { number in
        // What malloc asks for at least when its arena is used up is 1 MiB.
        let probe = mmap(nil, 2 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        if probe == MAP_FAILED { _exit(SampleProcess.outOfMemoryStatus) }
        signal(number, SIG_DFL)
        raise(number)
      }
    }
  }

  private static func write(_ record: SampleRecord) -> Bool {
    let words = record.encode()
    return words.span.withUnsafeBytes { bytes in
      Glibc.write(STDOUT_FILENO, bytes.baseAddress, bytes.count) == bytes.count
    }
  }

  /// Waits until the parent lets this process go on: where it stands, the inspector looks at it. The record is written,
  /// and the next step's time does not run yet; nothing is allocated. Writes what is in use now: since the checkpoint, the
  /// blocks' sizes were read, which in a debug build leaves a freed block in the cache.
  ///
  /// - Returns: Whether to go on: the parent may be gone.
  private static func wait() -> Bool {
    do {
      var inUse = Int64(try HeapCounters.read().inUse)
      guard Glibc.write(STDOUT_FILENO, &inUse, 8) == 8 else { return false }
    } catch {
      complain("\(error)")
      return false
    }
    var byte: UInt8 = 0
    while true {
      let count = read(STDIN_FILENO, &byte, 1)
      if count < 0 && errno == EINTR { continue }
      return count == 1
    }
  }

  /// Builds, drops and trims the graph. `report` is called at each checkpoint, outside the timed steps.
  static func measure(
    _ specification: GraphSpecification, report: (SampleRecord) -> Void
  ) throws(HeapProbeError) {
    InstanceCounts.reset()
    let graph = Graph.make(specification)
    var cache = try ThreadCache.empty()
    Allocator.trim()
    try ResidentMemory.resetPeak()

    try report(record(.before, usable: 0, nanoseconds: nil))

    var start = monotonicNanoseconds()
    graph.build()
    var nanoseconds = monotonicNanoseconds() - start
    let built = try Checkpoint.take()
    precondition(
      InstanceCounts.created == specification.nodes, "the model made another number of nodes than was asked for")
    let blocks = BlockSizes(of: graph)
    report(
      SampleRecord(phase: .built, readings: readings(built, usable: blocks.total, nanoseconds: nanoseconds)))

    cache.fill()
    start = monotonicNanoseconds()
    if specification.backLink == .broken { graph.cutBackLinks() }
    graph.dropRoot()
    nanoseconds = monotonicNanoseconds() - start
    let usable = blocks.total(live: InstanceCounts.live, of: specification.nodes)
    try report(record(.released, usable: usable, nanoseconds: nanoseconds))

    start = monotonicNanoseconds()
    Allocator.trim()
    nanoseconds = monotonicNanoseconds() - start
    try report(record(.trimmed, usable: usable, nanoseconds: nanoseconds))
    // What held the root was there before the first checkpoint, and is there at the last.
    withExtendedLifetime(graph) {}
  }

  private static func record(
    _ phase: Phase, usable: Int?, nanoseconds: Int?
  ) throws(HeapProbeError) -> SampleRecord {
    SampleRecord(phase: phase, readings: readings(try Checkpoint.take(), usable: usable, nanoseconds: nanoseconds))
  }

  private static func readings(_ checkpoint: Checkpoint, usable: Int?, nanoseconds: Int?) -> CheckpointReadings {
    CheckpointReadings(
      rssBytes: Int64(checkpoint.resident.resident),
      pssBytes: Int64(checkpoint.resident.proportional),
      privateDirtyBytes: Int64(checkpoint.resident.privateDirty),
      anonHugeBytes: Int64(checkpoint.resident.anonymousHuge),
      peakRSSBytes: Int64(checkpoint.peakResident),
      heapInUseBytes: Int64(checkpoint.heap.inUse),
      heapFreeBytes: Int64(checkpoint.heap.free),
      heapArenaBytes: Int64(checkpoint.heap.arena),
      heapMmapBytes: Int64(checkpoint.heap.mapped),
      heapTrimmableBytes: Int64(checkpoint.heap.trimmable),
      usableBytes: usable.map(Int64.init),
      liveObjects: Int64(InstanceCounts.live),
      deinits: Int64(InstanceCounts.deinited),
      minorFaults: Int64(checkpoint.minorFaults),
      phaseNanoseconds: nanoseconds.map(Int64.init))
  }

  /// The same kind of graph with a few nodes: enough for every class and collection of the model to be used.
  private static func smallVersion(of specification: GraphSpecification) -> GraphSpecification {
    // Safety: what a specification of this combination refuses does not depend on these counts.
    try! GraphSpecification(
      topology: specification.topology, backLink: specification.backLink, nodes: min(specification.nodes, 3),
      payload: min(specification.payload, 1), seed: specification.seed)
  }
}

/// The usable sizes of a built graph's blocks (malloc_usable_size(3)).
private struct BlockSizes {
  /// The nodes' blocks, and the root's own.
  let total: Int
  private let nodes: Int
  private let count: Int
  private let least: Int
  private let most: Int

  init(of graph: Graph) {
    var nodes = 0
    var count = 0
    var least = Int.max
    var most = 0
    graph.forEachBlock { block in
      let size = usableSize(ofBlockAt: block)
      nodes += size
      count += 1
      least = min(least, size)
      most = max(most, size)
    }
    var root = 0
    graph.forEachRootBlock { root += usableSize(ofBlockAt: $0) }
    (self.nodes, self.count, self.least, self.most) = (nodes, count, least, most)
    total = nodes + root
  }

  /// What is still there once the root and some instances are gone: none, all of the nodes, or, where each instance is
  /// one block and all are of one size, the rest; otherwise it is not known.
  func total(live: Int, of instances: Int) -> Int? {
    if live == 0 { return 0 }
    if live == instances { return nodes }
    return least == most && count == instances ? live * least : nil
  }
}
