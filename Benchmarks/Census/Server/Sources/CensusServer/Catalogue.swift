import Foundation
import Hummingbird
import NIOCore

struct Article: ResponseCodable, Sendable {
  var number: Int
  var title: String
  var words: [String]
  var seen: Date
  var picture: [UInt8]?
}

/// What the server keeps: articles by number and by word, their last answers as bytes of NIO, and who listens for new ones.
actor Catalogue {
  private var articles: [Int: Article] = [:]
  private var byWord: [String: Set<Int>] = [:]
  private var answers: [Int: ByteBuffer] = [:]
  private var order: [Int] = []
  private var listeners: [AsyncStream<Int>.Continuation] = []

  /// Keeps the last 5,000.
  func put(_ article: Article) {
    if articles.updateValue(article, forKey: article.number) == nil { order.append(article.number) }
    for word in article.words { byWord[word, default: []].insert(article.number) }
    answers[article.number] = nil
    for listener in listeners { listener.yield(article.number) }
    guard order.count > 5000 else { return }
    let oldest = order.removeFirst()
    for word in articles.removeValue(forKey: oldest)?.words ?? [] { byWord[word]?.remove(oldest) }
    answers[oldest] = nil
  }

  func article(_ number: Int) -> Article? { articles[number] }

  func answer(_ number: Int) throws -> ByteBuffer? {
    if let known = answers[number] { return known }
    guard let article = articles[number] else { return nil }
    let fresh = ByteBuffer(bytes: try JSONEncoder().encode(article))
    answers[number] = fresh
    return fresh
  }

  func numbers(with word: String) -> [Int] { byWord[word]?.sorted() ?? [] }

  func arrivals() -> AsyncStream<Int> {
    let (stream, continuation) = AsyncStream.makeStream(of: Int.self, bufferingPolicy: .bufferingNewest(64))
    listeners.append(continuation)
    return stream
  }
}
