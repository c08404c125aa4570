import Subprocess
import TestSupport
import Testing

/// `weakspot-bench show` on a small report, whole and damaged.
struct ShowTests {
  private static let header =
    "schema_version,run_id,env_id,suite,case_id,runtime,topology,back_link,nodes_count,payload_bytes,repetition,"
    + "order_index,seed,phase,rss_bytes,pss_bytes,private_dirty_bytes,anon_huge_bytes,peak_rss_bytes,heap_in_use_bytes,"
    + "heap_free_bytes,heap_arena_bytes,heap_mmap_bytes,heap_trimmable_bytes,usable_bytes,live_objects_count,"
    + "deinit_count,minor_faults_count,phase_ns,status,inspected_objects_count,inspected_leaked_count,"
    + "inspected_side_tables_count\n"

  /// Rows of a sample: resident and heap bytes at the four checkpoints, and what was live after the release.
  private static func sample(
    _ link: String, _ nodes: Int, rss: [Int], heap: [Int], live: Int, repetition: Int = 0
  ) -> String {
    var text = ""
    for (index, phase) in ["before", "built", "released", "trimmed"].enumerated() {
      let alive = index == 0 ? 0 : index == 1 ? nodes : live
      text +=
        "1,run-a,env-a,custom,swift/ring/\(link)/n=\(nodes)/p=0,swift,ring,\(link),\(nodes),0,\(repetition),0,1,\(phase),"
        + "\(rss[index]),1,1,0,\(rss.max()!),\(heap[index]),0,0,0,0,0,\(alive),\(nodes - alive),0,"
        + "\(index == 0 ? "" : "\(nodes * 50)"),ok,,,\n"
    }
    return text
  }

  private static let report =
    header
    + sample("strong", 1000, rss: [0, 49152, 49152, 49152], heap: [100, 48100, 48100, 48100], live: 1000)
    + sample("weak", 1000, rss: [0, 98304, 98304, 0], heap: [100, 96100, 340, 340], live: 0)
    + sample("weak", 100_000, rss: [0, 9_600_000, 9_600_000, 0], heap: [0, 9_600_000, 0, 0], live: 0)
    + "1,run-a,env-a,custom,swift/ring/unowned/n=1000/p=0,swift,ring,unowned,1000,0,0,9,1,released"
    + String(repeating: ",", count: 16) + "crashed,,,\n"

  private let scratch = ScratchFolder()

  private func show(_ text: String, _ name: String) async throws {
    try scratch.write(text, to: "r.csv")
    let execution = try await Executable.bench.run(["show", scratch["r.csv"]])
    try expectGolden(name, execution, replacing: [(scratch.path, "FOLDER")])
  }

  @Test func `a report is shown as a table and in words`() async throws {
    try await show(Self.report, "show")
  }

  @Test func `a damaged report is refused with line and column`() async throws {
    let lines = Self.report.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    var damaged = lines
    damaged[3] = lines[3].replacing(",49152,", with: ",4915x,")
    try await show(damaged.joined(separator: "\n"), "show-damaged")
    try await show("", "show-empty")
    try await show(lines.prefix(3).joined(separator: "\n") + "\n1,run", "show-truncated")
    try await show(Self.report.replacing("\n1,run-a", with: "\n2,run-a"), "show-newer")
  }

  @Test func `a narrow terminal gets every figure`() async throws {
    try scratch.write(Self.report, to: "r.csv")
    let execution = try await Executable.bench.shell(
      #"export B="$0" R="$1"; script -qec 'stty cols 40; "$B" show "$R"' /dev/null"#, [scratch["r.csv"]])
    #expect(execution.status == .exited(0))
    let lines = execution.out.split { $0 == "\n" || $0 == "\r\n" }.dropFirst(0)
    #expect(lines.contains { $0.contains("ring, strong, 1,000 nodes") })
    #expect(lines.contains { $0.contains("leaked 46.9 KiB") })
  }

  @Test func `a reader that goes away ends the command quietly`() async throws {
    try scratch.write(Self.report, to: "r.csv")
    let execution = try await Executable.bench.shell(
      #"set -o pipefail; "$0" show "$1" | head -n 1"#, [scratch["r.csv"]])
    #expect(execution.error.split(separator: "\n").allSatisfy { $0.contains("warning") })
    #expect(execution.out.hasPrefix("topology"))
  }
}
