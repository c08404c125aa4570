import ProcessImage

/// Where the thread-local variables of each image lie in each thread.
///
/// glibc numbers the images that have any from 1 on, in the order in which they were loaded, and each thread keeps their
/// places by number (`dtv`, which the word behind the thread pointer's first leads to). After a `dlclose` a number may be
/// used again, and another image's name be told.
struct ThreadVariables {
  private let snapshot: Snapshot
  /// The dynamic linker, which allocates the tables.
  let linker: ElfImage?
  /// By number, from 1 on.
  private let modules: [(image: ElfImage, size: Int)]

  private static let mostModules = 4096

  init(in snapshot: Snapshot) {
    self.snapshot = snapshot
    let images = Dictionary(snapshot.images.map { ($0.loadBias, $0) }, uniquingKeysWith: { first, _ in first })
    let debug = snapshot.images.lazy.compactMap { image in
      image.address(ofSymbol: "_r_debug").map { (image: image, place: $0) }
    }.first
    linker = debug?.image
    modules = Self.loadOrder(debug?.place, in: snapshot).compactMap { loadBias in
      guard let image = images[loadBias], let size = Self.size(of: image) else { return nil }
      return (image, size)
    }
  }

  /// The thread's table: the places by number, behind an entry that says how many they are.
  func table(of thread: ThreadState) -> Address? {
    snapshot.pointer(at: thread.registers.threadPointer + 8).flatMap { $0.bits < 16 ? nil : $0 - 16 }
  }

  func places(of thread: ThreadState) -> [(image: ElfImage, place: (start: Address, count: Int))] {
    guard let table = table(of: thread), let most = snapshot.word(at: table) else { return [] }
    var places: [(image: ElfImage, place: (start: Address, count: Int))] = []
    for (index, module) in modules.enumerated() where UInt64(index) < most {
      // An entry is the place and what must be freed; all ones: this thread has not used them yet.
      guard let start = snapshot.word(at: table + (index + 2) * 16), start != 0, start != .max else { continue }
      places.append((module.image, (Address(start), module.size)))
    }
    return places
  }

  /// `struct r_debug` and its list of `struct link_map` (link.h): load bias +0, next +24.
  private static func loadOrder(_ debug: Address?, in snapshot: Snapshot) -> [Address] {
    guard let debug, var link = snapshot.pointer(at: debug + 8) else { return [] }
    var biases: [Address] = []
    while link.bits != 0, biases.count < mostModules, let bias = snapshot.word(at: link) {
      biases.append(Address(bias))
      guard let next = snapshot.pointer(at: link + 24) else { break }
      link = next
    }
    return biases
  }

  /// Bytes of an image's thread-local variables in a thread; `nil` if it has none.
  private static func size(of image: ElfImage) -> Int? {
    let sections = image.sections.filter { $0.name == ".tdata" || $0.name == ".tbss" }
    guard let start = sections.compactMap(\.address).min() else { return nil }
    return sections.compactMap { section in section.address.map { ($0 + section.size).distance(from: start) } }.max()
  }
}
