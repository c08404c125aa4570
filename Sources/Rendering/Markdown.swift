/// GitHub-flavoured Markdown (https://github.github.com/gfm/).
package enum Markdown {
  /// A text that shows as it is, in a cell of a table as well as in a paragraph: on one line, and no character of it is
  /// markup.
  package static func escaped(_ text: String) -> String { escaped(text, atMost: .max) }

  /// The same, cut to a number of bytes: `…`, which is not counted, stands for what does not fit. No character and no
  /// reference is cut in two.
  static func escaped(_ text: String, atMost limit: Int) -> String {
    // No character is shorter than a byte.
    let characters = Array(text.prefix(limit < .max ? limit + 1 : .max))
    var escaped = ""
    for (index, character) in characters.enumerated() {
      let piece = self.escaped(character, at: index, of: characters)
      guard piece.utf8.count <= limit - escaped.utf8.count else { return escaped + "…" }
      escaped += piece
    }
    return escaped
  }

  private static func escaped(_ character: Character, at index: Int, of characters: [Character]) -> String {
    switch character {
    case "&": return "&amp;"
    case "<": return "&lt;"
    case ">": return "&gt;"
    case "\\", "|", "`", "*", "[", "]", "~", "$": return "\\\(character)"
    case "_":
      // Between letters and digits it is only itself (gfm, 6.4): unowned_unsafe stays readable.
      let isInside =
        index > 0 && index + 1 < characters.count && isWordCharacter(characters[index - 1])
        && isWordCharacter(characters[index + 1])
      return isInside ? "_" : "\\_"
    default:
      return character.isNewline || character.isControl ? " " : String(character)
    }
  }

  /// A text between backquotes, cut likewise.
  static func code(_ text: String, atMost limit: Int) -> String {
    var code = ""
    for character in text {
      let piece = character == "`" || character.isNewline || character.isControl ? "'" : String(character)
      guard piece.utf8.count <= limit - code.utf8.count else {
        code += "…"
        break
      }
      code += piece
    }
    return "`\(code)`"
  }

  private static func isWordCharacter(_ character: Character) -> Bool { character.isLetter || character.isNumber }
}

extension TextTable {
  /// Heading, alignment and rows, each a line.
  package var markdown: String {
    func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |\n" }
    return line(columns.map { Markdown.escaped($0.title) })
      + line(columns.map { $0.alignment == .right ? "---:" : ":---" })
      + rows.map { line($0.map(Markdown.escaped)) }.joined()
  }
}

extension Character {
  /// Whether it is a control character (C0, DEL, C1), which no text shows.
  var isControl: Bool { unicodeScalars.allSatisfy { $0.properties.generalCategory == .control } }
}
