import SwiftRuntime

/// Sums over the knots of a group. One tally serves one group after the other, so that a group costs what it has, and not what
/// all types are.
struct LeakTally {
  private(set) var objects = 0
  private(set) var blocks = 0
  private(set) var bytes = 0
  private(set) var retainedBytes = 0
  /// Members of the core, and all members, by type.
  private var core: [Int]
  private var all: [Int]
  /// The types that have members.
  private var kinds: [Int] = []

  init(kindCount: Int) {
    core = [Int](repeating: 0, count: kindCount)
    all = core
  }

  mutating func clear() {
    for kind in kinds { (core[kind], all[kind]) = (0, 0) }
    kinds.removeAll(keepingCapacity: true)
    (objects, blocks, bytes, retainedBytes) = (0, 0, 0, 0)
  }

  mutating func add(kind: Int, bytes: Int, isCounted: Bool, isCore: Bool) {
    if all[kind] == 0 { kinds.append(kind) }
    all[kind] += 1
    if isCore { core[kind] += 1 }
    blocks += 1
    retainedBytes += bytes
    guard isCounted else { return }
    objects += 1
    self.bytes += bytes
  }

  /// All members by type, most first.
  func members(_ types: [TypeEntry]) -> [TypeCount] {
    var places: [String: Int] = [:]
    var members: [TypeCount] = []
    for kind in kinds.sorted() {
      let (name, word) = (types[kind].name, types[kind].kind.word)
      if let place = places[name + "\n" + word] {
        members[place].count += all[kind]
      } else {
        places[name + "\n" + word] = members.count
        members.append(TypeCount(type: name, kind: word, count: all[kind]))
      }
    }
    return members.sorted { $0.count != $1.count ? $0.count > $1.count : $0.type < $1.type }
  }

  /// The names of the core's types, and of those that only other members have; each without storage where there are others, and
  /// sorted.
  func names(_ types: [TypeEntry]) -> (core: [String], others: [String]) {
    let core = Self.names(of: kinds.filter { self.core[$0] > 0 }, types)
    return (core.sorted(), Self.names(of: kinds, types).subtracting(core).sorted())
  }

  private static func names(of kinds: [Int], _ types: [TypeEntry]) -> Set<String> {
    let named = kinds.filter {
      types[$0].kind.isSwiftObject && !types[$0].kind.isStorage && types[$0].kind != .stringStorage
    }
    return Set((named.isEmpty ? kinds : named).map { types[$0].name })
  }
}
