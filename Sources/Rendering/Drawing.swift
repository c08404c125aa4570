/// An SVG figure with its alternative text. Lengths are in units of which a page's pixel has about one.
struct Drawing {
  enum Anchor: String { case start, middle, end }

  let width: Double
  let height: Double
  /// What it is, in a line.
  let title: String
  /// What it shows, in words.
  let description: String
  private var content = Markup()

  init(width: Double, height: Double, title: String, description: String) {
    self.width = width
    self.height = height
    self.title = title
    self.description = description
  }

  /// - Parameter id: Occurs once on the page.
  func write(to page: inout Markup, id: String) {
    page.element(
      "svg",
      [
        "viewBox": "0 0 \(px(width)) \(px(height))", "role": "img", "aria-labelledby": "\(id)-title \(id)-text",
      ]
    ) { svg in
      svg.element("title", ["id": id + "-title"], title)
      svg.element("desc", ["id": id + "-text"], description)
      svg.write(content)
    }
  }

  mutating func text(
    _ text: String, x: Double, y: Double, anchor: Anchor = .start, style: StaticString? = nil
  ) {
    content.element(
      "text",
      [
        "x": px(x), "y": px(y), "text-anchor": anchor == .start ? nil : anchor.rawValue,
        "class": style.map { "\($0)" },
      ], text)
  }

  mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, style: String) {
    content.shape("path", ["class": style, "d": "M\(px(x1)) \(px(y1))L\(px(x2)) \(px(y2))"])
  }

  mutating func path(_ points: [(x: Double, y: Double)], style: String) {
    guard let first = points.first else { return }
    let rest = points.dropFirst().map { "L\(px($0.x)) \(px($0.y))" }.joined()
    content.shape("path", ["class": style, "d": "M\(px(first.x)) \(px(first.y))\(rest)"])
  }

  mutating func shape(_ name: StaticString, _ attributes: Markup.Attributes) { content.shape(name, attributes) }

  /// Shapes that belong together; the title is what a pointer over them shows.
  mutating func group(_ attributes: Markup.Attributes, title: String? = nil, _ draw: (inout Drawing) -> Void) {
    var inner = Drawing(width: width, height: height, title: "", description: "")
    draw(&inner)
    content.element("g", attributes) { group in
      if let title { group.element("title", title) }
      group.write(inner.content)
    }
  }
}

/// A coordinate with at most one decimal.
func px(_ value: Double) -> String {
  guard value.isFinite else { return "0" }
  let tenths = Int((min(max(value, -1e6), 1e6) * 10).rounded())
  let sign = tenths < 0 ? "-" : ""
  let (whole, rest) = tenths.magnitude.quotientAndRemainder(dividingBy: 10)
  return rest == 0 ? sign + String(whole) : "\(sign)\(whole).\(rest)"
}

/// A text cut to a width, with an ellipsis where something is missing. Nothing here can measure a font: a character is
/// taken to be as wide as a wide sans-serif's, a character outside Latin as wide as it is high.
func fitted(_ text: String, width: Double, fontSize: Double) -> String {
  if textWidth(text, fontSize: fontSize) <= width { return text }
  var cut = ""
  for character in text {
    if textWidth(cut + String(character) + "…", fontSize: fontSize) > width { break }
    cut.append(character)
  }
  return cut + "…"
}

/// An upper estimate of a text's width.
func textWidth(_ text: String, fontSize: Double) -> Double {
  text.unicodeScalars.reduce(0) { width, scalar in
    let isLatin = scalar.value < 0x250 || (0x2000..<0x2070).contains(scalar.value)
    return width + fontSize
      * (isLatin ? ("A"..."Z" ~= scalar || "mwMW@%…".unicodeScalars.contains(scalar) ? 0.85 : 0.62) : 1.1)
  }
}
