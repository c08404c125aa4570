import FlyingFox
import FlyingSocks
import Foundation

/// Serves until standard input is closed.
func serve(port: UInt16) async throws {
  let server = HTTPServer(address: try .inet(ip4: "127.0.0.1", port: port), logger: .disabled)
  let orders = OrderBook()
  await addRoutes(to: server, orders)
  let running = Task { try await server.run() }
  try await server.waitUntilListening()
  guard case .ip4(_, let bound)? = await server.listeningAddress else { throw ServerError.noAddress }
  say("ready \(bound)")

  let (lines, source) = AsyncStream.makeStream(of: String.self)
  // Reading a line blocks its thread, which therefore is none of the runtime's.
  Thread.detachNewThread {
    while let line = readLine() { source.yield(line) }
    source.finish()
  }
  for await line in lines where line == "planted" { say(String(decoding: try Planted.json(), as: UTF8.self)) }
  await server.stop(timeout: 1)
  running.cancel()
  say(String(decoding: try Planted.json(), as: UTF8.self))
}

enum ServerError: Error { case noAddress }

private func addRoutes(to server: HTTPServer, _ orders: OrderBook) async {
  await server.appendRoute("GET /plant/delegate") { (_: HTTPRequest) in
    Planted.delegate()
    return HTTPResponse(statusCode: .ok, body: try Planted.json())
  }
  await server.appendRoute("GET /plant/closure") { (request: HTTPRequest) in
    Planted.closure(request.path.utf8.count)
    return HTTPResponse(statusCode: .ok, body: try Planted.json())
  }
  await server.appendRoute("GET /plant/dictionary") { (_: HTTPRequest) in
    Planted.dictionary()
    return HTTPResponse(statusCode: .ok, body: try Planted.json())
  }
  await server.appendRoute("GET /planted") { (_: HTTPRequest) in HTTPResponse(statusCode: .ok, body: try Planted.json())
  }
  await server.appendRoute("POST /orders") { (request: HTTPRequest) in
    let order = try JSONDecoder().decode(Order.self, from: try await request.bodyData)
    return HTTPResponse(statusCode: .ok, body: try JSONEncoder().encode(await orders.take(order)))
  }
  await server.appendRoute("GET /orders") { (_: HTTPRequest) in
    HTTPResponse(statusCode: .ok, body: try JSONEncoder().encode(await orders.last()))
  }
}

/// A line at once, whatever standard output is.
private func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
