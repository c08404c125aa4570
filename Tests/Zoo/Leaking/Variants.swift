// Bugs of the other files once more: under other names, nested and generic.

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
