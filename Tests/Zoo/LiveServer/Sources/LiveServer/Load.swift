import FlyingFox
import FlyingSocks
import Foundation

/// Posts orders and reads the last ones, over a new connection each time, for some seconds.
struct Load {
  var answered = 0
  var failed = 0

  static func run(port: UInt16, connections: Int, seconds: Int) async -> Load {
    let end = ContinuousClock.now + .seconds(seconds)
    return await withTaskGroup(of: Load.self) { group in
      for connection in 0..<connections {
        group.addTask { await run(port: port, first: connection, step: connections, until: end) }
      }
      return await group.reduce(into: Load()) {
        $0.answered += $1.answered
        $0.failed += $1.failed
      }
    }
  }

  private static func run(port: UInt16, first: Int, step: Int, until end: ContinuousClock.Instant) async -> Load {
    var load = Load()
    var number = first
    while ContinuousClock.now < end {
      do {
        var client = HTTPClient()
        let response = try await client.sendHTTPRequest(request(number), to: .inet(ip4: "127.0.0.1", port: port))
        let body = try await response.bodyData
        if response.statusCode == .ok, !body.isEmpty { load.answered += 1 } else { load.failed += 1 }
      } catch {
        load.failed += 1
      }
      number += step
    }
    return load
  }

  private static func request(_ number: Int) throws -> HTTPRequest {
    let posts = number % 10 != 0
    return HTTPRequest(
      method: posts ? .POST : .GET, version: .http11, path: "/orders", query: [], headers: [:],
      body: posts ? try JSONEncoder().encode(Order.example(number)) : Data())
  }
}
