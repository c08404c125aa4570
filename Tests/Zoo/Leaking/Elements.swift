// Elements of collections that are more than a reference.

import ZooSupport

let elementCases: [ZooCase] = [
  ZooCase("array-of-optionals", parkCars),
  ZooCase("array-of-tuples") { _ = Menu() },
  ZooCase("array-of-existentials", loadPlugins),
  ZooCase("array-of-existentials-generic", loadFilters),
  ZooCase("array-of-weak-and-strong", gatherGuests),
]

// Optional elements.
final class CarPark {
  var spaces: [Car?] = Array(repeating: nil, count: 9)
  init() { born(self) }
  deinit { died(self) }
}

final class Car {
  let park: CarPark
  init(park: CarPark) {
    self.park = park
    born(self)
  }
  deinit { died(self) }
}

@Sendable private func parkCars() {
  let park = CarPark()
  for space in [1, 4, 8] { park.spaces[space] = Car(park: park) }
}

// Tuples as elements.
final class Menu {
  var entries: [(title: String, shortcut: Character, item: MenuItem)] = []
  init() {
    born(self)
    entries.append(("Open a file whose name is long", "o", MenuItem(menu: self)))
    entries.append(("Quit", "q", MenuItem(menu: self)))
  }
  deinit { died(self) }
}

final class MenuItem {
  let menu: Menu
  init(menu: Menu) {
    self.menu = menu
    born(self)
  }
  deinit { died(self) }
}

// Existentials as elements: classes and structs that hold one.
protocol Plugin { func run() }

final class PluginHost {
  var plugins: [any Plugin] = []
  init() { born(self) }
  deinit { died(self) }
}

final class SpellChecker: Plugin {
  let host: PluginHost
  init(host: PluginHost) {
    self.host = host
    born(self)
  }
  deinit { died(self) }
  func run() {}
}

struct WordCounter: Plugin {
  let words: Int
  let host: PluginHost
  func run() {}
}

@Sendable private func loadPlugins() {
  let host = PluginHost()
  host.plugins = [SpellChecker(host: host), WordCounter(words: 3, host: host)]
}

protocol Filtering<Pixel> {
  associatedtype Pixel
  func apply(to pixel: Pixel) -> Pixel
}

enum Darkroom {
  final class Pipeline<Pixel> {
    var filters: [any Filtering<Pixel>] = []
    init() { born(self) }
    deinit { died(self) }
  }

  struct Blur<Pixel>: Filtering {
    let radius: Double
    let sigma: Double
    let kernel: [Double]
    let pipeline: Pipeline<Pixel>
    func apply(to pixel: Pixel) -> Pixel { pixel }
  }
}

@Sendable private func loadFilters() {
  let pipeline = Darkroom.Pipeline<UInt8>()
  for radius in [1.0, 2.0] {
    pipeline.filters.append(Darkroom.Blur(radius: radius, sigma: 0.5, kernel: [radius], pipeline: pipeline))
  }
}

// A struct with one weak reference and one that should have been.
struct Invitation {
  weak var host: Party?
  var guest: PartyGuest
}

final class Party {
  var invitations: [Invitation] = []
  init() { born(self) }
  deinit { died(self) }
}

final class PartyGuest {
  let party: Party
  init(party: Party) {
    self.party = party
    born(self)
  }
  deinit { died(self) }
}

@Sendable private func gatherGuests() {
  let party = Party()
  for _ in 0..<3 { party.invitations.append(Invitation(host: party, guest: PartyGuest(party: party))) }
}
