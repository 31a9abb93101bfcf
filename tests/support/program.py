"""Runs the davit program under test. Every end-to-end test starts here."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ.get("DAVIT_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
VECTORS = SOURCE.parent / "shared" / "vectors"


def program():
    """Path of the program: $DAVIT, or the newest build in the tree."""
    if "DAVIT" in os.environ:
        return os.environ["DAVIT"]
    for preset in ("dev", "release"):
        path = SOURCE / "build" / preset / "davit"
        if path.exists():
            return str(path)
    raise RuntimeError("build davit first: ./dev build")


class Outcome:
    """What one run of davit left: exit status, output, errors."""

    def __init__(self, done):
        self.status = done.returncode
        self.out_bytes = done.stdout
        self.err = done.stderr.decode("utf-8", "replace")

    @property
    def out(self):
        return self.out_bytes.decode("utf-8", "replace")

    @property
    def json(self):
        return json.loads(self.out)


class DavitTest(unittest.TestCase):
    """A test case with a folder of its own (also HOME) and a way to run davit in it."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="davit-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        home = self.folder / "home"
        home.mkdir()
        self.environment = {
            key: value
            for key, value in os.environ.items()
            if key in ("PATH", "LANG", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS")
        }
        self.environment["HOME"] = str(home)

    def run_davit(self, *words, stdin=b"", timeout=120, cwd=None, **environment):
        done = subprocess.run(
            [program(), *map(str, words)],
            input=stdin,
            capture_output=True,
            cwd=cwd or self.folder,
            env={**self.environment, **environment},
            timeout=timeout,
            check=False,
        )
        return Outcome(done)

    def libraries_loaded(self, run):
        """The paths of the shared libraries that are loaded while `run` runs davit, with the environment it is given."""
        log = self.folder / "loaded"
        run(LD_DEBUG="files", LD_DEBUG_OUTPUT=str(log))
        found = set()
        for path in self.folder.glob("loaded.*"):
            found |= {line.split("calling init:")[1].strip() for line in path.read_text().splitlines() if "calling init:" in line}
            path.unlink()
        return found

    def succeed(self, *words, **options):
        outcome = self.run_davit(*words, **options)
        self.assertEqual(outcome.status, 0, f"davit {' '.join(map(str, words))}\n{outcome.out[:2000]}\n{outcome.err[:4000]}")
        return outcome

    def refuse(self, status, *words, saying=None, **options):
        """Runs davit and checks its exit status, and that the refusal is one clear error."""
        outcome = self.run_davit(*words, **options)
        self.assertEqual(outcome.status, status, f"davit {' '.join(map(str, words))}\n{outcome.out[:2000]}\n{outcome.err[:4000]}")
        self.assertIn("error", outcome.err)
        if saying is not None:
            self.assertIn(saying, outcome.err)
        return outcome
