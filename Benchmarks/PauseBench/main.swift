// For how long a capture stops its target, as the target itself feels it: `PauseBench [ROUNDS]`. Each round measures, one
// after the other, a plain copy of the same bytes, a capture, and a capture of a frozen copy (`--fork`). Exit status 1 if
// a goal is missed: a capture takes at most 1.25 times as long as the plain copy, one by fork at most a quarter.
import Glibc
import ProcessImage

private func median(_ values: [Int]) -> Double {
  let sorted = values.sorted()
  guard !sorted.isEmpty else { return .nan }
  return Double(sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
}

private func milliseconds(_ nanoseconds: Double) -> String {
  let hundredths = Int((nanoseconds / 10_000).rounded())
  let fraction = hundredths % 100
  return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
}

private func ratio(_ value: Double) -> String { milliseconds(value * 1_000_000) }

private func padded(_ text: String, _ width: Int) -> String {
  String(repeating: " ", count: max(0, width - text.count)) + text
}

private func measure(_ name: String, objects: Int, bytes: Int, rounds: Int, heartbeat: String) throws -> Bool {
  let target = try HeartbeatProcess(path: heartbeat, objects: objects, bytes: bytes)
  let first = try Snapshot.capture(pid: target.pid)
  let plain = try PlainCopy(like: first)
  defer { plain.free() }
  let copied = first.copiedBytes
  var gaps: [[Int]] = [[], [], []]
  var told: [[Int]] = [[], []]
  for _ in 0..<rounds {
    gaps[0].append(try target.gap { try plain.run() })
    for (index, forks) in [(1, false), (2, true)] {
      // Its memory is given back when the gap is known: that work is no pause.
      var snapshot: Snapshot?
      let options = Snapshot.Options(forks: forks)
      gaps[index].append(try target.gap { snapshot = try Snapshot.capture(pid: target.pid, options: options) })
      if let snapshot { told[index - 1].append(snapshot.pause) }
    }
  }
  let medians = gaps.map(median)
  print(
    "\(name), \(copied >> 20) MiB copied, medians of \(rounds), ms as the target felt them (and as the library tells)")
  let rows: [(String, Int, Double?)] = [("plain copy", 0, nil), ("capture", 1, 1.25), ("capture by fork", 2, 0.25)]
  var isMet = true
  for (label, index, goal) in rows {
    var line = label.padding(to: 16) + padded(milliseconds(medians[index]), 9)
    line += "  min \(padded(milliseconds(Double(gaps[index].min() ?? 0)), 7))"
    if let goal {
      line += "  (\(milliseconds(median(told[index - 1]))))"
      let share = medians[index] / medians[0]
      line += "  \(ratio(share)) of the plain copy, goal \(ratio(goal)): \(share <= goal ? "met" : "MISSED")"
      isMet = isMet && share <= goal
    }
    print(line)
  }
  fflush(nil)
  return isMet
}

extension String {
  fileprivate func padding(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}

private let rounds = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 15
private var folder = CommandLine.arguments[0].split(separator: "/", omittingEmptySubsequences: false)
folder[folder.count - 1] = "Heartbeat"
do {
  let path = folder.joined(separator: "/")
  let small = try measure("1 M objects", objects: 1_000_000, bytes: 40, rounds: rounds, heartbeat: path)
  let large = try measure("5 M objects", objects: 5_000_000, bytes: 72, rounds: rounds, heartbeat: path)
  exit(small && large ? 0 : 1)
} catch {
  print("PauseBench: \(error)")
  exit(2)
}
