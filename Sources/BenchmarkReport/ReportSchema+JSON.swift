// The Frictionless Table Schema (https://specs.frictionlessdata.io/table-schema/) that lies beside each report.

import FoundationEssentials

extension ReportSchema {
  /// The schema as pretty JSON with sorted keys and a final newline.
  package static func tableSchemaJSON() -> String {
    let schema = TableSchema(
      fields: columns.map(TableSchema.Field.init), missingValues: [""], primaryKey: primaryKey.map(\.rawValue))
    do {
      return String(decoding: try prettyJSON(schema), as: UTF8.self)
    } catch {
      fatalError("the schema holds only strings and integers, and could not be encoded: \(error)")
    }
  }
}

private struct TableSchema: Encodable {
  struct Field: Encodable {
    struct Constraints: Encodable {
      var `enum`: [String]?
      var maximum: Int64?
      var minimum: Int64?
      var required: Bool
    }

    var name: String
    var type: String
    var description: String
    var constraints: Constraints

    init(_ column: Column) {
      name = column.name.rawValue
      type = column.type.rawValue
      description = column.description
      constraints = Constraints(
        enum: column.allowed.isEmpty ? nil : column.allowed, maximum: column.maximum, minimum: column.minimum,
        required: column.required)
    }
  }

  var fields: [Field]
  var missingValues: [String]
  var primaryKey: [String]
}

/// JSON as the report's files have it: sorted keys, two-space indent, a final newline.
func prettyJSON(_ value: some Encodable) throws -> Data {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  var data = try encoder.encode(value)
  data.append(UInt8(ascii: "\n"))
  return data
}
