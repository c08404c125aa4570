package import HeapBlocks
import ProcessImage

/// Finds out what each block of a heap is.
package enum Classification {
  /// Passes over the blocks: Swift objects by their metadata and counts; what has another form of its own; arrays by their
  /// elements, closure contexts by their functions; who holds the rest.
  package static func classify(_ process: SwiftProcess, heap: Heap) -> ObjectTable {
    classify(process, blocks: heap.blocks)
  }

  static func classify(_ process: SwiftProcess, blocks: some BlockList) -> ObjectTable {
    let snapshot = process.snapshot
    let reader = MetadataReader(
      memory: snapshot, data: AddressRanges(snapshot.mappings.filter(\.isData)),
      code: AddressRanges(snapshot.mappings.filter { $0.permissions.contains(.execute) }))
    var classifier = Classifier(
      memory: snapshot, blocks: blocks, catalog: TypeCatalog(reader: reader),
      dataBounds: reader.data.lowest..<max(reader.data.lowest, reader.data.highest))
    let (type, flags) = classifier.classify()
    var catalog = classifier.catalog
    var table = ObjectTable(type: type, flags: flags, types: catalog.types)
    var runtime = RuntimeBlocks(snapshot: snapshot, blocks: blocks, code: reader.code)
    runtime.name(in: &table, catalog: &catalog)
    table.types = catalog.types
    var arrays = ArrayElements(memory: snapshot, blocks: blocks, reader: reader)
    arrays.name(in: &table, catalog: &catalog)
    var closures = ClosureFunctions(
      snapshot: snapshot, blocks: blocks, code: reader.code, symbolizer: Symbolizer(snapshot))
    closures.name(in: &table, catalog: &catalog)
    catalog.nameBoxes()
    table.types = catalog.types
    var attribution = Attribution(snapshot: snapshot, blocks: blocks, types: table.types)
    attribution.name(in: &table, catalog: &catalog)
    table.types = catalog.types
    return table
  }
}

extension Mapping {
  /// Readable and not code: where metadata can lie.
  fileprivate var isData: Bool { permissions.contains(.read) && !permissions.contains(.execute) }
}
