package import CProcess

/// A thread's general registers, by the names of `struct user_regs_struct`.
package struct Registers: Equatable, @unchecked Sendable {
  package var values: wsp_registers

  package init(values: wsp_registers = wsp_registers()) { self.values = values }

  #if arch(x86_64)
    package var stackPointer: Address { Address(values.rsp) }
    package var instructionPointer: Address { Address(values.rip) }
    package var framePointer: Address { Address(values.rbp) }
    package var threadPointer: Address { Address(values.fs_base) }
  #else
    package var stackPointer: Address { Address(values.sp) }
    package var instructionPointer: Address { Address(values.pc) }
    package var framePointer: Address { Address(values.x.29) }
    /// A register that the general ones do not hold (NT_ARM_TLS).
    package var threadPointer: Address { Address(0) }
  #endif

  /// Every register as a word, segment selectors included: what may hold a pointer.
  package var words: [UInt64] { withUnsafeBytes(of: values) { Array($0.bindMemory(to: UInt64.self)) } }

  /// The number of the system call that the thread was stopped in; `nil` in the midst of its own code.
  package var systemCall: Int? {
    #if arch(x86_64)
      let number = Int64(bitPattern: values.orig_rax)
      return number >= 0 ? Int(number) : nil
    #else
      return nil
    #endif
  }

  /// Whether the thread was stopped in a system call that waits for something else than a lock, or that ends the thread.
  package var areOfWaiting: Bool {
    #if arch(x86_64)
      guard let call = systemCall else { return false }
      // Of the operations of `futex` FUTEX_WAIT_BITSET (linux/futex.h), by which glibc waits for semaphores, conditions and the ends of
      // threads. By FUTEX_WAIT it waits for its locks, malloc's too, in the midst of anything.
      return call == Self.futex ? values.rsi & 0x7F == 9 : Self.waitingCalls.contains(call)
    #else
      return false
    #endif
  }

  #if arch(x86_64)
    private static let futex = 202
    /// poll, select, pause, nanosleep, exit, rt_sigtimedwait, rt_sigsuspend, clock_nanosleep, exit_group, epoll_wait, pselect6,
    /// ppoll, epoll_pwait, epoll_pwait2 (asm/unistd_64.h).
    private static let waitingCalls: Set<Int> = [7, 23, 34, 35, 60, 128, 130, 230, 231, 232, 270, 271, 281, 441]
  #endif

  package static func == (left: Registers, right: Registers) -> Bool { left.words == right.words }
}

/// A thread as it was stopped.
package struct ThreadState: Sendable, Equatable {
  package var id: Int32
  /// The thread's own name, at most 15 bytes.
  package var name: String
  package var registers: Registers
  /// The words of its floating-point and vector registers that are not 0: the compiler moves references through them, two and more at
  /// a time. None in a system call: by the ABI a call leaves nothing in them.
  package var vectorWords: [UInt64]

  package init(id: Int32, name: String, registers: Registers, vectorWords: [UInt64] = []) {
    self.id = id
    self.name = name
    self.registers = registers
    self.vectorWords = vectorWords
  }
}
