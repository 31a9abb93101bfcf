"""caps derive, show, check and attach."""

import json
import unittest

from support import wasm
from support.program import VECTORS, DavitTest

P1 = "wasi_snapshot_preview1"


class Caps(DavitTest):
    def write(self, name, content):
        (self.folder / name).write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())

    def test_derived_manifest_covers_its_file(self):
        self.write("a.wasm", wasm.importing((P1, "path_open"), (P1, "random_get"), ("weird name,", "f")))

        outcome = self.succeed("caps", "derive", "a.wasm", "-o", "caps.json")
        manifest = json.loads((self.folder / "caps.json").read_text())

        self.assertIn("warning", outcome.err)
        self.assertEqual(manifest["requests"]["filesystem"], [{"guest": "/", "access": "write"}])
        self.assertTrue(manifest["requests"]["random"])
        self.assertEqual(self.succeed("caps", "check", "a.wasm", "--caps", "caps.json", "--json").json, {"covered": True, "notRequested": [], "unreachable": []})

    def test_file_that_imports_nothing_needs_nothing(self):
        self.write("a.wasm", wasm.adding())
        self.assertEqual(self.succeed("caps", "derive", "a.wasm", "--json").json, {"schemaVersion": 1, "requests": {}})

    def test_check_refuses_what_is_not_requested(self):
        self.write("a.wasm", wasm.importing((P1, "random_get"), (P1, "path_open")))
        self.write("caps.json", {"schemaVersion": 1, "requests": {"filesystem": [{"guest": "/data", "access": "read"}]}})

        outcome = self.refuse(14, "caps", "check", "a.wasm", "--caps", "caps.json", saying="filesystem.write, random")
        self.assertIn("hint:", outcome.err)
        report = self.run_davit("caps", "check", "a.wasm", "--caps", "caps.json", "--json")
        self.assertEqual(report.status, 14)
        self.assertEqual([entry["class"] for entry in report.json["notRequested"]], ["filesystem", "random"])

    def test_check_warns_of_idle_requests(self):
        self.write("a.wasm", wasm.adding())
        self.write("caps.json", {"schemaVersion": 1, "requests": {"threads": True, "clocks": ["wall"]}})

        outcome = self.succeed("caps", "check", "a.wasm", "--caps", "caps.json")

        self.assertIn("threads is requested, but nothing in the file can reach it", outcome.err)
        self.assertIn("clocks.wall is requested", outcome.err)

    def test_attached_manifest_travels_in_the_file(self):
        self.write("a.wasm", wasm.importing((P1, "random_get")))
        self.write("caps.json", {"schemaVersion": 1, "requests": {"random": True}})

        self.refuse(4, "caps", "check", "a.wasm", saying="no capability manifest")
        self.succeed("caps", "attach", "a.wasm", "--caps", "caps.json", "-o", "b.wasm")

        self.succeed("caps", "check", "b.wasm")
        self.assertEqual(self.succeed("caps", "show", "b.wasm", "--json").json["manifest"]["requests"], {"random": True})
        self.assertEqual(self.succeed("inspect", "b.wasm", "--json").json["capabilityManifest"]["requests"], {"random": True})
        self.succeed("strip", "b.wasm", "-o", "c.wasm", "--all")
        self.assertEqual((self.folder / "c.wasm").read_bytes(), (self.folder / "b.wasm").read_bytes())
        self.assertTrue((self.folder / "b.wasm").read_bytes().startswith((self.folder / "a.wasm").read_bytes()))

    def test_attaching_twice_replaces(self):
        self.write("a.wasm", wasm.adding())
        for requests in ({"random": True}, {"threads": True}):
            self.write("caps.json", {"schemaVersion": 1, "requests": requests})
            self.succeed("caps", "attach", "a.wasm", "--caps", "caps.json", "-o", "a.wasm")
        self.assertEqual(self.succeed("caps", "show", "a.wasm", "--json").json["manifest"]["requests"], {"threads": True})
        self.assertEqual((self.folder / "a.wasm").read_bytes().count(b"davit.capabilities"), 1)

    def test_broken_manifests_are_refused_with_their_place(self):
        self.write("a.wasm", wasm.adding())
        self.write("caps.json", {"schemaVersion": 1, "requests": {"random": "yes"}})
        self.refuse(8, "caps", "check", "a.wasm", "--caps", "caps.json", saying="/requests/random")
        self.refuse(8, "caps", "attach", "a.wasm", "--caps", "caps.json", "-o", "b.wasm")
        self.assertFalse((self.folder / "b.wasm").exists())
        self.refuse(4, "caps", "check", "a.wasm", "--caps", "none.json")

    def test_broken_section_is_never_taken_for_permission(self):
        self.write("a.wasm", wasm.adding() + wasm.custom("davit.capabilities", b"{}"))
        self.refuse(8, "caps", "check", "a.wasm")
        self.assertIn("warning", self.succeed("inspect", "a.wasm").err)

    @unittest.skipUnless((VECTORS / "wasm").exists(), "the shared vectors are not here")
    def test_real_component(self):
        file = VECTORS / "wasm" / "component.wasm"
        self.succeed("caps", "derive", file, "-o", "caps.json")
        self.succeed("caps", "check", file, "--caps", "caps.json")
        classes = [entry["class"] for entry in self.succeed("caps", "show", file, "--json").json["reachable"]]
        self.assertEqual(classes, ["environment", "exit", "filesystem", "http", "stdio"])


if __name__ == "__main__":
    unittest.main()
