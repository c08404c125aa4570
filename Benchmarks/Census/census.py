#!/usr/bin/env python3
"""Inspects real programs while they work, again and again; the table of Documentation/Inspecting.md.

    census.py WEAKSPOT HUMMINGBIRD FLYINGFOX SOURCES [--looks N] [--only NAME]

HUMMINGBIRD is Benchmarks/Census/Server, FLYINGFOX Tests/Zoo/LiveServer, both built; SOURCES a folder of Swift files without
dependencies, of which a package is made for sourcekit-lsp and swift-build, and a large file for swift-format. Each program is
looked at by `weakspot heap` and by `weakspot leaks`. Prints Markdown; ends with status 1 if a goal is missed: an inspection
failed, met no heap at rest, or attributed less than 90 % of a server's heap.

A block is attributed if it has a kind of its own (a Swift type, runtime data, C++, Dispatch), or if it is known which image's
variables or which type's objects hold it.
"""

import argparse
import http.client
import json
import math
import os
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "Harness"))
from figures import print_machine  # noqa: E402

MEBIBYTE = 1 << 20
SERVER_GOAL = 0.9


class Subject:
    """What was seen of one program."""

    def __init__(self, name, goal=None):
        self.name = name
        self.goal = goal
        self.reports = []
        self.seconds = []
        self.leaks = []
        self.faults = []

    def fault(self, text):
        self.faults.append(text)
        print(f"{self.name}: {text}", file=sys.stderr)

    @property
    def share(self):
        return min(report["attributed"]["bytes"] / report["total"]["bytes"] for report in self.reports)

    def judge(self):
        if not self.reports:
            self.fault("never inspected")
        elif self.goal and self.share < self.goal:
            self.fault(f"{self.share:.1%} attributed")

    def row(self):
        if not self.reports:
            return f"| {self.name} | – | – | – | – | – | – | – | {'; '.join(self.faults)} |"
        totals = [report["total"] for report in self.reports]
        blocks = max(total["count"] for total in totals)
        heap = max(total["bytes"] for total in totals) / MEBIBYTE
        resident = max(report["resident"]["rssBytes"] for report in self.reports) / MEBIBYTE
        difference = max(abs(report["resident"]["differenceBytes"]) for report in self.reports) / 1024
        pauses = [report["target"]["pauseMilliseconds"] for report in self.reports]
        return (f"| {self.name} | {len(self.reports)} | {blocks:,} | {heap:.1f} MiB | {math.floor(self.share * 1000) / 10} % | "
                f"{difference:,.0f} KiB of {resident:.0f} MiB | {statistics.median(pauses):.0f} ms | "
                f"{statistics.median(self.seconds):.1f} s | "
                f"{'; '.join(self.faults) or ', '.join(sorted(set(self.leaks)))} |")


def has_ended(pid):
    try:
        return "State:\tZ" in pathlib.Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return True


class Inspector:
    def __init__(self, weakspot, folder):
        self.weakspot = weakspot
        self.folder = folder
        self.number = 0

    def run(self, subject, command, target, accepted):
        """One inspection: its report, or None and a fault. A process that has ended meanwhile is no fault."""
        self.number += 1
        path = self.folder / f"{self.number}.json"
        start = time.monotonic()
        ended = subprocess.run([self.weakspot, command, "--format", "json", "--output", path, *target],
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        seconds = time.monotonic() - start
        if ended.returncode in accepted:
            return json.loads(path.read_text()), seconds
        if target[0] != "--" and has_ended(target[0]):
            return None, seconds
        subject.fault(f"{command} ended with {ended.returncode}: {(ended.stderr.strip().splitlines() or ['?'])[-1]}")
        return None, seconds

    def heap(self, subject, *target):
        report, seconds = self.run(subject, "heap", target, (0,))
        if report:
            subject.reports.append(report)
            subject.seconds.append(seconds)

    def leaks(self, subject, *target):
        report, _ = self.run(subject, "leaks", target, (0, 1))
        if report:
            counts = {}
            for leak in report["leaks"]:
                if not leak["ignored"]:
                    counts[leak["verdict"]] = counts.get(leak["verdict"], 0) + leak["blocks"]
            for leak in report["leaks"]:
                print(f"{subject.name}: {leak['verdict']} {leak['signature']}, {leak['instances']} times", file=sys.stderr)
            found = ", ".join(f"{counts[verdict]} blocks {verdict}" for verdict in ("proven", "unreachable") if verdict in counts)
            subject.leaks.append(found or "none")


# Servers


class Load:
    """Requests over connections that stay open, from threads of ours, until it is stopped."""

    def __init__(self, port, connections, request):
        self.stopped = threading.Event()
        self.answered, self.failed = 0, 0
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.drive, args=(port, number, request)) for number in range(connections)]
        for thread in self.threads:
            thread.start()

    def drive(self, port, number, request):
        choice = random.Random(number)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        answered, failed = 0, 0
        while not self.stopped.is_set():
            try:
                method, path, body = request(choice)
                connection.request(method, path, body)
                response = connection.getresponse()
                response.read()
                answered += response.status < 400
                failed += response.status >= 500
            except (OSError, http.client.HTTPException):
                failed += 1
                connection.close()
        with self.lock:
            self.answered += answered
            self.failed += failed

    def stop(self):
        self.stopped.set()
        for thread in self.threads:
            thread.join()


def article_request(choice):
    number = choice.randrange(8000)
    kind = choice.random()
    if kind < 0.4:
        words = [f"word{choice.randrange(500)}" for _ in range(choice.randrange(1, 8))]
        picture = [choice.randrange(256) for _ in range(choice.randrange(200))] if number % 3 == 0 else None
        body = {"number": number, "title": f"the article with number {number}", "words": words, "seen": "2026-01-01T00:00:00Z",
                "picture": picture}
        return "PUT", f"/articles/{number}", json.dumps(body)
    if kind < 0.6:
        return "GET", f"/articles/{number}", None
    if kind < 0.9:
        return "GET", f"/articles/{number}/bytes", None
    return "GET", f"/words/word{choice.randrange(500)}", None


def order_request(choice):
    if choice.random() < 0.1:
        return "GET", "/orders", None
    lines = [{"article": f"article {line}", "count": line, "price": 1.25} for line in range(choice.randrange(1, 8))]
    return "POST", "/orders", json.dumps({"customer": f"customer {choice.randrange(100)}", "lines": lines})


def server(inspector, name, command, request, looks):
    """A server under load, with `weakspot heap` again and again."""
    subject = Subject(name, SERVER_GOAL)
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    load = None
    try:
        port = int(process.stdout.readline().split()[1])
        load = Load(port, 16, request)
        time.sleep(10)
        for _ in range(looks):
            inspector.heap(subject, str(process.pid))
            time.sleep(0.2)
        inspector.leaks(subject, str(process.pid), "--confirm", "1")
        if process.poll() is not None:
            subject.fault(f"the server ended with {process.returncode}")
    finally:
        if load:
            load.stop()
        process.stdin.close()
        process.terminate()
        process.wait(timeout=60)
    if load.failed or not load.answered:
        subject.fault(f"{load.failed} of {load.answered + load.failed} requests failed")
    return subject


# The toolchain's own programs


class LanguageServer:
    """`sourcekit-lsp`, spoken to by the Language Server Protocol."""

    def __init__(self, package):
        self.process = subprocess.Popen(["sourcekit-lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL)
        self.last = 0
        self.ask("initialize", {"processId": os.getpid(), "rootUri": package.as_uri(), "capabilities": {}})
        self.tell("initialized", {})

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def receive(self):
        size = 0
        while line := self.process.stdout.readline().strip():
            name, value = line.split(b":", 1)
            if name.lower() == b"content-length":
                size = int(value)
        if not size:
            raise SystemExit("sourcekit-lsp has ended")
        return json.loads(self.process.stdout.read(size))

    def tell(self, method, parameters):
        self.send({"method": method, "params": parameters})

    def ask(self, method, parameters):
        self.last += 1
        self.send({"id": self.last, "method": method, "params": parameters})
        while True:
            message = self.receive()
            if "method" in message and "id" in message:
                self.send({"id": message["id"], "result": None})
            elif message.get("id") == self.last and "method" not in message:
                return message

    def open(self, file):
        document = {"uri": file.as_uri(), "languageId": "swift", "version": 1, "text": file.read_text()}
        self.tell("textDocument/didOpen", {"textDocument": document})
        return self.ask("textDocument/documentSymbol", {"textDocument": {"uri": file.as_uri()}})

    def hover(self, file, line, character):
        return self.ask("textDocument/hover", {"textDocument": {"uri": file.as_uri()},
                                               "position": {"line": line, "character": character}})

    def end(self):
        self.ask("shutdown", None)
        self.tell("exit", None)
        self.process.wait(timeout=60)


def sourcekit_lsp(inspector, package, looks):
    subject = Subject("sourcekit-lsp, indexing and answering")
    subprocess.run(["swift", "build", "--package-path", package], check=True, capture_output=True)
    session = LanguageServer(package)
    pid = str(session.process.pid)
    files = sorted(package.rglob("Sources/**/*.swift"))
    for look in range(looks):
        file = files[look % len(files)]
        if "result" not in session.open(file):
            subject.fault(f"no symbols of {file.name}")
        session.hover(file, 10 + look, 8)
        inspector.heap(subject, pid)
    inspector.leaks(subject, pid, "--confirm", "1")
    session.end()
    return subject


def while_it_runs(inspector, subject, command, looks, again=None):
    """Looks at a program that ends by itself, and starts it anew until it was looked at often enough."""
    for _ in range(10 * looks):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(0.3)
        try:
            while process.poll() is None and len(subject.reports) < looks:
                inspector.heap(subject, str(process.pid))
                time.sleep(0.3)
            if process.poll() is None:
                inspector.leaks(subject, str(process.pid), "--confirm", "0.1")
        finally:
            status = process.wait()
        if status != 0:
            subject.fault(f"{command[0]} ended with {status}")
        if subject.faults or (len(subject.reports) >= looks and subject.leaks):
            return
        if again:
            again()


def swift_format(inspector, file, looks):
    running = Subject("swift-format, over a large file")
    while_it_runs(inspector, running, ["swift-format", "format", str(file)], looks)
    ended = Subject("swift-format, at its exit")
    inspector.heap(ended, "--", "swift-format", "format", str(file))
    inspector.leaks(ended, "--", "swift-format", "format", str(file))
    return [running, ended]


def swift_build(inspector, package, looks):
    subject = Subject("swift-build, building a package")
    while_it_runs(inspector, subject, ["swift-build", "--package-path", str(package)], looks,
                  again=lambda: shutil.rmtree(package / ".build"))
    shutil.rmtree(package / ".build", ignore_errors=True)
    ended = Subject("swift-build, at its exit")
    inspector.heap(ended, "--", "swift-build", "--package-path", str(package))
    inspector.leaks(ended, "--", "swift-build", "--package-path", str(package))
    return [subject, ended]


def make_package(folder, sources):
    """A package of the given files, away from any checkout."""
    package = folder / "package"
    shutil.copytree(sources, package / "Sources" / "Library")
    (package / "Package.swift").write_text(
        '// swift-tools-version: 6.2\nimport PackageDescription\n'
        'let package = Package(name: "package", targets: [.target(name: "Library")])\n')
    return package


def make_large_file(folder, sources):
    file = folder / "large.swift"
    texts = [path.read_text() for path in sorted(sources.rglob("*.swift"))]
    file.write_text("\n".join(texts * (1 + 1_000_000 // sum(map(len, texts)))))
    return file


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("weakspot")
    parser.add_argument("hummingbird")
    parser.add_argument("flyingfox")
    parser.add_argument("sources", type=pathlib.Path)
    parser.add_argument("--looks", type=int, default=5)
    parser.add_argument("--only", default="", help="a part of the names of those that are wanted")
    options = parser.parse_args()
    looks = options.looks
    subjects = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        inspector = Inspector(options.weakspot, folder)
        package = make_package(folder, options.sources)
        jobs = {
            "hummingbird": lambda: [server(inspector, "Hummingbird server under load", [options.hummingbird],
                                           article_request, looks)],
            "flyingfox": lambda: [server(inspector, "FlyingFox server under load", [options.flyingfox, "serve"],
                                         order_request, looks)],
            "sourcekit-lsp": lambda: [sourcekit_lsp(inspector, package, looks)],
            "swift-format": lambda: swift_format(inspector, make_large_file(folder, options.sources), looks),
            "swift-build": lambda: swift_build(inspector, package, looks),
        }
        for job, run in jobs.items():
            if options.only in job:
                subjects += run()
    for subject in subjects:
        subject.judge()
    print_machine()
    print("| program | looks | blocks | live heap | attributed | difference from the kernel's count | pause | a look takes | leaks |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for subject in subjects:
        print(subject.row())
    return 1 if any(subject.faults for subject in subjects) else 0


if __name__ == "__main__":
    sys.exit(main())
