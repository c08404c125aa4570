import ArgumentParser
import BenchmarkRun
import CommandLineTool
import GraphWorkloads
import Rendering

struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List suites, topologies and back links, and what cannot be combined.")

  func run() throws {
    let width = Console.outWidth ?? 100
    Console.out(section("Suites", Suite.all.map { ($0.name, $0.summary) }, width))
    Console.out("\n" + section("Topologies", Topology.allCases.map { ($0.name, $0.summary) }, width))
    Console.out("\n" + section("Back links", BackLink.allCases.map { ($0.name, $0.summary) }, width))
    let refusals = Topology.allCases.flatMap { topology in
      BackLink.allCases.compactMap { backLink in
        GraphSpecification.refusal(topology, backLink).map { ("\(topology.name), \(backLink.name)", $0) }
      }
    }
    Console.out("\n" + section("Not combined", refusals, width))
  }

  private func section(_ title: String, _ entries: [(name: String, summary: String)], _ width: Int) -> String {
    let nameWidth = (entries.map(\.name.count).max() ?? 0) + 4
    var text = title + "\n"
    for entry in entries {
      let indent = String(repeating: " ", count: nameWidth)
      let lines = wrap(entry.summary, width: max(width, nameWidth + 20), indent: indent)
      text += "  " + entry.name + lines.dropFirst(2 + entry.name.count) + "\n"
    }
    return text
  }
}
