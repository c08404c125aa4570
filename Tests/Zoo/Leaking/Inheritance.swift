// Cycles through fields of superclasses, of generic classes and of classes of other modules.

import Foundation
import ZooSupport

let inheritanceCases: [ZooCase] = [
  ZooCase("superclass-field", adoptDog),
  ZooCase("superclass-field-generic", adoptRobot),
  ZooCase("generic-ring", buildRing),
  ZooCase("generic-superclass", linkCells),
  ZooCase("three-generations", buildDialog),
  ZooCase("observable-binding", bindModel),
  ZooCase("observable-binding-generic", bindSensor),
  ZooCase("property-wrapper", wrapProperty),
  ZooCase("foundation-superclass", linkFormatters),
  ZooCase("foundation-superclass-generic", linkDecoder),
  ZooCase("operation-completion-block", completeOperation),
  ZooCase("operation-queue-field", scrubsStack: true, queueOperations),
  ZooCase("nsobject-pair", linkNSObjects),
  ZooCase("ns-mutable-array", fillNSArray),
  ZooCase("notification-closure-table", buildNotifications),
]

// The back link is inherited.
class Animal {
  var owner: Owner?
  init() { born(self) }
  deinit { died(self) }
}

class Dog: Animal {
  var tricks = ["sit"]
}

final class Puppy: Dog {
  var age = 1
}

final class Owner {
  var pet: Animal?
  init() { born(self) }
  deinit { died(self) }
}

@Sendable private func adoptDog() {
  let owner = Owner()
  let puppy = Puppy()
  owner.pet = puppy
  puppy.owner = owner
}

struct Workshop<Command> {
  class Machine {
    var queue: [Command] = []
    var engineer: Engineer?
    init() { born(self) }
    deinit { died(self) }
  }

  class Robot: Machine {
    var arms = 2
  }

  class Engineer {
    var machines: [Machine] = []
    init() { born(self) }
    deinit { died(self) }
  }

  final class Chief: Engineer {
    var title: String? = "chief"
  }
}

@Sendable private func adoptRobot() {
  let chief = Workshop<Int>.Chief()
  for _ in 0..<2 {
    let robot = Workshop<Int>.Robot()
    robot.engineer = chief
    chief.machines.append(robot)
  }
}

// A ring of a generic class.
final class RingNode<Element> {
  let element: Element
  var next: RingNode?
  init(_ element: Element) {
    self.element = element
    born(self)
  }
  deinit { died(self) }
}

@Sendable private func buildRing() {
  let first = RingNode("node 0")
  var last = first
  for number in 1..<100 {
    let node = RingNode("node \(number)")
    last.next = node
    last = node
  }
  last.next = first
}

// A class that fixes the parameter of its generic superclass.
class Field<Value> {
  var value: Value
  var form: Form?
  init(_ value: Value) {
    self.value = value
    born(self)
  }
  deinit { died(self) }
}

final class AgeField: Field<Int> {
  var limit = 120
}

final class NameField: Field<String> {
  var required = true
}

final class Form {
  var age: AgeField?
  var name: Field<String>?
  init() { born(self) }
  deinit { died(self) }
}

@Sendable private func linkCells() {
  let form = Form()
  let age = AgeField(30)
  let name = NameField("Ada")
  form.age = age
  form.name = name
  age.form = form
  name.form = form
}

// A field in each of three generations.
class Panel {
  var title: String? = "Panel"
  var window: PanelWindow?
  init() { born(self) }
  deinit { died(self) }
}

class Dialog: Panel {
  var buttons: [String] = ["OK"]
  var opener: Panel?
}

final class AlertDialog: Dialog {
  var sound: (() -> Bool)?
  var follow: AlertDialog?
  func arm(loud: Int) { sound = { self.buttons.count > loud } }
}

final class PanelWindow {
  var panels: [Panel] = []
  init() { born(self) }
  deinit { died(self) }
}

@Sendable private func buildDialog() {
  let window = PanelWindow()
  let alert = AlertDialog()
  alert.window = window
  alert.opener = alert
  alert.follow = alert
  alert.arm(loud: 0)
  window.panels.append(alert)
}

// Observers in a generic box of a value.
final class Observable<Value> {
  var value: Value { didSet { for observer in observers { observer(value) } } }
  var observers: [(Value) -> Void] = []
  init(_ value: Value) {
    self.value = value
    born(self)
  }
  deinit { died(self) }
}

final class ProfileModel {
  let name = Observable("nobody")
  var shown = ""
  init() { born(self) }
  deinit { died(self) }
  func bind(prefix: String) { name.observers.append { self.shown = prefix + $0 } }
}

@Sendable private func bindModel() {
  let model = ProfileModel()
  model.bind(prefix: "Name: ")
  model.name.value = "Ada"
}

enum Laboratory {
  final class Probe<Reading> {
    var watchers: [Int: (Reading) -> Reading?] = [:]
    init() { born(self) }
    deinit { died(self) }
  }

  final class Sensor<Reading> {
    let probe = Probe<Reading>()
    var last: Reading?
    init() { born(self) }
    deinit { died(self) }
    func watch(from initial: Reading) {
      probe.watchers[1] = {
        self.last = $0
        return initial
      }
    }
  }
}

@Sendable private func bindSensor() { Laboratory.Sensor<(Int, Int)>().watch(from: (1, 2)) }

// A property wrapper whose storage keeps a closure.
@propertyWrapper
struct Watched<Value> {
  var wrappedValue: Value
  var changed: ((Value) -> Int)?
  init(wrappedValue: Value) { self.wrappedValue = wrappedValue }
}

final class Preferences {
  @Watched var volume = 5
  var saved = 0
  init() { born(self) }
  deinit { died(self) }
  func watch(from start: Int) { _volume.changed = { $0 + self.saved + start } }
}

@Sendable private func wrapProperty() { Preferences().watch(from: 1) }

// Subclasses of Foundation's classes, whose size is known at run time only.
final class NameFormatter: Formatter {
  var style = "short"
  var fallback: NameFormatter?
  override init() {
    super.init()
    born(self)
  }
  required init?(coder: NSCoder) { nil }
  deinit { died(self) }
}

@Sendable private func linkFormatters() {
  let short = NameFormatter()
  let long = NameFormatter()
  short.fallback = long
  long.fallback = short
}

struct Remote<Answer> {
  final class Decoder: JSONDecoder, @unchecked Sendable {
    var answers: [Answer] = []
    var client: Client?
    override init() {
      super.init()
      born(self)
    }
    deinit { died(self) }
  }

  final class Client {
    let decoder = Decoder()
    init() {
      born(self)
      decoder.client = self
    }
    deinit { died(self) }
  }
}

@Sendable private func linkDecoder() { _ = Remote<String>.Client() }

// An operation whose completion block names it.
final class ResizeOperation: Operation, @unchecked Sendable {
  var result = 0
  override init() {
    super.init()
    born(self)
  }
  deinit { died(self) }
}

@Sendable private func completeOperation() {
  let operation = ResizeOperation()
  let factor = Int.random(in: 2...3)
  operation.completionBlock = { operation.result *= factor }
}

// A suspended queue of the object's own, with an operation that names the object.
final class ThumbnailMaker: @unchecked Sendable {
  let queue = OperationQueue()
  var made = 0
  init() { born(self) }
  deinit { died(self) }
  func start(count: Int) {
    queue.isSuspended = true
    queue.addOperation { self.made += count }
  }
}

@Sendable private func queueOperations() { ThumbnailMaker().start(count: 2) }

// Subclasses of NSObject.
final class Husband: NSObject {
  var wife: Wife?
  override init() {
    super.init()
    born(self)
  }
  deinit { died(self) }
}

final class Wife: NSObject {
  var husband: Husband?
  override init() {
    super.init()
    born(self)
  }
  deinit { died(self) }
}

@Sendable private func linkNSObjects() {
  let husband = Husband()
  let wife = Wife()
  husband.wife = wife
  wife.husband = husband
}

// Foundation's own collection in between.
final class Outline {
  let items = NSMutableArray()
  init() {
    born(self)
    items.add(OutlineItem(outline: self))
  }
  deinit { died(self) }
}

final class OutlineItem: NSObject {
  let outline: Outline
  init(outline: Outline) {
    self.outline = outline
    super.init()
    born(self)
  }
  deinit { died(self) }
}

@Sendable private func fillNSArray() { _ = Outline() }

// A center of one's own, with its observers' blocks.
final class Account: @unchecked Sendable {
  let center = NotificationCenter()
  var observer: (any NSObjectProtocol)?
  var changes = 0
  init() { born(self) }
  deinit { died(self) }
  func observe(step: Int) {
    observer = center.addObserver(forName: Notification.Name("changed"), object: nil, queue: nil) { _ in
      self.changes += step
    }
  }
}

@Sendable private func buildNotifications() { Account().observe(step: 2) }
