// Compares one report of `weakspot leaks --format json` with the zoo's tables, for Scripts/scoreboard, so that the rules
// stand in one place.
//
//     ZooJudge TABLE.json CASE REPORT.json
//
// Prints the aspects in which the report is wrong, a line each, `ASPECT: TEXT`; exit status 0 if there is none, 1 if there
// are some, 2 if it cannot be told.

import FoundationEssentials
import Glibc
import ZooExpectations

func fail(_ text: String, status: Int32 = 2) -> Never {
  print("ZooJudge: \(text)")
  exit(status)
}

/// What both tables have.
struct Heading: Decodable {
  var module: String
}

func judge(table: Data, name: String, report: LeaksReport) throws -> [ZooMismatch] {
  if try JSONDecoder().decode(Heading.self, from: table).module == "ZooLeaking" {
    guard let known = try ZooTable<LeakingCase>(json: table).cases.first(where: { $0.name == name }) else {
      fail("no case \(name) in the table")
    }
    return known.mismatches(in: report)
  }
  guard let known = try ZooTable<CleanCase>(json: table).cases.first(where: { $0.name == name }) else {
    fail("no case \(name) in the table")
  }
  return known.mismatches(in: report)
}

let arguments = CommandLine.arguments
guard arguments.count == 4 else { fail("usage: ZooJudge TABLE.json CASE REPORT.json", status: 64) }
do {
  let table = try Data(contentsOf: URL(filePath: arguments[1]))
  let report = try JSONDecoder().decode(LeaksReport.self, from: Data(contentsOf: URL(filePath: arguments[3])))
  let mismatches = try judge(table: table, name: arguments[2], report: report)
  for mismatch in mismatches { print(mismatch) }
  exit(mismatches.isEmpty ? 0 : 1)
} catch {
  fail("\(error)")
}
