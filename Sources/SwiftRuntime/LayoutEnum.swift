/// Enums whose active case decides which references there are.
///
/// The mirror projects one value in 0.2 to 0.4 µs. That is too slow for millions, so it is asked once per type: which bits
/// tell the cases apart, and which case belongs to each of their values. What cannot be learned so is asked per value.
struct EnumProjection {
  enum Rule {
    /// Case 0 where the word at `offset` is a pointer or a bridge object (`value & mask` is at least a page), else no case
    /// with references.
    case pointer(offset: UInt32, mask: UInt64)
    /// The bits of the runs, put together, are an index into `cases`.
    case tag(runs: [TagRun], cases: [Int16])
    /// The mirror is asked.
    case mirror
  }

  /// Neighbouring bits of one byte.
  struct TagRun: Equatable {
    var byte: UInt32
    var shift: UInt8
    var width: UInt8
  }

  var type: MirrorType
  var size: Int
  var rule: Rule

  /// The case with references that the value at `base` holds; -1: none.
  func activeCase(at base: UnsafeRawPointer, mirror: RemoteMirror?) -> Int {
    switch rule {
    case .pointer(let offset, let mask):
      return base.loadUnaligned(fromByteOffset: Int(offset), as: UInt64.self) & mask >= LayoutSlot.leastPointer ? 0 : -1
    case .tag(let runs, let cases):
      var key = 0
      for run in runs {
        let byte = Int(base.load(fromByteOffset: Int(run.byte), as: UInt8.self))
        key = key << Int(run.width) | (byte >> Int(run.shift)) & ((1 << Int(run.width)) - 1)
      }
      return Int(cases[key])
    case .mirror:
      return mirror?.enumCase(of: UnsafeRawBufferPointer(start: base, count: size), type: type) ?? -1
    }
  }
}

/// Learns an enum's rule by showing the mirror made-up values.
struct EnumExaminer {
  let mirror: RemoteMirror
  let type: MirrorType
  let size: Int

  /// A pointer without spare bits, as every payload might hold; differs from word to word.
  private static func pointer(_ word: Int) -> UInt64 { 0x0000_5A3C_96A5_0000 &+ UInt64(word &* 0x1230) }

  private static let largestTable = 12
  private static let largestValue = 256

  func projection() -> EnumProjection { EnumProjection(type: type, size: size, rule: rule()) }

  private func rule() -> EnumProjection.Rule {
    guard size > 0, size <= Self.largestValue else { return .mirror }
    let bits = discriminatingBits()
    guard !bits.isEmpty else { return .mirror }
    let rule = bits.count <= Self.largestTable ? tagRule(bits) : pointerRule(bits)
    guard let rule, agrees(EnumProjection(type: type, size: size, rule: rule), bits) else { return .mirror }
    return rule
  }

  private func pointers() -> [UInt8] {
    (0..<size).map { UInt8(truncatingIfNeeded: Self.pointer($0 / 8) >> UInt64($0 % 8 * 8)) }
      .enumerated().map { $0.offset / 8 * 8 + 8 <= size ? $0.element : 0 }
  }

  private func activeCase(_ bytes: [UInt8]) -> Int {
    bytes.withUnsafeBytes { mirror.enumCase(of: $0, type: type) } ?? -1
  }

  /// The bits whose change changes the case, seen from a value full of pointers and from one of zeros.
  private func discriminatingBits() -> [Int] {
    var found: Set<Int> = []
    for base in [pointers(), Array(repeating: UInt8(0), count: size)] {
      let expected = activeCase(base)
      var bytes = base
      for bit in 0..<(size * 8) {
        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        if activeCase(bytes) != expected { found.insert(bit) }
        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      }
    }
    return found.sorted()
  }

  private func tagRule(_ bits: [Int]) -> EnumProjection.Rule? {
    var runs: [EnumProjection.TagRun] = []
    for bit in bits {
      if let last = runs.last, Int(last.byte) == bit / 8, Int(last.shift) + Int(last.width) == bit % 8 {
        runs[runs.count - 1].width += 1
      } else {
        runs.append(.init(byte: UInt32(bit / 8), shift: UInt8(bit % 8), width: 1))
      }
    }
    var bytes = pointers()
    var cases: [Int16] = []
    for key in 0..<(1 << bits.count) {
      var rest = key
      for run in runs.reversed() {
        let mask = UInt8((1 << Int(run.width)) - 1)
        let value = UInt8(truncatingIfNeeded: rest) & mask
        bytes[Int(run.byte)] = bytes[Int(run.byte)] & ~(mask << run.shift) | value << run.shift
        rest >>= Int(run.width)
      }
      cases.append(Int16(truncatingIfNeeded: activeCase(bytes)))
    }
    return .tag(runs: runs, cases: cases)
  }

  private func pointerRule(_ bits: [Int]) -> EnumProjection.Rule? {
    guard let first = bits.first, let last = bits.last, first / 64 == last / 64 else { return nil }
    let mask = bits.reduce(UInt64(0)) { $0 | 1 << UInt64($1 % 64) }
    return .pointer(offset: UInt32(first / 64 * 8), mask: mask)
  }

  /// Holds the rule against the mirror on values at the edges of what a payload may be, and on random ones. Cases without a
  /// payload may be told apart by bits that the rule does not look at; they hold nothing, so that only cases with a payload
  /// must agree.
  private func agrees(_ projection: EnumProjection, _ bits: [Int]) -> Bool {
    let payloads = (0..<mirror.layout(of: type).childCount).map { mirror.child($0, of: type).type != nil }
    func held(_ index: Int) -> Int { payloads.indices.contains(index) && payloads[index] ? index : -1 }
    func agrees(on bytes: [UInt8]) -> Bool {
      let seen = bytes.withUnsafeBytes { $0.baseAddress.map { projection.activeCase(at: $0, mirror: nil) } ?? -1 }
      return held(seen) == held(activeCase(bytes))
    }
    guard edges().allSatisfy(agrees) else { return false }
    var state: UInt64 = 0x2545_F491_4F6C_DD1D
    func random() -> UInt64 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return state
    }
    for round in 0..<48 {
      var bytes = pointers()
      switch round % 4 {
      case 0:  // Other tags over the same payload.
        for bit in bits where random() & 1 == 0 { bytes[bit / 8] ^= 1 << UInt8(bit % 8) }
      case 1:  // Small numbers in one word, the extra inhabitants of pointers.
        let word = Int(random() % UInt64(size / 8 + 1)) * 8
        let value = round % 8 == 1 ? 0 : random() % 0x1000
        for index in word..<min(word + 8, size) {
          bytes[index] = UInt8(truncatingIfNeeded: value >> UInt64((index - word) * 8))
        }
      case 2:  // Any pointers at all.
        for word in stride(from: 0, to: size & ~7, by: 8) {
          let value = random() & 0x0000_7FFF_FFFF_FFF8 | 0x1000
          for index in 0..<8 { bytes[word + index] = UInt8(truncatingIfNeeded: value >> UInt64(index * 8)) }
        }
      default:  // Numbers where a payload is a number, tags as they are.
        for index in bytes.indices where !bits.contains(where: { $0 / 8 == index }) {
          bytes[index] = UInt8(truncatingIfNeeded: random())
        }
      }
      if !agrees(on: bytes) { return false }
    }
    return true
  }

  /// Values of pointers, and of zeros, in which one word or one byte of the rest is small: where a payload of several fields keeps
  /// its spare values, only the mirror knows.
  private func edges() -> [[UInt8]] {
    var values: [[UInt8]] = []
    for base in [pointers(), Array(repeating: UInt8(0), count: size)] {
      for word in stride(from: 0, to: size & ~7, by: 8) {
        for small: UInt64 in [0, 1, 2, 3, 4, 5, 7, 8, 255, 4095] {
          var bytes = base
          for index in 0..<8 { bytes[word + index] = UInt8(truncatingIfNeeded: small >> UInt64(index * 8)) }
          values.append(bytes)
        }
      }
      for place in (size & ~7)..<size {
        for small: UInt8 in [0, 1, 2, 3, 4, 7, 8, 0x40, 0x7F, 0x80, 0xFF] {
          var bytes = base
          bytes[place] = small
          values.append(bytes)
        }
      }
    }
    return values
  }
}
