import ArgumentParser
import BenchmarkRun
import CommandLineTool
import Rendering

struct PatternsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "patterns",
    abstract: "Show the three patterns of reference counting on live objects.")

  func run() throws {
    if let reason = Measurability.refusal { throw Failure(.failure, reason) }
    // Freed blocks then leave the count of bytes in use at once: what is left is what leaks.
    Tunables.restartWithoutThreadCache()
    for (index, pattern) in Pattern.allCases.enumerated() {
      let story = pattern.watched()
      Console.out("\(index == 0 ? "" : "\n")\(index + 1). \(Self.title(pattern))\n\n")
      var table = TextTable([.init("", .left), .init("strong count of  a"), .init("b"), .init("c")])
      for step in story.steps {
        table.append(["   " + step.code] + step.strongCounts.map { $0.map(String.init) ?? "–" })
      }
      Console.out(table.text + "\n")
      for (name, sight) in zip(["a", "b", "c"], story.sights) {
        switch sight {
        case .object(let address): Console.out("   <weak \(name) → Node at 0x\(String(address, radix: 16))>\n")
        case .dead: Console.out("   <weak \(name) → dead>\n")
        }
      }
      Console.out("\n   heap bytes still in use: \(Quantity.count(try pattern.heapBytesLeft()))\n")
      Console.out(wrap(Self.moral(pattern), width: Console.outWidth ?? 100, indent: "   ") + "\n")
    }
  }

  private static func title(_ pattern: Pattern) -> String {
    switch pattern {
    case .chain: "A chain of strong references: a → b → c"
    case .strongRing: "A ring of strong references: a → b → c → a"
    case .weakRing: "A ring of weak references: a ⇢ b ⇢ c ⇢ a"
    }
  }

  private static func moral(_ pattern: Pattern) -> String {
    switch pattern {
    case .chain: "Each object goes with its last strong reference, at once."
    case .strongRing:
      "No name leads to them, yet each is owned by the one before it: all counts stay at 1, and nothing will ever free them."
    case .weakRing:
      "A weak reference adds nothing to the count: each object goes with its name, and the links become nil."
    }
  }
}
