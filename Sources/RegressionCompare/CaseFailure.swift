/// A case of which samples failed.
package struct CaseFailure: Sendable, Equatable {
  package enum Kind: String, Sendable {
    /// In NEW and not in BASE, or in a case that BASE does not have: a regression.
    case newOnly = "new-only"
    /// In both, but every sample of NEW, while BASE has good ones: a regression.
    case newAll = "new-all"
    /// In both: noted.
    case both
    /// In BASE and no longer in NEW: noted.
    case baseOnly = "base-only"

    package var isRegression: Bool {
      switch self {
      case .newOnly, .newAll: true
      case .both, .baseOnly: false
      }
    }
  }

  package let caseName: String
  package let kind: Kind
  package let baseFailed: Int
  package let newFailed: Int

  package var description: String {
    switch kind {
    case .newOnly:
      "\(caseName): \(NumberText.counted(newFailed, "sample", "samples")) failed in NEW and none in BASE: a regression"
    case .newAll:
      "\(caseName): every sample failed in NEW, and \(baseFailed) in BASE, which has good ones: a regression"
    case .both: "\(caseName): samples failed in both, \(baseFailed) in BASE and \(newFailed) in NEW"
    case .baseOnly: "\(caseName): \(NumberText.counted(baseFailed, "sample", "samples")) failed in BASE and none in NEW"
    }
  }
}
