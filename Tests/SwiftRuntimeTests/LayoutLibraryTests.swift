import SwiftRuntime
import Testing

@Suite struct LayoutLibraryTests {
  @Test func `the library is looked for beside the executable, then in the target's runtime, then in the toolchain`() {
    let candidates = RemoteMirrorLibrary.candidates(
      executable: "/opt/weakspot/bin/weakspot",
      targetRuntime: ["/proc/7/root/app/lib/libswiftCore.so", "/proc/7/root/app/lib/libswift_Concurrency.so"],
      toolchain: "/toolchain/lib/swift/linux")
    #expect(
      candidates.prefix(5) == [
        "/opt/weakspot/bin/libswiftRemoteMirror.so", "/opt/weakspot/lib/libswiftRemoteMirror.so",
        "/opt/weakspot/lib/swift/linux/libswiftRemoteMirror.so", "/proc/7/root/app/lib/libswiftRemoteMirror.so",
        "/toolchain/lib/swift/linux/libswiftRemoteMirror.so",
      ])
    #expect(Set(candidates).count == candidates.count)
  }

  @Test(arguments: [nil, "", "weakspot", "/"] as [String?])
  func `what is no absolute path of a file adds no candidate`(executable: String?) {
    let without = RemoteMirrorLibrary.candidates(executable: nil, targetRuntime: [], toolchain: nil)
    let with = RemoteMirrorLibrary.candidates(
      executable: executable, targetRuntime: [executable ?? "libswiftCore.so"], toolchain: nil)
    #expect(with == without)
  }

  @Test func `an executable in the root folder has its neighbours there`() {
    let candidates = RemoteMirrorLibrary.candidates(executable: "/weakspot", targetRuntime: [], toolchain: nil)
    #expect(candidates.first == "/libswiftRemoteMirror.so")
  }

  @Test func `where there is no library, the error lists the places and the remedy`() {
    let error = #expect(throws: RemoteMirrorError.self) {
      try RemoteMirrorLibrary.load(candidates: ["/nowhere/libswiftRemoteMirror.so", "/nor/here.so"])
    }
    #expect(error == .libraryNotFound(searched: ["/nowhere/libswiftRemoteMirror.so", "/nor/here.so"]))
    #expect(error?.description.contains("put it beside the weakspot executable") == true)
    #expect(error?.description.contains("/nor/here.so") == true)
  }

  @Test func `a file that is no library is refused by name, not passed over`() {
    let error = #expect(throws: RemoteMirrorError.self) {
      try RemoteMirrorLibrary.load(candidates: ["/nowhere.so", "/proc/self/status"])
    }
    guard case .libraryNotLoaded(let path, let reason)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(path == "/proc/self/status")
    #expect(!reason.isEmpty)
  }

  @Test func `another library is refused by the function that it lacks`() throws {
    let library = "/lib/x86_64-linux-gnu/libm.so.6"
    let error = #expect(throws: RemoteMirrorError.self) { try RemoteMirrorLibrary.load(candidates: [library]) }
    #expect(
      error
        == .functionMissing(
          path: library, function: "swift_reflection_createReflectionContextWithDataLayout"))
  }
}
