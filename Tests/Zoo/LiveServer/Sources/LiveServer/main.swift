// A web server with leaks that are planted on request, to be inspected while it works.
//
//     LiveServer serve [PORT]                      on 127.0.0.1; port 0, the default: any that is free
//     LiveServer load PORT [CONNECTIONS [SECONDS]] posts orders, 8 at a time, for 10 seconds
//     LiveServer get PORT PATH                     prints the body of one answer
//
// `serve` prints "ready PORT". The line "planted" on its standard input prints how many objects of each planted type
// live; when the input is closed, the server stops and prints the same once more.
//
// GET  /plant/delegate, /plant/closure, /plant/dictionary   plants one leak of that shape
// GET  /planted                                             the live objects of each planted type, as JSON
// POST /orders                                              reads an order, and answers with its sum
// GET  /orders                                              the last hundred orders

import FlyingFox
import Foundation

func usage() -> Never {
  print("usage: LiveServer serve [PORT] | load PORT [CONNECTIONS [SECONDS]] | get PORT PATH")
  exit(64)
}

func number(_ position: Int, orElse other: Int?, in range: ClosedRange<Int>) -> Int {
  guard CommandLine.arguments.count > position else {
    guard let other else { usage() }
    return other
  }
  guard let number = Int(CommandLine.arguments[position]), range.contains(number) else { usage() }
  return number
}

guard CommandLine.arguments.count > 1 else { usage() }
do {
  switch CommandLine.arguments[1] {
  case "serve":
    try await serve(port: UInt16(number(2, orElse: 0, in: 0...65_535)))
  case "load":
    let port = UInt16(number(2, orElse: nil, in: 1...65_535))
    let connections = number(3, orElse: 8, in: 1...64)
    let seconds = number(4, orElse: 10, in: 1...3_600)
    let load = await Load.run(port: port, connections: connections, seconds: seconds)
    print("\(load.answered) answered, \(load.failed) failed")
    exit(load.failed == 0 ? 0 : 1)
  case "get":
    guard CommandLine.arguments.count == 4 else { usage() }
    let port = UInt16(number(2, orElse: nil, in: 1...65_535))
    var client = HTTPClient()
    let request = HTTPRequest(
      method: .GET, version: .http11, path: CommandLine.arguments[3], query: [], headers: [:], body: Data())
    let response = try await client.sendHTTPRequest(request, to: .inet(ip4: "127.0.0.1", port: port))
    print(String(decoding: try await response.bodyData, as: UTF8.self))
    exit(response.statusCode == .ok ? 0 : 1)
  default: usage()
  }
} catch {
  print("LiveServer: \(error)")
  exit(2)
}
