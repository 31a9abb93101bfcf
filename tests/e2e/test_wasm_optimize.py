"""optimize: results, refusals, limits, the cache, and a worker that misbehaves."""

import os
import signal
import subprocess
import time
import unittest

from support import wasm
from support.program import DavitTest, program


class Optimize(DavitTest):
    def setUp(self):
        super().setUp()
        (self.folder / "a.wasm").write_bytes(wasm.adding())

    def worker(self, script):
        """Puts a stand-in for the worker in place and returns the environment that selects it."""
        libexec = self.folder / "libexec"
        libexec.mkdir(exist_ok=True)
        (libexec / "davit-optimize").write_text("#!/bin/sh\n" + script)
        (libexec / "davit-optimize").chmod(0o755)
        return {"DAVIT_LIBEXEC": str(libexec)}

    def no_wasm_opt(self):
        """An environment in which no newer wasm-opt is found."""
        return {"DAVIT_WASM_OPT": str(self.folder / "absent")}

    def leftovers(self):
        return sorted(p.name for p in self.folder.iterdir() if p.is_file())

    def test_makes_a_smaller_module_with_the_same_edge(self):
        report = self.succeed("optimize", "a.wasm", "-o", "b.wasm", "--json").json
        self.assertLess(report["sizeAfter"], report["sizeBefore"])
        self.assertFalse(report["keptInput"])
        self.assertEqual(report["sizeAfter"], (self.folder / "b.wasm").stat().st_size)
        self.assertEqual(self.succeed("inspect", "b.wasm", "--json").json["exports"], [{"name": "run", "kind": "func"}])
        self.succeed("validate", "b.wasm")

    def test_every_level_gives_a_valid_module(self):
        for level in ("-O0", "-O1", "-O2", "-O3", "-O4", "-Os", "-Oz"):
            with self.subTest(level=level):
                self.succeed("optimize", "a.wasm", "-o", "b.wasm", level)
                self.succeed("validate", "b.wasm")
        self.refuse(2, "optimize", "a.wasm", "-o", "b.wasm", "-O9")

    def test_works_in_a_pipe_and_in_place(self):
        piped = self.succeed("optimize", "-", "-o", "-", stdin=wasm.adding()).out_bytes
        self.succeed("optimize", "a.wasm", "-o", "a.wasm")
        self.assertEqual((self.folder / "a.wasm").read_bytes(), piped)

    def test_keeps_custom_sections_that_still_fit(self):
        features = wasm.custom("target_features", b"\1+\x08sign-ext")
        (self.folder / "c.wasm").write_bytes(
            wasm.MODULE + wasm.custom("dylink.0", b"") + wasm.adding()[8:] + wasm.custom(".debug_info", b"x") + wasm.custom("producers", b"\0") + features)
        self.succeed("optimize", "c.wasm", "-o", "d.wasm")
        names = [s["name"] for s in self.succeed("inspect", "d.wasm", "--json").json["sections"] if s["custom"]]
        self.assertEqual(names, ["dylink.0", "producers", "target_features"])
        self.succeed("optimize", "c.wasm", "-o", "d.wasm", "--strip", "producers")
        names = [s["name"] for s in self.succeed("inspect", "d.wasm", "--json").json["sections"] if s["custom"]]
        self.assertEqual(names, ["dylink.0", "target_features"])

    def test_is_not_stopped_by_a_broken_name_section(self):
        (self.folder / "c.wasm").write_bytes(wasm.adding() + wasm.custom("name", b"\1\x7f\xff\xff"))
        self.succeed("optimize", "c.wasm", "-o", "d.wasm")

    def test_never_gives_a_larger_file(self):
        tiny = wasm.importing(("m", "f"))
        (self.folder / "t.wasm").write_bytes(tiny)
        report = self.succeed("optimize", "t.wasm", "-o", "u.wasm", "-O1", "--json")
        self.assertLessEqual(report.json["sizeAfter"], len(tiny))
        again = self.succeed("optimize", "t.wasm", "-o", "u.wasm", "-O1", "--json").json
        self.assertTrue(again["fromCache"])
        self.assertEqual(again["keptInput"], report.json["keptInput"])

    def test_refuses_what_binaryen_cannot_handle(self):
        two_memories = wasm.MODULE + wasm.section(5, b"\2\0\1\0\1")
        (self.folder / "m.wasm").write_bytes(two_memories)
        self.refuse(12, "optimize", "m.wasm", "-o", "n.wasm", "--strict", saying="multiple memories", **self.no_wasm_opt())
        (self.folder / "o.wasm").write_bytes(wasm.adding() + wasm.custom("linking", b"\2"))
        self.refuse(12, "optimize", "o.wasm", "-o", "n.wasm", saying="object file")
        self.assertNotIn("n.wasm", self.leftovers())

    def test_refuses_invalid_modules(self):
        body = b"\0\x42\0\x0b"  # an i64 where the type says i32
        bad = wasm.MODULE + wasm.section(1, b"\1\x60\0\1\x7f") + wasm.section(3, b"\1\0") + wasm.section(10, b"\1" + wasm.leb(len(body)) + body)
        (self.folder / "bad.wasm").write_bytes(bad)
        self.refuse(8, "optimize", "bad.wasm", "-o", "n.wasm", saying="not valid")
        self.refuse(8, "optimize", "-", "-o", "n.wasm", stdin=b"junk")
        self.assertEqual(self.leftovers(), ["a.wasm", "bad.wasm"])

    def test_answers_from_the_cache_and_believes_only_whole_entries(self):
        first = self.succeed("optimize", "a.wasm", "-o", "b.wasm", "--json").json
        second = self.succeed("optimize", "a.wasm", "-o", "c.wasm", "--json").json
        self.assertEqual((first["fromCache"], second["fromCache"]), (False, True))
        self.assertEqual((self.folder / "b.wasm").read_bytes(), (self.folder / "c.wasm").read_bytes())
        self.assertFalse(self.succeed("optimize", "a.wasm", "-o", "c.wasm", "--json", "-O1").json["fromCache"])
        self.assertFalse(self.succeed("optimize", "a.wasm", "-o", "c.wasm", "--json", "--no-cache").json["fromCache"])

        for entry in (self.folder / "home/.cache/davit/optimize").iterdir():
            data = bytearray(entry.read_bytes())
            data[-1] ^= 1
            entry.write_bytes(data)
        damaged = self.succeed("optimize", "a.wasm", "-o", "c.wasm", "--json").json
        self.assertFalse(damaged["fromCache"])
        self.assertEqual((self.folder / "b.wasm").read_bytes(), (self.folder / "c.wasm").read_bytes())

    def test_cache_can_be_elsewhere_or_unwritable(self):
        self.succeed("optimize", "a.wasm", "-o", "b.wasm", XDG_CACHE_HOME=str(self.folder / "cache"))
        self.assertTrue(any((self.folder / "cache/davit/optimize").iterdir()))
        (self.folder / "blocked").write_text("a file, not a folder")
        self.succeed("optimize", "a.wasm", "-o", "b.wasm", XDG_CACHE_HOME=str(self.folder / "blocked"))

    def test_parallel_runs_do_not_disturb_each_other(self):
        environment = {**self.environment}
        runs = [subprocess.Popen([program(), "optimize", "a.wasm", "-o", f"p{i}.wasm"], cwd=self.folder, env=environment, stderr=subprocess.DEVNULL) for i in range(8)]
        self.assertEqual([run.wait(timeout=60) for run in runs], [0] * 8)
        self.assertEqual(len({(self.folder / f"p{i}.wasm").read_bytes() for i in range(8)}), 1)

    def test_killed_run_leaves_no_half_file(self):
        slow = self.worker("sleep 0.2; exit 1\n")
        for delay in (0.0, 0.02, 0.05, 0.1):
            run = subprocess.Popen([program(), "optimize", "a.wasm", "-o", "k.wasm", "--no-cache"], cwd=self.folder, env={**self.environment, **slow}, stderr=subprocess.DEVNULL)
            time.sleep(delay)
            run.send_signal(signal.SIGKILL)
            run.wait()
            self.assertNotIn("k.wasm", self.leftovers())

    def test_worker_dies_with_its_parent(self):
        mark = self.folder / "mark"
        slow = self.worker(f"sleep 1; echo alive > {mark}\n")
        run = subprocess.Popen([program(), "optimize", "a.wasm", "-o", "k.wasm", "--no-cache"], cwd=self.folder, env={**self.environment, **slow}, stderr=subprocess.DEVNULL)
        time.sleep(0.4)
        run.send_signal(signal.SIGKILL)
        run.wait()
        time.sleep(1.2)
        self.assertFalse(mark.exists())

    def test_worker_that_misbehaves_is_reported_and_nothing_is_written(self):
        cases = [
            ("kill -SEGV $$\n", 12, "crashed", ()),
            ("kill -ABRT $$\n", 12, "crashed", ()),
            ("echo 'parse exception: odd' >&2; exit 1\n", 12, "odd", ()),
            ("exit 20\n", 8, "not valid", ()),
            ("exit 21\n", 9, "memory", ()),
            ("sleep 30\n", 9, "longer than", ("--time-limit", "500ms")),
            ("while :; do :; done\n", 9, "longer than", ("--time-limit", "500ms")),
            ("exit 0\n", 1, "no module", ()),
            ("echo this is not wasm at all\n", 12, "not well-formed", ()),
            ("printf '\\000asm\\001\\000\\000\\000'\n", 12, "exports differ", ()),
        ]
        for script, status, saying, words in cases:
            with self.subTest(script=script):
                began = time.monotonic()
                self.refuse(status, "optimize", "a.wasm", "-o", "n.wasm", "--no-cache", "--strict", *words, saying=saying, **self.worker(script), **self.no_wasm_opt())
                self.assertLess(time.monotonic() - began, 10)
                self.assertEqual(self.leftovers(), ["a.wasm"])

    def test_result_that_reaches_further_is_not_used(self):
        more = wasm.importing(("evil", "call"))
        (self.folder / "libexec").mkdir()
        (self.folder / "libexec" / "evil.bin").write_bytes(more)
        script = self.worker(f"cat {self.folder}/libexec/evil.bin\n")
        self.refuse(12, "optimize", "a.wasm", "-o", "n.wasm", "--no-cache", "--strict", saying="imports evil.call", **{**script, "PATH": os.environ["PATH"]})

    def test_memory_limit_reaches_the_worker(self):
        # 80 MiB are 81920 KiB, which is what the shell reports.
        script = self.worker('[ "$(ulimit -v)" = 81920 ] && exit 21\nexit 20\n')
        self.refuse(9, "optimize", "a.wasm", "-o", "n.wasm", "--no-cache", "--memory-limit", "80MiB", saying="80 MiB", **script)
        self.refuse(2, "optimize", "a.wasm", "-o", "n.wasm", "--memory-limit", "much", saying="not a size")

    def test_memory_limit_stops_binaryen(self):
        outcome = self.run_davit("optimize", "a.wasm", "-o", "n.wasm", "--no-cache", "--memory-limit", "48MiB")
        self.assertIn(outcome.status, (0, 3, 9, 12))
        self.assertEqual("n.wasm" in self.leftovers(), outcome.status == 0)

    def test_missing_worker_is_said_clearly(self):
        empty = self.folder / "empty"
        empty.mkdir()
        copy = empty / "davit"
        copy.write_bytes(open(program(), "rb").read())
        copy.chmod(0o755)
        done = subprocess.run([copy, "optimize", "a.wasm", "-o", "n.wasm"], cwd=self.folder, env=self.environment, capture_output=True, check=False)
        self.assertEqual(done.returncode, 4)
        self.assertIn(b"davit-optimize is not installed", done.stderr)


if __name__ == "__main__":
    unittest.main()
