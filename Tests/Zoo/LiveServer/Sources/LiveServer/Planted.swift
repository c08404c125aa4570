import Foundation
import Synchronization

/// Leaks of three shapes, and how many of their objects live: the server's own knowledge, from init and deinit.
enum Planted {
  private static let lives = Mutex<[String: Int]>([:])

  fileprivate static func count(_ type: String, _ change: Int) {
    lives.withLock { $0[type, default: 0] += change }
  }

  /// `{"LiveServer.Basket":1,…}`
  static func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return try encoder.encode(lives.withLock { $0 })
  }

  /// Two objects: a delegate that should be weak.
  static func delegate() {
    let session = Session()
    session.log.observer = session
  }

  /// One object and its closure's context.
  static func closure(_ number: Int) { Subscription().listen(above: number) }

  /// Four objects: a dictionary's values, each of which owns the basket.
  static func dictionary() {
    let basket = Basket()
    for name in ["apples", "pears", "a basket of plums with a long name"] {
      basket.items[name] = BasketItem(in: basket)
    }
  }
}

protocol SessionObserver: AnyObject, Sendable {
  func closed()
}

final class Session: SessionObserver {
  let log = SessionLog()
  init() { Planted.count("LiveServer.Session", 1) }
  deinit { Planted.count("LiveServer.Session", -1) }
  func closed() {}
}

final class SessionLog: @unchecked Sendable {
  var observer: (any SessionObserver)?
  init() { Planted.count("LiveServer.SessionLog", 1) }
  deinit { Planted.count("LiveServer.SessionLog", -1) }
}

final class Subscription {
  private var onEvent: ((Int) -> Bool)?
  private var events = 0
  init() { Planted.count("LiveServer.Subscription", 1) }
  deinit { Planted.count("LiveServer.Subscription", -1) }

  func listen(above limit: Int) {
    onEvent = {
      self.events += 1
      return $0 > limit
    }
  }
}

final class Basket {
  var items: [String: BasketItem] = [:]
  init() { Planted.count("LiveServer.Basket", 1) }
  deinit { Planted.count("LiveServer.Basket", -1) }
}

final class BasketItem {
  let basket: Basket
  init(in basket: Basket) {
    self.basket = basket
    Planted.count("LiveServer.BasketItem", 1)
  }
  deinit { Planted.count("LiveServer.BasketItem", -1) }
}
