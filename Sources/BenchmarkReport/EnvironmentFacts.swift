/// The facts of a machine and a build that a measurement depends on; never its host name.
package struct EnvironmentFacts: Codable, Sendable, Equatable {
  // What changes memory.
  package var glibcVersion: String?
  package var pageSize: Int
  /// `always`, `madvise` or `never`.
  package var transparentHugePages: String?
  package var glibcTunables: String?
  /// Every variable whose name begins with `MALLOC_`.
  package var mallocVariables: [String: String]
  package var preload: String?
  package var architecture: String
  /// The compiler's, known from conditional compilation.
  package var swiftVersion: String
  /// `debug` or `release`.
  package var optimization: String

  // The rest.
  package var kernelRelease: String
  package var cpuModel: String?
  package var cores: Int
  package var memoryBytes: Int64?
  package var cgroupMemoryLimitBytes: Int64?
  package var operatingSystem: String?

  package init(
    glibcVersion: String?, pageSize: Int, transparentHugePages: String?, glibcTunables: String?,
    mallocVariables: [String: String], preload: String?, architecture: String, swiftVersion: String,
    optimization: String, kernelRelease: String, cpuModel: String?, cores: Int, memoryBytes: Int64?,
    cgroupMemoryLimitBytes: Int64?, operatingSystem: String?
  ) {
    self.glibcVersion = glibcVersion
    self.pageSize = pageSize
    self.transparentHugePages = transparentHugePages
    self.glibcTunables = glibcTunables
    self.mallocVariables = mallocVariables
    self.preload = preload
    self.architecture = architecture
    self.swiftVersion = swiftVersion
    self.optimization = optimization
    self.kernelRelease = kernelRelease
    self.cpuModel = cpuModel
    self.cores = cores
    self.memoryBytes = memoryBytes
    self.cgroupMemoryLimitBytes = cgroupMemoryLimitBytes
    self.operatingSystem = operatingSystem
  }

  /// `env-` and 16 hexadecimal digits: FNV-1a over the facts that change memory.
  ///
  /// The prefix keeps spreadsheets and readers from taking the digits for a number.
  package var envID: String {
    // Lengths make the text one-to-one whatever the values hold.
    var hash = FNV1a()
    for fact in facts where fact.changesMemory {
      guard let value = fact.value else { continue }
      hash.combine("\(fact.name)=\(value.utf8.count):\(value)\n".utf8)
    }
    return "env-" + FNV1a.hexadecimal(hash.value)
  }

  /// The facts that differ, those that change memory first.
  package func differences(from base: EnvironmentFacts) -> [EnvironmentDifference] {
    let names = facts.map(\.name)
    let others = base.facts
    // A variable that only the base has stands at the end of the facts that change memory.
    let gone = others.filter { !names.contains($0.name) }.map { Fact($0.name, nil, changesMemory: $0.changesMemory) }
    return (facts + gone).compactMap { fact in
      let old = others.first { $0.name == fact.name }?.value
      guard old != fact.value else { return nil }
      return EnvironmentDifference(fact: fact.name, base: old, new: fact.value, changesMemory: fact.changesMemory)
    }.sorted { $0.changesMemory && !$1.changesMemory }
  }

  /// A fact as text: nil is one that is not set or not known.
  package struct Fact: Sendable, Equatable {
    package let name: String
    package let value: String?
    package let changesMemory: Bool

    fileprivate init(_ name: String, _ value: String?, changesMemory: Bool = true) {
      self.name = name
      self.value = value
      self.changesMemory = changesMemory
    }
  }

  /// Every fact as text, in a fixed order.
  package var facts: [Fact] {
    [
      Fact("glibcVersion", glibcVersion),
      Fact("pageSize", String(pageSize)),
      Fact("transparentHugePages", transparentHugePages),
      Fact("GLIBC_TUNABLES", glibcTunables),
      Fact("LD_PRELOAD", preload),
      Fact("architecture", architecture),
      Fact("swiftVersion", swiftVersion),
      Fact("optimization", optimization),
    ] + mallocVariables.sorted { $0.key < $1.key }.map { Fact($0.key, $0.value) } + [
      Fact("kernelRelease", kernelRelease, changesMemory: false),
      Fact("cpuModel", cpuModel, changesMemory: false),
      Fact("cores", String(cores), changesMemory: false),
      Fact("memoryBytes", memoryBytes.map { String($0) }, changesMemory: false),
      Fact("cgroupMemoryLimitBytes", cgroupMemoryLimitBytes.map { String($0) }, changesMemory: false),
      Fact("operatingSystem", operatingSystem, changesMemory: false),
    ]
  }
}

/// A fact that is not the same in two environments; nil is a fact that is not set or not known.
package struct EnvironmentDifference: Sendable, Equatable, CustomStringConvertible {
  package let fact: String
  package let base: String?
  package let new: String?
  /// The fact is one of those that `env_id` hashes.
  package let changesMemory: Bool

  package init(fact: String, base: String?, new: String?, changesMemory: Bool) {
    self.fact = fact
    self.base = base
    self.new = new
    self.changesMemory = changesMemory
  }

  /// `transparentHugePages: madvise → always`
  package var description: String { "\(fact): \(base ?? "unset") → \(new ?? "unset")" }
}
