// swift-tools-version: 6.2

import PackageDescription

// A package of its own, so that Weakspot itself does not depend on a web server.
let package = Package(
  name: "live-server",
  dependencies: [
    .package(url: "https://github.com/swhitty/FlyingFox", exact: "0.27.1")
  ],
  targets: [
    .executableTarget(name: "LiveServer", dependencies: [.product(name: "FlyingFox", package: "FlyingFox")])
  ],
  swiftLanguageModes: [.v6]
)
