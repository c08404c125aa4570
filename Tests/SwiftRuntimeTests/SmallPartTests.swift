import ProcessImage
import Testing

@testable import SwiftRuntime

struct SmallPartTests {
  @Test func `the table finds what was put in, however much`() {
    var table = MetadataTable()
    for key in 1...5000 as ClosedRange<UInt64> {
      table.insert(MetadataTable.Facts(type: UInt32(key), size: 16, form: .object), for: key &* 0x9E37_79B9)
    }
    for key in 1...5000 as ClosedRange<UInt64> { #expect(table.facts(for: key &* 0x9E37_79B9)?.type == UInt32(key)) }
    #expect(table.facts(for: 12345) == nil)
  }

  @Test func `the filter lets every page of a block through`() {
    var filter = PageFilter(log2: 10)
    filter.insert(start: 0x7F00_0000_1F00, count: 0x2200)
    for page in [0x7F00_0000_1000, 0x7F00_0000_2000, 0x7F00_0000_3000, 0x7F00_0000_4000] as [UInt64] {
      #expect(filter.mayContain(page + 0x10))
    }
    #expect(!filter.mayContain(0x7F00_0000_5000))
    #expect(!filter.mayContain(0x7F00_0000_0FFF))
  }

  @Test func `a block larger than the filter sets every bit`() {
    var filter = PageFilter(log2: 10)
    filter.insert(start: 0x1000, count: 1 << 30)
    #expect(filter.mayContain(0xFFFF_FFFF_F000))
    filter.insert(start: .max - 10, count: .max)
  }

  @Test func `ranges that touch are one`() {
    let ranges = AddressRanges(
      [(0x1000, 0x2000), (0x2000, 0x3000), (0x5000, 0x6000)].map {
        Mapping(start: Address($0.0), end: Address($0.1), permissions: .read)
      })
    #expect(ranges.starts == [0x1000, 0x5000])
    for (address, isInside) in [
      (0xFFF, false), (0x1000, true), (0x2000, true), (0x2FFF, true), (0x3000, false), (0x5FFF, true), (0x6000, false),
    ] as [(UInt64, Bool)] {
      #expect(ranges.contains(address) == isInside)
    }
    #expect(!AddressRanges([]).contains(0))
  }

  @Test(arguments: [
    (24, "24 B"), (1016, "1016 B"), (1024, "1024 B"), (1032, "up to 2 KiB"), (2048, "up to 2 KiB"),
    (2049, "up to 4 KiB"),
    (1 << 20, "up to 1 MiB"), ((1 << 30) + 1, "up to 2 GiB"),
  ])
  func `large blocks are grouped by powers of two`(_ usable: Int, _ text: String) {
    let sizeClass = BlockSize.sizeClass(usable)
    #expect(sizeClass >= usable)
    #expect(BlockSize.text(sizeClass) == text)
  }

  @Test(
    arguments: [
      ("__OS_dispatch_source_vtable", "dispatch source"),
      ("__OS_dispatch_queue_serial_vtable", "dispatch queue serial"),
      ("_dispatch_continuation_vtables", "dispatch continuation"),
      ("_dispatch_source_type_timer", "dispatch source's event"),
      ("_dispatch_main_q", nil),
    ] as [(String, String?)])
  func `libdispatch's tables tell the class`(_ symbol: String, _ name: String?) {
    #expect(DispatchName.name(ofTable: symbol) == name)
  }

  @Test(arguments: [
    ("$s3App5ModelC4bindyyFSiycfU_", "closure #1 in Model.bind()"), ("$s3AppSiycfU_", "closure #1 in top-level code"),
    ("_ZN3foo3barIiEE", "foo::bar<int>"), ("main", "main"),
  ])
  func `a symbol is shown as its language writes it`(_ symbol: String, _ name: String) {
    #expect(Symbolizer.name(ofSymbol: symbol) == name)
  }
}
