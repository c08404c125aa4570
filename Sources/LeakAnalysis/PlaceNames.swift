import HeapBlocks
import ProcessImage
import SwiftRuntime

/// Names for the places that hold an address: a global by its symbol, a stack by thread and function, a block by its type.
struct PlaceNames {
  private let inspection: Inspection
  private let symbolizer: Symbolizer

  init(_ inspection: Inspection) {
    self.inspection = inspection
    symbolizer = Symbolizer(inspection.snapshot)
  }

  func name(ofBlock block: Int) -> String { inspection.objects.entry(block).name }

  func name(of place: RootPlace) -> String {
    switch place.kind {
    case .register: "a register of \(thread(place.thread))"
    case .threadLocal: "a thread-local variable of \(thread(place.thread))"
    case .stack: "the stack of \(thread(place.thread))" + (frame(at: place).map { ", in \($0)" } ?? "")
    case .memory: global(at: place.address)
    }
  }

  private func thread(_ number: UInt32) -> String {
    let state = inspection.snapshot.threads[Int(number)]
    return "thread \(state.id)" + (state.name.isEmpty ? "" : " (\(state.name))")
  }

  private func global(at address: Address) -> String {
    if let name = symbolizer.name(of: address) { return name }
    guard let mapping = inspection.snapshot.mapping(containing: address) else { return "memory at \(address)" }
    // Zeroed globals lie in anonymous memory behind their image's data, which no symbol table's size may cover.
    if let image = inspection.snapshot.image(containing: address) {
      return "a global of \(image.path.split(separator: "/").last.map(String.init) ?? image.path)"
    }
    return mapping.name.isEmpty ? "memory at \(address) that is not malloc's" : "\(mapping.name) at \(address)"
  }

  /// The function whose frame holds a stack's word: by the chain of frame pointers, which SwiftPM's builds keep.
  private func frame(at place: RootPlace) -> String? {
    let registers = inspection.snapshot.threads[Int(place.thread)].registers
    var code = registers.instructionPointer
    var frame = registers.framePointer
    for _ in 0..<4096 {
      guard frame.isAligned(to: 8), let caller = inspection.snapshot.pointer(at: frame),
        let returnAddress = inspection.snapshot.pointer(at: frame + 8)
      else { return nil }
      // The frame's own words lie below its saved frame pointer.
      if place.address < frame + 16 { return symbolizer.name(of: code) }
      guard caller > frame else { return nil }
      code = returnAddress
      frame = caller
    }
    return nil
  }
}
