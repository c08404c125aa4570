import CommandLineTool
import Glibc
import ProcessImage

Console.tool = "weakspot"
OwnHeap.prepare()
// Whatever ends this process, the kernel detaches it from the target, which runs on (ptrace(2), PTRACE_SEIZE).
Signals.handle(SIGINT) { _ in _exit(ExitStatus.interrupted.rawValue) }
Signals.handle(SIGTERM) { _ in _exit(ExitStatus.terminated.rawValue) }
switch Weakspot.invocation(of: Array(CommandLine.arguments.dropFirst())) {
case .ended(let status): exit(Console.settled(status).rawValue)
case .immediate(let command):
  // A file that may not grow is then an error of the write, which is told with its path.
  Signals.handle(SIGXFSZ) { _ in }
  exit(Console.settled(Weakspot.status(of: command)).rawValue)
case .asynchronous: exit(ExitStatus.usage.rawValue)
}
