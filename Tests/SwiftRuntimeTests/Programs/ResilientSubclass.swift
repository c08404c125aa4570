// Classes whose superclasses, and one with a field whose type, are another module's that may change: what the compiler knows of
// others' offsets holds only at run time. On stdout the references that the objects hold:
//   object ADDRESS NAME
//   edge PATH OWNERSHIP ADDRESS        of the object before it
// Then it waits for the end of stdin, with every object alive in `keep`.
import Base
import Glibc
import Synchronization

nonisolated(unsafe) var keep: [AnyObject] = []

final class Leaf { let number = 7 }

class Window: Frame {
  let leaf: Leaf
  weak var back: Leaf?
  init(_ leaves: [Leaf]) {
    leaf = leaves[0]
    back = leaves[1]
    super.init(name: "window", child: leaves[2])
  }
}

final class Dialog: Window {
  unowned let owner: Leaf
  var answers: [Leaf]
  override init(_ leaves: [Leaf]) {
    owner = leaves[3]
    answers = [leaves[4]]
    super.init(leaves)
  }
}

final class Plain: Frame {}

/// Arguments of its own before its fields, behind superclasses that have none.
final class Pane<Content>: Frame {
  let before: Leaf
  var content: Content
  let after: Leaf
  init(_ leaves: [Leaf], content: Content) {
    before = leaves[0]
    self.content = content
    after = leaves[1]
    super.init(name: "pane", child: leaves[2])
  }
}

/// Arguments of its own and of its superclass.
final class Drawer<Content, Label>: Slot<[Content]> {
  var label: Label
  init(_ leaf: Leaf, contents: [Content], label: Label) {
    self.label = label
    super.init(content: contents, child: leaf)
  }
}

/// The reflection library has no layout for a class with such a field.
final class Guarded: Frame {
  let before: Leaf
  let lock: Mutex<Leaf>
  let after: Leaf
  init(_ leaves: [Leaf]) {
    before = leaves[0]
    lock = Mutex(leaves[1])
    after = leaves[2]
    super.init(name: "guarded", child: leaves[3])
  }
}

final class Cornered: Frame {
  let before: Leaf
  let corners: Corners
  let after: Leaf
  init(_ leaves: [Leaf]) {
    before = leaves[0]
    corners = Corners(first: leaves[1], second: leaves[2])
    after = leaves[3]
    super.init(name: "cornered", child: leaves[4])
  }
}

func expect(_ name: String, _ object: AnyObject, _ edges: [(String, String, UInt)]) {
  keep.append(object)
  print("object", address(object), name)
  for edge in edges { print("edge", edge.0, edge.1, edge.2) }
}

func address(_ object: AnyObject) -> UInt { UInt(bitPattern: Unmanaged.passUnretained(object).toOpaque()) }
func storage(_ array: [Leaf]) -> UInt { unsafeBitCast(array, to: UInt.self) }
func leaves() -> [Leaf] {
  let made = (0..<8).map { _ in Leaf() }
  keep += made
  return made
}

@main struct Main {
  static func main() {
    let l = leaves()
    let at = l.map { address($0) }
    func strong(_ path: String, _ leaf: Int) -> (String, String, UInt) { (path, "strong", at[leaf]) }
    expect("window", Window(l), [strong("child", 2), strong("leaf", 0), ("back", "weak", at[1])])
    let dialog = Dialog(l)
    expect(
      "dialog", dialog,
      [
        strong("child", 2), strong("leaf", 0), ("back", "weak", at[1]), ("owner", "unowned", at[3]),
        ("answers", "strong", storage(dialog.answers)),
      ])
    expect("plain", Plain(name: "plain", child: l[5]), [strong("child", 5)])
    let pane = [strong("child", 2), strong("before", 0), strong("after", 1)]
    expect("pane of an object", Pane(l, content: l[3]), pane + [strong("content", 3)])
    expect("pane of numbers", Pane(l, content: (1, 2.0, UInt8(3))), pane)
    let drawer = Drawer(l[0], contents: [l[1]], label: l[2])
    expect("drawer", drawer, [strong("child", 0), ("content", "strong", storage(drawer.content)), strong("label", 2)])
    expect(
      "guarded", Guarded(l), [strong("child", 3), strong("before", 0), strong("lock.value", 1), strong("after", 2)])
    expect(
      "cornered", Cornered(l),
      [
        strong("child", 4), strong("before", 0), strong("corners.first", 1), strong("corners.second", 2),
        strong("after", 3),
      ])
    print("ready")
    fflush(stdout)
    while getchar() != EOF {}
  }
}
