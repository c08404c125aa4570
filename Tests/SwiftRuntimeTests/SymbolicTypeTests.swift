import ProcessImage
import Testing

@testable import SwiftRuntime

/// Types by their mangled names, as the compiler writes them for captures and boxes.
struct SymbolicTypeTests {
  private func name(_ mangled: String) -> String? {
    let memory = MemoryImage([(Address(0x1000), Array(mangled.utf8) + [0])])
    return SymbolicType.name(at: Address(0x1000), in: memory, namer: TypeNamer(memory: memory))
  }

  @Test(arguments: [
    ("Si", "Int"), ("SiSg", "Int?"), ("SaySiG", "[Int]"), ("SDySSSiG", "[String: Int]"), ("ShySSG", "Set<String>"),
    ("Si_SSt", "(Int, String)"), ("Si1a_SS1bt", "(a: Int, b: String)"), ("SiSgXw", "weak Int?"),
    // A type that follows itself is written once, behind how often.
    ("Si_Sit", "(Int, Int)"), ("Si_S3it", "(Int, Int, Int, Int)"), ("S2ic", "(Int) -> Int"),
    ("S2bKc", "(Bool) throws -> Bool"), ("SaySiG_A3At", "([Int], [Int], [Int], [Int])"),
    ("SaySiG_ShySSGA2aBt", "([Int], Set<String>, [Int], [Int], Set<String>)"),
  ])
  func `a type has the name that its source gives it`(mangled: String, expected: String) {
    #expect(name(mangled) == expected)
  }

  @Test(arguments: [
    "", "S", "S2", "S99i", "S999i", "S0i", "A", "AA", "A2", "A9A", "SaySiG_A99At", "Si_Si", "t", "9", "Si9",
  ])
  func `what is cut short or repeated beyond reason has no name`(mangled: String) {
    #expect(name(mangled) == nil)
  }
}
