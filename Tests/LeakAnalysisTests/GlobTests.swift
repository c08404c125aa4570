import LeakAnalysis
import Testing

struct GlobTests {
  @Test(arguments: [
    ("Node", "App.Node", true), ("App.Node", "App.Node", true), ("App.*", "App.Node", true),
    ("*Node*", "[App.Node] storage", true),
    ("[App.Node] storage", "[App.Node] storage", true), ("N?de", "App.Node", true), ("*", "", true), ("", "", true),
    ("Nod", "App.Node", false), ("node", "App.Node", false), ("B.Node", "App.B.Node", true),
    ("Node", "App.B.Node", false),
    ("a*b*c", "aXbXbXc", true), ("a*b*c", "aXbXbX", false), ("*.Cell<*>", "App.Cell<String>", true), ("?", "", false),
    ("Cell<App.Node>", "App.Cell<App.Node>", true), ("Node>", "App.Cell<App.Node>", false),
  ])
  func `a pattern matches whole names, with their module or without`(pattern: String, name: String, isMatch: Bool) {
    #expect(Glob(pattern).matches(name) == isMatch)
  }

  @Test func `many stars take no more than linear steps each`() {
    let name = String(repeating: "a", count: 5_000)
    #expect(!Glob(String(repeating: "*a", count: 50) + "b").matches(name))
  }
}
