import CProcess
import Glibc

/// A process that has been captured, on its way into a `Snapshot`.
struct CapturedProcess {
  var pid: Int32
  var executable = ""
  var mappings: [Mapping] = []
  var threads: [ThreadState] = []
  var images: [ElfImage] = []
  var status: ProcessStatus
  var pages: [PageRange] = []
  var pause = 0
  var copiedBytes = 0
  var warnings: [String] = []
  var regions: [MemoryRegion] = []
  var destination = CopyDestination()
}

extension Snapshot {
  package struct Options: Sendable {
    package init() {}
  }

  /// Stops `pid`, copies what only it knows, lets it run on, and reads the rest from files.
  ///
  /// The process's memory and registers stay as they were; a blocking system call may return EINTR (signal(7)).
  package static func capture(pid: Int32, options: Options = Options()) throws(ProcessError) -> Snapshot {
    let target = try Target(pid: pid)
    var capture = CapturedProcess(pid: pid, status: target.status)
    var scanner = PageScanner(descriptor: try target.folder.open("pagemap"))
    defer { close(scanner.descriptor) }
    let memory = ProcessMemory(descriptor: try target.folder.open("mem"))
    let planned = try target.plan(&scanner)
    for run in planned.plan.runs {
      _ = capture.destination.host(of: run.start, count: run.size, growing: true)
    }
    for piece in planned.plan.pieces {
      if let host = capture.destination.host(of: piece.start, count: piece.size) {
        capture.destination.populate(host, count: piece.size)
      }
    }

    let start = MonotonicClock.now()
    var stopped = try StoppedThreads(of: target.folder)
    let plan: CopyPlan
    do throws(ProcessError) {
      let now = try target.plan(&scanner)
      plan = now.plan
      capture.mappings = now.mappings
      capture.pages = now.pages
      for thread in stopped.ids {
        guard let registers = stopped.registers(of: thread) else { continue }
        capture.threads.append(ThreadState(id: thread, name: "", registers: registers))
      }
      capture.copiedBytes = try target.copy(plan.pieces, to: capture.destination)
    } catch {
      stopped.resume()
      throw error
    }
    stopped.resume()
    capture.pause = MonotonicClock.now() - start

    for index in capture.threads.indices {
      let name = target.folder.text("task/\(capture.threads[index].id)/comm")
      capture.threads[index].name = name.map { String($0.dropLast()) } ?? ""
    }
    capture.executable = target.folder.link("exe") ?? ""
    capture.status = try target.folder.status()
    let finder = ImageFinder(mappings: capture.mappings, folder: target.folder)
    capture.images = finder.images
    capture.warnings += finder.warnings
    capture.addRegions(plan, files: finder.files, memory: memory)
    return Snapshot(capture)
  }
}

/// A process that may be inspected, before it is stopped.
struct Target {
  let folder: ProcessFolder
  let status: ProcessStatus
  var pid: Int32 { folder.pid }

  init(pid: Int32) throws(ProcessError) {
    #if !arch(x86_64)
      throw .unsupportedMachine("aarch64")
    #endif
    folder = try ProcessFolder(pid: pid)
    status = try folder.status()
    if status.processID == getpid() { throw .itself(pid: pid) }
    if status.processID != pid {
      throw .threadOfAnother(thread: pid, process: status.processID, name: status.name)
    }
    if status.state == "Z" || status.state == "X" {
      throw .zombie(pid: pid, name: status.name, parent: status.parentID)
    }
    if status.isKernelThread { throw .kernelThread(pid: pid, name: status.name) }
    if status.tracerID != 0 {
      throw .alreadyTraced(
        pid: pid, tracer: status.tracerID, tracerName: ProcFile.status(of: String(status.tracerID))?.name)
    }
    try refuseThirtyTwoBit()
  }

  private func refuseThirtyTwoBit() throws(ProcessError) {
    let program = try folder.open("exe")
    defer { close(program) }
    var head: [UInt8] = [0, 0, 0, 0, 0]
    guard pread(program, &head, head.count, 0) == head.count, head[4] == 1 else { return }
    throw .thirtyTwoBit(pid: pid, path: folder.link("exe") ?? "")
  }

  struct Planned {
    var mappings: [Mapping]
    var pages: [PageRange]
    var plan: CopyPlan
  }

  /// What there is at this moment and what of it must be copied.
  func plan(_ scanner: inout PageScanner) throws(ProcessError) -> Planned {
    let mappings = Mapping.parse(try folder.requiredText("maps"))
    guard !mappings.isEmpty else { throw .exited(pid: pid) }
    var pages: [PageRange] = []
    for mapping in mappings { scanner.scan(from: mapping.start, to: mapping.end, into: &pages) }
    return Planned(mappings: mappings, pages: pages, plan: CopyPlan(mappings: mappings, pages: pages))
  }

  /// Copies the pieces; returns the bytes copied.
  func copy(_ pieces: [CopyPlan.Piece], to destination: CopyDestination) throws(ProcessError) -> Int {
    var transfers: [wsp_transfer] = []
    for piece in pieces {
      guard let host = destination.host(of: piece.start, count: piece.size) else {
        throw .wouldNotFit(pid: pid, needed: piece.size, available: 0, limit: "the address space")
      }
      transfers.append(wsp_transfer(remote: piece.start.bits, local: host, length: piece.size))
    }
    var copied = 0
    var index = 0
    while index < transfers.count {
      let count = min(wsp_transfer_limit, transfers.count - index)
      var got = transfers[index...].withUnsafeBufferPointer { wsp_read_memory(pid, $0.baseAddress!, count) }
      if got < 0 {
        if errno == ESRCH { throw .exited(pid: pid) }
        if errno == EPERM { throw folder.failure("mem", errno: EPERM) }
        got = 0
      }
      copied += got
      // After a page that cannot be read, go on behind it.
      let end = index + count
      while index < end, got >= transfers[index].length {
        got -= transfers[index].length
        index += 1
      }
      if index < end {
        let skipped = got + PageScanner.pageSize
        if skipped >= transfers[index].length {
          index += 1
        } else {
          transfers[index].remote += UInt64(skipped)
          transfers[index].local = transfers[index].local.map { $0 + skipped }
          transfers[index].length -= skipped
        }
      }
    }
    return copied
  }
}

extension CapturedProcess {
  /// Makes the regions: runs that were copied, completed from their files, and what is read late.
  mutating func addRegions(_ plan: CopyPlan, files: [Address: ElfFile], memory: ProcessMemory) {
    for run in plan.runs {
      guard let host = destination.host(of: run.start, count: run.size) else { continue }
      regions.append(MemoryRegion(start: run.start, end: run.end, host: host, late: nil))
    }
    for mapping in mappings where mapping.permissions.contains(.read) {
      if plan.holds(mapping) {
        if mapping.inode != 0 { complete(mapping, from: files[mapping.start], memory: memory) }
        continue
      }
      if mapping.name == "[vvar]" || mapping.name == "[vvar_vclock]" || mapping.name == "[vsyscall]" { continue }
      let source: LateRegion.Source =
        if let file = files[mapping.start] {
          .file(file, offset: mapping.fileOffset)
        } else {
          .process(memory)
        }
      let late = LateRegion(start: mapping.start, size: mapping.size, source: source)
      regions.append(MemoryRegion(start: mapping.start, end: mapping.end, host: nil, late: late))
    }
    regions.sort { $0.start < $1.start }
  }

  /// Fills the pages of a private file mapping that were not copied because they are still the file's.
  private func complete(_ mapping: Mapping, from file: ElfFile?, memory: ProcessMemory) {
    var position = mapping.start
    let first = pages.partitioningIndex { $0.end > mapping.start }
    func fill(to end: Address) {
      guard position < end, let host = destination.host(of: position, count: end.distance(from: position)) else {
        return
      }
      let target = UnsafeMutableRawBufferPointer(start: host, count: end.distance(from: position))
      guard let file else {
        _ = memory.read(at: position, into: target)
        return
      }
      let offset = mapping.fileOffset &+ UInt64(position.distance(from: mapping.start))
      guard offset < UInt64(file.bytes.count) else { return }
      let available = file.bytes[Int(offset)...].prefix(target.count)
      target.copyMemory(from: UnsafeRawBufferPointer(rebasing: available))
    }
    for range in pages[first...] {
      guard range.start < mapping.end else { break }
      if range.state.contains(.fileBacked) { continue }
      fill(to: max(position, range.start))
      position = min(range.end, mapping.end)
    }
    fill(to: mapping.end)
  }
}
