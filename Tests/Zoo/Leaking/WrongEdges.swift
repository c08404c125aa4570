// Knots in which the reference that frees most is the wrong one to weaken: it is its target's only owner. What is right
// are the back links, which free little one by one.

import ZooSupport

let wrongEdgeCases: [ZooCase] = [
  ZooCase("undo-manager", editDocument),
  ZooCase("undo-manager-generic", editDrawing),
  ZooCase("game-and-weapons", playGame),
  ZooCase("list-with-owner", fillList),
  ZooCase("list-with-owner-generic", fillChain),
  ZooCase("library-and-shelves", stockLibrary),
]

// Document.undo frees all, and is the undo manager's only owner; the actions and the manager own the document.
final class TextDocument {
  var undo: UndoStack?
  init() { born(self) }
  deinit { died(self) }
}

final class UndoStack {
  let document: TextDocument
  var actions: [UndoAction] = []
  init(document: TextDocument) {
    self.document = document
    born(self)
  }
  deinit { died(self) }
}

final class UndoAction {
  let document: TextDocument
  init(document: TextDocument) {
    self.document = document
    born(self)
  }
  deinit { died(self) }
}

@Sendable private func editDocument() {
  let document = TextDocument()
  let undo = UndoStack(document: document)
  document.undo = undo
  for _ in 0..<20 { undo.actions.append(UndoAction(document: document)) }
}

enum Canvas<Stroke> {
  final class Drawing {
    var history: History?
    init() { born(self) }
    deinit { died(self) }
  }

  final class History {
    let drawing: Drawing
    var steps: [Int: Step] = [:]
    init(drawing: Drawing) {
      self.drawing = drawing
      born(self)
    }
    deinit { died(self) }
  }

  final class Step {
    let stroke: Stroke
    let drawing: Drawing
    init(stroke: Stroke, drawing: Drawing) {
      self.stroke = stroke
      self.drawing = drawing
      born(self)
    }
    deinit { died(self) }
  }
}

@Sendable private func editDrawing() {
  let drawing = Canvas<Float>.Drawing()
  let history = Canvas<Float>.History(drawing: drawing)
  drawing.history = history
  for step in 0..<12 { history.steps[step] = Canvas.Step(stroke: Float(step), drawing: drawing) }
}

// Player.weapon frees the weapons, more than any other single reference, and is their only owner.
final class Game {
  var players: [Player] = []
  init() { born(self) }
  deinit { died(self) }
}

final class Player {
  let game: Game
  var weapon: Weapon?
  init(game: Game) {
    self.game = game
    born(self)
  }
  deinit { died(self) }
}

final class Weapon {
  let owner: Player
  init(owner: Player) {
    self.owner = owner
    born(self)
  }
  deinit { died(self) }
}

@Sendable private func playGame() {
  let game = Game()
  for _ in 0..<9 {
    let player = Player(game: game)
    player.weapon = Weapon(owner: player)
    game.players.append(player)
  }
}

// LinkedList.head frees all, and is the first element's only owner.
final class LinkedList {
  var head: Element?
  init() { born(self) }
  deinit { died(self) }

  final class Element {
    let list: LinkedList
    var next: Element?
    init(list: LinkedList, next: Element?) {
      self.list = list
      self.next = next
      born(self)
    }
    deinit { died(self) }
  }
}

@Sendable private func fillList() {
  let list = LinkedList()
  for _ in 0..<6 { list.head = LinkedList.Element(list: list, next: list.head) }
}

struct Mining<Ore> {
  final class Shaft {
    var top: Cart?
    init() { born(self) }
    deinit { died(self) }
  }

  final class Cart {
    let load: Ore
    let below: Cart?
    let shaft: Shaft
    init(load: Ore, below: Cart?, shaft: Shaft) {
      self.load = load
      self.below = below
      self.shaft = shaft
      born(self)
    }
    deinit { died(self) }
  }
}

@Sendable private func fillChain() {
  let shaft = Mining<String>.Shaft()
  for load in ["gold", "silver", "tin"] {
    shaft.top = Mining.Cart(load: load, below: shaft.top, shaft: shaft)
  }
}

// Every book has two owners, the library and its shelf, and owns the library: only Book.library is a back link.
final class Library {
  var shelves: [Shelf] = []
  var books: [String: Book] = [:]
  init() { born(self) }
  deinit { died(self) }
}

final class Shelf {
  var books: [Book] = []
  init() { born(self) }
  deinit { died(self) }
}

final class Book {
  let library: Library
  init(library: Library) {
    self.library = library
    born(self)
  }
  deinit { died(self) }
}

@Sendable private func stockLibrary() {
  let library = Library()
  for shelf in 0..<3 {
    library.shelves.append(Shelf())
    for number in 0..<4 {
      let book = Book(library: library)
      library.books["\(shelf)-\(number)"] = book
      library.shelves[shelf].books.append(book)
    }
  }
}
