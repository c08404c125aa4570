// What the programs know of their own objects: a count of each class's live instances, kept by init and deinit. This is
// the truth with which every tool's answer is compared.

internal import CZoo
import Synchronization

private let lives = Mutex<[ObjectIdentifier: Int]>([:])

/// Counts an object of a tracked class; its init calls this once every field has its value. The optimiser cannot know
/// what happens to the object here, so that it has to be on the heap.
@inline(never)
package func born(_ object: AnyObject) {
  let address = Unmanaged.passUnretained(object).toOpaque()
  zoo_use(address)
  StaleWords.remember(address)
  let type = ObjectIdentifier(type(of: object))
  lives.withLock { $0[type, default: 0] += 1 }
}

/// Counts the end of an object; its deinit calls this.
@inline(never)
package func died(_ object: AnyObject) {
  let type = ObjectIdentifier(type(of: object))
  lives.withLock { $0[type, default: 0] -= 1 }
}

/// Makes the optimiser believe that the object is needed until here.
@inline(never)
package func use(_ object: AnyObject?) {
  zoo_use(object.map { UnsafeRawPointer(Unmanaged.passUnretained($0).toOpaque()) })
}

/// The same for memory.
@inline(never)
package func blackHole(_ address: UnsafeRawPointer?) {
  zoo_use(address)
}

/// `{"Module.Type":2,…}`: live instances of every class that had any, sorted by name.
func liveCounts() -> String {
  let counts = lives.withLock { $0 }
  let entries = counts.map { (name(of: unsafeBitCast($0.key, to: Any.Type.self)), $0.value) }
  return "{" + entries.sorted { $0.0 < $1.0 }.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
}

/// The type's name with its module, as a demangler gives it, without the place in which a private type is declared and
/// without "Swift.".
private func name(of type: Any.Type) -> String {
  var parts: [Substring] = []
  for part in String(reflecting: type).split(separator: ".", omittingEmptySubsequences: false) {
    if part.hasPrefix("(unknown context at") { continue }
    parts.append(part)
  }
  return parts.joined(separator: ".").split(separator: "Swift.", omittingEmptySubsequences: false).joined()
}
