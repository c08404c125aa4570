package import LeakAnalysis

/// `weakspot leaks` as text.
extension LeakReport {
  /// - Parameters:
  ///   - width: Characters that fit on a line; `nil` where nobody counts, in a pipe.
  ///   - stacks: Whole stacks, not the places of the program's own code alone.
  package func text(width: Int?, stacks: Bool = false) -> String {
    let width = width ?? defaultLineWidth
    var text = wrap(target.sentence, width: width) + "\n\n"
    let counted = counted
    text += wrap(sum, width: width) + "\n"
    for (index, leak) in counted.enumerated() { text += leak.text(number: index + 1, width: width, stacks: stacks) }
    text += Self.section(
      "Suspects, which do not count: nobody owns them, but their address is known",
      leaks.filter { $0.verdict == .suspect && $0.ignored == nil }, width: width, stacks: stacks)
    text += Self.section(
      "Ignored, as the list says", leaks.filter { $0.ignored != nil }, width: width, stacks: stacks)
    return text
  }

  /// How much is leaked; of what was asked for, where that was not all.
  private var sum: String {
    let count = counted.isEmpty ? "No leaks" : Quantity.counted(counted.count, "leak", "leaks")
    let subject = type.map { " that \($0) takes part in" } ?? ""
    let others = otherLeaks > 0 ? "; \(Quantity.counted(otherLeaks, "other", "others"))" : ""
    guard !counted.isEmpty else { return "\(count)\(subject)\(others)." }
    let bytes = Quantity.bytes(Double(leakedBytes))
    return "\(count)\(subject), \(Quantity.counted(leakedObjects, "object", "objects")), \(bytes)\(others)"
  }

  private static func section(_ title: String, _ leaks: [Leak], width: Int, stacks: Bool) -> String {
    guard !leaks.isEmpty else { return "" }
    return "\n\(wrap(title + ":", width: width))\n"
      + leaks.enumerated().map { $1.text(number: $0 + 1, width: width, stacks: stacks) }.joined()
  }
}

extension Leak {
  func text(number: Int, width: Int, stacks: Bool) -> String {
    let head = "\(number). \(title)"
    let tail = "\(composition), \(Quantity.bytes(Double(retainedBytes)))"
    var text: String
    let line = "\(head)   \(tail)   \(verdictWords)"
    if line.count <= width {
      text = line + "\n"
    } else {
      text = wrap(head, width: width) + "\n" + wrap("\(tail)   \(verdictWords)", width: width, indent: "     ") + "\n"
    }
    if instances > 1 { text += "     \(Quantity.count(instances)) times the same\n" }
    text += steps(width: width)
    for cycle in otherCycles {
      text += wrap(
        "also: " + cycle.map { "\($0.from).\($0.field)" }.joined(separator: " → "), width: width, indent: "     ")
      text += "\n"
    }
    if let best = weaken.first, !cycle.contains(where: { best.names($0) }) {
      text += wrap(
        "\(best.reason.verb) \(best.fieldList): " + best.sentence(retained: self), width: width, indent: "     ")
      text += "\n"
    }
    for place in pointedAtBy { text += wrap("its address is in \(place)", width: width, indent: "     ") + "\n" }
    for allocation in allocations { text += allocation.text(width: width, whole: stacks) }
    if let ignored { text += wrap("ignored: \(ignored)", width: width, indent: "     ") + "\n" }
    return text
  }

  /// `App.Branch ⇄ App.Leaf`; of a longer cycle, arrows.
  private var title: String {
    guard kind == .cycle, !cycle.isEmpty else { return types.prefix(3).joined(separator: ", ") }
    let names = cycle.map(\.from)
    if names.count == 1 { return "\(names[0]) ⇄ \(names[0])" }
    if names.count == 2 { return "\(names[0]) ⇄ \(names[1])" }
    if names.count <= 4 { return (names + [names[0]]).joined(separator: " → ") }
    return (names.prefix(3) + ["…", names[0]]).joined(separator: " → ")
  }

  /// `551 objects + 51 arrays`.
  private var composition: String {
    let storage = [
      "array", "dictionary", "set", "box", "string", "closure", "buffer", "C", "C++", "task memory", "side table",
    ]
    let plurals = [
      "arrays", "dictionaries", "sets", "boxes", "strings", "closures", "buffers", "C blocks", "C++ objects",
      "task slabs",
      "side tables",
    ]
    let singulars = [
      "array", "dictionary", "set", "box", "string", "closure", "buffer", "C block", "C++ object", "task slab",
      "side table",
    ]
    var parts: [String] = []
    let others = members.filter { !storage.contains($0.kind) }.reduce(0) { $0 + $1.count }
    if others > 0 { parts.append(Quantity.counted(others, "object", "objects")) }
    for (index, kind) in storage.enumerated() {
      let count = members.filter { $0.kind == kind }.reduce(0) { $0 + $1.count }
      if count > 0 { parts.append(Quantity.counted(count, singulars[index], plurals[index])) }
    }
    return parts.joined(separator: " + ")
  }

  private var verdictWords: String {
    switch (verdict, kind) {
    case (.proven, _): "proven by reference counts"
    case (.unreachable, .cycle): "unreachable: a cycle through memory without types"
    case (.unreachable, .overretained): "unreachable: over-retained, no reference anywhere"
    case (.unreachable, .lost): "unreachable: lost, no pointer anywhere"
    case (.suspect, _): "suspect"
    }
  }

  /// A line for each step of the cycle, the best reference to weaken marked.
  private func steps(width: Int) -> String {
    guard !cycle.isEmpty else { return "" }
    let best = weaken.first
    let names = cycle.map { "\($0.from).\($0.field)" }
    let longest = min(names.map(\.count).max() ?? 0, 48)
    var text = ""
    for (step, name) in zip(cycle, names) {
      let padding = String(repeating: " ", count: max(0, longest - name.count))
      let line = "\(name)\(padding) → \(step.to)   \(step.ownership)"
      let mark = best.flatMap { $0.mark(of: step, in: self) } ?? ""
      if 5 + line.count + mark.count <= width {
        text += "     \(line)\(mark)\n"
      } else {
        text += wrap(line, width: width, indent: "     ") + "\n"
        if !mark.isEmpty { text += wrap(String(mark.drop { $0 == " " }), width: width, indent: "       ") + "\n" }
      }
    }
    if cycleLength > cycle.count {
      text += "     \(Quantity.count(cycleLength)) objects in a ring\n"
    }
    return text
  }
}

extension Weakening {
  func names(_ step: CycleStep) -> Bool { field(of: step) != nil }

  private func field(of step: CycleStep) -> Field? { fields.first { $0.type == step.from && $0.field == step.field } }

  /// What stands behind a step that should be weak: the reason at the first of them, and there also what must be weak besides.
  func mark(of step: CycleStep, in leak: Leak) -> String? {
    guard let field = field(of: step) else { return nil }
    let place = field.declaredIn.map { ", declared in \($0)" } ?? ""
    guard field == leak.cycle.lazy.compactMap(self.field).first else { return "   ← and this\(place)" }
    let others = fields.filter { other in
      !leak.cycle.contains { $0.from == other.type && $0.field == other.field }
    }
    let together = others.isEmpty ? "" : " and \(Self.list(others))"
    return "   ← \(reason.verb) this\(place)\(together): \(sentence(retained: leak))"
  }

  var fieldList: String { Self.list(fields) }

  private static func list(_ fields: [Field]) -> String {
    let names = fields.prefix(5).map { "\($0.declaredIn ?? $0.type).\($0.field)" }
    return (fields.count > 5 ? names + ["\(fields.count - 5) more"] : names).joined(separator: " and ")
  }

  /// Why, and what it frees.
  func sentence(retained leak: Leak) -> String {
    let objects = Quantity.counted(freesObjects, "object", "objects")
    let isAll = freesBytes == leak.retainedBytes && freesObjects > 1
    return "\(reason.sentence); frees \(isAll ? "all " : "")\(objects)"
  }
}

extension Weakening.Reason {
  /// What is to be done with the reference.
  fileprivate var verb: String { self == .storedClosure ? "cut" : "weaken" }

  /// One sentence, without its full stop.
  package var sentence: String {
    switch self {
    case .capture(let closure, let captured):
      Self.advice(closure: closure, captured: captured)
    case .ownedOtherwise(let target, let owner, let owned, let targets):
      owned == targets
        ? "every \(target) has another owner (\(owner))"
        : "\(Quantity.count(owned)) of \(Quantity.count(targets)) \(target) have another owner (\(owner))"
    case .storedClosure: "a stored closure cannot be weak, so set it to nil when it has done its work"
    case .onlyChoice: "no other reference of the cycle can be weak"
    case .sharedTarget(let target): "several such references lead to one \(target), as a way back does"
    case .named: "its name says that it leads back"
    case .protocolType: "it is an optional of a protocol's type, as a delegate is"
    case .required(let source, let target):
      "nothing else tells the references apart, but it is no optional: \(source) is made for \(target) (`unowned` suits)"
    case .undecided: "nothing tells the references apart: choose the one that does not own"
    }
  }
}

extension Weakening.Reason {
  private static func advice(closure: String, captured: String) -> String {
    let isSelf = isSelf(captured, of: closure)
    // A context's field stands for a closure whose function is not known.
    if closure.hasPrefix("closure") || closure.hasSuffix("context") {
      return isSelf ? "write [weak self] in \(closure)" : "write [weak …] for the captured \(captured) in \(closure)"
    }
    // Functions, methods and autoclosures have no capture list.
    return "put a closure with [weak \(isSelf ? "self" : "…")] in the place of \(closure)"
      + (isSelf ? "" : ", which captures \(captured)")
  }

  /// Whether a closure of a method captures an object of the method's type: `closure #1 in Model.bind()`, `App.Model`.
  private static func isSelf(_ captured: String, of closure: String) -> Bool {
    var depth = 0
    var name = ""
    for character in captured {
      if character == "<" { depth += 1 }
      if depth == 0 { name.append(character) }
      if character == ">" { depth -= 1 }
    }
    guard let dot = name.firstIndex(of: ".") else { return false }
    let method = "\(name[name.index(after: dot)...])."
    return closure.hasPrefix(method) || closure.contains(" in \(method)")
  }
}
