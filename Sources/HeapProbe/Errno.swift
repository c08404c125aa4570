import Glibc

/// The text of an `errno` value (strerror(3)).
func errorText(_ code: Int32) -> String {
  guard let text = strerror(code) else { return "error \(code)" }
  return String(cString: text)
}
