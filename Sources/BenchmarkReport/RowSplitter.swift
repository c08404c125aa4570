/// The fields of one row as values: for the header, for a look ahead, and to place errors; the reader's fast path is
/// `RowParser`.
struct RowSplitter {
  struct Field {
    /// Where the field begins, in bytes from the start of the row.
    let offset: Int
    /// Its content without the quotes.
    let bytes: [UInt8]
  }

  private(set) var fields: [Field] = []
  /// Whether a quote was open when the bytes ended.
  private(set) var isUnterminated = false
  /// Line feeds inside quotes.
  private(set) var innerLines = 0
  /// The length of the row with its line end.
  private(set) var length = 0

  /// Splits the first row of `bytes`, leniently: what is wrong with a field is for its reader to say.
  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    var content: [UInt8] = []
    var start = 0
    var isQuoted = false
    var position = 0
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if isQuoted {
        if byte != UInt8(ascii: "\"") {
          content.append(byte)
          if byte == UInt8(ascii: "\n") { innerLines += 1 }
        } else if position < bytes.count, bytes[position] == byte {
          content.append(byte)
          position += 1
        } else {
          isQuoted = false
        }
      } else if byte == UInt8(ascii: "\""), position == start + 1 {
        isQuoted = true
      } else if byte == UInt8(ascii: ",") {
        fields.append(Field(offset: start, bytes: content))
        content = []
        start = position
      } else if byte == UInt8(ascii: "\n") {
        if content.last == UInt8(ascii: "\r") { content.removeLast() }
        break
      } else {
        content.append(byte)
      }
    }
    isUnterminated = isQuoted
    fields.append(Field(offset: start, bytes: content))
    length = position
  }
}
