import AllocationStacks
import Testing

struct FrameRoleTests {
  private static func frame(_ function: String, _ role: SourceFrame.Role) -> SourceFrame {
    SourceFrame(function: function, image: "app", role: role)
  }

  @Test
  func `the way into the allocator is folded away, and the first frame of the program's own code is the headline`() {
    let stack = AllocationStack(frames: [
      Self.frame("malloc", .allocation), Self.frame("swift_allocObject", .allocation),
      Self.frame("Array.append(_:)", .library), Self.frame("go()", .user), Self.frame("main", .user),
    ])
    #expect(stack.frames.map(\.function) == ["Array.append(_:)", "go()", "main"])
    #expect(stack.headline?.function == "go()")
  }

  @Test func `a stack of nothing but the way into the allocator keeps its last frame`() {
    let stack = AllocationStack(frames: [Self.frame("malloc", .allocation), Self.frame("operator new", .allocation)])
    #expect(stack.frames.map(\.function) == ["operator new"])
  }

  @Test(arguments: [
    ("malloc", "malloc", "/lib/libc.so.6", SourceFrame.Role.allocation),
    ("swift_allocObject", "swift_allocObject", "/srv/app", .allocation),
    ("_Znwm", "operator new(unsigned long)", "/usr/lib/libstdc++.so.6", .allocation),
    ("$s3App4NodeCACycfC", "Node.__allocating_init()", "/srv/app", .allocation),
    ("$s3App5ModelVACycfC", "Model.init()", "/srv/app", .user),
    ("$sSa6appendyyxnF3App4NodeC_Tg5", "specialized Array.append(_:)", "/srv/app", .library),
    ("$ss22_ContiguousArrayBufferV", "_ContiguousArrayBuffer", "/srv/app", .library),
    ("$sSa3AppE4fillyyF", "Array.fill()", "/srv/app", .user),
    ("$sScT3AppE4namedyS2SF", "Task.named(_:)", "/srv/app", .user),
    ("$sScTss5NeverORszABRs_rlE5sleepyys6UInt64VYaFZ", "static Task<>.sleep(_:)", "/srv/app", .library),
    ("$s10Foundation13__DataStorageC6lengthACSi_tcfc", "__DataStorage.init(length:)", "/srv/app", .library),
    ("$s20FoundationEssentials4DataV9repeating5countACs5UInt8V_SitcfC", "Data.init", "/srv/app", .library),
    ("$s10Foundation4DataV3AppE5linesSaySSGyF", "Data.lines()", "/srv/app", .user),
    ("$s10Foundation4DataV0A10EssentialsE5linesSaySSGyF", "Data.lines()", "/srv/app", .library),
    ("$s11FlyingSocks6SocketV4readyyF", "Socket.read()", "/srv/app", .user),
    ("$s99App", "$s99App", "/srv/app", .user),
    ("main", "main", "/srv/app", .user),
    ("xmlParse", "xmlParse", "/usr/lib/libxml2.so", .library),
    ("$s10Foundation4DataV", "Data", "/srv/lib/libFoundationEssentials.so", .library),
    ("sqlite3_open", "sqlite3_open", "/opt/db/libsqlite3.so", .user),
  ])
  func `whose code a frame is`(symbol: String, function: String, path: String, role: SourceFrame.Role) {
    #expect(SourceFrame.Role(symbol: symbol, function: function, path: path) == role)
  }
}
