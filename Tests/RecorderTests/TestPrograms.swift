import Glibc
import RecorderLaunch
import Recording
import TestSupport
import Testing

/// The programs of Tests/RecorderTests/Programs, built once for all tests of this process, and how to run them.
enum TestPrograms {
  static let folder: String = {
    let folder = ScratchFolder.ofProcess.path
    let sources = #filePath.split(separator: "/").dropLast().joined(separator: "/")
    let library = "clang -O1 -g -fPIC -shared -Wl,--build-id /\(sources)/Programs"
    let commands =
      ["stress", "unload", "unloading", "behaviour", "corners", "sizes", "family", "forbid"].map {
        "clang -O1 -g -Wall -Wextra -Werror -pthread /\(sources)/Programs/\($0).c -o \(folder)/\($0)"
      } + [
        "clang++ -O1 /\(sources)/Programs/throws.cpp -o \(folder)/throws",
        "clang -O1 -static /\(sources)/Programs/family.c -o \(folder)/static",
        "swiftc -O -Xcc -fno-omit-frame-pointer /\(sources)/Programs/concurrency.swift -o \(folder)/concurrency",
        "\(library)/library.c -DNAME=first -o \(folder)/libfirst.so",
        "\(library)/library.c -DNAME=second -o \(folder)/libsecond.so",
        "clang -O1 -fno-builtin /\(sources)/Programs/allocator.c -DPROGRAM -o \(folder)/allocator",
        "\(library)/allocator.c -fno-builtin -o \(folder)/liballocator.so",
      ]
    for command in commands where system("exec 2>\(folder)/errors.txt; \(command)") != 0 {
      Issue.record("\(command) failed; see \(folder)/errors.txt")
    }
    return folder
  }()

  static func path(_ name: String) -> String { "\(folder)/\(name)" }

  struct Execution: Equatable {
    /// 128 + signal, as a shell has it; 124 for one that hung.
    var status: Int32
    var out: String
    var error: String
  }

  /// Runs a shell's command; `$RECORD` in it, in front of a program, makes it a recorded one.
  static func run(_ command: String, _ settings: RecorderSettings = RecorderSettings(), seconds: Int = 120) throws
    -> Execution
  {
    let scratch = ScratchFolder()
    let out = scratch["out"]
    let error = scratch["error"]
    let line = "\(try environment(settings)); exec >\(out) 2>\(error) </dev/null; cd \(folder); \(command)"
    let status = system("timeout -k 5 \(seconds) bash -c \(quoted(line))")
    return Execution(status: status >> 8 & 0xff, out: try scratch.read("out"), error: try scratch.read("error"))
  }

  /// The command of a program that is recorded into a file, and what was recorded. The file takes 30 MB and more.
  static func record(_ command: String, sampleMean: Int? = nil) throws -> (execution: Execution, recording: Recording) {
    let scratch = ScratchFolder()
    let file = scratch["recording"]
    let execution = try run("$RECORD \(command)", RecorderSettings(sampleMean: sampleMean, output: file))
    return (execution, try Recording.open(path: file))
  }

  static func environment(_ settings: RecorderSettings) throws -> String {
    let library = try RecorderLibrary.find()
    let variables = try settings.applied(to: [:], library: library)
    return "RECORD='env " + variables.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: " ") + "'"
  }

  static func quoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }
}

/// A recorded program that waits for the end of its input, which comes with that of the object at the latest.
final class RunningProgram {
  private let process: TestProcess
  private var lines: [String] = []

  init(_ command: String, _ settings: RecorderSettings = RecorderSettings()) throws {
    let line = "\(try TestPrograms.environment(settings)); exec timeout -k 5 60 $RECORD \(command)"
    process = try TestProcess("bash", ["-c", line])
  }

  /// The number that follows `word` in the output, as soon as it is there.
  func number(after word: String) throws -> Int32 {
    while true {
      let numbers = lines.lazy.filter { $0.hasPrefix(word + " ") }.compactMap { Int32($0.dropFirst(word.count + 1)) }
      if let number = numbers.first { return number }
      guard let line = process.line() else { break }
      lines.append(line)
    }
    throw TestFailure("the program does not say \(word)")
  }

  deinit {
    // Not killed: `timeout` would leave the program alone.
    process.closeInput()
    _ = process.wait()
  }
}

extension Recording {
  /// The blocks whose innermost frame lies in the image of that name: those that this code itself allocated.
  func blocks(from image: String) -> [RecordedBlock] {
    blocks.filter { block in
      guard let stack = block.stack, let frame = stacks[stack].frames.first else { return false }
      return self.image(of: frame, in: stacks[stack])?.path?.hasSuffix("/" + image) == true
    }
  }
}
