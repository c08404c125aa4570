/// Why a process cannot be read as a Swift program.
package enum SwiftRuntimeError: Error, Equatable, CustomStringConvertible {
  case notSwift(executable: String)

  package var description: String {
    switch self {
    case .notSwift(let executable):
      """
      \(executable) is no Swift program: it has neither libswiftCore.so nor Swift's own sections. Name a process that runs Swift \
      code; of a script, name the program that it started
      """
    }
  }
}
