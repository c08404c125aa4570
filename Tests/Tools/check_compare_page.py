#!/usr/bin/env python3
"""Opens a page of `weakspot-bench compare --format html` in headless Chromium, and checks it against the same comparison
with `--format csv`: it shows every cell with its numbers; it asks for nothing from outside; it is readable at a wide and
at a phone's width.

    check_compare_page.py PAGE.html COMPARISON.csv [--screenshots FOLDER]

One line per check; exit status 1 if one fails, 2 if something is missing. Needs Python 3.9, no package.
"""

import collections
import csv
import sys

import check_page
from headless import Browser

# Every cell's row: its verdict, and the exact values of its figures, empty where there is none.
ROWS = """[...document.querySelectorAll('tr[data-case]')].map(row => ({
  case: row.dataset.case, metric: row.dataset.metric, verdict: row.querySelector('.verdict').textContent,
  section: row.closest('section').id, charts: row.querySelectorAll('svg').length,
  values: [...row.querySelectorAll('td:not(.verdict)')].slice(0, 4).map(cell => cell.dataset.value ?? '') }))"""

FIGURES = ("base_median", "new_median", "shift", "ratio")


def number(text):
    return float(text) if text else None


def number_checks(shown, report):
    with open(report, newline="", encoding="utf-8") as file:
        wanted = list(csv.DictReader(file))
    yield "the comparison has cells", [] if wanted else ["none"]

    def name(row, case):
        return row[case], row["metric"]

    expected = collections.Counter((*name(row, "case_id"), *(number(row[figure]) for figure in FIGURES))
                                   for row in wanted)
    found = collections.Counter((*name(row, "case"), *map(number, row["values"])) for row in shown)
    yield "the page has the figures of every cell", (
        [f"missing {row}" for row in expected - found] + [f"not in the CSV: {row}" for row in found - expected])
    verdicts = {name(row, "case_id"): row["verdict"] for row in wanted}
    yield "the page has the verdict of every cell", [
        f"{name(row, 'case')}: {row['verdict']}" for row in shown
        if not row["verdict"].replace("not comparable", "not-comparable").startswith(
            verdicts.get(name(row, "case"), "none"))]
    yield "each metric is in a section of its own", [
        f"{name(row, 'case')} in {row['section']}" for row in shown if row["section"] != row["metric"]]
    drawn = {name(row, "case_id") for row in wanted if row["shift_lower"] and float(row["margin"]) > 0}
    yield "every interval with a margin is drawn", [
        str(name(row, "case")) for row in shown if (name(row, "case") in drawn) != (row["charts"] == 1)]
    yield "an interval is drawn", [] if drawn else ["none"]


def checks(page, report, folder):
    with Browser() as browser:
        browser.resize(1280)
        browser.open(page)
        yield from check_page.frame_checks(browser, page)
        yield from number_checks(browser.evaluate(ROWS), report)
        yield check_page.faults(browser)
        yield from check_page.layout_checks(browser, page, folder)


if __name__ == "__main__":
    sys.exit(check_page.main(checks, __doc__, "comparison"))
