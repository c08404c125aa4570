import CProcess
import Glibc

/// The work of capturing one process: `prepare` before it is stopped, `take` while it stands still, `finish` afterwards.
struct Capture {
  let target: Target
  let options: Snapshot.Options
  let memory: ProcessMemory
  private var scanner: PageScanner
  private let destination = CopyDestination()
  private var total = 0

  private var taken: Planned?
  var threads: [ThreadState] = []
  var pause = 0
  private var residentBytes: Int?
  private var copiedBytes = 0
  private var warnings: [String] = []

  init(_ target: Target, _ options: Snapshot.Options) throws(ProcessError) {
    self.target = target
    self.options = options
    memory = ProcessMemory(descriptor: try target.folder.open("mem"))
    scanner = PageScanner(descriptor: try target.folder.open("pagemap"))
  }

  func report(_ stage: Snapshot.Stage) {
    options.progress?(Snapshot.Progress(stage: stage, copiedBytes: copiedBytes, totalBytes: total))
  }

  /// Lists what will be copied, asks whether there is room, and gets the memory for it.
  mutating func prepare() throws(ProcessError) {
    OutOfMemory.offerOurselves()
    let planned = try Planned(target.folder, memory, &scanner)
    total = planned.plan.bytes
    try ensureRoom(for: planned.plan)
    let spare = try ensureAddresses(for: planned)
    report(.planned)
    // What finds no room now is reserved when its size is known.
    _ = destination.place(planned.plan.runs, spare: spare)
    populate(planned.plan.pieces)
    report(.populated)
  }

  private func ensureRoom(for plan: CopyPlan) throws(ProcessError) {
    // What is not copied but made: page tables, and the pages that appear until the process stands.
    let needed = plan.bytes + plan.lateBytes + plan.bytes / 64 + (16 << 20)
    if let room = MemoryRoom.current(), room.bytes < needed {
      throw .wouldNotFit(pid: target.pid, needed: needed, available: room.bytes, limit: room.limit)
    }
    // A frozen copy doubles the pages that the process writes to meanwhile.
    if options.forks, let room = MemoryRoom.current(of: String(target.pid)), room.bytes < needed {
      throw .wouldNotFit(pid: target.pid, needed: needed, available: room.bytes, limit: room.limit)
    }
  }

  /// Addresses for the copy, for the files that are mapped beside it, and for what is made of them: without, malloc would end us.
  /// - Returns: How many are left then.
  private func ensureAddresses(for planned: Planned) throws(ProcessError) -> Int {
    guard let left = MemoryRoom.addressSpace else { return .max }
    // Columns and tables of the blocks: half as much again as the blocks at most; threads' stacks, libraries.
    let needed = planned.plan.runs.bytes + planned.fileBytes + planned.plan.bytes / 2 * 3 + (64 << 20)
    guard needed <= left else {
      throw .wouldNotFit(pid: target.pid, needed: needed, available: left, limit: "our address space (ulimit -v)")
    }
    return left - needed
  }

  private func populate(_ pieces: [CopyPlan.Piece]) {
    for piece in pieces {
      if let host = destination.host(of: piece.start, count: piece.size) {
        destination.populate(host, count: piece.size)
      }
    }
  }

  /// Notes, while the process stands still, what the kernel says is resident: what is found in the page tables is
  /// compared with it.
  mutating func countResident() {
    residentBytes = target.folder.text("status").flatMap { ProcessStatus.parse($0) }?.residentBytes
  }

  /// Copies what `source`, which stands still, has: the process itself, or its frozen copy.
  mutating func take(from source: ProcessFolder) throws(ProcessError) {
    let isCopy = source.pid != target.pid
    var scanner = isCopy ? PageScanner(descriptor: try source.open("pagemap")) : self.scanner
    let now = try Planned(source, memory, &scanner, filesBy: isCopy ? self.scanner : nil)
    taken = now
    try ensureSameMemory(now.plan)
    guard destination.place(now.plan.runs, spare: 0) else {
      let left = MemoryRoom.addressSpace.map { $0 + destination.reservedBytes }
      throw .wouldNotFit(
        pid: target.pid, needed: now.plan.runs.bytes, available: left, limit: "our address space (ulimit -v)")
    }
    var transfers: [wsp_transfer] = []
    transfers.reserveCapacity(now.plan.pieces.count)
    for piece in now.plan.pieces {
      // Each piece lies in one of the runs.
      guard let host = destination.host(of: piece.start, count: piece.size) else { continue }
      transfers.append(wsp_transfer(remote: piece.start.bits, local: host, length: piece.size))
    }
    let total = now.plan.bytes
    let progress = options.progress
    let work = CopyWork(process: source.memoryThread, transfers: transfers) { copied in
      progress?(Snapshot.Progress(stage: .copying, copiedBytes: copied, totalBytes: total))
    }
    // A frozen copy is read while the process runs: leave it the other processors.
    let threads = options.copyThreads ?? (isCopy ? 1 : min(2, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    let result = work.run(threads: threads, givesWay: isCopy)
    if result.errno == ESRCH { throw .exited(pid: target.pid) }
    if result.errno != 0 { throw target.folder.failure("mem", errno: result.errno) }
    copiedBytes = result.copied
    if result.copied < total {
      warnings.append("\(total - result.copied) bytes of memory could not be read; they are shown as zeros")
    }
    report(.copied)
  }

  /// Whatever was or will be read beside the copy is of the memory that was copied.
  private func ensureSameMemory(_ plan: CopyPlan) throws(ProcessError) {
    guard memory.isGone(plan.pieces.map(\.start)) else { return }
    let state = target.folder.text("status").flatMap { ProcessStatus.parse($0) }?.state ?? "X"
    throw state == "Z" || state == "X" ? .exited(pid: target.pid) : .executed(pid: target.pid)
  }

  /// Copies what a frozen copy of the process has, and ends it.
  mutating func take(from child: ForkedCopy.Child, of forking: ForkedCopy) throws(ProcessError) {
    let result: Result<Void, ProcessError>
    do throws(ProcessError) {
      let frozen = try forking.hold(child)
      report(.resumed)
      result = .success(try take(from: frozen))
    } catch {
      result = .failure(error)
    }
    if !forking.end(child) {
      warnings.append("the frozen copy, process \(child.pid), has ended but stays as a zombie until its parent ends")
    }
    // No thread of the process stands still any more: what is left is work like any other's.
    SystemThread.giveWay()
    try result.get()
  }

  /// The snapshot, once the process runs on.
  /// - Parameter isEnding: The process will be gone: what is read late otherwise is read now.
  mutating func finish(isEnding: Bool = false) throws(ProcessError) -> Snapshot {
    guard let taken else { throw .exited(pid: target.pid) }
    for index in threads.indices {
      let name = target.folder.text("task/\(threads[index].id)/comm")
      threads[index].name = name.map { String($0.prefix { $0 != "\n" }) } ?? ""
    }
    let finder = ImageFinder(mappings: taken.mappings, folder: target.folder, memory: memory)
    if let path = finder.withoutRoom { throw .cannotMap(pid: target.pid, path: path) }
    let regions = Regions(
      mappings: taken.mappings, pages: taken.pages, plan: taken.plan, destination: destination, files: finder.files,
      unverified: finder.unverified, memory: memory)
    for region in regions.list { region.late?.readFromProcess(all: isEnding) }
    try ensureSameMemory(taken.plan)
    let status = target.folder.text("status").flatMap { ProcessStatus.parse($0) } ?? target.status
    // One that is held at its exit still stands here, so that its pages can be counted one by one.
    let exact =
      isEnding ? target.folder.text("smaps_rollup").flatMap { ProcessStatus.residentBytes(inRollup: $0) } : nil
    let snapshot = Snapshot(
      pid: target.pid, executable: target.folder.link("exe") ?? "", seesOurFiles: target.folder.seesOurFiles,
      mappings: taken.mappings, threads: threads, images: finder.images, status: status,
      residentBytes: exact ?? residentBytes ?? status.residentBytes,
      pages: taken.pages,
      pause: pause, copiedBytes: copiedBytes, warnings: warnings + finder.warnings, regions: regions.list,
      destination: destination)
    report(.finished)
    return snapshot
  }
}

extension Snapshot {
  /// Stops `pid`, copies what only it knows, lets it run on, and reads the rest from files.
  ///
  /// The process's memory and registers stay as they were; a blocking system call may return EINTR (signal(7)).
  package static func capture(pid: Int32, options: Options = Options()) throws(ProcessError) -> Snapshot {
    // Tracing belongs to one thread: with its end nothing stays stopped, whatever went wrong.
    try SystemThread.run(pid: pid) { () throws(ProcessError) -> Snapshot in
      try captureHere(pid: pid, options: options)
    }
  }

  private static func captureHere(pid: Int32, options: Options) throws(ProcessError) -> Snapshot {
    let target = try Target(pid: pid)
    var capture = try Capture(target, options)
    try capture.prepare()
    let forking = options.forks ? try ForkedCopy(of: target, memory: capture.memory) : nil
    let start = MonotonicClock.now()
    var stopped = try StoppedThreads(of: target.folder) { capture.report(.seized) }
    var child: ForkedCopy.Child?
    do throws(ProcessError) {
      capture.report(.stopped)
      capture.threads = stopped.states()
      capture.countResident()
      if let forking {
        child = try forking.make(in: &stopped) { capture.report(.forked) }
      } else {
        try capture.take(from: target.folder)
      }
    } catch {
      stopped.resume()
      throw error
    }
    stopped.resume()
    capture.pause = MonotonicClock.now() - start
    if let forking, let child {
      try capture.take(from: child, of: forking)
    } else {
      capture.report(.resumed)
    }
    return try capture.finish()
  }
}

enum OutOfMemory {
  /// Asks the kernel to end us rather than the inspected process when memory runs out (proc_pid_oom_score_adj(5)).
  static func offerOurselves() {
    let descriptor = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    _ = write(descriptor, "1000", 4)
    close(descriptor)
  }
}
