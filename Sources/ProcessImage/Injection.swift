import CProcess
import Glibc

/// Makes a stopped thread of another process do one system call, as if nothing had happened.
///
/// The thread executes a `syscall` instruction of its own program by a single step, and stops behind it in a
/// signal-delivery-stop. There its registers are restored: a stop in which the kernel still restarts an interrupted
/// system call (`arch_do_signal_or_restart`), so that −512 and its like (ERESTARTSYS) never reach the program.
///
/// From before its registers are changed until they are restored, the thread ends with the inspector (PTRACE_O_EXITKILL):
/// it would go on behind a call that it never made. What it makes by `clone` takes over that option when it begins
/// (`ptrace_init_task` of the kernel), and keeps it.
struct Injection {
  let pid: Int32
  /// Where a `syscall` instruction is.
  let instruction: Address

  enum Outcome {
    /// What the call returned, and the process it has made.
    case done(result: Int64, child: Int32?)
    /// The thread was about to take this signal before the call: its registers are restored.
    case interrupted(signal: Int32)
    case ended
    case failed(errno: Int32)
  }

  /// Looks for the instruction in the process's code, first in the kernel's own page of it.
  init?(pid: Int32, mappings: [Mapping], memory: ProcessMemory) {
    self.pid = pid
    let code = mappings.filter { $0.permissions.isSuperset(of: [.read, .execute]) && $0.name != "[vsyscall]" }
    for mapping in code.filter({ $0.name == "[vdso]" }) + code.filter({ $0.name != "[vdso]" }) {
      if let found = Self.find(in: mapping, memory) {
        instruction = found
        return
      }
    }
    return nil
  }

  private static func find(in mapping: Mapping, _ memory: ProcessMemory) -> Address? {
    withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 16) { buffer in
      var position = mapping.start
      while position < mapping.end {
        let wanted = min(buffer.count, mapping.end.distance(from: position))
        let count = memory.read(at: position, into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted]))
        guard count > 1 else { return nil }
        for index in 0..<count - 1 where buffer[index] == 0x0f && buffer[index + 1] == 0x05 {
          return position + index
        }
        position = position + (count - 1)
      }
      return nil
    }
  }

  #if arch(x86_64)
    /// - Parameters:
    ///   - thread: Stopped, and not about to take a signal.
    ///   - made: Called when the call has made a process, and the thread still stands in it.
    func call(_ number: UInt64, _ arguments: [UInt64], in thread: Int32, made: () -> Void = {}) -> Outcome {
      let options = wsp_option_trace_clone | wsp_option_trace_fork | wsp_option_exit_kill
      guard let original = StoppedThreads.registers(of: thread), wsp_set_options(thread, UInt32(options)) == 0 else {
        return .ended
      }
      defer { _ = wsp_set_options(thread, 0) }
      var changed = original
      changed.values.rip = instruction.bits
      changed.values.rax = number
      // No system call that could be restarted.
      changed.values.orig_rax = .max
      let parameters: [WritableKeyPath<wsp_registers, UInt64>] = [\.rdi, \.rsi, \.rdx, \.r10, \.r8, \.r9]
      for (index, parameter) in parameters.enumerated() {
        changed.values[keyPath: parameter] = index < arguments.count ? arguments[index] : 0
      }
      guard wsp_set_registers(thread, &changed.values) == 0 else { return .failed(errno: errno) }
      var child: Int32?
      while true {
        guard wsp_step(thread) == 0 else { return .ended }
        var result = wsp_wait_result()
        guard wsp_wait(thread, 0, &result) == 0, result.change == wsp_change_stopped.rawValue else { return .ended }
        switch result.event {
        case 0 where result.value == SIGTRAP:
          guard let now = StoppedThreads.registers(of: thread) else { return .ended }
          var restored = original
          guard wsp_set_registers(thread, &restored.values) == 0 else { return .failed(errno: errno) }
          return .done(result: Int64(bitPattern: now.values.rax), child: child)
        case 0:
          var restored = original
          guard wsp_set_registers(thread, &restored.values) == 0 else { return .failed(errno: errno) }
          return .interrupted(signal: result.value)
        case Int32(wsp_event_clone), Int32(wsp_event_fork):
          var message: UInt64 = 0
          if wsp_event_message(thread, &message) == 0 { child = Int32(truncatingIfNeeded: message) }
          made()
        default:
          // A group-stop begins or ends; the kernel takes it up again when the thread is let go.
          continue
        }
      }
    }
  #else
    func call(_ number: UInt64, _ arguments: [UInt64], in thread: Int32, made: () -> Void = {}) -> Outcome {
      .failed(errno: ENOSYS)
    }
  #endif
}
