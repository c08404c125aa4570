import Glibc
import HeapBlocks
import ProcessImage
import SwiftRuntime
import Testing

/// A program in pure Swift, however it was built: every block has a name, and every class its number of instances.
struct CensusTests {
  @Test(arguments: TestPrograms.Build.all)
  func `instances per class are as many as the program itself counts`(_ build: TestPrograms.Build) throws {
    let program = try TargetProgram(TestPrograms.pureSwift(build))
    let census = try program.census()
    var own: [String: Int] = [:]
    for line in program.lines {
      let words = line.split(separator: " ", maxSplits: 1)
      own[String(words[1])] = Int(words[0])
    }
    #expect(own.count == 11)
    let found = census.counts.filter { own[$0.key] != nil }
    #expect(
      found == own, "\(census.summary)")
  }

  @Test(arguments: TestPrograms.Build.all)
  func `every block of a pure Swift program is named`(_ build: TestPrograms.Build) throws {
    let census = try TargetProgram(TestPrograms.pureSwift(build)).census()
    #expect(census.table.type.count == census.heap.blocks.count)
    #expect(census.heap.blocks.count > 800, "\(census.summary)")
    let nameless = census.table.type.indices.filter {
      let entry = census.table.entry($0)
      return entry.kind == .unknown && entry.holder == nil
    }
    #expect(nameless.isEmpty, "\(nameless.map { census.heap.blocks.usableBytes(of: $0) })")
  }

  /// Nested and private generics, tuples, existentials, InlineArray, Mutex, ~Copyable, key paths, metatypes, zombies, tasks of
  /// a group, streams; with Foundation: NSObject's subclasses, Data, formatters, locks.
  @Test(arguments: TestPrograms.Build.all + [.foundation])
  func `there are as many of each kind as the program has made`(_ build: TestPrograms.Build) throws {
    let program = try TargetProgram(TestPrograms.inventory(build))
    let census = try program.census()
    let counts = census.counts
    #expect(program.lines.count >= 34)
    for line in program.lines {
      let words = line.split(separator: " ", maxSplits: 1)
      #expect(counts[String(words[1]), default: 0] == Int(words[0]), "\(words[1])")
    }
    let dead = census.table.type.indices.filter { census.table.flags[$0].contains(.dead) }
    #expect(dead.map { census.table.entry($0).name } == Array(repeating: "App.Target", count: 10))
    #expect(census.count(of: .sideTable) == 7)
    // Of main, of a task and of three in its group; a child by async let lies in the memory of its parent.
    #expect(census.count(of: .task) == 5)
  }

  @Test(arguments: TestPrograms.Build.all)
  func `every block of a pure Swift program has a type, or an image or a type that holds it`(
    _ build: TestPrograms.Build
  ) throws {
    let census = try TargetProgram(TestPrograms.inventory(build)).census()
    let unknown = census.table.type.indices.map { census.table.entry($0) }.filter { entry in
      guard entry.kind == .unknown else { return false }
      return entry.holder?.kind != .image && entry.holder?.kind != .type
    }
    #expect(unknown.isEmpty, "\(unknown.map(\.name))")
  }

  @Test(arguments: TestPrograms.Build.all)
  func `storage, boxes and errors are named by what they hold`(_ build: TestPrograms.Build) throws {
    let counts = try TargetProgram(TestPrograms.pureSwift(build)).census().counts
    let expected = [
      "[App.Node] storage": 1, "[App.Dog] storage": 31, "[App.Person] storage": 1, "[App.Point] storage": 0,
      "[any App.Shape] storage": 1, "[Any] storage": 1, "[any Error] storage": 1, "[App.Tree] storage": 1,
      "[() -> Int] storage": 1, "[() -> App.Node?] storage": 1, "[AsyncStream<Int>.Continuation] storage": 1,
      "[Task<Int, Never>] storage": 1, "[App.Cell<[Int: String]>] storage": 1, "[Array<Int>.Inner] storage": 1,
      "[String: App.Animal] storage": 30, "[Int: String] storage": 20, "[String: [Int]] storage": 1,
      "Set<String> storage": 30, "Set<Int> storage": 1, "error box: App.Trouble": 10, "AsyncStream<Int>._Storage": 5,
      "App.Header": 7,
    ]
    for (name, count) in expected { #expect(counts[name, default: 0] == count, "\(name)") }
    if build.name != "no-reflection" {
      for (name, count) in ["box: App.Big": 20, "box: (App.Tree, App.Tree)": 20, "box: Int": 10, "box: String": 10] {
        #expect(counts[name, default: 0] == count, "\(name)")
      }
    }
  }

  @Test(arguments: TestPrograms.Build.all)
  func `what the runtime keeps is told apart`(_ build: TestPrograms.Build) throws {
    let census = try TargetProgram(TestPrograms.pureSwift(build)).census()
    // 30 owners and 5 nodes; the first node is one of the five.
    #expect(census.count(of: .sideTable) == 35)
    #expect(census.count(of: .task) >= 6)
    #expect(census.count(of: .taskSlab) >= 5)
    #expect(census.count(of: .runtimeData) > 20)
    #expect(census.count(of: .managedBuffer) >= 12)
    #expect(census.count(of: .stringStorage) >= 150)
  }

  @Test(arguments: TestPrograms.Build.all)
  func `tasks name the functions that wait for one another, those of a group and by async let too`(
    _ build: TestPrograms.Build
  ) throws {
    let program = try TargetProgram(TestPrograms.inventory(build))
    var census = try program.census()
    var tasks = census.process.tasks(of: census.heap, census.table)
    // A thread of the pool may still be on its way out of a task.
    for _ in 0..<100 where tasks.count(where: { $0.state.contains(.running) }) > 1 {
      usleep(10_000)
      census = try program.census()
      tasks = census.process.tasks(of: census.heap, census.table)
    }
    // Of main; a task, three in its group, and one by async let.
    #expect(tasks.count == 6)
    #expect(tasks.count { $0.isGroupChild } == 3 && tasks.count { $0.isAsyncLet } == 1)
    #expect(tasks.count { $0.isChild } == 4)
    #expect(tasks.count { $0.state.contains(.running) } == 1)
    let symbolizer = Symbolizer(census.process.snapshot)
    for task in tasks where !task.state.contains(.running) {
      let frames = task.backtrace(in: census.process.snapshot)
      #expect(frames.count >= 3)
      if build.isStripped { continue }
      let names = frames.map { symbolizer.name(of: $0) ?? "?" }
      #expect(names.contains { $0.hasSuffix("never()") } == task.isChild, "\(names)")
      #expect(names.contains { $0.contains("closure #1 in ") && $0.hasSuffix("makeTasks()") }, "\(names)")
    }
  }

  @Test(arguments: [TestPrograms.Build.debug, .optimized, .staticLibrary])
  func `closure contexts are named by their functions`(_ build: TestPrograms.Build) throws {
    let counts = try TargetProgram(TestPrograms.pureSwift(build)).census().counts
    #expect(counts["closure #1 in Root.bind(_:)"] == 10)
    #expect(counts["closure #1 in makeCounter()"] == 10)
    #expect(counts["thunk for closure #1 in makeCounter()"] == 10)
    #expect(counts["closure #3 in static Main.fill()"] == 5)
  }

  @Test func `without symbols a closure is named by its place`() throws {
    let census = try TargetProgram(TestPrograms.pureSwift(.stripped)).census()
    let names = census.table.types.filter { $0.kind == .closureContext && $0.function != nil }.map(\.name)
    #expect(names.contains { $0.hasPrefix("closure at PureSwift-stripped+0x") }, "\(names)")
  }

  @Test func `entries tell module, size and reflection`() throws {
    let census = try TargetProgram(TestPrograms.pureSwift(.debug)).census()
    let node = try #require(census.table.types.first { $0.name == "App.Node" })
    #expect(node.kind == .instance)
    #expect(node.module == "App")
    #expect(node.instanceSize == 40)
    #expect(node.hasReflection == true)
    let bare = try TargetProgram(TestPrograms.pureSwift(.withoutReflection)).census()
    #expect(bare.table.types.first { $0.name == "App.Node" }?.hasReflection == false)
  }
}
