/// Tasks, actors, streams and errors: what a program of Swift does with its stacks.

struct Odd: Error { let number: Int }

actor Counter {
  private var counts: [String: Int] = [:]
  func count(_ name: String) -> Int {
    counts[name, default: 0] += 1
    return counts[name] ?? 0
  }
  var all: [String] { counts.map { "\($0.key) \($0.value)" }.sorted() }
}

@inline(never) func deep(_ levels: Int) throws -> [Int] {
  if levels == 0 { throw Odd(number: 7) }
  return try deep(levels - 1) + [levels]
}

@inline(never) func nested(_ levels: Int, _ counter: Counter) async throws -> Int {
  if levels == 0 {
    await Task.yield()
    return await counter.count("bottom")
  }
  return try await nested(levels - 1, counter) + 1
}

let counter = Counter()
try await withThrowingTaskGroup(of: Int.self) { group in
  for index in 0..<200 {
    group.addTask {
      do { _ = try deep(index % 20) } catch { _ = await counter.count("error") }
      return try await nested(10, counter)
    }
  }
  for try await _ in group {}
}
let stream = AsyncStream<Int> { continuation in
  for number in 0..<1000 { continuation.yield(number) }
  continuation.finish()
}
var sum = 0
for await number in stream { sum += number }
print(await counter.all, sum)
