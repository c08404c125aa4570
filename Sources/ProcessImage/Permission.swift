/// Why the kernel forbids looking into a process, as far as it can be told from outside (ptrace(2), "Ptrace access mode
/// checking").
package struct Permission: Sendable, Equatable, CustomStringConvertible {
  /// User of the inspector and of the process.
  package var ownUser: UInt32
  package var targetUser: UInt32?
  /// `/proc/sys/kernel/yama/ptrace_scope`; `nil` where there is no Yama.
  package var yamaScope: Int?
  /// The inspector has CAP_SYS_PTRACE in its own user namespace.
  package var hasCapability: Bool
  /// A seccomp filter is at work on the inspector, as in containers.
  package var isFiltered: Bool

  package init(ownUser: UInt32, targetUser: UInt32?, yamaScope: Int?, hasCapability: Bool, isFiltered: Bool = false) {
    self.ownUser = ownUser
    self.targetUser = targetUser
    self.yamaScope = yamaScope
    self.hasCapability = hasCapability
    self.isFiltered = isFiltered
  }

  package var description: String {
    if yamaScope == 3 {
      return "kernel.yama.ptrace_scope is 3, which forbids it to everyone until the next boot; boot with another value"
    }
    if let targetUser, targetUser != ownUser, ownUser != 0 {
      return
        "it runs as user \(targetUser), the inspector as user \(ownUser); run the inspector as that user or with sudo"
    }
    if !hasCapability, let yamaScope, yamaScope > 0 {
      let rule =
        yamaScope == 1
        ? "lets a process inspect only its own children" : "lets only a process with CAP_SYS_PTRACE inspect others"
      let start = yamaScope == 1 ? ", or start the program with `-- COMMAND`" : ""
      return
        "kernel.yama.ptrace_scope is \(yamaScope), which \(rule); run the inspector with sudo\(start), or allow it with "
        + "sysctl kernel.yama.ptrace_scope=0"
    }
    if !hasCapability {
      let cause =
        isFiltered || ownUser == 0
        ? "CAP_SYS_PTRACE is missing, as it is in a container"
        : "the program is protected (set-user-ID, more capabilities, or not dumpable) and CAP_SYS_PTRACE is missing"
      return "\(cause); run the inspector with sudo, or the container with --cap-add=SYS_PTRACE"
    }
    return
      "the inspector has CAP_SYS_PTRACE, so that a seccomp filter, a security module (AppArmor, SELinux) or another "
      + "user namespace forbids it; run the inspector outside the container"
  }

  /// What can be told of process `pid` from here.
  static func current(for status: ProcessStatus?) -> Permission {
    let own = ProcFile.status(of: "self")
    return Permission(
      ownUser: own?.user ?? 0, targetUser: status?.user,
      yamaScope: ProcFile.number("/proc/sys/kernel/yama/ptrace_scope"),
      hasCapability: own?.hasPtraceCapability ?? false, isFiltered: own?.isFiltered ?? false)
  }
}
