import FoundationEssentials
import Runtime

/// Addresses of another process as a backtrace of the `Runtime` module, which can be made from them through its Codable form
/// only.
///
/// The form is JSON around two formats: Compact Backtrace Format and Compact ImageMap Format (docs/CompactBacktraceFormat.md,
/// docs/CompactImageMapFormat.md in swiftlang/swift).
enum RuntimeBacktrace {
  /// A file and where it is taken to lie.
  struct Image {
    var path: String
    var start: UInt64
    var bytes: UInt64
  }

  private enum Code {
    /// Version 0, words of 64 bits: of both formats.
    static let wordSize64: UInt8 = 0b10
    /// A return address that follows, of 8 bytes.
    static let returnAddressOf8Bytes: UInt8 = 0b0010_1111
    static let endOfBacktrace: UInt8 = 0
    /// An image's addresses are absolute, with 8 bytes for its start and 8 for its length.
    static let absoluteOf8And8Bytes: UInt8 = 0b0011_1111
    static let longestPart = 63
  }

  /// - Parameters:
  ///   - addresses: Return addresses.
  ///   - images: In rising order of their starts, apart from each other.
  /// - Returns: `nil` if this runtime's form is another.
  static func make(_ addresses: [UInt64], images: [Image]) -> Backtrace? {
    var frames: [UInt8] = [Code.wordSize64]
    frames.reserveCapacity(addresses.count * 9 + 2)
    for address in addresses {
      frames.append(Code.returnAddressOf8Bytes)
      append(address, to: &frames)
    }
    frames.append(Code.endOfBacktrace)
    #if arch(arm64)
      let architecture = "arm64"
    #else
      let architecture = "x86_64"
    #endif
    // Swift 6.3 names the platform in front of the images, which the format's description (and other releases) do not.
    for platform in [[0], []] as [[UInt8]] {
      let form = Form(
        architecture: architecture, backtrace: base64(frames), imageMap: base64(encoded(images, platform: platform)))
      do {
        let backtrace = try JSONDecoder().decode(Backtrace.self, from: try JSONEncoder().encode(form))
        if backtrace.images?.map(\.path) == images.map(\.path) { return backtrace }
      } catch {
        return nil
      }
    }
    return nil
  }

  private struct Form: Encodable {
    var architecture: String
    var backtrace: String
    var imageMap: String
  }

  private static func encoded(_ images: [Image], platform: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = [Code.wordSize64] + platform
    // Seven bits in a byte, the highest first, the top bit set but in the last.
    let count = images.count
    for shift in [21, 14, 7, 0] where shift == 0 || count >> shift > 0 {
      bytes.append(UInt8(truncatingIfNeeded: count >> shift & 0x7f) | (shift > 0 ? 0x80 : 0))
    }
    for image in images {
      bytes.append(Code.absoluteOf8And8Bytes)
      append(image.start, to: &bytes)
      append(image.bytes, to: &bytes)
      bytes.append(0)  // no build-id: it was compared before
      var path = Array(image.path.utf8)[...]
      while !path.isEmpty {
        let part = path.prefix(Code.longestPart)
        bytes.append(UInt8(part.count))
        bytes += part
        path = path.dropFirst(part.count)
      }
      bytes.append(0)
    }
    return bytes
  }

  private static func append(_ word: UInt64, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: word.bigEndian) { bytes.append(contentsOf: $0) }
  }

  private static func base64(_ bytes: [UInt8]) -> String {
    String(Data(bytes).base64EncodedString().prefix { $0 != "=" })
  }
}
