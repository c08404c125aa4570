import HeapBlocks
import ProcessImage
import RecorderLaunch
import Recording
import TestSupport
import Testing

/// What the recorder says of live blocks, against what the programs themselves know.
struct ExactnessTests {
  @Test func `500 threads that allocate, move and free, with forks, leave exactly the program's own list`() throws {
    let scratch = ScratchFolder()
    let (execution, recording) = try TestPrograms.record("./stress \(scratch["list"])")
    #expect(execution == TestPrograms.Execution(status: 0, out: "", error: ""))
    var own: [Address: Int] = [:]
    for line in try scratch.read("list").split(separator: "\n") {
      let parts = line.split(separator: " ").compactMap { Int($0, radix: 16) }
      own[Address(UInt64(parts[0]))] = parts[1]
    }
    #expect(own.count > 5000)
    var recorded: [Address: Int] = [:]
    for block in recording.blocks(from: "stress") { recorded[block.address] = block.size }
    #expect(recorded == own)
    // The rest is the C library's and the loader's own.
    #expect(recording.blocks.count - own.count < 100)
    #expect(recording.stacks.allSatisfy { $0.end == .outermost && !$0.isGuessed })
    #expect(recording.warnings.isEmpty, "\(recording.warnings)")
  }

  @Test func `the recorded blocks are those that a walk of the heap finds, block for block`() throws {
    let scratch = ScratchFolder()
    let program = try RunningProgram("\(TestPrograms.path("stress")) \(scratch["list"]) wait")
    let pid = try program.number(after: "ready")
    let heap = try Heap.walk(Snapshot.capture(pid: pid))
    #expect(heap.isTrusted, "\(heap.problems)")
    let recording = try Recording.open(path: try #require(RunningRecording.path(pid: pid)))
    #expect(recording.blocks.count > 5000)
    #expect(recording.blocks.map(\.address) == (0..<heap.blocks.count).map(heap.blocks.address(of:)))
    for block in recording.blocks {
      guard let index = heap.blocks.index(startingAt: block.address.bits) else { continue }
      #expect(block.size <= heap.blocks.usableBytes(of: index))
    }
  }

  @Test(arguments: [524_288, 65_536, 1000])
  func `sampled totals lie within their stated error, for blocks of 16 bytes to 1 MiB`(mean: Int) throws {
    let (execution, recording) = try TestPrograms.record("./sizes 32", sampleMean: mean)
    #expect(execution.status == 0)
    #expect(recording.mode == .sampled(mean: mean))
    var bySize: [Int: RecordedTotals] = [:]
    for block in recording.blocks(from: "sizes") {
      bySize[block.size, default: RecordedTotals()].add(size: block.size, mean: Double(mean))
    }
    var all = RecordedTotals()
    var trueBytes = 0.0
    for line in execution.out.split(separator: "\n") {
      let parts = line.split(separator: " ").compactMap { Int($0) }
      let totals = bySize[parts[0]] ?? RecordedTotals()
      // Six standard errors: beyond them once in 500 million times.
      #expect(
        abs(totals.blocks - Double(parts[1])) <= 6 * max(totals.blocksError, 1),
        "\(parts[0]): \(totals.blocks) ± \(totals.blocksError) of \(parts[1])")
      all.add(totals)
      trueBytes += Double(parts[0] * parts[1])
    }
    #expect(abs(all.bytes - trueBytes) <= 6 * all.bytesError, "\(all.bytes) ± \(all.bytesError) of \(trueBytes)")
    #expect(all.bytesError < 0.2 * all.bytes)
  }

  @Test func `the stated error is the real one`() throws {
    // Over many runs the mean square of (estimate − truth) / error is 1; far from it, the formula would be wrong.
    let truth = Double(9 * 2 * 2 << 20)
    var sum = 0.0
    for _ in 0..<24 {
      let (_, recording) = try TestPrograms.record("./sizes 2", sampleMean: 65_536)
      var totals = RecordedTotals()
      for block in recording.blocks(from: "sizes") { totals.add(size: block.size, mean: 65_536) }
      let deviation = (totals.bytes - truth) / totals.bytesError
      sum += deviation * deviation
    }
    // Chi-squared with 24 degrees of freedom: outside once in a million times.
    #expect(sum > 4.3 && sum < 73, "\(sum)")
  }

  @Test func `a program killed by a signal leaves what it had`() throws {
    let (execution, recording) = try TestPrograms.record("./family leave")
    #expect(execution.status == 128 + 11)
    #expect(recording.blocks(from: "family").map(\.size) == [1005])
    #expect(!recording.hasEnded)
  }

  @Test func `frames of an unloaded library keep their image, though another one lies there now`() throws {
    let (execution, recording) = try TestPrograms.record("./unload ./libfirst.so ./libsecond.so")
    #expect(execution.status == 0, "\(execution)")
    #expect(recording.blocks(from: "libfirst.so").map(\.size) == [1001])
    #expect(recording.blocks(from: "libsecond.so").map(\.size) == [1002])
    let images = recording.images.filter {
      $0.path?.contains("libfirst") == true || $0.path?.contains("libsecond") == true
    }
    #expect(images.count == 2)
    #expect(images.allSatisfy { $0.lastGeneration != nil && $0.buildID.count == 20 && $0.path?.hasPrefix("/") == true })
    #expect(Set(images.map(\.buildID)).count == 2)
  }

  @Test(arguments: ["./throws", "python3 -c 'import json; x = [json.dumps({i: i}) for i in range(3000)]'"])
  func `stacks are those that libunwind finds`(command: String) throws {
    let own = try stacks("", command)
    let reference = try stacks("WEAKSPOT_RECORD_UNWINDER=libunwind", command)
    #expect(own.count > 10)
    #expect(own == reference)
  }

  /// Every stack, as file and address in it, of a program whose allocations do not depend on chance.
  private func stacks(_ more: String, _ command: String) throws -> Set<[String]> {
    let scratch = ScratchFolder()
    let file = scratch["recording"]
    // What Python keeps depends on addresses, too, which are the same each time where that may be asked for; and its own arenas
    // on what is mapped around them, so that it goes without.
    let fixed =
      "export PYTHONHASHSEED=0 PYTHONMALLOC=malloc; FIXED=$(setarch -R true 2>/dev/null && echo setarch -R); $FIXED"
    _ = try TestPrograms.run("\(fixed) $RECORD \(more) \(command)", RecorderSettings(output: file))
    let recording = try Recording.open(path: file)
    let all = recording.stacks.map { stack in
      stack.frames.map { frame in
        guard let image = recording.image(of: frame, in: stack) else { return frame.description }
        return "\(image.path ?? "?")+\(Address(frame.bits &- image.bias))"
      }
    }
    // libunwind is there from the recorder's constructor on; what the loader does before has other stacks with it.
    return Set(all.filter { stack in stack.contains { $0.contains("/throws+") || $0.contains("/python3") } })
  }
}
