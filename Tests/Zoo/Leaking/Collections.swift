// Cycles through the standard library's collections.

import ZooSupport

let collectionCases: [ZooCase] = [
  ZooCase("dictionary-values") { _ = Registry() },
  ZooCase("dictionary-values-generic") { _ = Port<Int>.Harbour() },
  ZooCase("dictionary-keys", indexTokens),
  ZooCase("dictionary-keys-generic", indexStamps),
  ZooCase("set-members", openRoom),
  ZooCase("set-members-generic", openClub),
  ZooCase("nested-arrays") { _ = Grid(size: 4) },
  ZooCase("nested-arrays-generic") { _ = Cinema<Character>.Hall(rows: 3) },
  ZooCase("dictionary-of-arrays", postToBus),
  ZooCase("dictionary-of-arrays-generic", postToSwitchboard),
  ZooCase("array-slice", keepRecent),
  ZooCase("lru-cache", fillCache),
  ZooCase("lru-cache-generic", fillAttic),
  ZooCase("holes-in-collections", leaveHoles),
]

// A dictionary's values.
final class Registry {
  var services: [String: Service] = [:]
  init() {
    born(self)
    for name in ["mail", "clock", "a service with a long name, kept on the heap"] {
      services[name] = Service(registry: self)
    }
  }
  deinit { died(self) }
}

final class Service {
  let registry: Registry
  init(registry: Registry) {
    self.registry = registry
    born(self)
  }
  deinit { died(self) }
}

struct Port<Berth: BinaryInteger> {
  final class Harbour {
    var boats: [Berth: Boat] = [:]
    init() {
      born(self)
      for berth in 0..<5 { boats[Berth(berth)] = Boat(home: self) }
    }
    deinit { died(self) }
  }

  final class Boat {
    let home: Harbour
    init(home: Harbour) {
      self.home = home
      born(self)
    }
    deinit { died(self) }
  }
}

// Its keys.
final class Token: Hashable {
  let number: Int
  var index: TokenIndex?
  init(number: Int) {
    self.number = number
    born(self)
  }
  deinit { died(self) }
  static func == (one: Token, other: Token) -> Bool { one === other }
  func hash(into hasher: inout Hasher) { hasher.combine(number) }
}

final class TokenIndex {
  var positions: [Token: Int] = [:]
  init() { born(self) }
  deinit { died(self) }
}

@Sendable private func indexTokens() {
  let index = TokenIndex()
  for number in 0..<3 {
    let token = Token(number: number)
    token.index = index
    index.positions[token] = number
  }
}

enum Post {
  final class Stamp<Value: Hashable>: Hashable {
    let value: Value
    var album: Album<Value>?
    init(value: Value) {
      self.value = value
      born(self)
    }
    deinit { died(self) }
    static func == (one: Stamp, other: Stamp) -> Bool { one.value == other.value }
    func hash(into hasher: inout Hasher) { hasher.combine(value) }
  }

  final class Album<Value: Hashable> {
    var prices: [Stamp<Value>: String] = [:]
    init() { born(self) }
    deinit { died(self) }
  }
}

@Sendable private func indexStamps() {
  let album = Post.Album<String>()
  for value in ["penny black", "basel dove"] {
    let stamp = Post.Stamp(value: value)
    stamp.album = album
    album.prices[stamp] = "dear"
  }
}

// A set's members.
final class Member: Hashable {
  let name: String
  let room: Room
  init(name: String, room: Room) {
    self.name = name
    self.room = room
    born(self)
  }
  deinit { died(self) }
  static func == (one: Member, other: Member) -> Bool { one === other }
  func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

final class Room {
  var members: Set<Member> = []
  init() { born(self) }
  deinit { died(self) }
}

@Sendable private func openRoom() {
  let room = Room()
  for name in ["Ada", "Grace", "Barbara", "Frances"] { room.members.insert(Member(name: name, room: room)) }
}

struct Club<Badge: Hashable> {
  final class House {
    var guests: Set<Guest> = []
    init() { born(self) }
    deinit { died(self) }
  }

  final class Guest: Hashable {
    let badge: Badge
    var house: House?
    init(badge: Badge) {
      self.badge = badge
      born(self)
    }
    deinit { died(self) }
    static func == (one: Guest, other: Guest) -> Bool { one.badge == other.badge }
    func hash(into hasher: inout Hasher) { hasher.combine(badge) }
  }
}

@Sendable private func openClub() {
  let house = Club<UInt64>.House()
  for badge: UInt64 in 1...40 {
    let guest = Club.Guest(badge: badge)
    guest.house = house
    house.guests.insert(guest)
  }
  // Half of the slots are free again, with old words in them.
  for guest in house.guests where guest.badge % 2 == 0 { house.guests.remove(guest) }
}

// Arrays of arrays.
final class Grid {
  var cells: [[GridCell]] = []
  init(size: Int) {
    born(self)
    cells = (0..<size).map { _ in (0..<size).map { _ in GridCell(grid: self) } }
  }
  deinit { died(self) }
}

final class GridCell {
  let grid: Grid
  init(grid: Grid) {
    self.grid = grid
    born(self)
  }
  deinit { died(self) }
}

enum Cinema<Label> {
  final class Hall {
    var rows: [[[Seat]]] = []
    init(rows count: Int) {
      born(self)
      rows = (0..<count).map { _ in [[Seat(hall: self)], [], [Seat(hall: self), Seat(hall: self)]] }
    }
    deinit { died(self) }
  }

  final class Seat {
    var label: Label?
    let hall: Hall
    init(hall: Hall) {
      self.hall = hall
      born(self)
    }
    deinit { died(self) }
  }
}

// A dictionary of arrays.
final class EventBus {
  var listeners: [Int: [Listener]] = [:]
  init() { born(self) }
  deinit { died(self) }
}

final class Listener {
  let bus: EventBus
  init(bus: EventBus) {
    self.bus = bus
    born(self)
  }
  deinit { died(self) }
}

@Sendable private func postToBus() {
  let bus = EventBus()
  for topic in 0..<6 { bus.listeners[topic % 2, default: []].append(Listener(bus: bus)) }
}

enum Exchange {
  final class Switchboard<Line: Hashable> {
    var calls: [Line: ContiguousArray<(minutes: Int, operator: Operator<Line>)>] = [:]
    init() { born(self) }
    deinit { died(self) }
  }

  final class Operator<Line: Hashable> {
    let board: Switchboard<Line>
    init(board: Switchboard<Line>) {
      self.board = board
      born(self)
    }
    deinit { died(self) }
  }
}

@Sendable private func postToSwitchboard() {
  let board = Exchange.Switchboard<String>()
  for minutes in 1...4 {
    board.calls[minutes < 3 ? "short" : "long", default: []].append((minutes, Exchange.Operator(board: board)))
  }
}

// A slice keeps the whole array.
final class History {
  var recent: ArraySlice<Visit> = []
  init() { born(self) }
  deinit { died(self) }
}

final class Visit {
  let history: History
  init(history: History) {
    self.history = history
    born(self)
  }
  deinit { died(self) }
}

@Sendable private func keepRecent() {
  let history = History()
  let visits = (0..<10).map { _ in Visit(history: history) }
  history.recent = visits[7...]
}

// A cache: a dictionary, and a list in order of use whose entries own their predecessors.
final class PageCache {
  private var entries: [String: Entry] = [:]
  private var newest: Entry?
  private var oldest: Entry?

  fileprivate final class Entry {
    let page: [UInt8]
    var older: Entry?
    var newer: Entry?
    init(page: [UInt8]) {
      self.page = page
      born(self)
    }
    deinit { died(self) }
  }

  init() { born(self) }
  deinit { died(self) }

  func insert(_ page: [UInt8], for name: String) {
    let entry = Entry(page: page)
    entries[name] = entry
    entry.older = newest
    newest?.newer = entry
    newest = entry
    if oldest == nil { oldest = entry }
  }
}

@Sendable private func fillCache() {
  let cache = PageCache()
  for page in 0..<10 { cache.insert(Array(repeating: UInt8(page), count: 100), for: "page \(page)") }
}

struct House<Name: Hashable, Item> {
  final class Attic {
    var boxes: [Name: Crate] = [:]
    var last: Crate?
    init() { born(self) }
    deinit { died(self) }

    func store(_ item: Item, as name: Name) {
      let crate = Crate(item: item, before: last)
      last?.after = crate
      last = crate
      boxes[name] = crate
    }
  }

  final class Crate {
    let item: Item
    let before: Crate?
    var after: Crate?
    init(item: Item, before: Crate?) {
      self.item = item
      self.before = before
      born(self)
    }
    deinit { died(self) }
  }
}

@Sendable private func fillAttic() {
  let attic = House<Int, (String, Double)>.Attic()
  for number in 0..<6 { attic.store(("lamp \(number)", 0.5), as: number) }
}

// Collections from which most has been removed: free slots keep the bits of what they held, in memory only.
final class Depot {
  var crates: [Int: DepotCrate] = [:]
  var rack: [DepotCrate] = []
  init() { born(self) }
  deinit { died(self) }
}

final class DepotCrate {
  let depot: Depot
  init(depot: Depot) {
    self.depot = depot
    born(self)
  }
  deinit { died(self) }
}

@Sendable private func leaveHoles() {
  let depot = Depot()
  for number in 0..<50 {
    let crate = DepotCrate(depot: depot)
    depot.crates[number] = crate
    depot.rack.append(crate)
  }
  for number in 0..<48 { depot.crates[number] = nil }
  depot.rack.removeLast(49)
}
