import AllocationStacks
import LeakAnalysis

extension SourceFrame {
  /// `go() at main.swift:7`; without a symbol, the file that it lies in.
  var sentence: String {
    let place = file.map { " at \($0.split(separator: "/").last ?? "")" + (line.map { ":\($0)" } ?? "") } ?? ""
    return label + place + (isInlined ? " (inlined)" : "")
  }

  /// The function, or `[libx.so+0x1234]`.
  var label: String {
    function ?? "[\(image ?? "unknown")\(address.map { "+0x" + String($0, radix: 16) } ?? "")]"
  }

  func write(to json: inout JSONMembers) {
    json.member("function", text: function)
    json.member("file", text: file)
    if let line { json.member("line", integer: line) }
    json.member("image", text: image)
    if let address { json.member("address", text: "0x" + String(address, radix: 16)) }
    if isInlined { json.member("inlined", flag: true) }
  }
}

extension AllocationStack {
  /// A line for each frame.
  func lines(width: Int?, indent: String) -> String {
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
