"""ship: the whole chain, and starting again where it stopped."""

import json
import os
import random
import signal
import subprocess
import time
import unittest

from support.program import DavitTest, program
from support.registry import Registry

HELLO = '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n'
STEPS = ("build", "optimize", "strip", "capabilities", "push", "sign", "attest")


class Ship(DavitTest):
    def setUp(self):
        super().setUp()
        self.environment["DAVIT_PASSWORD"] = "secret"
        (self.folder / "hello.c").write_text(HELLO)
        self.succeed("key", "generate", "-o", "release")
        self.plan({"source": "hello.c", "strip": "debug", "reference": "oci:out:1.0", "sign": "release.key"})

    def plan(self, members):
        (self.folder / "davit.json").write_text(json.dumps(members))

    def test_a_plan_is_built_declared_pushed_and_signed(self):
        outcome = self.succeed("ship")
        reference = outcome.out.strip()
        self.assertRegex(reference, r"^oci:out@sha256:[0-9a-f]{64}$")
        for number, step in enumerate(STEPS, 1):
            self.assertIn(f"[{number}/7] {step}: ", outcome.err)
        self.succeed("verify", reference, "--key", "release.pub")
        self.succeed("pull", "oci:out:1.0", "-o", "back.wasm", "--key", "release.pub")
        self.succeed("caps", "check", "back.wasm")

    def test_the_same_source_ships_the_same_digest(self):
        first = self.succeed("ship").out
        again = self.succeed("ship", "--reference", "oci:elsewhere:1.0", "--work-folder", "other").out
        self.assertEqual(first.split("@")[1], again.split("@")[1])

    def test_a_second_run_keeps_what_is_done(self):
        first = self.succeed("ship")
        second = self.succeed("ship")
        self.assertEqual(first.out, second.out)
        for step in ("optimize", "strip", "capabilities", "sign"):
            self.assertIn(f"{step}: kept from the last run", second.err)
        report = self.succeed("verify", "oci:out:1.0", "--key", "release.pub", "--json").json
        self.assertEqual([s["verified"] for s in report["signatures"]].count(True), 1)

    def test_a_changed_source_goes_through_every_step_again(self):
        first = self.succeed("ship").out
        (self.folder / "hello.c").write_text(HELLO.replace("hello", "other"))
        second = self.succeed("ship")
        self.assertNotEqual(first, second.out)
        self.assertNotIn("kept", second.err)

    def test_a_damaged_file_in_between_is_made_again(self):
        first = self.succeed("ship").out
        for name in ("optimized.wasm", "stripped.wasm", "declared.wasm"):
            (self.folder / ".davit" / name).write_bytes(b"damaged")
        self.assertEqual(self.succeed("ship").out, first)

    def test_the_first_failure_stops_and_the_next_run_starts_there(self):
        (self.folder / "release.key").rename(self.folder / "hidden.key")
        stopped = self.refuse(4, "ship", saying="sign")
        self.assertIn("push: ", stopped.err)
        (self.folder / "hidden.key").rename(self.folder / "release.key")
        self.assertIn("optimize: kept from the last run", self.succeed("ship").err)

    def test_words_win_over_the_plan(self):
        record = self.succeed("ship", "--reference", "oci:words:2.0", "--optimize", "none", "--json").json
        self.assertTrue(record["signed"])
        self.assertTrue((self.folder / "words" / "index.json").exists())
        self.assertFalse((self.folder / ".davit" / "optimized.wasm").exists())

    def test_a_wasm_file_needs_no_build(self):
        self.succeed("build", "hello.c")
        self.assertIn("not needed", self.succeed("ship", "--source", "hello.wasm").err)

    def test_one_password_from_standard_input_serves_every_step(self):
        registry = Registry(self, users={"u": "geheim"})
        words = ("ship", "--reference", f"{registry.host}/team/app:1.0", "--username", "u", "--password-stdin")
        self.refuse(5, *words, stdin=b"wrong\n")
        first = self.succeed(*words, stdin=b"geheim\n")
        self.assertEqual(self.succeed(*words, stdin=b"geheim\n").out, first.out)
        verified = self.succeed("verify", first.out.strip(), "--key", "release.pub", "--username", "u", "--password-stdin", "--json", stdin=b"geheim\n")
        self.assertEqual([s["verified"] for s in verified.json["signatures"]].count(True), 1)
        self.assertNotIn("geheim", first.out + first.err)

    def test_a_request_smaller_than_the_file_needs_is_refused(self):
        (self.folder / "none.json").write_text('{"schemaVersion": 1, "requests": {}}')
        self.refuse(14, "ship", "--caps", "none.json")
        self.assertFalse((self.folder / "out").exists())

    def test_mistakes_in_the_plan_are_named(self):
        self.plan({"source": "hello.c", "reference": "oci:out:1", "sorce": 1})
        self.refuse(8, "ship", saying='unknown member "sorce"')
        self.plan({"source": "hello.c"})
        self.refuse(2, "ship", saying="nowhere to ship to")
        self.plan({"source": "hello.c", "reference": "oci:out:1", "optimize": "-O9"})
        self.refuse(8, "ship", saying="/optimize")
        (self.folder / "davit.json").write_text("{")
        self.refuse(8, "ship", saying="davit.json")
        self.refuse(4, "ship", "absent.json", saying="absent.json")

    def test_killed_anywhere_it_leaves_nothing_half_written_and_the_next_run_succeeds(self):
        dice = random.Random(7)
        expected = self.succeed("ship", "--reference", "oci:whole:1.0", "--work-folder", "whole").out.split("@")[1]
        for _ in range(12):
            child = subprocess.Popen([program(), "ship"], cwd=self.folder, env=self.environment, stdout=subprocess.DEVNULL,
                                     stderr=subprocess.DEVNULL, start_new_session=True)
            time.sleep(dice.uniform(0.01, 1.2))
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            work = self.folder / ".davit"
            for path in work.glob("*.wasm") if work.exists() else ():
                self.succeed("validate", path)
            # Written last, so that a folder with it is a layout.
            if (self.folder / "out" / "oci-layout").exists():
                self.succeed("tags", "oci:out")
            dice.random() < 0.3 and subprocess.run(["rm", "-rf", str(work), str(self.folder / "out")], check=True)
        self.assertEqual(self.succeed("ship").out.strip().split("@")[1], expected.strip())
        self.succeed("verify", "oci:out:1.0", "--key", "release.pub")


if __name__ == "__main__":
    unittest.main()
