import Foundation

struct Order: Codable, Sendable {
  struct Line: Codable, Sendable {
    var article: String
    var count: Int
    var price: Double
  }

  var customer: String
  var lines: [Line]

  static func example(_ number: Int) -> Order {
    Order(
      customer: "customer \(number % 100)",
      lines: (0..<(1 + number % 7)).map { Line(article: "article \($0) of order \(number)", count: $0, price: 1.25) })
  }
}

struct Receipt: Codable, Sendable {
  var customer: String
  var sum: Double
  var number: Int
}

/// The last hundred orders, by customer and in their order: what a live server's memory is full of.
actor OrderBook {
  private var recent: [Receipt] = []
  private var byCustomer: [String: [Receipt]] = [:]
  private var number = 0

  func take(_ order: Order) -> Receipt {
    number += 1
    let sum = order.lines.reduce(0) { $0 + Double($1.count) * $1.price }
    let receipt = Receipt(customer: order.customer, sum: sum, number: number)
    recent.append(receipt)
    byCustomer[order.customer, default: []].append(receipt)
    if recent.count > 100 {
      let gone = recent.removeFirst()
      byCustomer[gone.customer]?.removeFirst()
      if byCustomer[gone.customer]?.isEmpty == true { byCustomer[gone.customer] = nil }
    }
    return receipt
  }

  func last() -> [Receipt] { recent }
}
