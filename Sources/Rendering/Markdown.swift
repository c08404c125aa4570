/// GitHub-flavoured Markdown (https://github.github.com/gfm/).
package enum Markdown {
  /// A text that shows as it is, in a cell of a table as well as in a paragraph: on one line, and no character of it is
  /// markup.
  package static func escaped(_ text: String) -> String {
    let characters = Array(text)
    var escaped = ""
    for (index, character) in characters.enumerated() {
      switch character {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\\", "|", "`", "*", "[", "]", "~", "$": escaped += "\\\(character)"
      case "_":
        // Between letters and digits it is only itself (gfm, 6.4): unowned_unsafe stays readable.
        let isInside =
          index > 0 && index + 1 < characters.count && isWordCharacter(characters[index - 1])
          && isWordCharacter(characters[index + 1])
        escaped += isInside ? "_" : "\\_"
      default:
        escaped += character.isNewline || character.isControl ? " " : String(character)
      }
    }
    return escaped
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
