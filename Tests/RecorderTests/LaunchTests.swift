import Glibc
import RecorderLaunch
import Testing

/// What happens before a program is recorded.
struct LaunchTests {
  private static let built =
    "/home/me/weakspot/.build/plugins/outputs/weakspot/RecorderLaunch/destination/libweakspot-recorder.so"

  @Test(arguments: [
    (
      "/usr/local/bin/weakspot",
      ["/usr/local/bin/libweakspot-recorder.so", "/usr/local/lib/weakspot/libweakspot-recorder.so"]
    ),
    ("/bin/weakspot", ["/bin/libweakspot-recorder.so", "/lib/weakspot/libweakspot-recorder.so"]),
    (
      "/home/me/weakspot/.build/x86_64-unknown-linux-gnu/debug/weakspot",
      [
        "/home/me/weakspot/.build/x86_64-unknown-linux-gnu/debug/libweakspot-recorder.so",
        "/home/me/weakspot/.build/x86_64-unknown-linux-gnu/lib/weakspot/libweakspot-recorder.so", built,
      ]
    ),
  ])
  func `the library is looked for beside the executable, then where it is installed, then where it was built`(
    executable: String, places: [String]
  ) {
    #expect(RecorderLibrary.candidates(asked: nil, executable: executable, built: Self.built) == places)
    #expect(RecorderLibrary.candidates(asked: "", executable: executable, built: Self.built) == places)
    #expect(RecorderLibrary.candidates(asked: "/my.so", executable: executable, built: Self.built) == ["/my.so"])
  }

  @Test func `the package's own recorder is found, and needs nothing but the C library`() throws {
    let library = try RecorderLibrary.find()
    #expect(library.hasSuffix("/libweakspot-recorder.so"))
    let needed = try TestPrograms.run("readelf -d \(library) | grep NEEDED | sed 's/.*\\[//; s/\\]//' | sort")
    #expect(needed.out == "ld-linux-x86-64.so.2\nlibc.so.6\n")
  }

  @Test func `settings become an environment, and a list of libraries stays behind the recorder`() throws {
    let settings = RecorderSettings(sampleMean: 524_288, output: "/tmp/x", recordsChildren: true)
    let old = [
      "PATH": "/bin", "LD_PRELOAD": "/a.so:/b.so", "WEAKSPOT_RECORD_OUTPUT": "/old", "WEAKSPOT_RECORD_UNWINDER": "x",
    ]
    #expect(
      try settings.applied(to: old, library: "/r.so") == [
        "PATH": "/bin", "LD_PRELOAD": "/r.so:/a.so:/b.so", "WEAKSPOT_RECORD_SAMPLE": "524288",
        "WEAKSPOT_RECORD_OUTPUT": "/tmp/x", "WEAKSPOT_RECORD_CHILDREN": "1",
      ])
    #expect(try RecorderSettings().applied(to: ["LD_PRELOAD": ""], library: "/r.so") == ["LD_PRELOAD": "/r.so"])
    #expect(throws: RecorderLaunchError.unusablePath("/my tools/r.so")) {
      try settings.applied(to: [:], library: "/my tools/r.so")
    }
  }

  @Test func `a static, a privileged and a foreign executable cannot be recorded, and a script's interpreter is named`()
    throws
  {
    #expect(Recordability(path: "/bin/sh") == .recordable)
    #expect(Recordability(path: TestPrograms.path("static")) == .staticExecutable)
    #expect(Recordability(path: "/nonexistent") == nil)
    #expect(
      Recordability(head: Array("#! /usr/bin/env -S swift\nprint(1)".utf8), isPrivileged: false)
        == .script(interpreter: "/usr/bin/env"))
    #expect(Recordability(head: Array("text".utf8), isPrivileged: false) == .unknown)
    #expect(Recordability(head: [0x7f, 0x45, 0x4c, 0x46], isPrivileged: false) == .unknown)
    var head = try #require(firstBytes(of: "/bin/sh"))
    #expect(Recordability(head: head, isPrivileged: true) == .privileged)
    head[4] = 1
    #expect(Recordability(head: head, isPrivileged: false) == .otherMachine)
    #expect(Recordability.staticExecutable.advice?.contains("dynamically") == true)
    #expect(Recordability.recordable.advice == nil)
  }

  @Test func `whatever stands in an executable's head, judging it ends`() throws {
    let head = try #require(firstBytes(of: "/bin/sh"))
    for index in 0..<64 {
      for byte: UInt8 in [0, 1, 0x7f, 0xff] {
        var damaged = head
        damaged[index] = byte
        _ = Recordability(head: damaged, isPrivileged: false)
        _ = Recordability(head: Array(damaged.prefix(64 + index)), isPrivileged: false)
      }
    }
  }

  private func firstBytes(of path: String) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    return [UInt8](unsafeUninitializedCapacity: 4096) { $1 = max(0, read(descriptor, $0.baseAddress, 4096)) }
  }
}
