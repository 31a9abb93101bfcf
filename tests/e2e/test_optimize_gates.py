"""optimize: budget, the user's own check, provenance, and what happens when Binaryen does not know a feature."""

import hashlib
import json
import os
import unittest

from support import components, wasm
from support.program import DavitTest

TWO_MEMORIES = wasm.MODULE + wasm.section(5, b"\2\0\1\0\1") + wasm.custom("producers", b"\0")


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


class OptimizeGates(DavitTest):
    def setUp(self):
        super().setUp()
        (self.folder / "a.wasm").write_bytes(wasm.adding())

    def test_a_budget_that_is_met_changes_nothing(self):
        self.succeed("optimize", "a.wasm", "-o", "b.wasm", "--budget", "1KiB")
        self.assertTrue((self.folder / "b.wasm").exists())

    def test_a_budget_that_is_not_met_writes_nothing_and_says_where_the_bytes_are(self):
        said = self.refuse(9, "optimize", "a.wasm", "-o", "b.wasm", "--budget", "10B", saying="its budget is 10")
        self.assertIn("section code", said.err)
        self.assertFalse((self.folder / "b.wasm").exists())
        (self.folder / "b.wasm").write_bytes(wasm.MODULE)
        said = self.refuse(9, "optimize", "a.wasm", "-o", "b.wasm", "--budget", "10B")
        self.assertIn("since the file that is there now", said.err)
        self.assertEqual((self.folder / "b.wasm").read_bytes(), wasm.MODULE)
        self.refuse(2, "optimize", "a.wasm", "-o", "b.wasm", "--budget", "small", saying="not a size")

    def test_the_own_check_decides(self):
        self.succeed("optimize", "a.wasm", "-o", "b.wasm", "--verify-run", "cp {} seen.wasm", PATH=os.environ["PATH"])
        self.assertEqual((self.folder / "seen.wasm").read_bytes(), (self.folder / "b.wasm").read_bytes())
        self.succeed("optimize", "a.wasm", "-o", "c.wasm", "--verify-run", "test -s", PATH=os.environ["PATH"])
        self.refuse(10, "optimize", "a.wasm", "-o", "d.wasm", "--verify-run", "echo no; exit 3", saying="status 3", PATH=os.environ["PATH"])
        self.refuse(10, "optimize", "a.wasm", "-o", "a.wasm", "--verify-run", "false", PATH=os.environ["PATH"])
        self.assertFalse((self.folder / "d.wasm").exists())
        self.assertEqual((self.folder / "a.wasm").read_bytes(), wasm.adding())

    def test_a_result_that_goes_to_standard_output_is_not_mixed_with_the_checks_words(self):
        piped = self.succeed("optimize", "a.wasm", "-o", "-", "--verify-run", "echo talk; true", PATH=os.environ["PATH"]).out_bytes
        self.assertTrue(piped.startswith(wasm.MODULE))
        self.assertNotIn(b"talk", piped)

    def test_provenance_names_input_and_output_by_digest(self):
        for name, content in (("a", wasm.adding()), ("c", components.two_imports())):
            (self.folder / f"{name}.wasm").write_bytes(content)
            self.succeed("optimize", f"{name}.wasm", "-o", "out.wasm", "-Oz", "--strip", "debug", "--provenance", "p.json")
            text = (self.folder / "p.json").read_text()
            said = json.loads(text)
            definition = said["buildDefinition"]
            self.assertEqual(definition["resolvedDependencies"], [{"name": f"{name}.wasm", "digest": {"sha256": digest(self.folder / f"{name}.wasm")}}])
            self.assertEqual(said["runDetails"]["byproducts"], [{"name": "out.wasm", "digest": {"sha256": digest(self.folder / "out.wasm")}}])
            self.assertEqual(definition["externalParameters"], {"level": "Oz", "strip": ["debug"], "keepImports": False})
            self.assertEqual(definition["internalParameters"]["shrinkLevel"], 2)
            self.assertIn("Binaryen", definition["internalParameters"]["optimizer"])
            self.assertIn("binaryen", said["runDetails"]["builder"]["version"])
            self.succeed("optimize", f"{name}.wasm", "-o", "out.wasm", "-Oz", "--strip", "debug", "--provenance", "p.json")
            self.assertEqual((self.folder / "p.json").read_text(), text)

    def wasm_opt(self, script, version=132):
        path = self.folder / "wasm-opt"
        path.write_text(f'#!/bin/sh\n[ "$1" = --version ] && {{ echo "wasm-opt version {version} (version_{version})"; exit 0; }}\n{script}')
        path.chmod(0o755)
        return {"DAVIT_WASM_OPT": str(path), "PATH": os.environ["PATH"]}

    def test_what_no_optimizer_knows_is_only_stripped(self):
        (self.folder / "m.wasm").write_bytes(TWO_MEMORIES)
        absent = {"DAVIT_WASM_OPT": str(self.folder / "absent")}
        report = self.succeed("optimize", "m.wasm", "-o", "n.wasm", "--json", **absent).json
        self.assertFalse(report["optimized"])
        self.assertIn("multiple memories", report["reason"])
        self.assertEqual((self.folder / "n.wasm").read_bytes(), TWO_MEMORIES)
        said = self.succeed("optimize", "m.wasm", "-o", "n.wasm", "--strip", "producers", **absent).err
        self.assertIn("not optimized: the module uses multiple memories", said)
        self.assertNotIn(b"producers", (self.folder / "n.wasm").read_bytes())
        self.refuse(12, "optimize", "m.wasm", "-o", "o.wasm", "--strict", saying="multiple memories", **absent)
        self.assertFalse((self.folder / "o.wasm").exists())

    def test_an_exported_second_table_stays_the_second(self):
        # Binaryen 108 would export the first one under its name.
        tables = wasm.MODULE + wasm.section(4, b"\2\x70\0\1\x6f\0\2") + wasm.section(7, b"\1" + wasm.name("references") + b"\1\1")
        (self.folder / "t.wasm").write_bytes(tables)
        report = self.succeed("optimize", "t.wasm", "-o", "u.wasm", "-Oz", "--json", DAVIT_WASM_OPT=str(self.folder / "absent")).json
        self.assertIn("several tables", report["reason"])
        self.assertEqual((self.folder / "u.wasm").read_bytes(), tables)

    def test_a_newer_wasm_opt_is_given_exactly_the_features(self):
        (self.folder / "m.wasm").write_bytes(TWO_MEMORIES)
        smaller = wasm.MODULE + wasm.section(5, b"\2\0\1\0\1")
        (self.folder / "smaller").write_bytes(smaller)
        environment = self.wasm_opt(f'echo "$@" > {self.folder}/words\ncp {self.folder}/smaller "$3"\n')
        report = self.succeed("optimize", "m.wasm", "-o", "n.wasm", "--strict", "-Oz", "--strip", "producers", "--json", **environment).json
        words = (self.folder / "words").read_text().split()[3:]
        self.assertEqual(words, ["-Oz", "--mvp-features", "--enable-multimemory"])
        self.assertEqual((self.folder / "n.wasm").read_bytes(), smaller)
        self.assertTrue(report["optimized"])

    def test_a_newer_wasm_opt_is_trusted_no_more_than_the_worker(self):
        (self.folder / "m.wasm").write_bytes(TWO_MEMORIES)
        (self.folder / "evil").write_bytes(wasm.importing(("evil", "call")))
        cases = (f'cp {self.folder}/evil "$3"\n', "echo 'cannot do' >&2; exit 1\n", "kill -SEGV $$\n", "exit 0\n", 'echo junk of some length > "$3"\n')
        for script in cases:
            with self.subTest(script=script):
                environment = self.wasm_opt(script)
                self.refuse(12, "optimize", "m.wasm", "-o", "n.wasm", "--strict", **environment)
                self.assertFalse((self.folder / "n.wasm").exists())
        environment = self.wasm_opt("sleep 30\n")
        self.refuse(9, "optimize", "m.wasm", "-o", "n.wasm", "--time-limit", "500ms", saying="longer than", **environment)

    def test_an_old_wasm_opt_is_not_used(self):
        (self.folder / "m.wasm").write_bytes(TWO_MEMORIES)
        environment = self.wasm_opt(f"touch {self.folder}/called\n", version=108)
        self.refuse(12, "optimize", "m.wasm", "-o", "n.wasm", "--strict", saying="at least 120", **environment)
        self.assertFalse((self.folder / "called").exists())


if __name__ == "__main__":
    unittest.main()
