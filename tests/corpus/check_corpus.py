"""Runs davit over every real wasm file that fetch.py has fetched: inspect, validate, strip, optimize, caps, push,
copy, convert, pull.

Outputs are judged by others where they are installed: wabt's wasm-validate, Node's WebAssembly.compile, wasm-tools. WASI commands
run under Node before and after. Options: names of files to check only those; --level LEVEL for optimize (default -O1);
--max-bytes N to optimize only files up to that size (default 6 MB); --table prints size and time of every level.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

CACHE = pathlib.Path(os.environ.get("DAVIT_CACHE") or pathlib.Path.home() / ".cache" / "davit")
CORPUS = CACHE / "corpus"
COMPONENT = pathlib.Path(__file__).resolve().parents[3] / "shared" / "vectors" / "wasm" / "component.wasm"
DAVIT = os.environ.get("DAVIT", "davit")
NODE_COMPILE = "WebAssembly.compile(require('fs').readFileSync(process.argv[1])).then(()=>0,e=>{console.error(String(e));process.exit(1)})"
NODE_RUN = (
    "const{WASI}=require('wasi');const w=new WASI({version:'preview1',args:['program','--version']});"
    "WebAssembly.instantiate(require('fs').readFileSync(process.argv[1]),{wasi_snapshot_preview1:w.wasiImport})"
    ".then(({instance})=>w.start(instance))"
)


def run(*words, timeout=900):
    return subprocess.run([str(w) for w in words], capture_output=True, timeout=timeout, check=False)


def davit(*words):
    return run(DAVIT, *words)


def find_wasm_tools():
    peer = CACHE / "peers" / "bin" / "wasm-tools"
    return str(peer) if peer.exists() else shutil.which("wasm-tools")


def judges(kind):
    """Programs that say whether a file is valid, as (name, command)."""
    found = []
    if find_wasm_tools():
        found.append(("wasm-tools", lambda p: [find_wasm_tools(), "validate", "--features", "all", p]))
    if kind == "module" and shutil.which("node"):
        found.append(("node", lambda p: ["node", "-e", NODE_COMPILE, p]))
    if kind == "module" and shutil.which("wasm-validate"):
        found.append(("wasm-validate", lambda p: ["wasm-validate", "--enable-all", p]))
    return found


class Checker:
    def __init__(self, options):
        self.options = options
        self.failed = 0
        self.passed = 0
        self.skipped = 0

    def expect(self, condition, what, detail=""):
        if condition:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAILED {what} {detail}"[:600])

    def judge(self, name, kind, before, after, what):
        """Whoever accepts the original must accept what came of it."""
        for judge, command in judges(kind):
            if run(*command(before)).returncode != 0:
                self.skipped += 1
                continue
            answer = run(*command(after))
            self.expect(answer.returncode == 0, f"{name}: {judge} refuses the file after {what}:", answer.stderr.decode("utf-8", "replace"))

    def behaves_the_same(self, name, report, before, after, what):
        is_command = report["target"] == "wasip1" and any(e["name"] == "_start" for e in report["exports"])
        if not is_command or not shutil.which("node"):
            return
        results = [run("node", "--no-warnings", "-e", NODE_RUN, path, timeout=120) for path in (before, after)]
        self.expect((results[0].returncode, results[0].stdout) == (results[1].returncode, results[1].stdout), f"{name}: runs differently after {what}")

    def check(self, name, path, folder):
        inspected = davit("inspect", "--json", path)
        self.expect(inspected.returncode == 0, f"{name}: inspect:", inspected.stderr.decode())
        validated = davit("validate", path)
        self.expect(validated.returncode == 0, f"{name}: validate:", validated.stderr.decode())
        if inspected.returncode or validated.returncode:
            return
        report = json.loads(inspected.stdout)
        self.check_strip(name, path, folder, report)
        self.check_capabilities(name, path, folder)
        self.check_stores(name, path, folder)
        if report["size"] > self.options.max_bytes:
            self.skipped += 1
        else:
            self.check_optimize(name, path, folder, report)

    def check_strip(self, name, path, folder, report):
        nothing, bare = folder / "nothing.wasm", folder / "bare.wasm"
        self.expect(davit("strip", path, "-o", nothing, "--drop", "no section has this name").returncode == 0, f"{name}: strip of nothing")
        self.expect(nothing.read_bytes() == path.read_bytes(), f"{name}: strip of nothing changes bytes")
        self.expect(davit("strip", path, "-o", bare).returncode == 0, f"{name}: strip")
        self.judge(name, report["kind"], path, bare, "strip")
        self.behaves_the_same(name, report, path, bare, "strip")

    def check_capabilities(self, name, path, folder):
        manifest = folder / "caps.json"
        self.expect(davit("caps", "derive", path, "-o", manifest).returncode == 0, f"{name}: caps derive")
        self.expect(davit("caps", "check", path, "--caps", manifest).returncode == 0, f"{name}: caps check of its own manifest")

    def check_stores(self, name, path, folder):
        """Into a layout, an archive and an image, and back: the same bytes."""
        back = folder / "back.wasm"
        journey = (("push", path, f"oci:{folder}/store:a"), ("copy", f"oci:{folder}/store:a", f"oci-archive:{folder}/a.tar:a"),
                   ("convert", f"oci-archive:{folder}/a.tar:a", f"oci:{folder}/store:image", "--format", "image"),
                   ("convert", f"oci:{folder}/store:image", f"oci:{folder}/store:again", "--format", "wasm"))
        for words in journey:
            answer = davit(*words)
            self.expect(answer.returncode == 0, f"{name}: {words[0]}:", answer.stderr.decode())
        for tag in ("a", "again"):
            answer = davit("pull", f"oci:{folder}/store:{tag}", "-o", back)
            self.expect(answer.returncode == 0 and back.read_bytes() == path.read_bytes(), f"{name}: pull of {tag} gives other bytes", answer.stderr.decode())
        shutil.rmtree(folder / "store", ignore_errors=True)

    def check_optimize(self, name, path, folder, report):
        output = folder / "optimized.wasm"
        answer = davit("optimize", path, "-o", output, self.options.level, "--no-cache")
        if answer.returncode == 12:
            self.skipped += 1
            self.expect(not output.exists() and b"hint:" in answer.stderr, f"{name}: a refusal must be clear and leave nothing")
            print(f"{name}: {answer.stderr.decode().splitlines()[0]}")
            return
        self.expect(answer.returncode == 0, f"{name}: optimize:", answer.stderr.decode())
        if answer.returncode == 0:
            self.expect(output.stat().st_size <= report["size"], f"{name}: optimize made it larger")
            self.judge(name, report["kind"], path, output, "optimize")
            self.behaves_the_same(name, report, path, output, "optimize")


def print_table(index, options):
    """Size and time of every level over files of at most 3 MB."""
    levels = ("-O0", "-O1", "-O2", "-O3", "-O4", "-Os", "-Oz")
    print(f"{'file':28}{'bytes':>10}" + "".join(f"{level:>18}" for level in levels))
    totals = {level: [0, 0.0] for level in levels}
    size = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, entry in index.items():
            path = CORPUS / entry["path"]
            if entry["size"] > min(options.max_bytes, 3_000_000) or entry["size"] < 10_000:
                continue
            row = ""
            for level in levels:
                began = time.monotonic()
                answer = davit("optimize", path, "-o", pathlib.Path(folder) / "o.wasm", level, "--no-cache", "--json")
                took = time.monotonic() - began
                if answer.returncode != 0:
                    break
                after = json.loads(answer.stdout)["sizeAfter"]
                totals[level][0] += after
                totals[level][1] += took
                row += f"{100 * after / entry['size']:9.2f}% {took:6.2f}s"
            else:
                size += entry["size"]
                print(f"{name:28}{entry['size']:>10}{row}", flush=True)
    print(f"{'all':28}{size:>10}" + "".join(f"{100 * total / size:9.2f}% {took:6.2f}s" for total, took in totals.values()))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--level", default="-O1")
    parser.add_argument("--max-bytes", type=int, default=6_000_000)
    parser.add_argument("--table", action="store_true")
    options = parser.parse_args()
    index = json.loads((CORPUS / "index.json").read_text())
    if COMPONENT.exists():
        index["component"] = {"path": str(COMPONENT), "size": COMPONENT.stat().st_size}
    if options.table:
        print_table(index, options)
        return 0
    checker = Checker(options)
    for name, entry in index.items():
        if options.names and name not in options.names:
            continue
        with tempfile.TemporaryDirectory() as folder:
            checker.check(name, CORPUS / entry["path"], pathlib.Path(folder))
    print(f"{checker.passed} passed, {checker.failed} failed, {checker.skipped} skipped")
    return 1 if checker.failed else 0


if __name__ == "__main__":
    sys.exit(main())
