import CProcess
import Glibc

/// A process that may be inspected, before it is stopped.
struct Target {
  let folder: ProcessFolder
  let status: ProcessStatus
  var pid: Int32 { folder.pid }

  /// - Parameter tracedByUs: The process is a command that we started and trace.
  init(pid: Int32, tracedByUs: Bool = false) throws(ProcessError) {
    #if !arch(x86_64)
      throw .unsupportedMachine("aarch64")
    #else
      guard ProcFile.status(of: "self")?.processID == getpid() else { throw .foreignNumbers(pid: pid) }
      folder = try ProcessFolder(pid: pid)
      status = try folder.status()
      if status.processID == getpid() { throw .itself(pid: pid) }
      if pid != folder.memoryThread ? status.processID != pid : status.threadID != status.processID {
        // A thread has a name of its own.
        let name = try ProcessFolder(pid: status.processID).status().name
        throw .threadOfAnother(thread: pid, process: status.processID, name: name)
      }
      if status.state == "X" || status.state == "Z" {
        throw .zombie(pid: pid, name: status.name, parent: status.parentID)
      }
      if status.isKernelThread { throw .kernelThread(pid: pid, name: status.name) }
      if status.tracerID != 0, !tracedByUs {
        throw .alreadyTraced(
          pid: pid, tracer: status.tracerID, tracerName: ProcFile.status(of: String(status.tracerID))?.name)
      }
      try refuseThirtyTwoBit()
    #endif
  }

  private func refuseThirtyTwoBit() throws(ProcessError) {
    let program = try folder.open("exe")
    defer { close(program) }
    var head: [UInt8] = [0, 0, 0, 0, 0]
    guard pread(program, &head, head.count, 0) == head.count, head[4] == 1 else { return }
    throw .thirtyTwoBit(pid: pid, path: folder.link("exe") ?? "")
  }
}

/// What a process has at one moment, without our recorder's memory, and what of it must be copied.
struct Planned {
  let mappings: [Mapping]
  let pages: [PageRange]
  let plan: CopyPlan

  /// Mapped parts of files, those of data that nobody reads as a whole left out.
  var fileBytes: Int {
    mappings.reduce(0) { $0 &+ ($1.inode != 0 && !CopyPlan.isLargeFile($1) ? $1.size : 0) }
  }

  /// - Parameter filesBy: What to scan for pages that are not captured, if `folder` is a copy made by `fork`: the kernel
  ///   leaves those out of the copy.
  init(
    _ folder: ProcessFolder, _ memory: ProcessMemory, _ scanner: inout PageScanner, filesBy: PageScanner? = nil
  ) throws(ProcessError) {
    let all = Mapping.parse(try folder.requiredText("maps"))
    guard !all.isEmpty else { throw .exited(pid: folder.pid) }
    let recorder = RecorderMemory(in: all, of: memory, &scanner)
    mappings = all.filter { !recorder.isRecorders($0) }
    var pages: [PageRange] = []
    for mapping in mappings where !CopyPlan.isKernels(mapping) {
      if var filesBy, !mapping.permissions.contains(.write) || !CopyPlan.isCaptured(mapping) {
        filesBy.scan(from: mapping.start, to: mapping.end, into: &pages)
      } else {
        scanner.scan(from: mapping.start, to: mapping.end, into: &pages)
      }
    }
    self.pages = pages
    plan = CopyPlan(mappings: mappings, pages: pages)
  }
}
