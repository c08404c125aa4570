// A Hummingbird server whose memory is full of what servers keep, to be inspected while it works.
//
//     CensusServer     on 127.0.0.1, at any free port; prints "ready PORT", and stops at SIGTERM
//
// PUT /articles/N         keeps the article of the body      GET /articles/N        answers it
// GET /articles/N/bytes   the same from a cache of bytes     GET /words/WORD        the numbers of articles with a word

import Foundation
import Hummingbird
import Logging

let catalogue = Catalogue()
let router = Router()
router.put("articles/:number") { request, context in
  let article = try await request.decode(as: Article.self, context: context)
  await catalogue.put(article)
  return HTTPResponse.Status.noContent
}
router.get("articles/:number") { _, context in
  await catalogue.article(try context.parameters.require("number", as: Int.self))
}
router.get("articles/:number/bytes") { _, context in
  guard let bytes = try await catalogue.answer(try context.parameters.require("number", as: Int.self)) else {
    throw HTTPError(.notFound)
  }
  return bytes
}
router.get("words/:word") { _, context in
  await catalogue.numbers(with: try context.parameters.require("word"))
}

/// Listens for arrivals as long as the server runs, and remembers the last of them.
for listener in 0..<8 {
  Task {
    var last: [Int] = []
    for await number in await catalogue.arrivals() {
      last.append(number)
      if last.count > 32 * (listener + 1) { last.removeFirst() }
    }
  }
}

var logger = Logger(label: "census")
logger.logLevel = .error
let application = Application(
  router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
  onServerRunning: { channel in
    FileHandle.standardOutput.write(Data("ready \(channel.localAddress?.port ?? 0)\n".utf8))
  },
  logger: logger)
try await application.runService()
