/// One row of a report: one process at one checkpoint, or a sample that failed.
package struct ReportRow: Sendable, Equatable {
  package var runID: String
  package var envID: String
  package var suite: String
  package var identity: CaseIdentity
  package var repetition: Int
  package var orderIndex: Int
  /// The graph's seed, at most `Int64.max`: what reads reports has no larger integer.
  package var seed: UInt64
  /// The checkpoint, or for a failed sample the one that it did not reach.
  package var phase: Phase
  /// Absent in the row of a failed sample.
  package var readings: CheckpointReadings?
  package var status: SampleStatus
  package var inspectedObjects: Int?
  package var inspectedLeaked: Int?
  package var inspectedSideTables: Int?

  package init(
    runID: String, envID: String, suite: String, identity: CaseIdentity, repetition: Int, orderIndex: Int,
    seed: UInt64, phase: Phase, readings: CheckpointReadings? = nil, status: SampleStatus = .ok,
    inspectedObjects: Int? = nil, inspectedLeaked: Int? = nil, inspectedSideTables: Int? = nil
  ) {
    self.runID = runID
    self.envID = envID
    self.suite = suite
    self.identity = identity
    self.repetition = repetition
    self.orderIndex = orderIndex
    self.seed = seed
    self.phase = phase
    self.readings = readings
    self.status = status
    self.inspectedObjects = inspectedObjects
    self.inspectedLeaked = inspectedLeaked
    self.inspectedSideTables = inspectedSideTables
  }
}

/// Absolute readings at a checkpoint; nil is a reading that could not be made, an empty field in the report.
///
/// `ReportSchema.columns` has the source of each.
package struct CheckpointReadings: Sendable, Equatable {
  package var rssBytes: Int64?
  package var pssBytes: Int64?
  package var privateDirtyBytes: Int64?
  package var anonHugeBytes: Int64?
  package var peakRSSBytes: Int64?
  package var heapInUseBytes: Int64?
  package var heapFreeBytes: Int64?
  package var heapArenaBytes: Int64?
  package var heapMmapBytes: Int64?
  package var heapTrimmableBytes: Int64?
  package var usableBytes: Int64?
  package var liveObjects: Int64?
  package var deinits: Int64?
  package var minorFaults: Int64?
  package var phaseNanoseconds: Int64?

  package init(
    rssBytes: Int64? = nil, pssBytes: Int64? = nil, privateDirtyBytes: Int64? = nil, anonHugeBytes: Int64? = nil,
    peakRSSBytes: Int64? = nil, heapInUseBytes: Int64? = nil, heapFreeBytes: Int64? = nil,
    heapArenaBytes: Int64? = nil, heapMmapBytes: Int64? = nil, heapTrimmableBytes: Int64? = nil,
    usableBytes: Int64? = nil, liveObjects: Int64? = nil, deinits: Int64? = nil, minorFaults: Int64? = nil,
    phaseNanoseconds: Int64? = nil
  ) {
    self.rssBytes = rssBytes
    self.pssBytes = pssBytes
    self.privateDirtyBytes = privateDirtyBytes
    self.anonHugeBytes = anonHugeBytes
    self.peakRSSBytes = peakRSSBytes
    self.heapInUseBytes = heapInUseBytes
    self.heapFreeBytes = heapFreeBytes
    self.heapArenaBytes = heapArenaBytes
    self.heapMmapBytes = heapMmapBytes
    self.heapTrimmableBytes = heapTrimmableBytes
    self.usableBytes = usableBytes
    self.liveObjects = liveObjects
    self.deinits = deinits
    self.minorFaults = minorFaults
    self.phaseNanoseconds = phaseNanoseconds
  }
}
