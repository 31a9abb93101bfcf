"""inspect, validate and strip on files, pipes and bad input."""

import hashlib
import unittest

from support import wasm
from support.program import VECTORS, DavitTest


class Inspect(DavitTest):
    def test_json_has_what_the_design_promises(self):
        file = wasm.importing(("wasi_snapshot_preview1", "fd_write"), ("env", "helper")) + wasm.custom("producers", b"\1\3sdk\1\1x\0011")
        (self.folder / "a.wasm").write_bytes(file)

        report = self.succeed("inspect", "--json", "a.wasm").json

        self.assertEqual(report["kind"], "module")
        self.assertEqual(report["digest"], "sha256:" + hashlib.sha256(file).hexdigest())
        self.assertEqual(report["size"], len(file))
        self.assertEqual(report["target"], "wasip1")
        self.assertEqual(report["imports"][0], {"module": "wasi_snapshot_preview1", "name": "fd_write", "kind": "func"})
        self.assertEqual(report["exports"], [])
        self.assertIn({"class": "stdio", "parts": ["stderr", "stdout"], "via": ["wasi_snapshot_preview1.fd_write"]}, report["capabilities"])
        self.assertIn({"class": "host:env", "via": ["env.helper"]}, report["capabilities"])
        self.assertEqual(report["producers"], {"sdk": [{"name": "x", "version": "1"}]})
        self.assertEqual([s["name"] for s in report["sections"]], ["type", "import", "producers"])
        first = report["sections"][0]
        self.assertEqual((first["offset"], first["size"]), (8, 6))

    def test_reads_standard_input(self):
        report = self.succeed("inspect", "--json", "-", stdin=wasm.adding()).json

        self.assertEqual(report["exports"], [{"name": "run", "kind": "func"}])

    def test_verbose_reads_the_code(self):
        body = b"\0\x41\0\xc0\x1a\x0b"
        file = wasm.MODULE + wasm.section(1, b"\1\x60\0\0") + wasm.section(3, b"\1\0") + wasm.section(10, b"\1" + wasm.leb(len(body)) + body)
        (self.folder / "a.wasm").write_bytes(file)

        self.assertEqual(self.succeed("inspect", "--json", "a.wasm").json["features"], [])
        self.assertEqual(self.succeed("inspect", "--json", "-v", "a.wasm").json["features"], ["sign-ext"])

    def test_text_names_the_parts(self):
        (self.folder / "a.wasm").write_bytes(wasm.component(wasm.adding()))

        text = self.succeed("inspect", "a.wasm").out

        self.assertIn("component, wasip2", text)
        self.assertIn("nested        1", text)

    def test_of_a_stored_file_shows_the_artifact_too(self):
        (self.folder / "a.wasm").write_bytes(wasm.adding())
        pushed = self.succeed("push", "a.wasm", "oci:store:1.0", "--json").json

        report = self.succeed("inspect", "--json", "oci:store:1.0").json

        self.assertEqual(report["artifact"]["digest"], pushed["digest"])
        self.assertEqual(report["artifact"]["format"], "wasm")
        self.assertEqual(report["artifact"]["layers"][0]["digest"], report["digest"])
        self.assertEqual(report["artifact"]["referrers"], [])
        self.assertEqual(report["exports"], [{"name": "run", "kind": "func"}])
        self.assertIn("referrers 0", self.succeed("inspect", "oci:store:1.0").out)
        self.succeed("validate", "oci:store:1.0")
        self.refuse(4, "inspect", "oci:store:2.0")

    def test_control_characters_in_names_are_not_printed(self):
        (self.folder / "a.wasm").write_bytes(wasm.importing(("\x1b[31mred", "x")))

        self.assertNotIn("\x1b", self.succeed("inspect", "--color", "never", "a.wasm").out)

    @unittest.skipUnless((VECTORS / "wasm").exists(), "the shared vectors are not here")
    def test_a_real_component_and_a_wit_package(self):
        report = self.succeed("inspect", "--json", VECTORS / "wasm" / "component.wasm").json
        self.assertEqual((report["kind"], report["target"]), ("component", "wasip2"))
        self.assertIn("wasi:http/incoming-handler@0.2.0", [item["name"] for item in report["exports"]])
        self.assertEqual(len(report["nested"]), 5)

        package = self.succeed("inspect", "--json", VECTORS / "wasm" / "binary_wit.wasm").json
        self.assertTrue(package["witPackage"])


class Errors(DavitTest):
    def test_say_where_a_file_goes_wrong(self):
        (self.folder / "bad.wasm").write_bytes(wasm.MODULE + b"\1\x7f\0")
        for command in (("inspect",), ("validate",), ("caps", "show"), ("caps", "derive")):
            with self.subTest(command=command):
                self.assertIn("byte 0x8 in bad.wasm", self.refuse(8, *command, "bad.wasm", saying="runs past the end").err)

    def test_of_every_kind_have_their_status(self):
        (self.folder / "text").write_bytes(b"(module)")
        (self.folder / "empty").write_bytes(b"")
        self.refuse(8, "validate", "text", saying="not a wasm file")
        self.refuse(8, "validate", "empty", saying="empty")
        self.refuse(4, "validate", "./missing.wasm", saying="missing.wasm")
        self.refuse(3, "validate", "./home")
        self.refuse(2, "strip", "text")
        self.refuse(8, "strip", "text", "-o", "out.wasm")
        self.assertFalse((self.folder / "out.wasm").exists())

    def test_as_json_carry_the_offset(self):
        (self.folder / "bad.wasm").write_bytes(wasm.MODULE + b"\x0e\0")
        outcome = self.run_davit("validate", "--json", "bad.wasm")
        self.assertEqual(outcome.status, 8)
        self.assertIn('"offset":8', outcome.err)

    def test_validate_reads_code_that_inspect_leaves_alone(self):
        file = wasm.MODULE + wasm.section(1, b"\1\x60\0\0") + wasm.section(3, b"\1\0") + wasm.section(10, b"\1\3\0\x27\x0b")
        (self.folder / "bad.wasm").write_bytes(file)
        self.succeed("inspect", "bad.wasm")
        self.refuse(8, "validate", "bad.wasm", saying="illegal opcode 0x27")


class Strip(DavitTest):
    def setUp(self):
        super().setUp()
        self.code = wasm.adding()
        self.file = self.code + wasm.custom("name", b"\0\2\1a") + wasm.custom("producers", b"\0") + wasm.custom(".debug_info", b"d") + wasm.custom("licenses", b"MIT")
        (self.folder / "a.wasm").write_bytes(self.file)

    def strip(self, *words):
        self.succeed("strip", "a.wasm", "-o", "b.wasm", *words)
        return (self.folder / "b.wasm").read_bytes()

    def test_without_a_choice_keeps_only_what_is_needed(self):
        self.assertEqual(self.strip(), self.code + wasm.custom("licenses", b"MIT"))

    def test_removes_what_is_named_and_nothing_else(self):
        self.assertEqual(self.strip("--debug"), self.file.replace(wasm.custom(".debug_info", b"d"), b""))
        self.assertEqual(self.strip("--names"), self.file.replace(wasm.custom("name", b"\0\2\1a"), b""))
        self.assertEqual(self.strip("--producers"), self.file.replace(wasm.custom("producers", b"\0"), b""))
        self.assertEqual(self.strip("--drop", "lic*"), self.file.replace(wasm.custom("licenses", b"MIT"), b""))
        self.assertEqual(self.strip("--drop", "absent"), self.file)
        self.assertEqual(self.strip("--all", "--keep", "name"), self.code + wasm.custom("name", b"\0\2\1a") + wasm.custom("licenses", b"MIT"))

    def test_works_in_place_and_in_a_pipe(self):
        piped = self.succeed("strip", "-", "-o", "-", "--names", stdin=self.file).out_bytes
        self.succeed("strip", "a.wasm", "-o", "a.wasm", "--names")
        self.assertEqual((self.folder / "a.wasm").read_bytes(), piped)
        self.assertEqual([p.name for p in self.folder.iterdir() if p.is_file()], ["a.wasm"])

    def test_corrects_the_sizes_around_nested_modules(self):
        (self.folder / "c.wasm").write_bytes(wasm.component(self.file + wasm.custom("name", b"x" * 300)))
        report = self.succeed("strip", "c.wasm", "-o", "d.wasm", "--all", "--json").json
        self.assertEqual((self.folder / "d.wasm").read_bytes(), wasm.component(self.code + wasm.custom("licenses", b"MIT")))
        self.assertEqual(report["removed"], ["name", "producers", ".debug_info", "name"])

    def test_loads_no_cryptography(self):
        def loaded(*words):
            return [path for path in self.libraries_loaded(lambda **debugging: self.succeed(*words, **debugging)) if "openssl" in path]

        self.assertEqual(loaded("strip", "a.wasm", "-o", "b.wasm"), [])
        self.assertEqual(loaded("strip", "--help"), [])
        self.assertEqual(len(loaded("inspect", "a.wasm")), 1)

    def test_refuses_object_files(self):
        (self.folder / "o.wasm").write_bytes(self.file + wasm.custom("linking", b"\2"))
        self.refuse(12, "strip", "o.wasm", "-o", "p.wasm", saying="object file")
        self.assertFalse((self.folder / "p.wasm").exists())


if __name__ == "__main__":
    unittest.main()
