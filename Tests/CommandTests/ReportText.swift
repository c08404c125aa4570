import TestSupport

/// A small report as text, with its meta file.
struct ReportText {
  static let header =
    "schema_version,run_id,env_id,suite,case_id,runtime,topology,back_link,nodes_count,payload_bytes,repetition,"
    + "order_index,seed,phase,rss_bytes,pss_bytes,private_dirty_bytes,anon_huge_bytes,peak_rss_bytes,heap_in_use_bytes,"
    + "heap_free_bytes,heap_arena_bytes,heap_mmap_bytes,heap_trimmable_bytes,usable_bytes,live_objects_count,"
    + "deinit_count,minor_faults_count,phase_ns,status,inspected_objects_count,inspected_leaked_count,"
    + "inspected_side_tables_count\n"

  /// What varies between the samples of a case.
  struct Sample {
    /// Heap bytes of the built graph, and of what is left of it after the release.
    var built = 48_000
    var leaked = 0
    /// Resident bytes of the built graph.
    var resident = 1_000_000
    var live = 0
    /// Nanoseconds of building and of releasing.
    var time = 50_000
    var status = "ok"
  }

  var text = header
  var run = "run-a"
  var environment = "env-a"
  var seed = 1
  /// The member `runtimes` of the meta file.
  var runtimes = "{}"
  var glibc = "2.36"
  var kernel = "6.1"
  /// What the meta file says of the run.
  var isInterrupted = false
  var warnings: [String] = []

  init() {}

  init(
    cases: [(name: String, samples: [Sample])], run: String = "run-a", environment: String = "env-a", seed: Int = 1
  ) {
    self.run = run
    self.environment = environment
    self.seed = seed
    for entry in cases { add(entry.name, entry.samples) }
  }

  /// - Parameter name: topology and back link, as `ring/weak`; of 1,000 nodes.
  mutating func add(_ name: String, _ samples: [Sample]) {
    let parts = name.split(separator: "/")
    for (repetition, sample) in samples.enumerated() {
      let start =
        "1,\(run),\(environment),custom,swift/\(name)/n=1000/p=0,swift,\(parts[0]),\(parts[1]),1000,0,"
        + "\(repetition),0,\(seed),"
      guard sample.status == "ok" else {
        text += start + "released" + String(repeating: ",", count: 16) + sample.status + ",,,\n"
        continue
      }
      for phase in ["before", "built", "released", "trimmed"] {
        let isBuilt = phase == "built"
        let resident = 4_000_000 + (phase == "before" ? 0 : isBuilt || sample.live > 0 ? sample.resident : 0)
        let heap = 170_000 + (phase == "before" ? 0 : isBuilt ? sample.built : sample.leaked)
        let live = phase == "before" ? 0 : isBuilt ? 1_000 : sample.live
        text +=
          start + "\(phase),\(resident),1,1,0,\(4_000_000 + sample.resident),\(heap),0,0,0,0,0,\(live),"
          + "\(phase == "before" || isBuilt ? 0 : 1_000 - live),0,\(phase == "before" ? "" : "\(sample.time)"),ok,,,\n"
      }
    }
  }

  /// Ten samples whose resident memory and times stray as on a quiet machine.
  static func samples(_ count: Int = 10, _ change: (inout Sample, Int) -> Void = { _, _ in }) -> [Sample] {
    (0..<count).map { index in
      var sample = Sample()
      sample.resident += index % 4 * 4_096
      sample.time += index % 5 * 300
      change(&sample, index)
      return sample
    }
  }

  var meta: String {
    """
    { "schemaVersion": 1, "toolVersion": "0", "runID": "\(run)", "suite": "custom", "options": [], "seed": \(seed),
      "startTime": "2026-01-01T00:00:00Z", "complete": \(!isInterrupted), "interrupted": \(isInterrupted),
      "warnings": \(warnings), "runtimes": \(runtimes),
      "environment": { "glibcVersion": "\(glibc)", "pageSize": 4096, "transparentHugePages": "madvise",
        "mallocVariables": {}, "architecture": "x86_64", "swiftVersion": "6.3.1", "optimization": "release",
        "kernelRelease": "\(kernel)", "cores": 2 } }
    """
  }

  /// Writes `NAME.csv` and its meta file.
  func write(_ name: String, in scratch: ScratchFolder) throws {
    try scratch.write(text, to: name + ".csv")
    try scratch.write(meta, to: name + ".meta.json")
  }
}
