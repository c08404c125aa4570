#!/usr/bin/env python3
"""Loads a report as a stranger would: pandas and DuckDB with zero options, and its own Table Schema.

    python3 -m pip install frictionless pandas duckdb
    check_report.py REPORT.csv

One line per check; exit status 1 if one fails, 2 if something is missing.
"""

import json
import pathlib
import sys

try:
    import duckdb
    import frictionless
    import pandas
except ImportError as error:
    print(f"check_report.py: {error}; python3 -m pip install frictionless pandas duckdb", file=sys.stderr)
    sys.exit(2)

INTEGER_TYPES = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"}


def checks(path):
    """Yields (what was checked, what is wrong or None)."""
    schema_path = path.with_name(path.name.removesuffix(".csv") + ".schema.json")
    schema = json.loads(schema_path.read_text(encoding="utf-8"))
    fields = {field["name"]: field for field in schema["fields"]}
    integers = [name for name, field in fields.items() if field["type"] == "integer"]
    strings = [name for name, field in fields.items() if field["type"] == "string"]

    frame = pandas.read_csv(path)
    table = duckdb.sql(f"select * from '{path}'")
    rows = len(path.read_bytes().splitlines()) - 1

    def same(what, found, expected):
        return what, None if found == expected else f"{found}, expected {expected}"

    yield same("pandas: rows", len(frame), rows)
    yield same("DuckDB: rows", table.count("*").fetchall()[0][0], rows)
    yield same("pandas: columns", list(frame.columns), list(fields))
    yield same("DuckDB: columns", table.columns, list(fields))

    wrong = []
    for name in integers:
        column = frame[name]
        # A column with empty fields is float64 in pandas: its numbers must still be whole.
        whole = column.dtype.kind in "iu" or (
            column.dtype.kind == "f" and column.isna().any() and (column.dropna() % 1 == 0).all())
        if not whole:
            wrong.append(f"{name} is {column.dtype}")
    yield "pandas: integer columns are numbers", ", ".join(wrong) or None
    wrong = [f"{name} is {frame[name].dtype}" for name in strings
             if pandas.api.types.is_numeric_dtype(frame[name]) or frame[name].isna().any()]
    yield "pandas: text columns are text without gaps", ", ".join(wrong) or None

    types = dict(zip(table.columns, map(str, table.types)))
    empty = {name for name in integers if frame[name].isna().all()}
    # DuckDB calls a column without a value VARCHAR.
    wrong = [f"{name} is {types[name]}" for name in integers
             if types[name] not in INTEGER_TYPES and not (name in empty and types[name] == "VARCHAR")]
    yield "DuckDB: integer columns are integers", ", ".join(wrong) or None
    wrong = [f"{name} is {types[name]}" for name in strings if types[name] != "VARCHAR"]
    yield "DuckDB: text columns are text", ", ".join(wrong) or None

    wrong = []
    for name in [name for name in integers if types[name] in INTEGER_TYPES]:
        total = duckdb.sql(f'select sum("{name}")::hugeint from \'{path}\'').fetchall()[0][0]
        if total != sum(int(value) for value in frame[name].dropna()):
            wrong.append(name)
    yield "pandas and DuckDB: the same sums", ", ".join(sorted(wrong)) or None
    key = schema["primaryKey"]
    yield same("pandas: the key occurs once", int(frame.duplicated(key).sum()), 0)

    problems = frictionless.Schema.metadata_validate(schema)
    yield "frictionless: the schema is a Table Schema", "; ".join(str(problem) for problem in problems) or None
    report = frictionless.validate(
        frictionless.Resource(
            path=path.name, basepath=str(path.parent), schema=frictionless.Schema.from_descriptor(schema)))
    errors = report.flatten(["rowNumber", "fieldName", "message"])
    yield "frictionless: the report is valid against its schema", "; ".join(map(str, errors[:5])) or None


def main():
    if len(sys.argv) != 2 or not sys.argv[1].endswith(".csv"):
        print("usage: check_report.py REPORT.csv", file=sys.stderr)
        return 2
    failed = False
    try:
        for what, problem in checks(pathlib.Path(sys.argv[1]).resolve()):
            failed = failed or problem is not None
            print(f"{'ok' if problem is None else 'FAILED'}: {what}" + (f": {problem}" if problem else ""))
    except OSError as error:
        print(f"check_report.py: {error}", file=sys.stderr)
        return 2
    except (ValueError, duckdb.Error) as error:
        print(f"FAILED: the report loads: {error}")
        return 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
