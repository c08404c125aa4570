// Bugs of the other files once more: under other names, nested and generic.

import CZoo
import Dispatch
import ZooSupport

let variantCases: [ZooCase] = [
  ZooCase("game-and-weapons-generic", ride),
  ZooCase("library-and-shelves-generic", stockCellar),
  ZooCase("nested-closures-generic") { Kitchen<Int>.Cook().start(with: 3) },
  ZooCase("closure-array-generic") { Signals.Beacon<String>().add("fog") },
  ZooCase("async-closure-generic") { Postal<Double>.Sorter().prepare(2.5) },
  ZooCase("capture-list-of-another-generic", linkMirrors),
  ZooCase("array-of-tuples-generic") { _ = Atlas<Character>.Page() },
  ZooCase("array-of-optionals-generic", seatChoir),
  ZooCase("enum-values-in-dictionary-generic", rentLockers),
  ZooCase("result-of-load-generic", fetchPrice),
  ZooCase("any-holds-large-struct-generic", wrapGift),
  ZooCase("dictionary-of-any-generic", fillForm),
  ZooCase("generic-superclass-generic", linkPlanets),
  ZooCase("dispatch-suspended-queue-generic", scrubsStack: true) { Mill<Int>.Stone().stop(at: 7) },
  ZooCase("over-retained-head-generic", scrubsStack: true, moorBarges),
  ZooCase("c-handlers-in-ring-generic", scrubsStack: true, ringBells),
  ZooCase("raw-buffer-lost-generic", scrubsStack: true, loseMarbles),
  ZooCase("managed-buffer-header-generic", scrubsStack: true, fillScroll),
  ZooCase("weak-and-unowned-watchers-generic", watchHive),
  ZooCase("large-knot-generic", knotRoads),
  ZooCase("stale-word-on-stack-generic", holdStaleChain),
]

enum Fair<Prize> {
  final class Wheel {
    var cabins: [Cabin] = []
    init() { born(self) }
    deinit { died(self) }
  }

  final class Cabin {
    let wheel: Wheel
    var rider: Rider?
    init(wheel: Wheel) {
      self.wheel = wheel
      born(self)
    }
    deinit { died(self) }
  }

  final class Rider {
    var prize: Prize?
    let cabin: Cabin
    init(cabin: Cabin) {
      self.cabin = cabin
      born(self)
    }
    deinit { died(self) }
  }
}

@Sendable private func ride() {
  let wheel = Fair<String>.Wheel()
  for _ in 0..<5 {
    let cabin = Fair<String>.Cabin(wheel: wheel)
    cabin.rider = Fair<String>.Rider(cabin: cabin)
    wheel.cabins.append(cabin)
  }
}

struct Winery<Grape> {
  final class Cellar {
    var racks: [Rack] = []
    var bottles: [Int: Bottle] = [:]
    init() { born(self) }
    deinit { died(self) }
  }

  final class Rack {
    var bottles: Set<Bottle> = []
    init() { born(self) }
    deinit { died(self) }
  }

  final class Bottle: Hashable {
    var grape: Grape?
    let cellar: Cellar
    init(cellar: Cellar) {
      self.cellar = cellar
      born(self)
    }
    deinit { died(self) }
    static func == (one: Bottle, other: Bottle) -> Bool { one === other }
    func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
  }
}

@Sendable private func stockCellar() {
  let cellar = Winery<Int>.Cellar()
  for rack in 0..<2 {
    cellar.racks.append(Winery<Int>.Rack())
    for number in 0..<3 {
      let bottle = Winery<Int>.Bottle(cellar: cellar)
      cellar.bottles[rack * 3 + number] = bottle
      cellar.racks[rack].bottles.insert(bottle)
    }
  }
}

enum Kitchen<Dish> {
  final class Cook {
    var order: ((Dish) -> Void)?
    var serve: (() -> Dish?)?
    var last: Dish?
    init() { born(self) }
    deinit { died(self) }

    func start(with dish: Dish) {
      order = { dish in
        self.serve = {
          self.last = dish
          return self.last
        }
      }
      order?(dish)
    }
  }
}

enum Signals {
  final class Beacon<Warning> {
    var flashes: [(Int) -> Warning?] = []
    var warnings: [Warning] = []
    init() { born(self) }
    deinit { died(self) }
    func add(_ warning: Warning) {
      flashes.append { $0 < self.warnings.count ? self.warnings[$0] : warning }
    }
  }
}

struct Postal<Weight: Sendable> {
  final class Sorter {
    var sort: ((Weight) async -> [Weight])?
    var sorted: [Weight] = []
    init() { born(self) }
    deinit { died(self) }
    func prepare(_ weight: Weight) { sort = { self.sorted + [weight, $0] } }
  }
}

enum Optics {
  final class Mirror<Light> {
    var reflect: ((Light) -> Light?)?
    var light: Light?
    init() { born(self) }
    deinit { died(self) }
  }
}

@Sendable private func linkMirrors() {
  let one = Optics.Mirror<Float>()
  let other = Optics.Mirror<Float>()
  one.reflect = { [other] in
    other.light = $0
    return other.light
  }
  other.reflect = { [one] in
    one.light = $0
    return one.light
  }
}

enum Atlas<Symbol> {
  final class Page {
    var places: [(symbol: Symbol?, at: (x: Double, place: Place))] = []
    init() {
      born(self)
      for x in [1.0, 2.0] { places.append((nil, (x, Place(page: self)))) }
    }
    deinit { died(self) }
  }

  final class Place {
    let page: Page
    init(page: Page) {
      self.page = page
      born(self)
    }
    deinit { died(self) }
  }
}

struct Music<Voice> {
  final class Choir {
    var seats: ContiguousArray<Singer?> = []
    init() { born(self) }
    deinit { died(self) }
  }

  final class Singer {
    let voice: Voice
    weak var neighbour: Singer?
    var choir: Choir?
    init(voice: Voice) {
      self.voice = voice
      born(self)
    }
    deinit { died(self) }
  }
}

@Sendable private func seatChoir() {
  let choir = Music<String>.Choir()
  for voice in ["alto", "bass", "tenor"] {
    let singer = Music.Singer(voice: voice)
    singer.neighbour = choir.seats.last ?? nil
    singer.choir = choir
    choir.seats += [singer, nil]
  }
}

enum Station<Key: Hashable> {
  enum State {
    case free
    case rented(by: Key, Locker)
    case broken(since: Int)
  }

  final class Hall {
    var lockers: [Key: State] = [:]
    init() { born(self) }
    deinit { died(self) }
  }

  final class Locker {
    let hall: Hall
    init(hall: Hall) {
      self.hall = hall
      born(self)
    }
    deinit { died(self) }
  }
}

@Sendable private func rentLockers() {
  let hall = Station<String>.Hall()
  hall.lockers["one"] = .rented(by: "Ada", Station.Locker(hall: hall))
  hall.lockers["two"] = .free
  hall.lockers["three"] = .broken(since: 1999)
}

enum Market {
  final class Inquiry<Price, Failure: Error> {
    var answer: Result<Offer<Price, Failure>, Failure>?
    init() { born(self) }
    deinit { died(self) }
  }

  final class Offer<Price, Failure: Error> {
    let price: Price
    let inquiry: Inquiry<Price, Failure>
    init(price: Price, inquiry: Inquiry<Price, Failure>) {
      self.price = price
      self.inquiry = inquiry
      born(self)
    }
    deinit { died(self) }
  }
}

enum Refusal: Error { case soldOut }

@Sendable private func fetchPrice() {
  let inquiry = Market.Inquiry<Double, Refusal>()
  inquiry.answer = .success(Market.Offer(price: 2.5, inquiry: inquiry))
}

struct Gifts<Ribbon> {
  struct Wrapping {
    var ribbons: (Ribbon?, Ribbon?, Ribbon?, Ribbon?)
    var card = "for you, with a text that needs the heap"
    var present: Present
  }

  final class Present {
    var wrapping: Any?
    init() { born(self) }
    deinit { died(self) }
  }
}

@Sendable private func wrapGift() {
  let present = Gifts<Double>.Present()
  present.wrapping = Gifts<Double>.Wrapping(ribbons: (1, 2, nil, nil), present: present)
}

enum Registrar {
  final class Form<Field: Hashable> {
    var answers: [Field: Any] = [:]
    init() { born(self) }
    deinit { died(self) }
  }

  final class Clerk<Field: Hashable> {
    var forms: [[Form<Field>]] = [[]]
    init() { born(self) }
    deinit { died(self) }
  }
}

@Sendable private func fillForm() {
  let clerk = Registrar.Clerk<Int>()
  let form = Registrar.Form<Int>()
  form.answers = [1: "yes", 2: 12.5, 3: clerk]
  clerk.forms[0].append(form)
}

enum Space<Unit> {
  class Body<Mass> {
    var mass: Mass
    var centre: Star?
    init(_ mass: Mass) {
      self.mass = mass
      born(self)
    }
    deinit { died(self) }
  }

  final class Comet: Body<[Unit]> {
    var tail = 3
  }

  final class Star {
    var comets: [Comet] = []
    init() { born(self) }
    deinit { died(self) }
  }
}

@Sendable private func linkPlanets() {
  let star = Space<Int>.Star()
  for mass in 1...3 {
    let comet = Space<Int>.Comet([mass])
    comet.centre = star
    star.comets.append(comet)
  }
}

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
