// A program whose leaks and live blocks have known places of allocation, for the tests of `weakspot record`.
//
// Usage: RecordedProgram [wait | crash]

import Glibc

final class Screen {
  var download: Download?
}

final class Download {
  let delegate: Screen
  init(delegate: Screen) { self.delegate = delegate }
}

@inline(never)
func openScreen() {
  let screen = Screen()
  screen.download = Download(delegate: screen)
}

@inline(never)
func keepText() -> UnsafeMutableRawPointer? { malloc(100_003) }

for _ in 0..<10 { openScreen() }
let kept = keepText()
for _ in 0..<10 { loseBuffer() }
switch CommandLine.arguments.dropFirst().first {
case "wait":
  print("ready")
  fflush(nil)
  _ = readLine()
case "crash": kill(getpid(), SIGKILL)
default: break
}
withExtendedLifetime(kept) {}

@inline(never)
func loseBuffer() { memset(malloc(4321), 1, 4321) }
