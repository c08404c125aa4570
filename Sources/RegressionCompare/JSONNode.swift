/// A JSON value that knows where it stands in the text, so that an error in a policy names a line and a column.
/// Foundation's decoder gives positions for broken syntax only, not for a key or value that is wrong.
struct JSONNode {
  /// From 1; columns count Unicode scalars.
  struct Position: Equatable {
    var line = 1
    var column = 1
  }

  struct Member {
    let key: String
    let position: Position
    let value: JSONNode
  }

  enum Value {
    case object([Member])
    case array([JSONNode])
    case string(String)
    case number(Double)
    case bool(Bool)
    case null

    /// What the value is, for error texts.
    var kind: String {
      switch self {
      case .object: "an object"
      case .array: "a list"
      case .string: "a string"
      case .number: "a number"
      case .bool: "true or false"
      case .null: "null"
      }
    }
  }

  let position: Position
  let value: Value
}
