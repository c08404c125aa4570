/// Reads rows of a report whose header is known, straight from a buffer of bytes into numbers.
///
/// Integers become themselves, words their number in a table of the column: no string and no array is made for a field.
/// Every row ends with a line feed that lies in the buffer, so that the scanning loops need no other bound.
struct RowParser {
  /// What is wrong with a field; the caller knows file and line.
  struct Fault: Error {
    /// Position of the field in the row.
    let field: Int
    let expected: String
    let found: String
  }

  private enum Kind {
    case ignored, integer, optionalInteger, word, listedWord
  }

  /// One field of a row, in the file's order.
  private struct Step {
    let kind: Kind
    /// Position of the column in `ReportSchema.columns`, 0 for a column that is not there.
    let target: Int
  }

  /// The parts of a `case_id` as the fields of their own columns hold them.
  private struct CaseFields {
    let runtime: Int32
    let topology: Int32
    let backLink: Int32
    let nodes: Int64
    let payload: Int64
  }

  private let steps: [Step]
  /// The bounds of the integers, by position in `ReportSchema.columns`.
  private let minimums: [Int64]
  private let maximums: [Int64]
  /// The integers of the latest row by position in `ReportSchema.columns`; `Report.missing` where the field is empty.
  private(set) var integers: [Int64]
  /// The numbers of the words of the latest row, likewise.
  private(set) var words: [Int32]
  private var tables: [StringTable]
  private let caseID = ReportSchema.position(of: .caseID)
  private let runtime = ReportSchema.position(of: .runtime)
  private let topology = ReportSchema.position(of: .topology)
  private let backLink = ReportSchema.position(of: .backLink)
  private let nodes = ReportSchema.position(of: .nodes)
  private let payload = ReportSchema.position(of: .payload)
  /// The identity of each distinct `case_id`.
  private(set) var cases: [CaseIdentity] = []
  /// What the other fields of a row must hold for each `case_id`.
  private var caseFields: [CaseFields] = []
  /// Line feeds inside quotes in the latest row.
  private(set) var innerLines = 0
  private var unquoted: [UInt8] = []

  /// - Parameter columns: the file's columns in its order, nil for one that the schema does not have.
  init(columns: [ColumnName?]) {
    steps = columns.map { name in
      guard let name else { return Step(kind: .ignored, target: 0) }
      let target = ReportSchema.position(of: name)
      let column = ReportSchema.columns[target]
      let kind: Kind =
        switch column.type {
        case .integer: column.required ? .integer : .optionalInteger
        case .string: column.allowed.isEmpty ? .word : .listedWord
        }
      return Step(kind: kind, target: target)
    }
    minimums = ReportSchema.columns.map { $0.minimum ?? 0 }
    maximums = ReportSchema.columns.map { $0.maximum ?? .max }
    integers = Array(repeating: Report.missing, count: ReportSchema.columns.count)
    words = Array(repeating: -1, count: ReportSchema.columns.count)
    tables = ReportSchema.columns.map { StringTable($0.allowed) }
  }

  /// The distinct words of a column, by number.
  func strings(_ column: ColumnName) -> [String] { tables[ReportSchema.position(of: column)].strings }

  /// Reads the row at `start` and returns where the next one begins; nil if a quote is still open at `limit`.
  ///
  /// - Precondition: the byte before `limit` is a line feed, and `start` is before it.
  mutating func parse(
    _ start: UnsafePointer<UInt8>, limit: UnsafePointer<UInt8>
  ) throws(Fault) -> UnsafePointer<UInt8>? {
    innerLines = 0
    var position = start
    for field in steps.indices {
      guard var end = try parseField(field, at: position, limit: limit) else { return nil }
      if end.pointee == UInt8(ascii: "\r") { end += 1 }
      if end.pointee == UInt8(ascii: "\n") {
        if field == steps.count - 1 {
          try checkCase()
          return end + 1
        }
        throw Fault(field: field, expected: "\(steps.count) fields, as in the header", found: "\(field + 1)")
      }
      position = end + 1
    }
    throw Fault(field: steps.count, expected: "\(steps.count) fields, as in the header", found: "more")
  }

  /// Reads one field and returns its delimiter: a comma, a line feed, or a carriage return before a line feed.
  @inline(__always)
  private mutating func parseField(
    _ field: Int, at start: UnsafePointer<UInt8>, limit: UnsafePointer<UInt8>
  ) throws(Fault) -> UnsafePointer<UInt8>? {
    let target = steps[field].target
    switch steps[field].kind {
    case .integer, .optionalInteger:
      var end = start
      var value: Int64 = 0
      while true {
        let digit = end.pointee &- UInt8(ascii: "0")
        if digit > 9 { break }
        value = value &* 10 &+ Int64(digit)
        end += 1
      }
      // 18 digits cannot overflow; the rest, and whatever is wrong, goes the slow way.
      if end.pointee == UInt8(ascii: ",") || end.pointee == UInt8(ascii: "\n"), end - start <= 18 {
        if end == start, steps[field].kind == .optionalInteger {
          integers[target] = Report.missing
          return end
        }
        if end != start, value >= minimums[target], value <= maximums[target] {
          integers[target] = value
          return end
        }
      }
    case .word, .listedWord:
      if let length = tables[target].lengthOfLatest(at: start, limit: limit) {
        words[target] = tables[target].latestNumber
        return start + length
      }
    case .ignored:
      break
    }
    if start.pointee == UInt8(ascii: "\"") { return try parseQuoted(field, at: start, limit: limit) }
    let end = try endOfPlain(field, at: start)
    try accept(field, UnsafeBufferPointer(start: start, count: end - start))
    return end
  }

  private func endOfPlain(_ field: Int, at start: UnsafePointer<UInt8>) throws(Fault) -> UnsafePointer<UInt8> {
    var end = start
    while true {
      switch end.pointee {
      case UInt8(ascii: ","), UInt8(ascii: "\n"):
        return end
      case UInt8(ascii: "\r"):
        if end[1] == UInt8(ascii: "\n") { return end }
        throw Fault(field: field, expected: "a line feed after a carriage return", found: printable([end[1]]))
      case UInt8(ascii: "\""):
        throw Fault(field: field, expected: "quotes around the whole field", found: "a quote inside it")
      default:
        end += 1
      }
    }
  }

  private mutating func parseQuoted(
    _ field: Int, at start: UnsafePointer<UInt8>, limit: UnsafePointer<UInt8>
  ) throws(Fault) -> UnsafePointer<UInt8>? {
    unquoted.removeAll(keepingCapacity: true)
    var end = start + 1
    while end != limit {
      let byte = end.pointee
      end += 1
      if byte == UInt8(ascii: "\n") { innerLines += 1 }
      // A quote is not the line feed before the limit, so there is a byte after it.
      if byte != UInt8(ascii: "\"") {
        unquoted.append(byte)
      } else if end.pointee == byte {
        unquoted.append(byte)
        end += 1
      } else {
        let isLineEnd = end.pointee == UInt8(ascii: "\r") && end[1] == UInt8(ascii: "\n")
        guard isLineEnd || end.pointee == UInt8(ascii: ",") || end.pointee == UInt8(ascii: "\n") else {
          let found = printable([end.pointee])
          throw Fault(field: field, expected: "a comma or a line end after the closing quote", found: found)
        }
        let content = unquoted
        try content.withUnsafeBufferPointer { bytes throws(Fault) in try accept(field, bytes) }
        return end
      }
    }
    return nil
  }

  /// Takes the content of a field.
  private mutating func accept(_ field: Int, _ bytes: UnsafeBufferPointer<UInt8>) throws(Fault) {
    let target = steps[field].target
    let isAccepted =
      switch steps[field].kind {
      case .integer: acceptInteger(bytes, target)
      case .optionalInteger: bytes.isEmpty ? acceptMissing(target) : acceptInteger(bytes, target)
      case .word: acceptWord(bytes, target)
      case .listedWord: acceptListedWord(bytes, target)
      case .ignored: true
      }
    if !isAccepted {
      let column = ReportSchema.columns[target]
      let expected = target == caseID ? "runtime/topology/back_link/n=NODES/p=PAYLOAD" : column.expectation
      throw Fault(field: field, expected: expected, found: printable(bytes))
    }
  }

  private mutating func acceptMissing(_ target: Int) -> Bool {
    integers[target] = Report.missing
    return true
  }

  private mutating func acceptInteger(_ bytes: UnsafeBufferPointer<UInt8>, _ target: Int) -> Bool {
    var value: Int64 = 0
    for byte in bytes {
      let digit = byte &- UInt8(ascii: "0")
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(Int64(digit))
      if digit > 9 || overflow || carry { return false }
      value = sum
    }
    guard !bytes.isEmpty, value >= minimums[target], value <= maximums[target] else { return false }
    integers[target] = value
    return true
  }

  private mutating func acceptWord(_ bytes: UnsafeBufferPointer<UInt8>, _ target: Int) -> Bool {
    if let number = tables[target].find(bytes) {
      words[target] = number
      return true
    }
    // Whatever is new is looked at once: UTF-8 without control characters.
    guard !bytes.isEmpty, !bytes.contains(where: { $0 < 32 || $0 == 127 }),
      let text = String(validating: bytes, as: UTF8.self)
    else { return false }
    if target == caseID {
      guard let identity = CaseIdentity(text) else { return false }
      addCase(identity)
    }
    words[target] = tables[target].insert(bytes)
    return true
  }

  private mutating func addCase(_ identity: CaseIdentity) {
    cases.append(identity)
    caseFields.append(
      CaseFields(
        runtime: tables[runtime].insert(Array(identity.runtime.utf8)),
        topology: tables[topology].insert(Array(identity.topology.utf8)),
        backLink: tables[backLink].insert(Array(identity.backLink.utf8)),
        nodes: Int64(identity.nodes), payload: Int64(identity.payload)))
  }

  /// Compares the latest row's `case_id` with the fields that it is made of.
  private func checkCase() throws(Fault) {
    let fields = caseFields[Int(words[caseID])]
    if words[runtime] != fields.runtime { throw mismatch(runtime, fields.runtime) }
    if words[topology] != fields.topology { throw mismatch(topology, fields.topology) }
    if words[backLink] != fields.backLink { throw mismatch(backLink, fields.backLink) }
    if integers[nodes] != fields.nodes { throw mismatch(nodes, "\(fields.nodes)", "\(integers[nodes])") }
    if integers[payload] != fields.payload { throw mismatch(payload, "\(fields.payload)", "\(integers[payload])") }
  }

  private func mismatch(_ target: Int, _ word: Int32) -> Fault {
    let strings = tables[target].strings
    return mismatch(target, strings[Int(word)], strings[Int(words[target])])
  }

  private func mismatch(_ target: Int, _ expected: String, _ found: String) -> Fault {
    let field = steps.firstIndex { $0.kind != .ignored && $0.target == target } ?? 0
    return Fault(field: field, expected: "\(expected), as in case_id", found: printable(found.utf8))
  }

  private mutating func acceptListedWord(_ bytes: UnsafeBufferPointer<UInt8>, _ target: Int) -> Bool {
    guard let number = tables[target].find(bytes) else { return false }
    words[target] = number
    return true
  }
}
