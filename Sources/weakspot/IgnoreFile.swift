import CommandLineTool
import Glibc
import LeakAnalysis

/// The file behind `--ignore`.
enum IgnoreFile {
  /// More than any such list needs: what is longer is something else.
  private static let mostBytes = 16 << 20

  static func read(_ path: String) throws(Failure) -> IgnoreList {
    guard let file = fopen(path, "re") else { throw failure(path) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count <= mostBytes {
      let count = fread(&buffer, 1, buffer.count, file)
      if count == 0 { break }
      bytes += buffer[..<count]
    }
    guard ferror(file) == 0 else { throw failure(path) }
    guard bytes.count <= mostBytes else {
      throw Failure(.failure, "\(path): has more than \(mostBytes >> 20) MiB; lines of SIGNATURE = REASON are expected")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Failure(.failure, "\(path): is no text (UTF-8); lines of SIGNATURE = REASON are expected")
    }
    do throws(IgnoreList.Fault) {
      return try IgnoreList(parsing: text)
    } catch {
      throw Failure(.failure, "\(path):\(error.line): \(error.text)")
    }
  }

  private static func failure(_ path: String) -> Failure {
    Failure(.failure, "\(path): cannot be read: \(String(cString: strerror(errno)))")
  }
}
