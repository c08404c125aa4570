internal import Glibc

/// Whether a program can be recorded at all, as far as its file tells. The recorder cannot say so itself where it is
/// never loaded.
package enum Recordability: Equatable, Sendable {
  case recordable
  /// A script: what runs, and is recorded, is its interpreter.
  case script(interpreter: String)
  /// There is no dynamic loader that could load the recorder.
  case staticExecutable
  /// It runs with other rights than its caller's, so that the loader ignores LD_PRELOAD (ld.so(8), secure-execution mode).
  case privileged
  /// Its loader is musl's, and the recorder is built for glibc.
  case otherLibrary
  /// Of another machine or word size than this one.
  case otherMachine
  /// No executable that could be recognised; starting it will tell.
  case unknown

  /// Judges a file of which `head` are the first bytes (4 KiB suffice: program headers follow the ELF header).
  /// - Parameter isPrivileged: Its set-user-id or set-group-id gives it other rights than its caller's.
  package init(head: [UInt8], isPrivileged: Bool) {
    if head.starts(with: [0x23, 0x21]) {  // #!
      let line = head.dropFirst(2).prefix { $0 != 0x0a }
      let interpreter = line.drop { $0 == 0x20 || $0 == 0x09 }.prefix { $0 != 0x20 && $0 != 0x09 }
      self = .script(interpreter: String(decoding: interpreter, as: UTF8.self))
      return
    }
    guard head.count >= 64, head.starts(with: [0x7f, 0x45, 0x4c, 0x46]) else {
      self = .unknown
      return
    }
    let loader = head.withUnsafeBytes { head in Self.loader(head) }
    switch loader {
    case nil: self = .otherMachine
    case .some(nil): self = .staticExecutable
    case .some(let path?) where path.contains("/ld-musl-"): self = .otherLibrary
    default: self = isPrivileged ? .privileged : .recordable
    }
  }

  /// Judges the file at `path`; `nil` if it cannot be read. File capabilities are not looked at.
  package init?(path: String) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    let head = [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
      count = max(0, pread(descriptor, buffer.baseAddress, buffer.count, 0))
    }
    let changesUser = status.st_mode & S_ISUID != 0 && status.st_uid != getuid()
    let changesGroup = status.st_mode & S_ISGID != 0 && status.st_mode & S_IXGRP != 0 && status.st_gid != getgid()
    self.init(head: head, isPrivileged: changesUser || changesGroup)
  }

  /// What to tell the user; `nil` if there is nothing to tell.
  package var advice: String? {
    switch self {
    case .recordable, .script, .unknown:
      nil
    case .staticExecutable:
      "it is a static executable, into which nothing can be preloaded; link it dynamically (without -static, "
        + "-static-executable; -static-stdlib is fine)"
    case .privileged:
      "it runs with other rights than yours (set-user-id), and the loader then ignores LD_PRELOAD; run it "
        + "as that user, from a copy without these rights"
    case .otherLibrary:
      "it is built for musl, and the recorder is for glibc; build it on a distribution with glibc"
    case .otherMachine:
      "it is built for another machine or word size than weakspot"
    }
  }

  /// The ELF file's program interpreter (elf(5), PT_INTERP), `.some(nil)` if it has none. `nil`: it is not of this machine.
  private static func loader(_ head: UnsafeRawBufferPointer) -> String?? {
    #if arch(x86_64)
      let machine: UInt16 = 62
    #else
      let machine: UInt16 = 183
    #endif
    guard head[4] == 2, head[5] == 1, head.loadUnaligned(fromByteOffset: 18, as: UInt16.self) == machine else {
      return nil
    }
    let offset = Int(truncatingIfNeeded: head.loadUnaligned(fromByteOffset: 32, as: UInt64.self))
    let size = Int(head.loadUnaligned(fromByteOffset: 54, as: UInt16.self))
    let count = Int(head.loadUnaligned(fromByteOffset: 56, as: UInt16.self))
    guard size >= 56, offset >= 64, offset <= head.count else { return .some(nil) }
    for index in 0..<count {
      let start = offset + index * size
      guard start + 56 <= head.count else { break }
      guard head.loadUnaligned(fromByteOffset: start, as: UInt32.self) == 3 else { continue }
      // The path lies just behind the headers; where it does not, it is not glibc's or musl's usual one.
      let path = Int(truncatingIfNeeded: head.loadUnaligned(fromByteOffset: start + 8, as: UInt64.self))
      guard path >= 0, path < head.count else { return .some("") }
      return String(decoding: head[path...].prefix { $0 != 0 }, as: UTF8.self)
    }
    return .some(nil)
  }
}
