// An inspector that can be told to die: `ProcessImageChecks PID [fork] [STAGE [SIGNAL]]` captures PID, and sends itself SIGNAL,
// or SIGKILL, when STAGE comes for the first time. It prints what it copied, or the error with exit status 2.
// `ProcessImageChecks user UID PID` does the same as another user. `ProcessImageChecks narrow PID` captures PID, and has hardly
// any address space left once PID runs on. `ProcessImageChecks hold PID` holds PID traced until stdin ends.
import CProcess
import Glibc
import ProcessImage
import Synchronization

private let isDue = Atomic<Bool>(true)

/// Leaves a megabyte of address space beyond what there is now.
private func narrow() {
  var text = [CChar](repeating: 0, count: 128)
  guard let file = fopen("/proc/self/statm", "r"), fgets(&text, 128, file) != nil else { return }
  fclose(file)
  let most = rlim_t(strtoul(text, nil, 10)) * 4096 + 1 << 20
  var limit = rlimit(rlim_cur: most, rlim_max: most)
  setrlimit(__rlimit_resource_t(9), &limit)  // RLIMIT_AS
}

private func capture(_ arguments: ArraySlice<String>) -> Int32 {
  var arguments = arguments
  guard let pid = arguments.popFirst().flatMap({ Int32($0) }) else { return 64 }
  var options = Snapshot.Options()
  if arguments.first == "fork" {
    arguments.removeFirst()
    options.forks = true
  }
  if let name = arguments.popFirst(), let stage = Snapshot.Stage(rawValue: name) {
    let signal = arguments.popFirst().flatMap { Int32($0) } ?? SIGKILL
    options.progress = { progress in
      if progress.stage == stage, isDue.exchange(false, ordering: .relaxed) { kill(getpid(), signal) }
    }
  }
  return capture(pid, options)
}

private func capture(_ pid: Int32, _ options: Snapshot.Options) -> Int32 {
  do throws(ProcessError) {
    let snapshot = try Snapshot.capture(pid: pid, options: options)
    print("copied \(snapshot.copiedBytes) bytes of \(snapshot.threads.count) threads")
    return 0
  } catch {
    print(error)
    return 2
  }
}

private func holdTraced(_ pid: Int32) -> Int32 {
  guard wsp_seize(pid, 0) == 0 else { return 2 }
  print("traced")
  fflush(nil)
  while getchar() != EOF {}
  return 0
}

private func run(_ arguments: ArraySlice<String>) -> Int32 {
  switch arguments.first {
  case "user":
    guard arguments.count == 3, let user = UInt32(arguments[arguments.startIndex + 1]), setuid(user) == 0 else {
      return 64
    }
    return capture(arguments.dropFirst(2))
  case "narrow":
    let options = Snapshot.Options(progress: { if $0.stage == .resumed { narrow() } })
    return arguments.dropFirst().first.flatMap { Int32($0) }.map { capture($0, options) } ?? 64
  case "hold": return arguments.dropFirst().first.flatMap { Int32($0) }.map(holdTraced) ?? 64
  default: return capture(arguments)
  }
}

exit(run(CommandLine.arguments.dropFirst()))
