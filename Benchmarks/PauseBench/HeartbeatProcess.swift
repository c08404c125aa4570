import Glibc

/// The program Heartbeat, which feels its own pauses.
final class HeartbeatProcess {
  struct Failure: Error, CustomStringConvertible { var description: String }

  let pid: Int32
  private let input: UnsafeMutablePointer<FILE>
  private let output: UnsafeMutablePointer<FILE>

  init(path: String, objects: Int, bytes: Int) throws {
    var ends: [Int32] = [-1, -1, -1, -1]
    let hasPipes = ends.withUnsafeMutableBufferPointer { pipe($0.baseAddress!) == 0 && pipe($0.baseAddress! + 2) == 0 }
    guard hasPipes else { throw Failure(description: "no pipe") }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
    posix_spawn_file_actions_adddup2(&actions, ends[3], 1)
    for end in ends { posix_spawn_file_actions_addclose(&actions, end) }
    let command: [String] = [path, "\(objects)", "\(bytes)"]
    var words: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var pid: Int32 = 0
    let result = posix_spawn(&pid, path, &actions, nil, &words, environ)
    guard result == 0, let input = fdopen(ends[1], "w"), let output = fdopen(ends[2], "r") else {
      throw Failure(description: "\(path): \(String(cString: strerror(result)))")
    }
    close(ends[0])
    close(ends[3])
    self.pid = pid
    self.input = input
    self.output = output
    guard line().hasPrefix("ready") else { throw Failure(description: "\(path): does not start") }
  }

  deinit {
    kill(pid, SIGKILL)
    var status: Int32 = 0
    waitpid(pid, &status, 0)
    fclose(input)
    fclose(output)
  }

  private func line() -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard fgets(&buffer, 256, output) != nil else { return "" }
    return String(decoding: buffer.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private func ask(_ question: String) -> String {
    fputs(question + "\n", input)
    fflush(input)
    return line()
  }

  /// The longest gap in nanoseconds that the process has felt while `body` ran.
  func gap(during body: () throws -> Void) throws -> Int {
    // Let it get its processor back.
    usleep(30_000)
    _ = ask("reset")
    usleep(2000)
    try body()
    usleep(2000)
    guard let gap = Int(ask("gap")) else { throw Failure(description: "no answer") }
    return gap
  }
}
