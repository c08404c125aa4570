import AllocationStacks
import CommandLineTool
import Glibc
import LeakAnalysis
import ProcessImage
import RecorderLaunch
import Recording

/// The recording of what is inspected: a running process's, or that of a command which is run with the recorder.
struct RecordingSource {
  let target: Target
  /// Set if the command is recorded.
  private(set) var held: HeldRecording?

  init(target: Target) { self.target = target }

  /// Has the command that will be started record itself. What cannot be recorded is run, and inspected, all the same.
  mutating func record(_ command: [String]) {
    if case .found(let path) = Program(named: command[0], searchPath: getenv("PATH").map { String(cString: $0) }),
      let advice = Recordability(path: path)?.advice
    {
      Console.warn("\(path): cannot be recorded: \(advice)")
      return
    }
    do throws(RecorderLaunchError) {
      try RecorderSettings().applyToThisProcess(library: try RecorderLibrary.find())
      held = HeldRecording()
    } catch {
      Console.warn(error.description)
    }
  }

  /// Where blocks were allocated, if that is known.
  /// - Parameter isDemanded: It is told why if it is not known.
  func sites(isDemanded: Bool) -> AllocationSites? {
    switch target {
    case .command:
      guard let held else { return nil }
      do throws(Failure) {
        return try Self.sites(held)
      } catch {
        Console.warn(error.text)
      }
    case .process(let pid):
      let path: String
      do throws(RecorderLaunchError) {
        path = try RunningRecording.find(pid: pid)
      } catch {
        if isDemanded { Console.warn(error.description) }
        return nil
      }
      do throws(Failure) {
        return try Self.sites(path: path, process: pid)
      } catch {
        Console.warn(error.text)
      }
    }
    return nil
  }

  /// - Parameter file: A recording; `nil` for the target's.
  static func sites(file: String?, target: Target?) throws(Failure) -> AllocationSites {
    if let file { return try sites(path: file, process: nil) }
    switch target {
    case .process(let pid)?:
      let path: String
      do throws(RecorderLaunchError) {
        path = try RunningRecording.find(pid: pid)
      } catch {
        throw Failure(.failure, error.description)
      }
      return try sites(path: path, process: pid)
    case .command(let command)?:
      var source = RecordingSource(target: .command(command))
      source.record(command)
      guard let held = source.held else { throw Failure(.failure, "\(command[0]): cannot be recorded") }
      let launched = try TargetInspector(target: .command(command), fork: false, recording: held).launch(command)
      do throws(Failure) {
        return try sites(held)
      } catch {
        throw error.adding(TargetFacts.Ending(launched.ending))
      }
    case nil: throw Failure(.usage, "Missing target: a process id, or -- and a command, or --recording and a file.")
    }
  }

  private static func sites(_ held: HeldRecording) throws(Failure) -> AllocationSites {
    guard let recording = try failing({ () throws(RecordingError) in try held.read() }) else {
      throw Failure(
        .failure,
        """
        the command has left no recording, so that no stacks are known: what it became is static or runs with other \
        rights (set-user-id), or it closes descriptors that it did not open; name a program that is linked dynamically, \
        or keep the recording in a file: weakspot record --output FILE -- COMMAND
        """)
    }
    return AllocationSites(recording)
  }

  private static func sites(path: String, process: Int32?) throws(Failure) -> AllocationSites {
    AllocationSites(try failing { () throws(RecordingError) in try Recording.open(path: path) }, process: process)
  }

  private static func failing<Value>(_ body: () throws(RecordingError) -> Value) throws(Failure) -> Value {
    do throws(RecordingError) {
      return try body()
    } catch {
      throw Failure(.failure, error.description)
    }
  }
}
