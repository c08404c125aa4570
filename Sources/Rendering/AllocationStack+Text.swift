import AllocationStacks
import LeakAnalysis

extension SourceFrame {
  /// `go() at main.swift:7`; without a symbol, the file that it lies in.
  var sentence: String {
    let place = file.map { " at \($0.split(separator: "/").last ?? "")" + (line.map { ":\($0)" } ?? "") } ?? ""
    return label + place + (isInlined ? " (inlined)" : "")
  }

  /// The function, or `[libx.so]`.
  var label: String { function ?? "[\(image ?? "unknown")]" }

  func write(to json: inout JSONMembers) {
    json.member("function", text: function)
    json.member("file", text: file)
    if let line { json.member("line", integer: line) }
    json.member("image", text: image)
    if isInlined { json.member("inlined", flag: true) }
  }
}

extension AllocationStack {
  /// A line for each frame.
  func lines(width: Int, indent: String) -> String {
    frames.map { wrap($0.sentence, width: width, indent: indent) + "\n" }.joined()
      + (endsEarly ? indent + "… (the stack ends early)\n" : "")
  }
}

extension LeakAllocation {
  func text(width: Int, whole: Bool) -> String {
    let count = objects > 1 ? " (\(Quantity.count(objects)))" : ""
    let place = stack.headline?.sentence ?? "an unknown place"
    let head = wrap("\(type)\(count) allocated in \(place)", width: width, indent: "     ") + "\n"
    return whole ? head + stack.lines(width: width, indent: "         ") : head
  }
}
