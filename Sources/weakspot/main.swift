import CommandLineTool
import Glibc

Console.tool = "weakspot"
// Whatever ends this process, the kernel detaches it from the target, which runs on (ptrace(2), PTRACE_SEIZE).
// Any thread may be the one that takes the signal: as closures of the main actor these would trap on the others.
signal(SIGINT) { @Sendable _ in _exit(ExitStatus.interrupted.rawValue) }
signal(SIGTERM) { @Sendable _ in _exit(ExitStatus.terminated.rawValue) }
switch Weakspot.invocation(of: Array(CommandLine.arguments.dropFirst())) {
case .ended(let status): exit(Console.settled(status).rawValue)
case .immediate(let command):
  // A file that may not grow is then an error of the write, which is told with its path. What we become must not inherit it.
  if !(command is RecordCommand) { signal(SIGXFSZ, SIG_IGN) }
  exit(Console.settled(Weakspot.status(of: command)).rawValue)
case .asynchronous: exit(ExitStatus.usage.rawValue)
}
