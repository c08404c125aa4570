import ArgumentParser
import CommandLineTool
import Glibc
import RecorderLaunch

struct RecordCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "record",
    abstract: "Run a command, and record where each of its live blocks was allocated.",
    usage: "weakspot record [<options>] -- <command> ...",
    discussion: """
      The command keeps its process id, streams and exit status. While it runs, weakspot leaks PID says where leaked \
      objects were allocated, and weakspot heap PID --by stack where all live memory was.

      Exit status: the command's own; 126 if it cannot be started or recorded, 127 if there is no such command; 64 wrong \
      arguments.
      """)

  @Option(
    help: .init(
      "Record a sample every so many bytes on average, not every block; 512k is for production.", valueName: "bytes"))
  var sample: ByteCount?

  @Flag(help: "Record children too, each on its own (FILE.PID with --output).")
  var children = false

  @Option(help: .init("Keep the recording in this file, also when the command has died.", valueName: "file"))
  var output: String?

  @Argument(parsing: .postTerminator, help: .init("What to run.", valueName: "command"))
  var command: [String] = []

  func validate() throws {
    if command.isEmpty { throw ValidationError("Missing command: write it after --.") }
  }

  func run() throws {
    let path = try Self.path(of: command[0])
    let settings = RecorderSettings(
      sampleMean: sample?.bytes, output: try output.map { try Self.writable($0, besides: path) },
      recordsChildren: children)
    do throws(RecorderLaunchError) {
      try settings.applyToThisProcess(library: try RecorderLibrary.find())
    } catch {
      throw Failure(.cannotStart, error.description)
    }
    let error = Program.become(path: path, arguments: command)
    throw Failure(
      error == ENOENT ? .noSuchCommand : .cannotStart,
      "\(command[0]): cannot be started: \(String(cString: strerror(error)))")
  }

  /// The command's file, if it can be recorded.
  private static func path(of command: String) throws(Failure) -> String {
    let path: String
    switch Program(named: command, searchPath: getenv("PATH").map { String(cString: $0) }) {
    case .found(let found): path = found
    case .notFound where command.isEmpty: throw Failure(.noSuchCommand, "the command is empty: write its name after --")
    case .notFound: throw Failure(.noSuchCommand, "\(command): there is no such command")
    case .folder(let found): throw Failure(.cannotStart, "\(found): is a folder: name a program in it")
    case .notExecutable(let found): throw Failure(.cannotStart, "\(found): cannot be executed: see its permissions")
    }
    var judged = Recordability(path: path)
    if case .script(let interpreter)? = judged {
      judged = Recordability(path: interpreter)
      guard judged != nil || access(interpreter, F_OK) == 0 else {
        throw Failure(.noSuchCommand, "\(path): cannot be started: its interpreter \(interpreter) does not exist")
      }
    }
    if let advice = judged?.advice { throw Failure(.cannotStart, "\(path): cannot be recorded: \(advice)") }
    return path
  }

  /// The absolute path of an output that can be made: the recorder makes it in the command, wherever that has gone by then.
  private static func writable(_ output: String, besides command: String) throws(Failure) -> String {
    var status = stat()
    if lstat(output, &status) == 0 {
      guard status.st_mode & S_IFMT == S_IFREG else {
        throw Failure(.cannotStart, "\(output): is no regular file, and a recording is mapped; give another --output")
      }
      var program = stat()
      if stat(command, &program) == 0, program.st_dev == status.st_dev, program.st_ino == status.st_ino {
        throw Failure(.cannotStart, "\(output): is the command itself; give another --output")
      }
    }
    let slash = output.lastIndex(of: "/")
    let folder = slash.map { $0 == output.startIndex ? "/" : String(output[..<$0]) } ?? "."
    guard let resolved = realpath(folder, nil) else {
      throw Failure(.cannotStart, "\(output): cannot be written: \(String(cString: strerror(errno)))")
    }
    defer { free(resolved) }
    guard access(resolved, W_OK | X_OK) == 0 else {
      throw Failure(.cannotStart, "\(output): cannot be written: \(String(cString: strerror(errno)))")
    }
    let name = slash.map { output[output.index(after: $0)...] } ?? output[...]
    return "\(String(cString: resolved))/\(name)"
  }
}

/// A count of bytes: `4096`, `512k`, `1M`.
struct ByteCount: ExpressibleByArgument {
  let bytes: Int

  init?(argument: String) {
    let scales: [Character: Int] = ["k": 1 << 10, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30]
    let scale = argument.last.flatMap { scales[$0] }
    guard let count = Int(scale == nil ? argument[...] : argument.dropLast()), count > 0,
      count <= (1 << 40) / (scale ?? 1)
    else {
      return nil
    }
    bytes = count * (scale ?? 1)
  }
}
