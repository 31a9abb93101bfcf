"""Differential fuzzing of optimize: what small random modules compute, before and after.

wasm-tools smith makes modules from seeds (everything that the linked Binaryen knows is switched on, nothing else), davit
optimizes them at a level that the seed chooses, and run_pairs.mjs compares under Node what can be seen from outside.
The same seeds always give the same modules. A module that behaves differently is kept in the folder that is named.
"""

import argparse
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

DAVIT = os.environ.get("DAVIT", "davit")
CACHE = pathlib.Path(os.environ.get("DAVIT_CACHE") or pathlib.Path.home() / ".cache" / "davit")
RUNNER = pathlib.Path(__file__).with_name("run_pairs.mjs")
LEVELS = ("-O0", "-O1", "-O2", "-O3", "-O4", "-Os", "-Oz")
OFF = ("exceptions", "gc", "compact-imports", "custom-descriptors", "custom-page-sizes", "memory64", "relaxed-simd", "shared-everything-threads",
       "tail-call", "threads", "wide-arithmetic", "acquire-release-atomics", "multibyte-array-access")
FIXED = ("--ensure-termination", "--fuel", "20000", "--canonicalize-nans", "true", "--max-memories", "1", "--max-memory32-bytes", "524288", "--memory-max-size-required", "true",
         "--max-table-elements", "100", "--max-tables", "1", "--max-tags", "0", "--min-funcs", "4", "--min-exports", "2")


def find_wasm_tools():
    peer = CACHE / "peers" / "bin" / "wasm-tools"
    return str(peer) if peer.exists() else shutil.which("wasm-tools")


class Worker(threading.Thread):
    def __init__(self, options, seeds, tally):
        super().__init__()
        self.options, self.seeds, self.tally = options, seeds, tally
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="davit-fuzz-"))

    def run(self):
        self.node = subprocess.Popen(["node", "--no-warnings", "--experimental-wasm-type-reflection", "--experimental-wasm-extended-const", "--stack-size=400", str(RUNNER)],
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            for seed in self.seeds:
                self.one(seed)
        finally:
            self.node.stdin.close()
            self.node.wait()
            shutil.rmtree(self.folder, ignore_errors=True)

    def make(self, seed, path):
        dice = random.Random(seed)
        words = [*FIXED]
        for feature in OFF:
            words += [f"--{feature}-enabled", "false"]
        words += ["--simd-enabled", dice.choice(("true", "false")), "--reference-types-enabled", dice.choice(("true", "false", "false", "false"))]
        words += ["--multi-value-enabled", dice.choice(("true", "false", "false")), "--bulk-memory-enabled", dice.choice(("true", "false", "false"))]
        # Most programs instantiate, and most of their calls return; those that trap are looked at as well.
        words += ["--disallow-traps", dice.choice(("true", "true", "false")), "--allow-start-export", dice.choice(("true", "false", "false"))]
        words += ["--min-memories", dice.choice(("0", "1", "1")), "--max-data-segments", dice.choice(("0", "2")), "--max-element-segments", dice.choice(("0", "3"))]
        words += ["--max-imports", dice.choice(("0", "3", "12")), "--max-instructions", dice.choice(("30", "100", "400"))]
        words += ["--allow-floats", dice.choice(("true", "true", "false"))]
        words += ["--export-everything", "true"] if dice.random() < 0.4 else ["--max-exports", dice.choice(("3", "6"))]
        content = dice.randbytes(dice.choice((300, 1000, 3000, 8000)))
        done = subprocess.run([find_wasm_tools(), "smith", *words, "-o", str(path)], input=content, capture_output=True, check=False)
        return done.returncode == 0

    def one(self, seed):
        before, after = self.folder / "before.wasm", self.folder / "after.wasm"
        if not self.make(seed, before):
            return self.tally.add("not made", seed)
        level = LEVELS[random.Random(~seed).randrange(len(LEVELS))]
        done = subprocess.run([DAVIT, "optimize", str(before), "-o", str(after), level, "--no-cache", "--json"], capture_output=True, text=True,
                              check=False, env={**os.environ, "DAVIT_WASM_OPT": "/absent"})
        if done.returncode != 0:
            return self.fail(seed, level, done.stderr.strip(), (before,))
        report = json.loads(done.stdout)
        if not report["optimized"]:
            return self.tally.add("not optimized: " + report["reason"], seed)
        if report["keptInput"]:
            return self.tally.add("no smaller", seed)
        self.node.stdin.write(f"{before} {after} {seed}\n")
        self.node.stdin.flush()
        answer = json.loads(self.node.stdout.readline())
        if not answer["same"]:
            return self.fail(seed, level, answer["note"], (before, after))
        if "skipped" in answer:
            return self.tally.add("skipped: " + answer["skipped"], seed)
        self.tally.calls += answer["calls"]
        self.tally.traps += answer["traps"]
        return self.tally.add("the same" if not answer["cut"] else "the same until the stack ran over", seed)

    def fail(self, seed, level, note, files):
        folder = self.options.keep / str(seed)
        folder.mkdir(parents=True, exist_ok=True)
        for file in files:
            shutil.copy(file, folder)
        (folder / "note").write_text(f"{level}\n{note}\n")
        print(f"FAILED seed {seed} {level}: {note[:300]}", flush=True)
        self.tally.failed += 1
        self.tally.add("DIFFERENT", seed)


class Tally:
    def __init__(self):
        self.counts, self.calls, self.traps, self.failed, self.lock = {}, 0, 0, 0, threading.Lock()

    def add(self, what, seed):
        with self.lock:
            key = re.sub(r"\b\d+(:\d+)?\b", "N", what.split(" (at ")[0].split(", on")[0]).replace("Binaryen N", "Binaryen")
            self.counts[key] = self.counts.get(key, 0) + 1
            done = sum(self.counts.values())
            if done % 2000 == 0:
                print(f"{done} modules, {self.calls} calls, {self.failed} different (seed {seed})", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--count", type=int, default=20_000, help="how many modules")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--keep", type=pathlib.Path, default=CACHE / "prove", help="where modules that behave differently are kept")
    options = parser.parse_args()
    if find_wasm_tools() is None or shutil.which("node") is None:
        sys.exit("fuzz_optimize: needs wasm-tools (./dev peers) and node")
    tally, began = Tally(), time.monotonic()
    seeds = range(options.first, options.first + options.count)
    workers = [Worker(options, seeds[i :: options.jobs], tally) for i in range(options.jobs)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print(f"{options.count} modules in {time.monotonic() - began:.0f} s, {tally.calls} calls compared, {tally.traps} of them traps")
    for what, count in sorted(tally.counts.items(), key=lambda item: -item[1]):
        print(f"  {count:7} {what}")
    sys.exit(1 if tally.failed else 0)


if __name__ == "__main__":
    main()
