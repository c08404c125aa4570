// Delegates and other back links that should have been weak.

import ZooSupport

let delegateCases: [ZooCase] = [
  ZooCase("delegate-pair") { _ = Screen() },
  ZooCase("delegate-pair-generic") { _ = Checkout<Int>.Basket() },
  ZooCase("coordinator-chain") { _ = Coordinator() },
  ZooCase("coordinator-chain-generic") { _ = Flow<String>.Director() },
  ZooCase("tenants-and-apartments", rentOut),
  ZooCase("struct-data-source") { _ = TableView() },
  ZooCase("struct-data-source-generic") { _ = Feed<Double>.Panel() },
  ZooCase("observer-list", observeNews),
  ZooCase("observer-list-generic", observeReadings),
  ZooCase("own-instance", keepOneself),
  ZooCase("view-tree-parent", buildViewTree),
  ZooCase("view-tree-parent-generic") { _ = Forest<Int>.grow() },
  ZooCase("playlist-previous", buildPlaylist),
  ZooCase("playlist-previous-generic", buildQueue),
]

// A view controller and its download, whose delegate it is.
protocol DownloadDelegate: AnyObject { func finished() }

final class Download {
  var delegate: (any DownloadDelegate)?
  init() { born(self) }
  deinit { died(self) }
}

final class Screen: DownloadDelegate {
  let download = Download()
  init() {
    born(self)
    download.delegate = self
  }
  deinit { died(self) }
  func finished() {}
}

protocol PaymentObserver: AnyObject { func paid() }

enum Checkout<Amount> {
  final class Payment {
    var amount: Amount?
    var observer: (any PaymentObserver)?
    init() { born(self) }
    deinit { died(self) }
  }

  final class Basket: PaymentObserver {
    let context = Payment()
    init() {
      born(self)
      context.observer = self
    }
    deinit { died(self) }
    func paid() {}
  }
}

// Three classes in a ring, the last link closing it.
final class Coordinator {
  var controller: ListController?
  init() {
    born(self)
    controller = ListController(coordinator: self)
  }
  deinit { died(self) }
}

final class ListController {
  let title = "Inbox, with a title that is too long for a small string"
  var view: ListView?
  init(coordinator: Coordinator) {
    born(self)
    view = ListView(coordinator: coordinator)
  }
  deinit { died(self) }
}

final class ListView {
  let coordinator: Coordinator
  init(coordinator: Coordinator) {
    self.coordinator = coordinator
    born(self)
  }
  deinit { died(self) }
}

struct Flow<Input> {
  final class Director {
    var stage: Stage?
    init() {
      born(self)
      stage = Stage(director: self)
    }
    deinit { died(self) }
  }

  final class Stage {
    var last: Input?
    var curtain: Curtain?
    init(director: Director) {
      born(self)
      curtain = Curtain(director: director)
    }
    deinit { died(self) }
  }

  final class Curtain {
    let director: Director
    init(director: Director) {
      self.director = director
      born(self)
    }
    deinit { died(self) }
  }
}

// The same pair ten times.
final class Tenant {
  var apartment: Apartment?
  init() { born(self) }
  deinit { died(self) }
}

final class Apartment {
  var tenant: Tenant?
  init() { born(self) }
  deinit { died(self) }
}

@Sendable private func rentOut() {
  for _ in 0..<10 {
    let tenant = Tenant()
    let apartment = Apartment()
    tenant.apartment = apartment
    apartment.tenant = tenant
  }
}

// A struct in between: value types own too.
struct TableSource {
  var rows = 0
  var owner: TableView?
}

final class TableView {
  var source = TableSource()
  init() {
    born(self)
    source.owner = self
  }
  deinit { died(self) }
}

struct Feed<Value> {
  struct Model {
    var values: [Value] = []
    struct Presenter {
      var panel: Panel?
    }
    var presenter = Presenter()
  }

  final class Panel {
    var model = Model()
    init() {
      born(self)
      model.presenter.panel = self
    }
    deinit { died(self) }
  }
}

// Observers that are kept as strong references in structs of an array.
struct Subscription {
  let topic: String
  let target: AnyObject
}

final class NewsCenter {
  var subscriptions: [Subscription] = []
  init() { born(self) }
  deinit { died(self) }
}

final class Reader {
  let center: NewsCenter
  init(center: NewsCenter) {
    self.center = center
    born(self)
    center.subscriptions.append(Subscription(topic: "weather", target: self))
  }
  deinit { died(self) }
}

@Sendable private func observeNews() {
  let center = NewsCenter()
  for _ in 0..<3 { _ = Reader(center: center) }
}

enum Metrics {
  final class Gauge<Unit> {
    struct Listener {
      let unit: Unit
      let dial: AnyObject
    }
    var listeners: [Listener] = []
    init() { born(self) }
    deinit { died(self) }
  }

  final class Dial<Unit> {
    let gauge: Gauge<Unit>
    init(gauge: Gauge<Unit>, unit: Unit) {
      self.gauge = gauge
      born(self)
      gauge.listeners.append(Gauge.Listener(unit: unit, dial: self))
    }
    deinit { died(self) }
  }
}

@Sendable private func observeReadings() {
  let gauge = Metrics.Gauge<UInt16>()
  for unit in 0..<3 { _ = Metrics.Dial(gauge: gauge, unit: UInt16(unit)) }
}

// An object that keeps itself, with nobody who could ever stop it.
final class Session {
  var keepAlive: Session?
  init() { born(self) }
  deinit { died(self) }
}

@Sendable private func keepOneself() {
  let session = Session()
  session.keepAlive = session
}

// A tree whose children own their parent.
final class ViewNode {
  var parent: ViewNode?
  private(set) var children: [ViewNode] = []
  init() { born(self) }
  deinit { died(self) }

  func add(_ child: ViewNode) {
    child.parent = self
    children.append(child)
  }
}

@Sendable private func buildViewTree() {
  let root = ViewNode()
  for _ in 0..<5 {
    let row = ViewNode()
    root.add(row)
    for _ in 0..<4 { row.add(ViewNode()) }
  }
}

struct Forest<Label> {
  final class Twig {
    var label: Label?
    var stem: Twig?
    var shoots: [Twig] = []
    init(stem: Twig?, levels: Int) {
      self.stem = stem
      born(self)
      guard levels > 0 else { return }
      for _ in 0..<3 { shoots.append(Twig(stem: self, levels: levels - 1)) }
    }
    deinit { died(self) }
  }

  static func grow() -> Twig { Twig(stem: nil, levels: 3) }
}

// A doubly linked list.
final class Track {
  var next: Track?
  var previous: Track?
  init() { born(self) }
  deinit { died(self) }
}

@Sendable private func buildPlaylist() {
  let first = Track()
  var last = first
  for _ in 1..<8 {
    let track = Track()
    last.next = track
    track.previous = last
    last = track
  }
}

enum Airport {
  class Runway<Plane> {
    var plane: Plane
    var behind: Runway?
    var ahead: Runway?
    init(_ plane: Plane) {
      self.plane = plane
      born(self)
    }
    deinit { died(self) }
  }
}

@Sendable private func buildQueue() {
  var last = Airport.Runway("DC-3")
  for number in 1..<6 {
    let runway = Airport.Runway("DC-\(3 + number)")
    last.behind = runway
    runway.ahead = last
    last = runway
  }
}
