package import HeapBlocks
package import ProcessImage

/// The live blocks of a heap, in rising order of address, as far as this module asks: HeapBlocks' table, or one that a test makes.
package protocol BlockList {
  var count: Int { get }
  /// The address that malloc returned.
  func address(of index: Int) -> Address
  /// Bytes that the program may use.
  func usableBytes(of index: Int) -> Int
  /// The block that malloc returned as `address`.
  func index(startingAt address: Address) -> Int?
  /// The block whose usable bytes hold `address`.
  func index(containing address: Address) -> Int?
}

extension BlockTable: BlockList {}
