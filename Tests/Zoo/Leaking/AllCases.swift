import ZooSupport

/// A global, so that the list is nobody's leak where the main thread ends before the process.
let allCases: [ZooCase] = [
  delegateCases, wrongEdgeCases, closureCases, keptClosureCases, collectionCases, elementCases, enumCases,
  existentialCases, inheritanceCases, concurrencyCases, dispatchCases, rawMemoryCases, bufferCases, largeAndStaleCases,
  variantCases, memoryVariantCases, declarationCases,
].flatMap(\.self)
