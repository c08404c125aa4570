import HeapBlocks
import LeakAnalysis
import ProcessImage
import SwiftRuntime
import Testing

/// Programs that are stopped in the midst of something.
struct UnfinishedTests {
  @Test func `array literals that are being made own nobody, whatever their memory held`() throws {
    let (inspection, _) = try InspectionTests.look(at: "literals")
    // What is to be tested is there: two arrays that hold each other's address.
    let blocks = inspection.heap.blocks
    let arrays = inspection.objects.type.indices
      .filter { inspection.objects.entry($0).name == "[AnyObject] storage" }.map { blocks.address(of: $0) }
    let second = arrays.map { inspection.snapshot.pointer(at: $0 + 40) }
    #expect(arrays.count == 2 && second == arrays.reversed())
    let report = LeakFinder(inspection).report()
    #expect(report.leaks.isEmpty && report.warnings == [])
  }

  @Test func `a work item in its worker's hand holds what it names, though it is freed already`() throws {
    let (inspection, _) = try InspectionTests.look(at: "worker")
    let names = inspection.objects.type.indices.map { inspection.objects.entry($0).name }
    #expect(names.contains("InspectedProgram.Work"))
    let report = LeakFinder(inspection).report()
    #expect(report.leaks.isEmpty && report.warnings == [])
  }

  @Test func `an element that is being moved is in two places, and that is no warning`() throws {
    let (inspection, _) = try InspectionTests.look(at: "moved")
    let report = LeakFinder(inspection).report()
    #expect(report.leaks.isEmpty && report.warnings == [])
  }
}
