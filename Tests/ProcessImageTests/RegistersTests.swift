#if arch(x86_64)
  import CProcess
  import ProcessImage
  import Testing

  struct RegistersTests {
    /// A system call (asm/unistd_64.h), an operation of `futex` (linux/futex.h), and whether the thread waits for more than a lock.
    @Test(arguments: [
      (35, 0, true), (202, 9, true), (202, 0x189, true), (202, 0, false), (202, 0x80, false), (202, 1, false),
      (24, 0, false), (-1, 0, false),
    ])
    func `a thread that waits for a lock may be in the midst of anything`(call: Int, operation: UInt64, waits: Bool) {
      var registers = Registers()
      registers.values.orig_rax = UInt64(bitPattern: Int64(call))
      registers.values.rsi = operation
      #expect(registers.areOfWaiting == waits)
    }
  }
#endif
