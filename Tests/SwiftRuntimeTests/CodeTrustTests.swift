import Glibc
import TestSupport
import Testing

@testable import SwiftRuntime

/// Which files may be loaded as code into a process that may have more rights than others.
struct CodeTrustTests {
  /// `base/one/two/library.so`, of ours alone.
  private struct Folder {
    private let scratch = ScratchFolder()
    var base: String { scratch.path }
    var path: String { base + "/one/two/library.so" }

    init() throws {
      try #require(mkdir(base + "/one", 0o755) == 0 && mkdir(base + "/one/two", 0o755) == 0)
      let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
      try #require(descriptor >= 0)
      close(descriptor)
      try #require(isOurs)
    }

    var isOurs: Bool { CodeTrust.isOurs("/one/two/library.so", in: base) }
  }

  @Test(arguments: ["one", "one/two", "one/two/library.so"], [0o020, 0o002] as [mode_t])
  func `what others may write is not ours`(part: String, right: mode_t) throws {
    let folder = try Folder()
    chmod(folder.base + "/" + part, 0o755 | right)
    #expect(!folder.isOurs)
    chmod(folder.base + "/" + part, 0o755)
    #expect(folder.isOurs)
  }

  @Test(
    .enabled("only root may give files away") { getuid() == 0 }, arguments: ["one", "one/two", "one/two/library.so"])
  func `what belongs to another is not ours`(part: String) throws {
    let folder = try Folder()
    chown(folder.base + "/" + part, 65534, 65534)
    #expect(!folder.isOurs)
  }

  @Test func `a link on the way is not followed`() throws {
    let folder = try Folder()
    symlink("one", folder.base + "/link")
    symlink("two/library.so", folder.base + "/one/other.so")
    #expect(!CodeTrust.isOurs("/link/two/library.so", in: folder.base))
    #expect(!CodeTrust.isOurs("/one/other.so", in: folder.base))
    #expect(!CodeTrust.isOurs("/one/two", in: folder.base))
    #expect(!CodeTrust.isOurs("one/two/library.so", in: folder.base))
    #expect(!CodeTrust.isOurs("", in: folder.base))
  }

  @Test func `the whole way counts`() throws {
    let folder = try Folder()
    chmod(folder.base, 0o777)
    #expect(!CodeTrust.isOurs(folder.path))
    #expect(CodeTrust.isOurs("/etc/passwd"))
  }

  @Test(.enabled("only root may give files away") { getuid() == 0 })
  func `beside an executable, what its owner or root or we have written is as good`() throws {
    let folder = try Folder()
    let executable = folder.base + "/one/other.so"
    try #require(symlink("two/library.so", executable) == 0)
    #expect(CodeTrust.isAsGood(folder.path, as: "/etc/passwd"))
    #expect(!CodeTrust.isAsGood(folder.base + "/no-such-file", as: "/etc/passwd"))
    chown(folder.path, 65534, 65534)
    #expect(!CodeTrust.isAsGood(folder.path, as: "/etc/passwd"))
    #expect(CodeTrust.isAsGood(folder.path, as: executable))
    chmod(folder.path, 0o646)
    #expect(!CodeTrust.isAsGood(folder.path, as: executable))
  }
}
