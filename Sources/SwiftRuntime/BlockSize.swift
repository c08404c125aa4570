/// Sizes of blocks that nothing but their size tells apart.
enum BlockSize {
  /// Usable bytes up to 1 KiB, where malloc has a size every 16 bytes; above, the next power of two.
  static func sizeClass(_ usable: Int) -> Int {
    guard usable > 1024 else { return usable }
    return 1 << min(62, Int.bitWidth - (usable - 1).leadingZeroBitCount)
  }

  static func text(_ sizeClass: Int) -> String {
    if sizeClass <= 1024 { return "\(sizeClass) B" }
    if sizeClass < 1 << 20 { return "up to \(sizeClass >> 10) KiB" }
    return sizeClass < 1 << 30 ? "up to \(sizeClass >> 20) MiB" : "up to \(sizeClass >> 30) GiB"
  }
}
