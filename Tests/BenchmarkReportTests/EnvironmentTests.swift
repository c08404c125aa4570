import Testing

@testable import BenchmarkReport

@Suite("Facts of the environment")
struct EnvironmentTests {
  @Test("the id of the same facts is the same for ever")
  func stable() {
    #expect(facts.envID == "env-73f18142bf4d15fe")
  }

  @Test(
    "a fact that changes memory changes the id, and no other does",
    arguments: [
      ("glibcVersion", true), ("pageSize", true), ("transparentHugePages", true), ("GLIBC_TUNABLES", true),
      ("MALLOC_ARENA_MAX", true), ("LD_PRELOAD", true), ("architecture", true), ("swiftVersion", true),
      ("optimization", true), ("kernelRelease", false), ("cpuModel", false), ("cores", false), ("memoryBytes", false),
      ("cgroupMemoryLimitBytes", false), ("operatingSystem", false),
    ])
  func changes(fact: String, changesMemory: Bool) {
    var other = facts
    switch fact {
    case "glibcVersion": other.glibcVersion = "2.39"
    case "pageSize": other.pageSize = 16384
    case "transparentHugePages": other.transparentHugePages = "always"
    case "GLIBC_TUNABLES": other.glibcTunables = "glibc.malloc.tcache_count=0"
    case "MALLOC_ARENA_MAX": other.mallocVariables["MALLOC_ARENA_MAX"] = "1"
    case "LD_PRELOAD": other.preload = "/usr/lib/libjemalloc.so"
    case "architecture": other.architecture = "aarch64"
    case "swiftVersion": other.swiftVersion = "6.4"
    case "optimization": other.optimization = "debug"
    case "kernelRelease": other.kernelRelease = "6.2.0"
    case "cpuModel": other.cpuModel = nil
    case "cores": other.cores = 64
    case "memoryBytes": other.memoryBytes = 1
    case "cgroupMemoryLimitBytes": other.cgroupMemoryLimitBytes = 1
    default: other.operatingSystem = "Ubuntu 24.04"
    }
    #expect((other.envID != facts.envID) == changesMemory)
    for (new, base) in [(other, facts), (facts, other)] {
      let differences = new.differences(from: base)
      #expect(differences.map(\.fact) == [fact])
      #expect(differences.map(\.changesMemory) == [changesMemory])
      #expect(differences.first?.base != differences.first?.new)
    }
  }

  @Test("differences that change memory come first")
  func order() {
    var other = facts
    other.cores = 4
    other.mallocVariables = ["MALLOC_PERTURB_": "1"]
    #expect(
      facts.differences(from: other).map(\.description) == ["MALLOC_PERTURB_: 1 → unset", "cores: 4 → 2"])
    #expect(facts.differences(from: facts).isEmpty)
  }

  @Test("a process's own environment decides, and a variable set to nothing is not set")
  func variables() {
    let plain = EnvironmentFacts.current(environment: ["HOME": "/root", "LD_PRELOAD": ""])
    #expect(plain.preload == nil)
    #expect(plain.mallocVariables.isEmpty)
    let tuned = EnvironmentFacts.current(environment: [
      "GLIBC_TUNABLES": "glibc.malloc.tcache_count=0", "MALLOC_ARENA_MAX": "1",
    ])
    #expect(tuned.glibcTunables == "glibc.malloc.tcache_count=0")
    #expect(tuned.mallocVariables == ["MALLOC_ARENA_MAX": "1"])
    #expect(plain.envID != tuned.envID)
  }

  @Test("this machine has a glibc, pages, processors and memory, and an id that is not a number")
  func here() {
    let here = EnvironmentFacts.current()
    #expect(here.glibcVersion?.hasPrefix("2.") == true)
    #expect(here.pageSize >= 4096)
    #expect(here.cores >= 1)
    #expect(here.memoryBytes ?? 0 > 0)
    #expect(!here.kernelRelease.isEmpty)
    #expect(here.envID.wholeMatch(of: /env-[0-9a-f]{16}/) != nil)
    #expect(here == EnvironmentFacts.current())
    #expect(here.swiftVersion.hasPrefix("6."))
    #if DEBUG
      #expect(here.optimization == "debug")
    #endif
  }

  @Test("text of /proc and /sys is read as the kernel writes it")
  func parsing() {
    #expect(EnvironmentFacts.selectedMode("always [madvise] never\n") == "madvise")
    #expect(EnvironmentFacts.selectedMode("nothing") == nil)
    let release = "NAME=\"Debian\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n"
    #expect(
      EnvironmentFacts.value(of: "PRETTY_NAME", in: release, separator: "=") == "Debian GNU/Linux 12 (bookworm)")
    #expect(EnvironmentFacts.value(of: "model name", in: "model\t: 2\nmodel name\t: A B\n", separator: ":") == "A B")
    #expect(EnvironmentFacts.value(of: "model name", in: "model\t: 2\n", separator: ":") == nil)
  }

  @Test("the least memory limit above the process counts, in both versions of cgroups")
  func limits() {
    func limit(_ cgroups: String, _ files: [String: String]) -> Int64? {
      EnvironmentFacts.memoryLimit(cgroups: cgroups) { files[$0] }
    }
    let unified = ["/sys/fs/cgroup/a/b/memory.max": "max\n", "/sys/fs/cgroup/a/memory.max": "1000000\n"]
    #expect(limit("0::/a/b\n", unified) == 1_000_000)
    #expect(limit("0::/\n", [:]) == nil)
    let first = ["/sys/fs/cgroup/memory/x/memory.limit_in_bytes": "9223372036854771712\n"]
    #expect(limit("4:memory:/x\n0::/\n", first) == nil)
    #expect(limit("4:cpu,memory:/x\n", ["/sys/fs/cgroup/memory/x/memory.limit_in_bytes": "4096\n"]) == 4096)
  }
}
