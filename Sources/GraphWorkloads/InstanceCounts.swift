/// How many instances of the models' classes were made and deinited in this process: the models' own count, which the
/// allocator's counters are held against. One thread only.
package enum InstanceCounts {
  nonisolated(unsafe) package private(set) static var created = 0
  nonisolated(unsafe) package private(set) static var deinited = 0

  package static var live: Int { created - deinited }

  /// Forgets what was counted so far.
  package static func reset() {
    created = 0
    deinited = 0
  }

  @inline(__always) static func countCreated(_ instances: Int = 1) { created &+= instances }
  @inline(__always) static func countDeinited(_ instances: Int = 1) { deinited &+= instances }
}
