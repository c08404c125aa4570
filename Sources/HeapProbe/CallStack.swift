import CAllocator
import FoundationEssentials
import Runtime

/// The calling thread's stack as return addresses, captured by libunwind without allocating, and named later.
public struct CallStack: Equatable, Sendable {
  /// Return addresses, innermost first.
  public var addresses: [UInt64]

  /// A stack captured elsewhere in this process.
  public init(addresses: [UInt64]) { self.addresses = addresses }

  /// Captures into the caller's buffer, for code that must not allocate.
  ///
  /// - Parameters:
  ///   - frames: Receives the return addresses, innermost first; its count is the most that is captured.
  ///   - skip: How many of the caller's own innermost frames to leave out.
  /// - Returns: How many addresses were written; 0 if the stack cannot be unwound.
  @inline(never)
  public static func capture(into frames: UnsafeMutableBufferPointer<UInt64>, skip: Int = 0) -> Int {
    guard let start = frames.baseAddress else { return 0 }
    // One more for this function's own frame.
    return wsa_backtrace(start, frames.count, skip + 1)
  }

  /// Captures at most `limit` frames, leaving out the caller's own `skip` innermost ones.
  @inline(never)
  public static func capture(limit: Int = 64, skip: Int = 0) -> CallStack {
    let frames = UnsafeMutablePointer<UInt64>.allocate(capacity: limit)
    defer { frames.deallocate() }
    let count = wsa_backtrace(frames, limit, skip + 1)
    return CallStack(addresses: Array(UnsafeBufferPointer(start: frames, count: count)))
  }

  /// A frame with its name, as far as symbols and debug information tell.
  public struct Frame: Equatable, Sendable {
    /// The return address; the same for a function and those inlined into it.
    public var address: UInt64
    /// The demangled function, `nil` where no symbol covers the address.
    public var function: String?
    /// The loaded file that the address lies in.
    public var image: String?
    /// The source file, `nil` without debug information.
    public var file: String?
    /// The source line, from 1.
    public var line: Int?
    /// Whether the frame was inlined into the next one.
    public var isInlined: Bool
  }

  /// Names every frame: demangled, with file and line and inlined frames where debug information exists.
  ///
  /// Reads the ELF files of the loaded images: tens of milliseconds, and heap. `nil` if the `Runtime` module does not
  /// understand the addresses.
  public func symbolicated() -> [Frame]? {
    guard let backtrace = runtimeBacktrace(),
      let symbolicated = backtrace.symbolicated(with: ImageMap.capture())
    else { return nil }
    return symbolicated.frames.compactMap { frame in
      guard let address = UInt64(frame.captured.originalProgramCounter) else { return nil }
      let location = frame.symbol?.sourceLocation
      return Frame(
        address: address, function: frame.symbol?.name, image: frame.symbol?.imageName,
        file: location?.path, line: location.map { Int($0.line) }, isInlined: frame.inlined)
    }
  }

  /// The addresses as the `Runtime` module's backtrace. It can be made from addresses only through its Codable form,
  /// whose data are in Compact Backtrace Format (docs/CompactBacktraceFormat.md in swiftlang/swift): an information
  /// byte, then for each frame an instruction byte and the address, most significant byte first.
  private func runtimeBacktrace() -> Backtrace? {
    let wordSize64: UInt8 = 0b10
    let absoluteReturnAddressOf8Bytes: UInt8 = 0b0010_1111
    var bytes: [UInt8] = [wordSize64]
    for address in addresses {
      bytes.append(absoluteReturnAddressOf8Bytes)
      withUnsafeBytes(of: address.bigEndian) { bytes.append(contentsOf: $0) }
    }
    bytes.append(0)
    #if arch(arm64)
      let architecture = "arm64"
    #else
      let architecture = "x86_64"
    #endif
    let encoded = Data(bytes).base64EncodedString().prefix { $0 != "=" }
    let json = #"{"architecture":"\#(architecture)","backtrace":"\#(encoded)"}"#
    // An undecodable form means that this runtime's format is another: told to the caller as nil.
    return try? JSONDecoder().decode(Backtrace.self, from: Data(json.utf8))
  }
}
