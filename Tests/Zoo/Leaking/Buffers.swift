// Objects in raw buffers and in ManagedBuffer.

import ZooSupport

let bufferCases: [ZooCase] = [
  ZooCase("raw-buffer-lost", scrubsStack: true, loseBuffer),
  ZooCase("raw-buffer-ring", scrubsStack: true) { RingBuffer(capacity: 4).fill() },
  ZooCase("raw-buffer-ring-generic", scrubsStack: true) { Carousel<Double>.Wheel(3).fill() },
  ZooCase("managed-buffer-elements", scrubsStack: true, fillManagedBuffer),
  ZooCase("managed-buffer-elements-generic", scrubsStack: true, fillPool),
  ZooCase("managed-buffer-header", scrubsStack: true, fillHeader),
]

// A raw buffer of objects that was lost with them.
final class Sample {
  init() { born(self) }
  deinit { died(self) }
}

@Sendable private func loseBuffer() {
  let samples = UnsafeMutablePointer<Sample>.allocate(capacity: 5)
  for index in 0..<5 { (samples + index).initialize(to: Sample()) }
  blackHole(samples)
}

// A ring buffer in raw memory.
final class RingBuffer {
  private let slots: UnsafeMutablePointer<RingEntry?>
  private let capacity: Int
  init(capacity: Int) {
    slots = .allocate(capacity: capacity)
    slots.initialize(repeating: nil, count: capacity)
    self.capacity = capacity
    born(self)
  }
  deinit {
    died(self)
    slots.deinitialize(count: capacity)
    slots.deallocate()
  }
  func fill() { for slot in 0..<capacity { slots[slot] = RingEntry(buffer: self) } }
}

final class RingEntry {
  let buffer: RingBuffer
  init(buffer: RingBuffer) {
    self.buffer = buffer
    born(self)
  }
  deinit { died(self) }
}

enum Carousel<Speed> {
  final class Wheel {
    let horses: UnsafeMutableBufferPointer<Horse>
    var speed: Speed?
    init(_ count: Int) {
      horses = .allocate(capacity: count)
      born(self)
    }
    deinit {
      died(self)
      horses.deinitialize()
      horses.deallocate()
    }
    func fill() {
      for place in horses.indices { horses.initializeElement(at: place, to: Horse(wheel: self)) }
    }
  }

  final class Horse {
    let wheel: Wheel
    init(wheel: Wheel) {
      self.wheel = wheel
      born(self)
    }
    deinit { died(self) }
  }
}

// Elements of a ManagedBuffer.
final class TileBuffer: ManagedBuffer<Int, Tile> {
  deinit {
    died(self)
    withUnsafeMutablePointers { count, tiles in _ = tiles.deinitialize(count: count.pointee) }
  }
}

final class Tile {
  let buffer: AnyObject
  init(buffer: AnyObject) {
    self.buffer = buffer
    born(self)
  }
  deinit { died(self) }
}

@Sendable private func fillManagedBuffer() {
  let buffer = TileBuffer.create(minimumCapacity: 4) { _ in 3 }
  born(buffer)
  buffer.withUnsafeMutablePointerToElements { tiles in
    for index in 0..<3 { (tiles + index).initialize(to: Tile(buffer: buffer)) }
  }
}

enum Swimming {
  struct Lane<Swimmer> {
    var swimmer: Swimmer
    var pool: AnyObject
  }

  final class Pool<Swimmer>: ManagedBuffer<Int, Lane<Swimmer>> {
    deinit {
      died(self)
      withUnsafeMutablePointers { count, lanes in _ = lanes.deinitialize(count: count.pointee) }
    }
  }
}

@Sendable private func fillPool() {
  let pool = Swimming.Pool<String>.create(minimumCapacity: 2) { _ in 2 }
  born(pool)
  pool.withUnsafeMutablePointerToElements { lanes in
    for index in 0..<2 { (lanes + index).initialize(to: Swimming.Lane(swimmer: "swimmer \(index)", pool: pool)) }
  }
}

// Its header.
final class Chunk: ManagedBuffer<ChunkHeader, UInt8> {
  deinit { died(self) }
}

struct ChunkHeader {
  var count: Int
  var owner: ChunkOwner?
}

final class ChunkOwner {
  var chunk: AnyObject?
  init() { born(self) }
  deinit { died(self) }
}

@Sendable private func fillHeader() {
  let owner = ChunkOwner()
  let chunk = Chunk.create(minimumCapacity: 64) { _ in ChunkHeader(count: 0, owner: owner) }
  born(chunk)
  owner.chunk = chunk
}
