import ProcessImage
package import Recording
import Runtime
import SwiftRuntime

/// Names the frames of a recording's stacks: demangled functions, with file and line and inlined ones where the images'
/// debug information tells them. Each address is looked up once. Not thread-safe.
///
/// Images are laid out anew, each in 64 GiB of its own, by the addresses of their files: two libraries that lay at one place
/// after each other do not meet.
package final class FrameResolver {
  private let recording: Recording
  private let files: [ImageFile]
  private let images: [RuntimeBacktrace.Image]
  /// By address and generation.
  private var places: [Location: UInt64?] = [:]
  /// By the address in our layout; in the order of a stack, inlined ones first.
  private var known: [UInt64: [SourceFrame]] = [:]
  /// Of images with frames that the `Runtime` module has no name for: it passes over the dynamic symbols, which are all that
  /// stripped libraries have.
  private var symbols: [Int: SymbolTable] = [:]
  /// Images whose frames have no names, since their files are gone.
  package private(set) var lostImages: Set<String> = []

  private struct Location: Hashable {
    var address: Address
    var generation: UInt32
  }

  private static let roomShift: UInt64 = 36

  /// - Parameter process: The recorded process, if it still runs.
  package init(_ recording: Recording, process: Int32? = nil) {
    self.recording = recording
    files = recording.images.map { ImageFile(of: $0, process: process) }
    images = zip(recording.images.indices, files).compactMap { index, file in
      guard case .found(let path, _) = file else { return nil }
      let bytes = recording.images[index].range.upperBound.bits &- recording.images[index].bias
      return RuntimeBacktrace.Image(
        path: path, start: Self.start(ofImage: index), bytes: min(bytes, 1 << Self.roomShift))
    }
  }

  private static func start(ofImage index: Int) -> UInt64 { UInt64(index + 1) << roomShift }

  /// - Parameter index: Into the recording's stacks.
  package func stack(_ index: Int) -> AllocationStack {
    resolve([index])
    let stack = recording.stacks[index]
    let frames = stack.frames.flatMap { frame -> [SourceFrame] in
      guard let place = place(of: frame, in: stack) else { return [Self.unknown(image: nil)] }
      return known[place] ?? [unnamed(place)]
    }
    return AllocationStack(frames: frames, endsEarly: stack.end != .outermost)
  }

  /// Looks up the frames of many stacks together, which is faster than one by one.
  package func resolve(_ indices: some Sequence<Int>) {
    var wanted: Set<UInt64> = []
    for index in indices {
      let stack = recording.stacks[index]
      for frame in stack.frames {
        guard let place = place(of: frame, in: stack), known[place] == nil else { continue }
        if case .found = files[Self.image(of: place)] { wanted.insert(place) }
      }
    }
    guard !wanted.isEmpty else { return }
    name(wanted.sorted())
  }

  private func name(_ addresses: [UInt64]) {
    guard let backtrace = RuntimeBacktrace.make(addresses, images: images),
      let symbolicated = backtrace.symbolicated()
    else {
      for address in addresses { known[address] = [unnamed(address)] }
      return
    }
    var frames: [SourceFrame] = []
    for frame in symbolicated.frames {
      guard let address = UInt64(frame.captured.originalProgramCounter) else { continue }
      let source = source(frame, at: address)
      // Thunks are the compiler's, and say nothing that their neighbours do not.
      if !frame.isSwiftThunk { frames.append(source) }
      guard !frame.inlined else { continue }
      known[address] = frames.isEmpty ? [source] : frames
      frames = []
    }
    for address in addresses where known[address] == nil { known[address] = [unnamed(address)] }
  }

  private func source(_ frame: SymbolicatedBacktrace.Frame, at place: UInt64) -> SourceFrame {
    guard let symbol = frame.symbol, symbol.rawName != "<unknown>" else {
      var source = unnamed(place)
      source.isInlined = frame.inlined
      return source
    }
    let path = recording.images[Self.image(of: place)].path ?? ""
    let location = symbol.sourceLocation.flatMap { location in
      location.line > 0 && !location.path.hasSuffix("<compiler-generated>") ? location : nil
    }
    // A symbol's version says nothing here.
    let name = Symbolizer.completed(symbol.name.split(separator: "@").first.map(String.init) ?? symbol.name)
    return SourceFrame(
      function: name, image: Self.fileName(path), file: location?.path, line: location?.line,
      isInlined: frame.inlined,
      role: SourceFrame.Role(symbol: symbol.rawName, function: name, path: path))
  }

  // MARK: Addresses

  /// Where a frame lies in our layout; `nil` if no image was recorded for it.
  private func place(of frame: Address, in stack: RecordedStack) -> UInt64? {
    let location = Location(address: frame, generation: stack.generation)
    if let known = places[location] { return known }
    let place = recording.indexOfImage(of: frame, in: stack).flatMap { index -> UInt64? in
      let linked = frame.bits &- recording.images[index].bias
      return linked < 1 << Self.roomShift ? Self.start(ofImage: index) &+ linked : nil
    }
    places[location] = .some(place)
    return place
  }

  private static func image(of place: UInt64) -> Int { Int(place >> roomShift) - 1 }

  private func unnamed(_ place: UInt64) -> SourceFrame {
    let index = Self.image(of: place)
    let path = recording.images[index].path ?? ""
    if case .lost = files[index] { lostImages.insert(path) }
    let address = place & (1 << Self.roomShift - 1) &- 1
    let symbol = symbol(at: address, ofImage: index)
    let function = symbol.map(Symbolizer.name(ofSymbol:))
    return SourceFrame(
      function: function, image: Self.fileName(path), address: symbol == nil ? address : nil,
      role: SourceFrame.Role(symbol: symbol ?? "", function: function ?? "", path: path))
  }

  private func symbol(at address: UInt64, ofImage index: Int) -> String? {
    guard case .found(_, let file) = files[index] else { return nil }
    let table = symbols[index] ?? SymbolTable(file: file)
    symbols[index] = table
    return table.entry(at: address).map { table.name(of: $0) }
  }

  private static func unknown(image: String?) -> SourceFrame { SourceFrame(function: nil, image: image) }

  private static func fileName(_ path: String) -> String? { path.split(separator: "/").last.map(String.init) }
}
