import FoundationEssentials

/// What `weakspot heap --format json` says, as a script would read it.
struct HeapReportJSON: Decodable {
  struct Target: Decodable {
    struct Command: Decodable, Equatable {
      var status: Int?
      var signal: Int?
    }
    var pid: Int32
    var executable: String
    var swift: String?
    var glibc: String?
    var pauseMilliseconds: Double
    var analysisMilliseconds: Double
    var copiedBytes: Int
    var command: Command?
  }

  struct Row: Decodable {
    var name: String
    var kind: String
    var count: Int
    var bytes: Int
    var usableBytes: Int
    var holder: String?
    var holderKind: String?
    var unownedReferences: Int?
  }

  struct Totals: Decodable {
    var count: Int
    var bytes: Int
    var usableBytes: Int
  }

  struct Resident: Decodable {
    var rssBytes: Int
    var liveSwiftBytes: Int
    var liveOtherBytes: Int
    var freeKeptBytes: Int
    var trimmableBytes: Int
    var stackBytes: Int
    var fileBytes: Int
    var otherBytes: Int
    var differenceBytes: Int

    var sum: Int { liveSwiftBytes + liveOtherBytes + freeKeptBytes + stackBytes + fileBytes + otherBytes }
  }

  struct Arena: Decodable {
    var name: String
    var systemBytes: Int
    var liveBlocks: Int
    var liveBytes: Int
    var tcacheBytes: Int
    var fastbinBytes: Int
    var binBytes: Int
    var topBytes: Int
    var trimmableBytes: Int
  }

  struct Pages: Decodable {
    var name: String
    var kind: String
    var pages: Int
    var pagesAlone: Int
    var liveBytes: Int
  }

  struct Task: Decodable {
    var address: String
    var id: Int?
    var state: String
    var backtrace: [String]
  }

  var schemaVersion: Int
  var target: Target
  var total: Totals
  var attributed: Totals
  var types: [Row]
  var resident: Resident
  var arenas: [Arena]
  var pages: [Pages]?
  var tasks: [Task]?
  var warnings: [String]

  init(_ text: String) throws { self = try JSONDecoder().decode(Self.self, from: Data(text.utf8)) }

  /// Count of the row of this name and kind; 0 if there is none.
  func count(_ name: String, _ kind: String) -> Int {
    types.filter { $0.name == name && $0.kind == kind }.reduce(0) { $0 + $1.count }
  }
}
