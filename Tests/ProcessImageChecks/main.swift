// An inspector that can be told to die: `ProcessImageChecks PID [fork] [STAGE [SIGNAL]]` captures PID, and sends itself SIGNAL,
// or SIGKILL, when STAGE comes for the first time. It prints what it copied, or the error with exit status 2.
// `ProcessImageChecks user UID PID` does the same as another user. `ProcessImageChecks hold PID` holds PID traced until
// stdin ends.
import CProcess
import Glibc
import ProcessImage
import Synchronization

private let isDue = Atomic<Bool>(true)

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
  case "hold": return arguments.dropFirst().first.flatMap { Int32($0) }.map(holdTraced) ?? 64
  default: return capture(arguments)
  }
}

exit(run(CommandLine.arguments.dropFirst()))
