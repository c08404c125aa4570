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

  package static func == (left: Registers, right: Registers) -> Bool { left.words == right.words }
}

/// A thread as it was stopped.
package struct ThreadState: Sendable, Equatable {
  package var id: Int32
  /// The thread's own name, at most 15 bytes.
  package var name: String
  package var registers: Registers

  package init(id: Int32, name: String, registers: Registers) {
    self.id = id
    self.name = name
    self.registers = registers
  }
}
