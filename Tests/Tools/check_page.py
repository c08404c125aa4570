#!/usr/bin/env python3
"""Opens a page of `weakspot-bench show --format html` in headless Chromium, and checks it against its report: the numbers
it shows are those of the CSV, computed here by other code; it asks for nothing from outside; it is readable at a wide
and at a phone's width.

    apt-get install chromium fonts-dejavu
    check_page.py PAGE.html REPORT.csv [--screenshots FOLDER]

One line per check; exit status 1 if one fails, 2 if something is missing. Needs Python 3.9, no package.
"""

import argparse
import collections
import csv
import math
import pathlib
import statistics
import sys

from headless import Browser

PHASES = ("before", "built", "released", "trimmed")
TIDY_LIMIT = 4096
TIMES = {"build_ns_per_node": "built", "release_ns_per_node": "released"}

# Everything with a value, and where it stands.
VALUES = """[...document.querySelectorAll('[data-value]')].map(e => ({
  tag: e.localName, section: e.closest('section').id, svg: [...document.querySelectorAll('svg')].indexOf(e.closest('svg')),
  case: e.closest('[data-case]')?.dataset.case ?? null, series: e.closest('[data-series]')?.dataset.series ?? null,
  metric: e.closest('[data-metric]').dataset.metric, value: e.dataset.value, text: e.textContent,
  x: parseFloat(e.getAttribute('cx') ?? 'NaN'), width: parseFloat(e.getAttribute('width') ?? 'NaN'),
  height: parseFloat(e.getAttribute('height') ?? 'NaN') }))"""

MEDIANS = """[...document.querySelectorAll('[data-median]')].map(e => ({
  case: e.closest('[data-case]').dataset.case, metric: e.closest('[data-metric]').dataset.metric,
  value: e.dataset.median }))"""

OUTSIDE = """(() => {
  const found = [];
  for (const e of document.querySelectorAll('script,link,iframe,frame,object,embed,img,image,video,audio,base,form,use'))
    found.push('<' + e.localName + '>');
  for (const e of document.querySelectorAll('*')) for (const a of e.attributes) {
    const name = a.name.toLowerCase();
    if (name.startsWith('on') || ['src', 'srcset', 'action', 'poster', 'background', 'xlink:href', 'style'].includes(name)
        || (name === 'href' && !a.value.startsWith('#')) || /url\\(/i.test(a.value) && name !== 'data-case')
      found.push(e.localName + '[' + name + '=' + a.value.slice(0, 40) + ']');
  }
  for (const e of document.querySelectorAll('style'))
    if (/url\\(|@import|https?:/i.test(e.textContent)) found.push('style');
  return found; })()"""

ACCESSIBILITY = """(() => {
  const found = [];
  document.querySelectorAll('svg').forEach((svg, i) => {
    const texts = (svg.getAttribute('aria-labelledby') ?? '').split(' ').map(id => document.getElementById(id));
    if (svg.getAttribute('role') !== 'img' || texts.length !== 2 || !texts.every(t => t && svg.contains(t) && t.textContent.length > 5))
      found.push('svg ' + i + ' has no alternative text');
  });
  document.querySelectorAll('table').forEach((table, i) => {
    if (!table.caption?.textContent) found.push('table ' + i + ' has no caption');
    for (const th of table.querySelectorAll('th')) if (!th.scope) found.push('table ' + i + ': th without scope');
  });
  if (document.querySelectorAll('h1').length !== 1) found.push('not one h1');
  let last = 0;
  for (const h of document.querySelectorAll('h1,h2,h3,h4,h5,h6')) {
    const level = +h.localName[1];
    if (level > last + 1) found.push('heading level skipped at ' + h.textContent);
    last = level;
  }
  const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
  if (new Set(ids).size !== ids.length) found.push('an id occurs twice');
  for (const a of document.querySelectorAll('a[href^="#"]'))
    if (!document.getElementById(a.getAttribute('href').slice(1))) found.push('no target ' + a.getAttribute('href'));
  if (!document.documentElement.lang) found.push('no language');
  return found; })()"""

OVERLAPS = """(() => {
  const found = [];
  for (const svg of document.querySelectorAll('svg')) {
    const box = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll('text')].map(t => [t.textContent, t.getBoundingClientRect()]);
    texts.sort((a, b) => a[1].top - b[1].top);
    texts.forEach(([text, r], i) => {
      if (r.left < box.left - 1 || r.right > box.right + 1 || r.top < box.top - 2 || r.bottom > box.bottom + 2)
        found.push(text + ' leaves ' + svg.querySelector('title').textContent);
      for (let j = i + 1; j < texts.length && texts[j][1].top < r.bottom - 4; j++) {
        const [other, s] = texts[j];
        if (s.left < r.right - 1 && r.left < s.right - 1) found.push(text + ' and ' + other + ' touch in ' + svg.querySelector('title').textContent);
      }
    });
  }
  return found; })()"""

CONTRAST = """(() => {
  const rgb = s => s.match(/[\\d.]+/g).slice(0, 3).map(Number);
  const light = s => { const [r, g, b] = rgb(s).map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b; };
  const paper = light(getComputedStyle(document.body).backgroundColor);
  const found = new Set();
  for (const e of document.querySelectorAll('p,h1,h2,h3,h4,th,td,a,caption,dt,dd,summary,svg text')) {
    const style = getComputedStyle(e);
    const ink = light(e.localName === 'text' ? style.fill : style.color);
    const ratio = (Math.max(ink, paper) + .05) / (Math.min(ink, paper) + .05);
    if (ratio < 4.5) found.add(e.localName + '.' + (e.getAttribute('class') ?? '') + ' ' + ratio.toFixed(2));
  }
  return [...found]; })()"""


class Case:
    """What the report says of a case."""

    def __init__(self, row):
        self.nodes = int(row["nodes_count"])
        self.series = "/".join(row[name] for name in ("runtime", "topology", "back_link")) + f"/p={row['payload_bytes']}"
        self.panel = (row["topology"], row["payload_bytes"])
        self.samples = collections.OrderedDict()
        self.values = collections.defaultdict(list)

    def add(self, row):
        self.samples.setdefault((row["run_id"], row["repetition"]), {})[row["phase"]] = row

    def finish(self):
        for phases in self.samples.values():
            if set(phases) != set(PHASES) or any(row["status"] != "ok" for row in phases.values()):
                continue
            self.good = True
            for metric, value in self.metrics(phases):
                self.values[metric].append(value)

    good = False

    def metrics(self, phases):
        def reading(column, phase):
            text = phases[phase][column]
            return int(text) if text else None

        def difference(column, later, earlier):
            values = reading(column, later), reading(column, earlier)
            return None if None in values else values[0] - values[1]

        leaked = difference("heap_in_use_bytes", "released", "before")
        objects = reading("live_objects_count", "released")
        built = difference("heap_in_use_bytes", "built", "before")
        found = {
            "leaked_bytes": 0 if objects == 0 and leaked is not None and abs(leaked) < TIDY_LIMIT else leaked,
            "leaked_objects_count": objects,
            "built_bytes": built,
            "bytes_per_node": None if built is None else built / self.nodes,
            "kept_bytes": difference("rss_bytes", "released", "trimmed"),
            "returned_bytes": difference("rss_bytes", "built", "trimmed"),
        }
        for phase in PHASES:
            found[f"heap_{phase}_bytes"] = difference("heap_in_use_bytes", phase, "before")
            found[f"resident_{phase}_bytes"] = difference("rss_bytes", phase, "before")
        for metric, phase in TIMES.items():
            time = reading("phase_ns", phase)
            found[metric] = None if time is None else time / self.nodes
        if leaked not in (None, 0) and found["leaked_bytes"] == 0:
            self.tidied = True
        return [(metric, value) for metric, value in found.items() if value is not None]

    tidied = False

    def median(self, metric):
        """The lower of the two middle values of an even number: always one that was measured."""
        values = sorted(self.values[metric])
        return values[(len(values) - 1) // 2] if values else None

    def text(self, metric):
        """As a page writes it."""
        value = self.median(metric)
        if value is None:
            return "–"
        if metric == "leaked_bytes":
            least, most = min(self.values[metric]), max(self.values[metric])
            ends = human(least), human(most)
            text = ends[0] if least == most else "≈" + ends[0] if ends[0] == ends[1] else "…".join(ends)
            return text + ("*" if self.tidied else "")
        if metric.endswith("_bytes"):
            return human(value)
        return fixed(value, 1 if metric == "bytes_per_node" else 0)


def fixed(value, digits):
    scaled = math.floor(abs(value) * 10 ** digits + 0.5)
    text = f"{scaled // 10 ** digits}" + (f".{scaled % 10 ** digits:0{digits}}" if digits else "")
    return ("−" if value < 0 and scaled else "") + text


def human(value):
    magnitude, unit = abs(value), 0
    units = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
    while magnitude >= 1000 and unit < 5:
        magnitude, unit = magnitude / 1024, unit + 1
    digits = 0 if unit == 0 or magnitude >= 100 else 1 if magnitude >= 10 else 2
    return ("−" if value < 0 else "") + fixed(magnitude, digits) + " " + units[unit]


def read(path):
    cases = collections.OrderedDict()
    with open(path, newline="", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            cases.setdefault(row["case_id"], Case(row)).add(row)
    for case in cases.values():
        case.finish()
    return cases


def theil_sen(points):
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for i, a in enumerate(points) for b in points[i + 1:] if a[0] != b[0]]
    return statistics.median(slopes) if slopes else None


def drawn_cases(cases):
    """The cases at the size that a chart of one size draws."""
    panels = collections.defaultdict(lambda: collections.defaultdict(set))
    sizes = collections.defaultdict(set)
    for case in cases.values():
        sizes[case.panel].add(case.nodes)
        if case.good:
            panels[case.panel][case.series].add(case.nodes)
    chosen = {}
    for panel, all_sizes in sizes.items():
        shared = set.intersection(*panels[panel].values()) if panels[panel] else set()
        chosen[panel] = max(shared or all_sizes)
    return {name for name, case in cases.items() if case.nodes == chosen[case.panel]}


def number_checks(values, medians, cases):
    """Yields (what was checked, list of what is wrong)."""
    drawn = drawn_cases(cases)

    def compare(expected, items, key):
        found = collections.Counter((*key(item), float(item["value"])) for item in items)
        wanted = collections.Counter(expected)
        return [f"missing {name}" for name in wanted - found] + [f"not in the report: {name}" for name in found - wanted]

    def select(section, *tags):
        return [item for item in values if item["section"] == section and item["tag"] in tags]

    def expected(names, metrics):
        return [(name, metric, float(cases[name].median(metric))) for name in names for metric in metrics
                if cases[name].median(metric) is not None]

    by_case = lambda item: (item["case"], item["metric"])
    columns = ("leaked_objects_count", "bytes_per_node", "leaked_bytes", "kept_bytes", "returned_bytes", *TIMES)
    cells = select("verdicts", "td")
    yield "the verdict table has every case and its medians", compare(expected(cases, columns), cells, by_case)
    yield "the verdict table shows what its values say", [
        f"{item['case']} {item['metric']}: {item['text']}, expected {cases[item['case']].text(item['metric'])}"
        for item in cells if item["metric"] != "leaked_objects_count"
        and item["text"] != cases[item["case"]].text(item["metric"])]
    yield "the verdicts tell leaks from freed objects", [
        f"{item['case']}: {item['text']}" for item in cells if item["metric"] == "leaked_objects_count"
        and (float(item["value"]) > 0) != item["text"].startswith("leaks")]

    steps = [f"{kind}_{phase}_bytes" for kind in ("heap", "resident") for phase in PHASES]
    yield "the staircases have every step", compare(expected(drawn, steps), select("staircase", "rect", "path"), by_case)
    late = [step for step in steps if "before" not in step]
    yield "the staircases' table has every step", compare(expected(drawn, late), select("staircase", "td"), by_case)
    yield "the staircases' table shows what its values say", [
        f"{item['case']} {item['metric']}: {item['text']}" for item in select("staircase", "td")
        if item["text"] != human(float(item["value"]))]
    yield "the staircases are drawn to scale", out_of_scale(select("staircase", "rect"), "height", True)

    bars = select("node-bytes", "rect")
    yield "the bars are bytes per node", compare(expected(drawn, ["bytes_per_node"]), bars, by_case)
    yield "the bars are drawn to scale", out_of_scale(bars, "width", True)

    series = collections.OrderedDict()
    for name, case in cases.items():
        if case.median("built_bytes") is not None:
            series.setdefault(case.series, []).append((case.nodes, case.median("built_bytes"), name))
    growing = any(len(points) > 1 for points in series.values())
    if growing:
        cells = select("growth", "td")
        points = expected(cases, ["bytes_per_node"])
        positive = [point for point in points if point[2] > 0]
        yield "the growth charts have every point", compare(positive, select("growth", "path"), by_case)
        yield "the growth table has every point", compare(
            points, [item for item in cells if item["metric"] == "bytes_per_node"], by_case)
        wrong = []
        shown = {item["series"]: item for item in cells if item["metric"] == "slope"}
        for name, sizes in series.items():
            slope = theil_sen(sorted(sizes))
            if slope is None and name in shown or slope is not None and (
                    name not in shown or not math.isclose(float(shown[name]["value"]), slope, rel_tol=1e-12)
                    or shown[name]["text"] != fixed(slope, 2)):
                wrong.append(f"{name}: {shown.get(name, {}).get('value')}, expected {slope}")
        yield "the slopes are Theil and Sen's", wrong

    dots = select("time", "circle")
    limited = len(cases) > 400
    timed = drawn if limited else cases
    every = [(name, metric, float(value)) for name in timed for metric in TIMES for value in cases[name].values[metric]]
    if len(every) <= 20_000:
        yield "every sample's times are drawn", compare(every, dots, by_case)
    yield "the median strokes are the medians", compare(expected(timed, TIMES), medians, by_case)
    yield "the dots lie on a logarithmic axis", off_axis(dots)

    peers = select("peers", "td")
    yield "the runtimes' table has the medians", [
        f"{item['case']} {item['metric']}: {item['text']}" for item in peers
        if float(item["value"]) != cases[item["case"]].median(item["metric"])
        or item["text"] != cases[item["case"]].text(item["metric"])]


def out_of_scale(shapes, side, per_chart):
    wrong = []
    charts = collections.defaultdict(list)
    for shape in shapes:
        charts[shape["svg"] if per_chart else 0].append(shape)
    for chart in charts.values():
        longest = max(chart, key=lambda shape: abs(float(shape["value"])))
        if float(longest["value"]) == 0:
            continue
        scale = longest[side] / abs(float(longest["value"]))
        # A tenth for the rounding of the coordinates, and as much for that of the scale.
        wrong += [f"{shape['case']} {shape['metric']}" for shape in chart
                  if abs(shape[side] - abs(float(shape["value"])) * scale) > 0.21]
    return wrong


def off_axis(dots):
    wrong = []
    charts = collections.defaultdict(list)
    for dot in dots:
        charts[dot["svg"]].append((float(dot["value"]), dot["x"]))
    for points in charts.values():
        below = [x for value, x in points if value < 1]
        points = [(math.log10(value), x) for value, x in points if value >= 1]
        if not points:
            continue
        (low, left), (high, right) = min(points), max(points)
        if below and max(below) >= left:
            wrong.append("a value below 1 ns lies on the axis")
        if right - left < 1:
            continue
        scale = (right - left) / (high - low)
        wrong += [f"10^{value}" for value, x in points if abs(x - left - (value - low) * scale) > 0.3]
    return wrong


def layout_checks(browser, page, folder):
    for width in (1280, 390):
        for scheme in ("light", "dark"):
            browser.resize(width)
            browser.emulate(scheme)
            browser.open(page)
            at = f"{width} px, {scheme}"
            if scheme == "light":
                browser.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
                inner, scroll = browser.evaluate("[innerWidth, document.documentElement.scrollWidth]")
                yield f"{at}: the page is no wider than the window", [
                    f"{scroll} px" for _ in [0] if inner != width or scroll > inner]
                yield f"{at}: no texts of a chart touch or leave it", browser.evaluate(OVERLAPS)
                browser.evaluate("document.querySelectorAll('details').forEach(d => d.open = false)")
            yield f"{at}: texts have a contrast of 4.5 or more", browser.evaluate(CONTRAST)
            if folder:
                browser.screenshot(folder / f"{page.stem}-{width}-{scheme}.png")


def frame_checks(browser, page):
    yield "the page asks for nothing from outside", browser.evaluate(OUTSIDE) + [
        event["params"]["request"]["url"][:80] for event in browser.events
        if event.get("method") == "Network.requestWillBeSent"
        and event["params"]["request"]["url"] != page.as_uri()]
    yield "the page has alternative texts, captions and headings", browser.evaluate(ACCESSIBILITY)


def faults(browser):
    return "Chromium reports no fault", [
        str(event["params"])[:120] for event in browser.events
        if event.get("method") in ("Log.entryAdded", "Runtime.exceptionThrown")]


def checks(page, report, folder):
    cases = read(report)
    with Browser() as browser:
        browser.resize(1280)
        browser.open(page)
        yield from frame_checks(browser, page)
        yield from number_checks(browser.evaluate(VALUES), browser.evaluate(MEDIANS), cases)
        yield faults(browser)
        yield from layout_checks(browser, page, folder)
    size = page.stat().st_size
    yield "the page is no larger than 1 MB", [f"{size} bytes"] if len(cases) <= 400 and size > 1_000_000 else []


def main(checks, description, report):
    """Runs the checks of a page against its CSV, and prints a line for each."""
    parser = argparse.ArgumentParser(description=description.split("\n\n")[0])
    parser.add_argument("page", type=pathlib.Path)
    parser.add_argument("report", type=pathlib.Path, metavar=report)
    parser.add_argument("--screenshots", type=pathlib.Path, metavar="FOLDER")
    arguments = parser.parse_args()
    failed = False
    try:
        if arguments.screenshots:
            arguments.screenshots.mkdir(parents=True, exist_ok=True)
        for what, problems in checks(arguments.page.resolve(), arguments.report, arguments.screenshots):
            failed = failed or bool(problems)
            more = f" and {len(problems) - 3} more" if len(problems) > 3 else ""
            print(f"FAILED: {what}: {'; '.join(map(str, problems[:3]))}{more}" if problems else f"ok: {what}")
    except (OSError, TimeoutError, RuntimeError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 2
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(checks, __doc__, "report"))
