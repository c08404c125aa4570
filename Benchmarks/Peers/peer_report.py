"""The report of run_peers.py: the rows of `weakspot-bench run`, the peers' behind them."""

import csv
import io
import json
import pathlib
import signal
import subprocess

TOPOLOGIES = ("ring", "tree2")
BACK_LINKS = ("strong", "weak")


class Failure(Exception):
    """What ends the run, and its exit status."""

    def __init__(self, text, status=2):
        super().__init__(text)
        self.status = status


class Report:
    """NAME.csv with its meta and schema files, as MEASUREMENT.md, section 3, has them."""

    def __init__(self, path, force):
        self.path = pathlib.Path(path)
        name = path.removesuffix(".csv")
        self.meta_path = pathlib.Path(name + ".meta.json")
        self.schema_path = pathlib.Path(name + ".schema.json")
        self.partial = pathlib.Path(path + ".partial")
        self.partial_meta = pathlib.Path(name + ".meta.json.partial")
        self.row_count = 0
        self._file = None
        self._columns = []
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if not force:
            for file in (self.path, self.meta_path, self.schema_path, self.partial):
                if file.exists():
                    raise Failure(f"{file} is there already; add --force to overwrite it")

    def begin(self, columns, meta):
        self._columns = columns
        self._file = open(self.partial, "wb")
        self._write([dict(zip(columns, columns))])
        self._write_json(self.partial_meta, {**meta, "complete": False})

    def append(self, rows):
        self._write(rows)
        self.row_count += len(rows)

    def finish(self, meta, schema):
        self._file.close()
        self.schema_path.write_bytes(schema)
        self._write_json(self.meta_path, {**meta, "rows": self.row_count})
        self.partial.rename(self.path)
        self.partial_meta.unlink()

    def _write(self, rows):
        text = io.StringIO()
        writer = csv.DictWriter(text, self._columns, restval="", lineterminator="\n")
        writer.writerows(rows)
        self._file.write(text.getvalue().encode())
        self._file.flush()

    @staticmethod
    def _write_json(path, value):
        text = json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        path.write_text(text, encoding="utf-8")


class SwiftRun:
    """The report of `weakspot-bench run` on the same graphs, which gives the run its identity."""

    def __init__(self, options, folder, interruption):
        report = folder / "swift.csv"
        command = [
            options.bench, "run", "--topology", ",".join(TOPOLOGIES), "--back-link",
            ",".join(BACK_LINKS), "--nodes", ",".join(map(str, options.nodes)), "--runs",
            str(options.runs), "--seed", str(options.seed), "--timeout", str(options.timeout),
            "--exact", "--output", str(report),
        ]
        if options.memory_limit:
            command += ["--memory-limit", str(options.memory_limit)]
        # Its table would be the first half of ours; what it says on stderr is for the user.
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
        interruption.watch(process, signal.SIGINT)
        status = process.wait()
        interruption.forget()
        self.rows = []
        if report.exists():
            with open(report, newline="", encoding="utf-8") as file:
                rows = csv.DictReader(file)
                self.rows = list(rows)
                self.columns = rows.fieldnames
        if not self.rows:
            if interruption.signal:
                raise Failure("interrupted before anything was measured",
                              128 + interruption.signal)
            raise Failure(f"weakspot-bench run ended with status {status}",
                          64 if status == 64 else 2)
        self.meta = json.loads((folder / "swift.meta.json").read_text(encoding="utf-8"))
        self.schema = (folder / "swift.schema.json").read_bytes()
        self.sample_count = len({row["order_index"] for row in self.rows})
        self.failures = sum(row["status"] != "ok" for row in self.rows)
        if not self.meta["complete"] and not interruption.signal:
            raise Failure(f"weakspot-bench run ended with status {status} before its last sample")


def identity(run_id, env_id, seed, runtime, topology, back_link, nodes):
    """The columns that every row of a case has."""
    return {
        "schema_version": 1, "run_id": run_id, "env_id": env_id, "suite": "peers",
        "case_id": f"{runtime}/{topology}/{back_link}/n={nodes}/p=0", "runtime": runtime,
        "topology": topology, "back_link": back_link, "nodes_count": nodes, "payload_bytes": 0,
        "seed": seed,
    }
