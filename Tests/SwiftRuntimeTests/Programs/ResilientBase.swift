// A library whose types may change without those that use them being built again.

open class Frame {
  /// The first field of every subclass's instances.
  public final var name: String
  /// The last of them that this class declares.
  public final var child: AnyObject?

  /// Both fields.
  public init(name: String, child: AnyObject?) {
    self.name = name
    self.child = child
  }
}

open class Slot<Content> {
  /// As large as the type argument says.
  public final var content: Content
  /// Behind it.
  public final var child: AnyObject?

  /// Both fields.
  public init(content: Content, child: AnyObject?) {
    self.content = content
    self.child = child
  }
}

/// Its size is known only at run time.
public struct Corners {
  var first: AnyObject?
  var numbers = (1.0, 2.0, 3.0)
  var second: AnyObject?

  /// The objects, with numbers between them.
  public init(first: AnyObject?, second: AnyObject?) {
    self.first = first
    self.second = second
  }
}
