/// The frame of a self-contained HTML page: no network, no script, and a policy that allows neither.
struct Page {
  let title: String
  private let style: StaticString
  private let content: Markup

  /// - Parameter style: What the page's own parts need besides the style sheet of every page.
  init(title: String, style: StaticString = "", _ write: (inout Markup) -> Void) {
    self.title = title
    self.style = style
    var content = Markup()
    write(&content)
    self.content = content
  }

  var html: String {
    var page = Markup()
    page.write(verbatim: "<!doctype html>\n")
    page.element("html", ["lang": "en"]) { page in
      page.element("head") { head in
        head.empty("meta", ["charset": "utf-8"])
        head.empty(
          "meta",
          ["http-equiv": "Content-Security-Policy", "content": "default-src 'none'; style-src 'unsafe-inline'"])
        head.empty("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"])
        head.empty("meta", ["name": "color-scheme", "content": "light dark"])
        head.element("title", title)
        head.element("style") { sheet in
          sheet.write(verbatim: PageStyle.sheet)
          sheet.write(verbatim: style)
        }
      }
      page.element("body") { $0.write(content) }
    }
    return page.text
  }
}

extension Markup {
  /// A part of the page with its heading, to which the page's contents lead.
  mutating func section(id: String, heading: String, _ content: (inout Markup) -> Void) {
    element("section", ["id": id, "aria-labelledby": "\(id)-heading"]) { section in
      section.element("h2", ["id": "\(id)-heading"], heading)
      content(&section)
    }
  }

  /// A table in a box of its own, which scrolls where the page is too narrow for it.
  mutating func scrollingTable(label: String, class name: String? = nil, _ rows: (inout Markup) -> Void) {
    element("div", ["class": "scroll", "role": "region", "aria-label": label, "tabindex": "0"]) { box in
      box.element("table", ["class": name], rows)
    }
  }

  /// The heading row of a table.
  mutating func headings(_ titles: [String]) {
    element("thead") { head in
      head.element("tr") { row in
        for title in titles { row.element("th", ["scope": "col"], title) }
      }
    }
  }
}
