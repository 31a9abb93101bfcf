"""How the benchmark measures: whole processes, in turn with their peers, medians."""

import os
import pathlib
import statistics
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from support.program import SOURCE
from support.registry import Registry

DAVIT = str(SOURCE / "build" / "release" / "davit")
CACHE = pathlib.Path(os.environ.get("DAVIT_CACHE", pathlib.Path.home() / ".cache" / "davit"))
MIB = 1024 * 1024


class Run:
    def __init__(self, wall, cpu, peak):
        self.wall, self.cpu, self.peak = wall, cpu, peak


def measure(words, cwd, environment=None):
    """One run: wall and processor seconds, peak memory in MiB."""
    report = pathlib.Path(cwd) / "time.txt"
    done = subprocess.run(["/usr/bin/time", "-q", "-o", str(report), "-f", "%e %U %S %M", *map(str, words)], cwd=cwd,
                          env={**os.environ, **(environment or {})}, capture_output=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{words}: exit {done.returncode}: {done.stderr.decode()[:800]}")
    wall, user, system, peak = report.read_text().split()[-4:]
    return Run(float(wall), float(user) + float(system), int(peak) / 1024)


def median(runs):
    return Run(*(statistics.median(getattr(run, field) for run in runs) for field in ("wall", "cpu", "peak")))


def alternate(first, second, cwd, times, before=lambda: None):
    """Runs two commands in turn, after one uncounted run of each; returns both medians."""
    pairs = ([], [])
    for turn in range(times + 1):
        for side, words in enumerate((first, second)):
            before()
            run = measure(words, cwd)
            if turn > 0:
                pairs[side].append(run)
    return median(pairs[0]), median(pairs[1])


def many(words, times, output=""):
    """Mean wall milliseconds of a short command over `times` runs in one shell-free loop. `output` is removed before each, uncounted."""
    loop = ("import os,subprocess,sys,time\nn=int(sys.argv[1]);o=sys.argv[2];w=sys.argv[3:];t=0\n"
            "for _ in range(n):\n"
            "    if o and os.path.exists(o): os.unlink(o)\n"
            "    s=time.perf_counter(); subprocess.run(w,stdout=subprocess.DEVNULL,check=True,close_fds=False); t+=time.perf_counter()-s\n"
            "print(t/n*1000)")
    return float(subprocess.run([sys.executable, "-c", loop, str(times), str(output), *map(str, words)],
                                capture_output=True, text=True, check=True).stdout)


def corpus_file(name):
    path = CACHE / "corpus" / name
    if not path.exists():
        sys.exit(f"bench: {path} is missing; run ./dev corpus first")
    return path


class Table:
    def __init__(self):
        self.missed = 0
        self.rows = []

    def row(self, what, value, bound, unit=""):
        good = value <= bound
        self.missed += not good
        line = f"{what:<66} {value:>9.2f}{unit:<4} must be <= {bound:g}{unit:<4} {'ok' if good else 'MISSED'}"
        self.rows.append(line)
        print(line, flush=True)

    def note(self, text):
        self.rows.append(text)
        print(text, flush=True)


class Stage:
    """Stands where a registry expects a test: lends a folder and runs what is to be cleaned up."""

    def __init__(self, folder):
        self.folder, self.clean_ups = folder, []

    def addCleanup(self, action, *words):
        self.clean_ups.append((action, words))

    def fail(self, message):
        raise RuntimeError(message)

    skipTest = fail

    def __enter__(self):
        return Registry(self, remembers=True)

    def __exit__(self, *_):
        for action, words in reversed(self.clean_ups):
            action(*words)
