import ProcessImage

/// Where the Swift runtime keeps what it allocates: its own libraries' variables, and a cache in every image beside each
/// generic type.
enum RuntimeRoots {
  static let libraries: Set<String> = ["libswiftCore.so", "libswift_Concurrency.so"]

  /// Bytes of a generic type's cache: 16 words (GenericMetadataInstantiationCache, include/swift/ABI/MetadataValues.h).
  static let cacheSize = 128

  /// A bound for damaged memory; the largest image of the toolchain has some 20,000 types.
  private static let limit = 1 << 20

  /// The caches of the generic types that the images list in `swift5_type_metadata`, with or without symbols.
  static func instantiationCaches(of snapshot: Snapshot) -> [Address] {
    var caches: [Address] = []
    for image in snapshot.images {
      for section in image.sections
      where section.name == "swift5_type_metadata" || section.name == "swift5_type_metadata_2" {
        guard let start = section.address else { continue }
        for index in 0..<min(section.size / 4, limit) {
          // The low two bits say what kind of reference it is: 0, a direct one.
          guard let target = snapshot.relativePointer(at: start + index * 4), target.bits & 3 == 0,
            let descriptor = ContextDescriptor(at: target, in: snapshot), descriptor.isGeneric,
            let cache = descriptor.instantiationCache
          else { continue }
          caches.append(cache)
        }
      }
    }
    return caches
  }
}
