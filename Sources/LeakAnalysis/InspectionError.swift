package import HeapBlocks
package import ProcessImage
package import SwiftRuntime

/// Why nothing can be said of a process.
package enum InspectionError: Error, Equatable, CustomStringConvertible {
  case process(ProcessError)
  case heap(pid: Int32, HeapError)
  case runtime(pid: Int32, SwiftRuntimeError)

  package var description: String {
    switch self {
    case .process(let error): error.description
    case .heap(let pid, let error): "\(pid): \(error)"
    case .runtime(let pid, let error): "\(pid): \(error)"
    }
  }
}
