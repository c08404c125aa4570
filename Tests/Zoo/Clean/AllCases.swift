import ZooSupport

/// A global, so that the list is nobody's leak where the main thread ends before the process.
let allCases: [ZooCase] = [globalCases, stackCases, taskCases, cHandsCases, lifeCases, heldCases].flatMap(\.self)
