import SwiftRuntime
import Testing

/// Classes whose superclasses may change without them being built again: their metadata and their offsets are laid out when the
/// program runs.
@Suite struct ResilientSuperclassTests {
  @Test(arguments: [TestPrograms.Build.debug, .optimized])
  func `a class whose superclass may change holds what the program says`(build: TestPrograms.Build) throws {
    let target = try LayoutTarget(program: TestPrograms.resilientProgram(build))
    #expect(target.objects.count == 8)
    var scanner = try layoutScanner(target.snapshot)
    for object in target.objects {
      #expect(scanner.references(of: object.address, in: target.snapshot) == object.references, "\(object.name)")
    }
    let gaps = scanner.layouts.gaps
    #expect(gaps.isEmpty, "\(gaps.values)")
  }
}
