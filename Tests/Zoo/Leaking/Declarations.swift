// What the declarations of fields say: one field of a superclass in many subclasses, an optional of a protocol's type, a
// reference that is there from the start. And closures and work items that only seem to be choices or owners.

import ZooSupport

let declarationCases: [ZooCase] = [
  ZooCase("widget-subclasses", layOutWidgets),
  ZooCase("service-locator", registerServices),
  ZooCase("presenter-and-view", present),
  ZooCase("customer-and-card", issueCard),
  ZooCase("workshop-and-tool", equip),
  ZooCase("closure-calls-closure", chainClosures),
  ZooCase("waiter-in-own-task", scrubsStack: true, waitForever),
]

enum Toolkit {
  class Widget {
    var inside: [Widget] = []
    var around: Widget?
    init() { born(self) }
    deinit { died(self) }

    func add(_ widget: Widget) -> Widget {
      inside.append(widget)
      widget.around = self
      return self
    }
  }

  final class Form: Widget {}
  final class Row: Widget {}
  final class Label: Widget {}
  final class Slider: Widget {}
  final class Stepper: Widget {}
  final class Picker: Widget {}
  final class Toggle: Widget {}
  final class Gauge: Widget {}
  final class Badge: Widget {}
  final class Menu: Widget {}
  final class Tooltip: Widget {}
  final class Divider: Widget {}
  final class Spacer: Widget {}
  final class Chart: Widget {}
}

@Sendable private func layOutWidgets() {
  let form = Toolkit.Form()
  for part in [
    Toolkit.Label(), Toolkit.Slider(), Toolkit.Stepper(), Toolkit.Picker(),
    Toolkit.Toggle(), Toolkit.Gauge(), Toolkit.Badge(), Toolkit.Menu(),
  ] {
    let row = Toolkit.Row().add(part).add(Toolkit.Tooltip()).add(Toolkit.Divider())
    _ = form.add(row.add(Toolkit.Spacer()).add(Toolkit.Chart()))
  }
}

final class Locator {
  var all: [String: AnyObject] = [:]
  init() { born(self) }
  deinit { died(self) }
}

final class Utility<Kind> {
  let locator: Locator
  init(_ locator: Locator) {
    self.locator = locator
    born(self)
    locator.all["\(Kind.self)"] = self
  }
  deinit { died(self) }
}

final class Clock {
  let locator: Locator
  init(_ locator: Locator) {
    self.locator = locator
    born(self)
    locator.all["clock"] = self
  }
  deinit { died(self) }
}

@Sendable private func registerServices() {
  let locator = Locator()
  _ = Utility<Int>(locator)
  _ = Utility<String>(locator)
  _ = Utility<Double>(locator)
  _ = Clock(locator)
}

protocol Showing: AnyObject {
  func show(_ text: String)
}

final class Scene: Showing {
  var presenter: ScenePresenter?
  var shown: [String] = []
  init() { born(self) }
  deinit { died(self) }
  func show(_ text: String) { shown.append(text) }
}

final class ScenePresenter {
  var view: (any Showing)?
  init() { born(self) }
  deinit { died(self) }
}

@Sendable private func present() {
  let scene = Scene()
  let presenter = ScenePresenter()
  scene.presenter = presenter
  presenter.view = scene
  presenter.view?.show("hello")
}

final class Patron {
  var card: Card?
  init() { born(self) }
  deinit { died(self) }
}

final class Card {
  let patron: Patron
  init(patron: Patron) {
    self.patron = patron
    born(self)
  }
  deinit { died(self) }
}

@Sendable private func issueCard() {
  let patron = Patron()
  patron.card = Card(patron: patron)
}

// The tool is no optional either, but the workshop makes it.
final class Joinery {
  let tool = Plane()
  init() {
    born(self)
    tool.user = self
  }
  deinit { died(self) }
}

final class Plane {
  var user: Joinery?
  init() { born(self) }
  deinit { died(self) }
}

@Sendable private func equip() { use(Joinery()) }

final class Metronome {
  var tick: (() -> Void)?
  var beats = 0
  init() { born(self) }
  deinit { died(self) }

  func start() {
    let beat = { self.beats += 1 }
    let accent = { [tick] in
      beat()
      tick?()
    }
    tick = { accent() }
  }
}

@Sendable private func chainClosures() { Metronome().start() }

final class Doorbell: @unchecked Sendable {
  var ring: CheckedContinuation<Void, Never>?
  init() { born(self) }
  deinit { died(self) }
  func wait() async { await withCheckedContinuation { ring = $0 } }
}

@Sendable private func waitForever() {
  let doorbell = Doorbell()
  Task { await doorbell.wait() }
}
