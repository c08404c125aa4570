import Testing

@testable import ProcessImage

struct MappingTests {
  @Test func `a line of maps becomes a mapping`() {
    let maps = """
      55d0c6a00000-55d0c6a02000 r-xp 00002000 fe:01 1835041                    /usr/bin/sleep
      55d0c7f6e000-55d0c7f8f000 rw-p 00000000 00:00 0                          [heap]
      7f12a0000000-7f12a0021000 rw-p 00000000 00:00 0 
      7f12a4000000-7f12a4001000 ---s 00001000 00:1b 18446744073709551615       /dev/shm/a name  with spaces (deleted)
      7ffd1a000000-7ffd1a021000 rw-p 00000000 00:00 0                          [stack]
      ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]

      """
    let mappings = Mapping.parse(maps)
    #expect(mappings.count == 6)
    #expect(
      mappings[0]
        == Mapping(
          start: Address(0x55d0_c6a0_0000), end: Address(0x55d0_c6a0_2000), permissions: [.read, .execute],
          fileOffset: 0x2000, device: 0xfe_0000_0001, inode: 1_835_041, name: "/usr/bin/sleep"))
    #expect(mappings[1].name == "[heap]")
    #expect(mappings[2].name.isEmpty)
    #expect(mappings[2].permissions == [.read, .write])
    #expect(mappings[3].permissions == [.shared])
    #expect(mappings[3].name == "/dev/shm/a name  with spaces (deleted)")
    #expect(mappings[3].inode == .max)
    #expect(mappings[5].end == Address(0xffff_ffff_ff60_1000))
  }

  @Test(arguments: [
    (#"/tmp/a\012b"#, "/tmp/a\nb"), (#"/tmp/a\b"#, #"/tmp/a\b"#), (#"/tmp/\01"#, #"/tmp/\01"#), (#"/\012"#, "/\n"),
  ])
  func `the kernel's escape of a newline is undone, and nothing else`(written: String, name: String) {
    #expect(Mapping.parse("1000-2000 r--p 00000000 08:01 5  \(written)\n").map(\.name) == [name])
  }

  @Test(arguments: [
    "", "\n\n", "garbage", "1000-", "1000-2000", "1000-2000 r", "1000-2000 r--p 0 08:01", "2000-1000 r--p 0 0:0 0",
    "1000-1000 r--p 0 0:0 0", "x-y r--p 0 0:0 0", "1000-2000 r--p 0 0:0 x", String(repeating: "f", count: 5000),
  ])
  func `what is no mapping is left out`(text: String) {
    #expect(Mapping.parse(text).isEmpty)
  }
}

struct StatusTests {
  private static let text = """
    Name:\tmy: server
    State:\tS (sleeping)
    Tgid:\t1234
    Pid:\t1240
    PPid:\t1
    TracerPid:\t77
    Uid:\t1000\t1001\t1000\t1000
    VmSize:\t  900 kB
    VmRSS:\t    2048 kB
    RssAnon:\t    1024 kB
    RssFile:\t     768 kB
    RssShmem:\t     256 kB
    VmSwap:\t       4 kB
    Threads:\t8
    SigPnd:\t0000000000000100
    CapEff:\t0000000000080000
    Seccomp:\t2

    """

  @Test func `a status is read field by field`() throws {
    let status = try #require(ProcessStatus.parse(Self.text))
    #expect(status.name == "my: server")
    #expect(status.state == "S")
    #expect((status.processID, status.threadID, status.parentID, status.tracerID) == (1234, 1240, 1, 77))
    #expect((status.user, status.threadCount, status.isKernelThread) == (1001, 8, false))
    #expect(status.residentBytes == 2 << 20)
    #expect(status.residentAnonymousBytes == 1 << 20)
    #expect(status.residentFileBytes == 768 << 10)
    #expect(status.residentSharedBytes == 256 << 10)
    #expect(status.swappedBytes == 4 << 10)
    #expect(status.hasPtraceCapability)
    #expect(status.isFiltered)
    #expect(status.pendingSignals == 0x100)
  }

  @Test func `what a kernel does not say is unknown`() throws {
    let status = try #require(ProcessStatus.parse("Name:\tx\nState:\tZ (zombie)\nTgid:\t5\nPid:\t5\n"))
    #expect(status.residentBytes == nil)
    #expect(status.user == nil)
    #expect(!status.isKernelThread)
    #expect(ProcessStatus.parse("") == nil)
    #expect(ProcessStatus.parse("State:\nPid:\t1\nTgid:\t1\n") == nil)
    #expect(ProcessStatus.parse("State:\tR\nPid:\t99999999999\nTgid:\t1\n") == nil)
  }

  @Test func `a thread of the kernel is one without memory, where the kernel does not say so itself`() throws {
    let old = try #require(ProcessStatus.parse("Name:\tkthreadd\nState:\tS\nTgid:\t2\nPid:\t2\n"))
    #expect(old.isKernelThread)
    let new = try #require(ProcessStatus.parse("Name:\tx\nState:\tS\nTgid:\t2\nPid:\t2\nKthread:\t0\n"))
    #expect(!new.isKernelThread)
  }

  @Test func `resident bytes stand in smaps_rollup`() {
    #expect(
      ProcessStatus.residentBytes(inRollup: "1-2 ---p 0 0:0 0 [rollup]\nRss:        1204 kB\nPss: 3 kB\n") == 1204 << 10
    )
    #expect(ProcessStatus.residentBytes(inRollup: "") == nil)
  }
}

struct PermissionTests {
  private static func text(
    own: UInt32 = 1000, target: UInt32? = 1000, yama: Int? = nil, capable: Bool = false, filtered: Bool = false
  ) -> String {
    "\(ProcessError.notPermitted(pid: 7, Permission(ownUser: own, targetUser: target, yamaScope: yama, hasCapability: capable, isFiltered: filtered)))"
  }

  @Test func `the cause and the remedy are named`() {
    #expect(
      Self.text(yama: 1)
        == "7: not permitted to inspect it: kernel.yama.ptrace_scope is 1, which lets a process inspect only its own "
        + "children; run the inspector with sudo, or start the program with `-- COMMAND`, or allow it with "
        + "sysctl kernel.yama.ptrace_scope=0")
    #expect(Self.text(yama: 2).contains("ptrace_scope is 2, which lets only a process with CAP_SYS_PTRACE"))
    #expect(Self.text(yama: 3, capable: true).contains("until the next boot"))
    #expect(Self.text(target: 0, yama: 1).contains("it runs as user 0, the inspector as user 1000"))
    #expect(Self.text(own: 0, target: 0, filtered: true).contains("--cap-add=SYS_PTRACE"))
    #expect(Self.text(own: 0, target: 5, yama: 0, capable: true).contains("security module"))
    #expect(Self.text(yama: 0).contains("not dumpable"))
  }
}

struct MemoryRoomTests {
  private static let meminfo = "MemTotal: 8000 kB\nMemAvailable:    4000 kB\n"

  @Test func `without a cgroup's limit the machine sets it`() {
    let room = MemoryRoom.room(meminfo: Self.meminfo, cgroups: "0::/\n") { _ in nil }
    #expect(room == MemoryRoom(bytes: 4000 << 10, limit: "the machine"))
    #expect(MemoryRoom.room(meminfo: nil, cgroups: nil) { _ in nil } == nil)
  }

  @Test func `the tightest of all groups above counts, with what its cache would give back`() {
    let files = [
      "/sys/fs/cgroup/a/b/memory.max": "max\n", "/sys/fs/cgroup/a/b/memory.current": "1000\n",
      "/sys/fs/cgroup/a/memory.max": "100000\n", "/sys/fs/cgroup/a/memory.current": "60000\n",
      "/sys/fs/cgroup/a/memory.stat": "anon 1\ninactive_file 5000\n",
    ]
    let room = MemoryRoom.room(meminfo: Self.meminfo, cgroups: "0::/a/b\n") { files[$0] }
    #expect(room == MemoryRoom(bytes: 45000, limit: "cgroup /sys/fs/cgroup/a"))
  }

  @Test func `the first version of cgroups has other names`() {
    let folder = "/sys/fs/cgroup/memory/x"
    let files = [
      "\(folder)/memory.limit_in_bytes": "5000\n", "\(folder)/memory.usage_in_bytes": "7000\n",
      "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
      "/sys/fs/cgroup/memory/memory.usage_in_bytes": "1\n",
    ]
    let room = MemoryRoom.room(meminfo: Self.meminfo, cgroups: "4:cpu:/x\n3:memory:/x\n0::/x\n") { files[$0] }
    #expect(room == MemoryRoom(bytes: 0, limit: "cgroup \(folder)"))
  }
}

struct CopyPlanTests {
  private static func mapping(_ start: UInt64, _ end: UInt64, _ permissions: Mapping.Permissions, inode: UInt64 = 0)
    -> Mapping
  {
    Mapping(start: Address(start), end: Address(end), permissions: permissions, inode: inode)
  }

  private static func pages(_ start: UInt64, _ end: UInt64, _ state: PageRange.State) -> PageRange {
    PageRange(start: Address(start), end: Address(end), state: state)
  }

  @Test func `changed private pages are copied, neighbours as one run`() {
    let plan = CopyPlan(
      mappings: [
        Self.mapping(0x1000, 0x5000, [.read], inode: 9),  // relocated, then made read-only
        Self.mapping(0x5000, 0x9000, [.read, .write], inode: 9),
        Self.mapping(0x9000, 0xa000, [.read, .write]),
        Self.mapping(0x20000, 0x30000, [.read, .execute], inode: 9),
        Self.mapping(0x30000, 0x40000, [.read, .write, .shared]),
        Self.mapping(0x50000, 0x60000, []),
        Self.mapping(0x70000, 0x80000, [.read, .write]),
      ],
      pages: [
        Self.pages(0x1000, 0x2000, [.present, .fileBacked]), Self.pages(0x2000, 0x3000, .present),
        Self.pages(0x6000, 0x8000, .present), Self.pages(0x8000, 0x9000, .swapped),
        Self.pages(0x20000, 0x30000, [.present, .fileBacked]), Self.pages(0x30000, 0x40000, [.present, .fileBacked]),
        Self.pages(0x70000, 0x71000, [.present, .zeroPage]), Self.pages(0x71000, 0x73000, .present),
      ])
    #expect(plan.runs.map(\.start.bits) == [0x1000, 0x70000])
    #expect(plan.runs.map(\.end.bits) == [0xa000, 0x80000])
    #expect(plan.pieces.map(\.start.bits) == [0x2000, 0x6000, 0x71000])
    #expect(plan.pieces.map(\.end.bits) == [0x3000, 0x9000, 0x73000])
    #expect(plan.bytes == 0x6000)
  }
}
