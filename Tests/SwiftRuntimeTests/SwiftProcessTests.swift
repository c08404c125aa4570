import ProcessImage
import Testing

@testable import SwiftRuntime
import TestSupport

struct SwiftProcessTests {
  @Test(arguments: [(TestPrograms.Build.debug, false), (.optimized, false), (.staticLibrary, true)])
  func `the runtime's version is told`(_ build: TestPrograms.Build, isStatic: Bool) throws {
    let program = try TargetProgram(TestPrograms.pureSwift(build))
    let process = try SwiftProcess(Snapshot.capture(pid: program.pid))
    #expect(process.isStatic == isStatic)
    let version = try #require(process.version)
    #expect(version >= .oldestKnown)
  }

  @Test func `a version that is stripped is unknown, and that is a warning`() throws {
    let program = try TargetProgram(TestPrograms.pureSwift(.strippedStatic))
    let process = try SwiftProcess(Snapshot.capture(pid: program.pid))
    #expect(process.isStatic)
    #expect(process.version == nil)
    #expect(process.warnings.first?.contains("not known") == true)
  }

  @Test func `a program without Swift is refused by name`() throws {
    let program = try TestProcess("cat")
    let snapshot = try Snapshot.capture(pid: program.pid)
    #expect(throws: SwiftRuntimeError.notSwift(executable: snapshot.executable)) { try SwiftProcess(snapshot) }
  }

  @Test(
    arguments: [
      ([0xB8, 0x00, 0x03, 0x06, 0x00, 0xC3], RuntimeVersion(major: 6, minor: 3)),
      ([0x55, 0x48, 0x89, 0xE5, 0xB8, 0x00, 0x09, 0x05, 0x00, 0x5D, 0xC3], RuntimeVersion(major: 5, minor: 9)),
      ([0xF3, 0x0F, 0x1E, 0xFA, 0xB8, 0x01, 0x0A, 0x05, 0x00, 0xC3], RuntimeVersion(major: 5, minor: 10)),
      ([0xB8, 0x00, 0x03, 0x06, 0x00, 0x90], nil), ([0xB8, 0x00, 0x00, 0x00, 0x00, 0xC3], nil),
      ([0xE9, 0x00, 0x03, 0x06, 0x00, 0xC3], nil), ([0xB8, 0x00], nil), ([], nil),
    ] as [([UInt8], RuntimeVersion?)])
  func `the constant is taken out of the function that returns it`(_ code: [UInt8], _ version: RuntimeVersion?) {
    #expect(code.withUnsafeBytes { RuntimeVersion(code: $0) } == version)
  }
}
