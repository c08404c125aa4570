/// Characters on a line where nobody says how many fit, in a pipe or a file.
let defaultLineWidth = 120

/// Breaks a text at its blanks into lines of at most `width` characters, each behind `indent`; `nil` where nobody counts.
package func wrap(_ text: String, width: Int?, indent: String = "") -> String {
  let width = width ?? defaultLineWidth
  var lines: [String] = []
  var line = ""
  for word in text.split(separator: " ") {
    if !line.isEmpty, indent.count + line.count + 1 + word.count > width {
      lines.append(indent + line)
      line = ""
    }
    line += (line.isEmpty ? "" : " ") + word
  }
  return (lines + [indent + line]).joined(separator: "\n")
}
