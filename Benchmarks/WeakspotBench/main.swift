import BenchmarkRun
import CommandLineTool
import Dispatch
import Glibc

// A sample's process must be as small as can be: it is decided here, before anything else runs, and it stays on the main
// thread, whose arena is the one that malloc_trim trims.
Console.tool = "weakspot-bench"
nonisolated let arguments = Array(CommandLine.arguments.dropFirst())
if arguments.first == SampleProcess.command { exit(SampleProcess.main(arguments)) }
if arguments.first == BenchmarkDescription.command { exit(WeakspotBench.describe().rawValue) }

switch WeakspotBench.invocation(of: arguments) {
case .ended(let status):
  exit(Console.settled(status).rawValue)
case .immediate(let command):
  exit(Console.settled(WeakspotBench.status(of: command)).rawValue)
case .asynchronous:
  // Without a worker thread nothing would ever happen, and no signal would be heeded.
  guard Threads.canStart else {
    Console.complain(
      "no thread can be started: is there a limit on address space (ulimit -v) or processes (ulimit -u)?")
    exit(ExitStatus.failure.rawValue)
  }
  let work = Task.detached { exit(Console.settled(await WeakspotBench.asynchronousStatus(of: arguments)).rawValue) }
  Interruption.cancelling(work)
  dispatchMain()
}
