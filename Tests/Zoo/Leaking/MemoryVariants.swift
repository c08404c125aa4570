// Bugs of Dispatch, raw memory and large leaks once more: under other names, nested and generic.

import CZoo
import Dispatch
import ZooSupport

let memoryVariantCases: [ZooCase] = [
  ZooCase("dispatch-suspended-queue-generic", scrubsStack: true) { Mill<Int>.Stone().stop(at: 7) },
  ZooCase("over-retained-head-generic", scrubsStack: true, moorBarges),
  ZooCase("c-handlers-in-ring-generic", scrubsStack: true, ringBells),
  ZooCase("raw-buffer-lost-generic", scrubsStack: true, loseMarbles),
  ZooCase("managed-buffer-header-generic", scrubsStack: true, fillScroll),
  ZooCase("weak-and-unowned-watchers-generic", watchHive),
  ZooCase("large-knot-generic", knotRoads),
  ZooCase("stale-word-on-stack-generic", holdStaleChain),
]

struct Mill<Grain: Sendable> {
  final class Stone: @unchecked Sendable {
    let river = DispatchQueue(label: "river")
    var ground: Grain?
    init() { born(self) }
    deinit { died(self) }
    func stop(at grain: Grain) {
      river.suspend()
      river.async { self.ground = grain }
    }
  }
}

enum Canal {
  final class Tug<Load> {
    var barges: [String: Barge<Load>] = [:]
    init() { born(self) }
    deinit { died(self) }
  }

  final class Barge<Load> {
    let load: Load
    init(load: Load) {
      self.load = load
      born(self)
    }
    deinit { died(self) }
  }
}

@Sendable private func moorBarges() {
  let tug = Canal.Tug<Int8>()
  for load: Int8 in 0..<4 { tug.barges["\(load)"] = Canal.Barge(load: load) }
  _ = Unmanaged.passRetained(tug)
}

struct Tower<Note> {
  final class Bell {
    var note: Note?
    var rope: UnsafeMutablePointer<zoo_handler>?
    init() { born(self) }
    deinit {
      died(self)
      zoo_handler_free(rope)
    }
  }
}

@Sendable private func ringBells() {
  let bells = (0..<3).map { _ in Tower<Int>.Bell() }
  for (index, bell) in bells.enumerated() {
    bell.rope = zoo_handler_create({ zoo_use($0) }, Unmanaged.passRetained(bells[(index + 1) % 3]).toOpaque())
  }
}

enum Toys {
  final class Marble<Colour> {
    let colour: Colour
    init(colour: Colour) {
      self.colour = colour
      born(self)
    }
    deinit { died(self) }
  }
}

@Sendable private func loseMarbles() {
  let marbles = UnsafeMutableBufferPointer<(Int, Toys.Marble<String>)>.allocate(capacity: 4)
  for index in marbles.indices {
    marbles.initializeElement(at: index, to: (index, Toys.Marble(colour: "a colour with a long name")))
  }
  blackHole(UnsafeRawPointer(marbles.baseAddress))
}

enum Script<Glyph> {
  struct Title {
    var glyphs: [Glyph]
    var scribe: Scribe?
  }

  final class Scroll: ManagedBuffer<Title, UInt16> {
    deinit { died(self) }
  }

  final class Scribe {
    var work: AnyObject?
    init() { born(self) }
    deinit { died(self) }
  }
}

@Sendable private func fillScroll() {
  let scribe = Script<Character>.Scribe()
  let scroll = Script<Character>.Scroll.create(minimumCapacity: 32) { _ in .init(glyphs: ["a"], scribe: scribe) }
  born(scroll)
  scribe.work = scroll
}

struct Apiary<Honey> {
  final class Hive {
    var bees: [Int: Bee] = [:]
    init() { born(self) }
    deinit { died(self) }
  }

  final class Bee {
    var honey: Honey?
    let hive: Hive
    init(hive: Hive) {
      self.hive = hive
      born(self)
    }
    deinit { died(self) }
  }

  final class Keeper {
    weak var hive: Hive?
    unowned var queen: Bee
    init(hive: Hive, queen: Bee) {
      self.hive = hive
      self.queen = queen
    }
  }
}

nonisolated(unsafe) private var keeper: AnyObject?

@Sendable private func watchHive() {
  let hive = Apiary<Double>.Hive()
  for number in 0..<4 { hive.bees[number] = Apiary<Double>.Bee(hive: hive) }
  keeper = hive.bees[0].map { Apiary<Double>.Keeper(hive: hive, queen: $0) }
}

enum Map {
  final class Town<Name> {
    let name: Name
    var roads: [(length: Int, to: Town)] = []
    init(name: Name) {
      self.name = name
      born(self)
    }
    deinit { died(self) }
  }
}

@Sendable private func knotRoads() {
  let towns = (0..<60).map { Map.Town(name: "town \($0)") }
  for (index, town) in towns.enumerated() {
    town.roads = [(1, towns[(index + 1) % 60]), (7, towns[(index * 7 + 3) % 60]), (11, towns[(index * 11 + 5) % 60])]
  }
}

struct Necklace<Stone> {
  final class Link {
    let stone: Stone
    var clasp: Link?
    init(stone: Stone) {
      self.stone = stone
      born(self)
    }
    deinit { died(self) }
  }
}

@inline(never)
private func buildNecklace() -> [UInt] {
  let links = (0..<50).map { Necklace.Link(stone: "stone \($0)") }
  for index in links.indices { links[index].clasp = links[(index + 1) % links.count] }
  return links.map { UInt(bitPattern: Unmanaged.passUnretained($0).toOpaque()) }
}

@Sendable private func holdStaleChain() { inspectWithWords(buildNecklace()) }
