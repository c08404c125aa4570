import HeapBlocks
import ProcessImage
import SwiftRuntime
import Testing

/// What looks like a Swift object and is none, and the other way round (Programs/Pitfalls.swift).
struct PitfallTests {
  private let program: TargetProgram
  private let census: Census

  init() throws {
    program = try TargetProgram(TestPrograms.pitfallsProgram())
    census = try program.census()
  }

  private func address(_ name: String) throws -> Substring {
    let line = try #require(program.lines.first { $0.hasPrefix(name + " ") })
    return line.split(separator: " ")[1]
  }

  private func place(_ name: String) throws -> Address {
    let digits = try address(name)
    return Address(try #require(UInt64(digits)))
  }

  private func counts(_ name: String) throws -> ObjectCounts? {
    ObjectCounts(ofObject: try place(name), in: census.process.snapshot)
  }

  @Test func `a pointer to metadata alone makes no object`() throws {
    #expect(census.entry(at: try address("plain"))?.name == "App.Plain")
    for index in 0..<8 {
      let place = try address("lookalike\(index)")
      let entry = try #require(census.entry(at: place))
      #expect(!entry.kind.isSwiftObject, "lookalike\(index): \(entry.name)")
    }
    // The plain one, and the one that a closure captured.
    #expect(census.counts["App.Plain"] == 2)
  }

  @Test func `an immortal object is an object`() throws {
    #expect(census.entry(at: try address("immortal"))?.name == "App.Held")
    #expect(census.flags(at: try address("immortal")) == .immortal)
    #expect(try self.counts("immortal")?.counts.strong == nil)
  }

  @Test func `a dead object that an unowned reference keeps is flagged`() throws {
    #expect(census.entry(at: try address("zombie"))?.name == "App.Held")
    #expect(census.flags(at: try address("zombie")) == .dead)
    #expect(try self.counts("zombie")?.counts.unowned == 1)
    #expect(try self.counts("zombie")?.counts.strong == 0)
  }

  @Test func `a dead object with a side table is flagged as well`() throws {
    #expect(census.flags(at: try address("zombieWithSideTable")) == [.dead, .sideTable])
    #expect(try self.counts("zombieWithSideTable")?.counts.unowned == 1)
    #expect(try self.counts("zombieWithSideTable")?.weak == 1)
  }

  @Test func `a weakly held object has its counts in a side table`() throws {
    #expect(census.flags(at: try address("weaklyHeld")) == .sideTable)
    let found = try counts("weaklyHeld")
    let counts = try #require(found)
    let strong = try #require(counts.counts.strong)
    #expect(counts.weak == 1)
    #expect(strong >= 1)
  }

  @Test func `side tables of live, dead and freed objects are known`() {
    #expect(census.count(of: .sideTable) == 3)
  }

  @Test func `the object that a closure captures alone is no context`() throws {
    #expect(census.counts["App.Model"] == 1)
    #expect(census.entry(at: try address("model"))?.kind == .instance)
  }

  @Test func `boxes tell the type that they hold`() {
    #expect(census.counts["error box: App.Trouble", default: 0] == 1)
    #expect(census.counts["box: App.Wide", default: 0] == 2)
    #expect(census.counts["box: [Int]", default: 0] == 1)
  }

  @Test func `boxes of indirect cases stay boxes where a closure has another one for its context`() {
    #expect(census.counts["closure #1 in Summing.init()", default: 0] == 1)
    #expect(census.counts["box: Double", default: 0] == 2)
    #expect(census.counts["box: (App.Tree, App.Tree)", default: 0] == 1)
  }

  @Test func `a generic closure's context is named through its thunks`() {
    let names = census.counts.keys.filter { $0.contains("closure #1 in generic<A>(_:)") }
    #expect(names.contains("closure #1 in generic<A>(_:)"))
    #expect(!census.counts.keys.contains { $0.hasPrefix("thunk for thunk") }, "\(census.counts.keys.sorted())")
  }

  @Test func `objects of libdispatch have their names`() {
    #expect(census.counts["dispatch queue serial", default: 0] >= 1)
    #expect(census.counts["dispatch source", default: 0] >= 1)
    #expect(census.count(of: .dispatchObject) >= 4)
  }

  @Test func `a C++ object is named by its virtual table`() throws {
    let place = try address("widget")
    let entry = try #require(census.entry(at: place))
    #expect(entry.kind == .cppObject)
    #expect(entry.name == "C++ toolkit::Button<int>")
  }

  @Test func `what looks like the side table of an object of C++ is none`() throws {
    for number in 0..<64 {
      #expect(census.entry(at: try address("falseSideTable\(number)"))?.kind == .unknown, "\(number)")
    }
  }

  @Test func `a C block is named by the library or the type that holds it`() throws {
    #expect(census.entry(at: try address("heldByLibrary"))?.name == "C block, 104 B (libwidget.so)")
    #expect(census.entry(at: try address("buffer"))?.name == "C block, 104 B (App.Buffer.memory)")
    #expect(census.entry(at: try address("buffer"))?.holder == BlockHolder(.type, "App.Buffer.memory"))
    #expect(census.entry(at: try address("heldByLibrary"))?.holder == BlockHolder(.image, "libwidget.so"))
  }

  @Test func `a suspended task tells where it goes on`() throws {
    let suspendedTaskPlace = try place("suspendedTask")
    let task = try #require(census.process.task(at: suspendedTaskPlace))
    #expect(census.entry(at: try address("suspendedTask"))?.kind == .task)
    #expect(!task.state.contains(.cancelled))
    #expect(!task.state.contains(.complete))
    let symbolizer = Symbolizer(census.process.snapshot)
    let frames = census.process.asyncBacktrace(ofTask: task.address).map { symbolizer.name(of: $0) ?? "?" }
    let own = frames.filter { $0 == "innermost()" || $0 == "outermost()" || $0 == "closure #3 in static Main.main()" }
    #expect(own == ["innermost()", "outermost()", "closure #3 in static Main.main()"], "\(frames)")
  }

  @Test func `a cancelled task says so, and has a number of its own`() throws {
    let cancelledTaskPlace = try place("cancelledTask")
    let suspendedTaskPlace = try place("suspendedTask")
    let cancelled = try #require(census.process.task(at: cancelledTaskPlace))
    let suspended = try #require(census.process.task(at: suspendedTaskPlace))
    #expect(cancelled.state.contains(.cancelled))
    #expect(cancelled.id == suspended.id + 1)
  }
}
