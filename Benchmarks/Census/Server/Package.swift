// swift-tools-version: 6.2

import PackageDescription

// A package of its own, so that Weakspot itself does not depend on a web server.
let package = Package(
  name: "census-server",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1")
  ],
  targets: [
    .executableTarget(name: "CensusServer", dependencies: [.product(name: "Hummingbird", package: "hummingbird")])
  ],
  swiftLanguageModes: [.v6]
)
