package import ProcessImage

/// What a block of the heap is.
package enum BlockKind: UInt8, CaseIterable, Sendable {
  /// Nothing is known of it but its size and, after `attribute`, who holds it.
  case unknown
  /// A class's instance.
  case instance
  case closureContext
  /// A captured variable, an indirect enum case, or a large value in an existential.
  case box
  case errorBox
  case arrayStorage
  case dictionaryStorage
  case setStorage
  case stringStorage
  /// Tail-allocated storage of another kind: ManagedBuffer and its subclasses.
  case managedBuffer
  case task
  case job
  /// Memory of one task: what its async functions keep across their suspensions.
  case taskSlab
  /// The counts of an object that has a weak reference, or had one.
  case sideTable
  /// What the runtime builds while the program runs: generic metadata, witness tables, caches of conformances and names.
  case runtimeData
  /// A queue, a source, a continuation or a group of libdispatch.
  case dispatchObject
  /// A C++ object with a virtual table.
  case cppObject

  /// Whether it begins with metadata and a count word, and so can own and be owned.
  package var isSwiftObject: Bool {
    switch self {
    case .instance, .closureContext, .box, .errorBox, .arrayStorage, .dictionaryStorage, .setStorage, .stringStorage,
      .managedBuffer, .task, .job:
      true
    case .unknown, .taskSlab, .sideTable, .runtimeData, .dispatchObject, .cppObject: false
    }
  }
}

/// Who keeps blocks that have no type of their own.
package struct BlockHolder: Hashable, Sendable {
  package enum Kind: String, Sendable {
    /// Variables of an executable or a library.
    case image
    /// Objects of a Swift type, or of C++ or libdispatch.
    case type
    /// Stacks and thread-local variables alone.
    case thread
    /// Memory that is neither an image's nor the allocator's.
    case memory
  }

  package var kind: Kind
  /// `libcurl.so.4`, `App.Buffer.memory`.
  package var name: String

  package init(_ kind: Kind, _ name: String) {
    self.kind = kind
    self.name = name
  }
}

/// A row of the census: what many blocks have in common.
package struct TypeEntry: Hashable, Sendable {
  /// `App.Cell<String>`, `[App.Node] storage`, `closure #1 in Model.bind()`, `C block, 64 B (libcurl.so.4)`.
  package var name: String
  package var kind: BlockKind
  /// What identifies a Swift type; of an error box, the metadata of the error itself. Other entries may share it: closure
  /// contexts differ by function.
  package var metadata: Address?
  /// The module that declares it.
  package var module: String?
  /// Bytes of an instance, header included, without what is allocated behind its fields.
  package var instanceSize: Int?
  /// Whether the program kept what reflection needs: without, names but no fields.
  package var hasReflection: Bool?
  /// Who holds such blocks, if nothing else names them.
  package var holder: BlockHolder?
  /// Of a closure context whose function is known: where its code is.
  package var function: Address?

  package init(
    name: String, kind: BlockKind, metadata: Address? = nil, module: String? = nil, instanceSize: Int? = nil,
    hasReflection: Bool? = nil, holder: BlockHolder? = nil
  ) {
    self.name = name
    self.kind = kind
    self.metadata = metadata
    self.module = module
    self.instanceSize = instanceSize
    self.hasReflection = hasReflection
    self.holder = holder
  }
}
