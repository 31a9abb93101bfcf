"""optimize on components: what goes, what stays, and that the result is as good as the input."""

import unittest

from support import components as c
from support import wasm
from support.program import DavitTest

TWO_MEMORIES = wasm.section(5, b"\2\0\1\0\1")


def names(component):
    return [item["name"] for item in component]


class OptimizeComponent(DavitTest):
    def optimize(self, content, *words, **environment):
        (self.folder / "in.wasm").write_bytes(content)
        report = self.succeed("optimize", "in.wasm", "-o", "out.wasm", "--json", *words, **environment).json
        self.succeed("validate", "out.wasm")
        self.assertEqual(report["sizeAfter"], (self.folder / "out.wasm").stat().st_size)
        return report

    def inspect(self, file="out.wasm"):
        return self.succeed("inspect", file, "--json").json

    def test_an_import_that_nothing_calls_goes(self):
        for content in (c.two_imports(), c.by_shim()):
            with self.subTest(size=len(content)):
                report = self.optimize(content)
                self.assertEqual(report["importsDropped"], ["a:b/two"])
                after, before = self.inspect(), self.inspect("in.wasm")
                self.assertEqual(names(before["imports"]), ["a:b/one", "a:b/two"])
                self.assertEqual(names(after["imports"]), ["a:b/one"])
                self.assertEqual(after["exports"], before["exports"])
                asked = [self.succeed("caps", "derive", file).json["requests"]["host"] for file in ("in.wasm", "out.wasm")]
                self.assertEqual(asked, [["a:b/one", "a:b/two"], ["a:b/one"]])

    def test_an_import_that_is_called_stays(self):
        for content in (c.two_imports(called=(0, 1)), c.by_shim(called=(0, 1))):
            report = self.optimize(content)
            self.assertEqual(report["importsDropped"], [])
            self.assertEqual(names(self.inspect()["imports"]), ["a:b/one", "a:b/two"])

    def test_the_second_of_two_imports_moves_up(self):
        for content in (c.two_imports(called=(1,)), c.by_shim(called=(1,))):
            self.assertEqual(self.optimize(content)["importsDropped"], ["a:b/one"])
            self.assertEqual(names(self.inspect()["imports"]), ["a:b/two"])

    def test_all_imports_can_go(self):
        for content in (c.two_imports(called=()), c.by_shim(called=())):
            self.assertEqual(self.optimize(content)["importsDropped"], ["a:b/one", "a:b/two"])
            self.assertEqual(self.inspect()["imports"], [])

    def test_imports_can_be_kept(self):
        for content in (c.two_imports(), c.by_shim()):
            report = self.optimize(content, "--keep-imports")
            self.assertEqual(report["importsDropped"], [])
            self.assertEqual(names(self.inspect()["imports"]), ["a:b/one", "a:b/two"])
            self.assertGreater(report["modules"][0]["importsDropped"], 0)

    def test_unused_exports_of_a_module_become_internal(self):
        report = self.optimize(c.two_imports())
        self.assertEqual(report["modules"][0]["exportsDropped"], 1)
        self.assertNotIn(b"spare", (self.folder / "out.wasm").read_bytes())

    def test_is_stable(self):
        self.optimize(c.by_shim())
        once = (self.folder / "out.wasm").read_bytes()
        self.optimize(once)
        self.assertEqual((self.folder / "out.wasm").read_bytes(), once)

    def test_custom_sections_stay_unless_asked(self):
        extra = wasm.custom("note", b"hello") + wasm.custom("producers", b"\0")
        self.optimize(c.two_imports(tail=wasm.custom("inner", b"x")) + extra)
        content = (self.folder / "out.wasm").read_bytes()
        for wanted in (b"\x04notehello", b"producers", b"\x05innerx"):
            self.assertIn(wanted, content)
        self.optimize(c.two_imports(tail=wasm.custom("inner", b"x")) + extra, "--strip", "all")
        content = (self.folder / "out.wasm").read_bytes()
        for gone in (b"note", b"producers", b"inner"):
            self.assertNotIn(gone, content)

    def test_names_follow_what_they_name(self):
        pairs = wasm.leb(2) + b"\0" + wasm.name("first") + b"\1" + wasm.name("second")
        labels = wasm.custom("component-name", b"\1" + wasm.leb(len(pairs) + 1) + b"\x05" + pairs)
        self.optimize(c.two_imports(called=(1,)) + labels)
        content = (self.folder / "out.wasm").read_bytes()
        self.assertIn(b"\x05\1\0\x06second", content)
        self.assertNotIn(b"first", content)
        self.optimize(c.two_imports(called=(1,)) + wasm.custom("component-name", b"\1\x09\x05"))
        self.assertNotIn(b"component-name", (self.folder / "out.wasm").read_bytes())

    def test_outer_aliases_of_nested_components_are_counted_anew(self):
        # Type 0 and 1 of the outer component go, so the alias of type 2 becomes one of type 0.
        inner = c.PREAMBLE + c.vector(6, b"\3\2\1\2") + c.vector(10, b"\0" + wasm.name("g") + b"\1\0") + c.export_function("g", 0)
        content = (
            c.two_imports(called=())
            + c.nested(inner)
            + c.vector(5, b"\0\0\1" + wasm.name("g") + b"\1\2")
            + c.vector(11, b"\0" + wasm.name("again") + b"\5\2\0")
        )
        self.assertEqual(self.optimize(content)["importsDropped"], ["a:b/one", "a:b/two"])
        self.assertIn(b"\3\2\1\0", (self.folder / "out.wasm").read_bytes())

    def test_an_argument_that_a_nested_component_does_not_use_goes(self):
        inner = c.PREAMBLE + c.types(c.INSTANCE_TYPE) + c.import_instance("a:b/one", 0) + c.types(c.INSTANCE_TYPE) + c.import_instance(
            "a:b/two", 1) + c.alias_function(0) + c.export_function("f", 0)
        content = (
            c.PREAMBLE + c.types(c.INSTANCE_TYPE) + c.import_instance("a:b/one", 0) + c.types(c.INSTANCE_TYPE) + c.import_instance("a:b/two", 1)
            + c.nested(inner) + c.vector(5, b"\0\0\2" + wasm.name("a:b/one") + b"\5\0" + wasm.name("a:b/two") + b"\5\1")
            + c.vector(11, b"\0" + wasm.name("again") + b"\5\2\0"))
        self.assertEqual(self.optimize(content)["importsDropped"], ["a:b/two"])

    def test_a_module_that_leaves_the_component_keeps_its_exports(self):
        content = c.two_imports() + c.vector(11, b"\0" + wasm.name("code") + b"\0\x11\0\0")
        report = self.optimize(content)
        self.assertEqual(report["modules"][0]["exportsDropped"], 0)
        self.assertIn(b"spare", (self.folder / "out.wasm").read_bytes())

    def test_a_start_function_keeps_what_it_calls(self):
        main = c.caller(("a:b/one", "f"), ("a:b/two", "f"), called=(0,))
        starting = wasm.MODULE + wasm.section(1, b"\2\x60\0\1\x7f\x60\0\0") + wasm.section(2, b"\1" + wasm.name("x") + wasm.name("f") + b"\0\0") + \
            wasm.section(3, b"\1\1") + wasm.section(8, b"\1") + wasm.section(10, b"\1" + c.body(b"\x10\0\x1a"))
        content = c.two_imports(module=main) + c.core_module(starting) + c.instantiate(1, ("x", 1))
        self.assertEqual(self.optimize(content)["importsDropped"], [])

    def test_identical_modules_are_optimized_once(self):
        libexec = self.folder / "libexec"
        libexec.mkdir()
        log = self.folder / "runs"
        (libexec / "davit-optimize").write_text(f"#!/bin/sh\necho run >> {log}\nexit 1\n")
        (libexec / "davit-optimize").chmod(0o755)
        twice = c.two_imports(called=()) + c.core_module(wasm.adding()) * 3 + c.instantiate(1) + c.instantiate(2) + c.instantiate(3)
        for index in (1, 2, 3):
            twice += c.alias_core(index + 2, "run") + c.lift(index + 2, 2) + c.export_function(f"r{index}", index * 2 + 2)
        environment = {"DAVIT_LIBEXEC": str(libexec), "DAVIT_WASM_OPT": str(self.folder / "absent")}
        report = self.optimize(twice, "--no-cache", **environment)
        self.assertFalse(report["optimized"])
        self.assertEqual(log.read_text().count("run"), 2)
        self.assertTrue(self.optimize(twice, "--no-cache")["optimized"])

    def test_a_module_that_cannot_be_optimized_stays_and_is_named(self):
        for odd, why in ((wasm.MODULE + TWO_MEMORIES, "multiple memories"), (wasm.adding() + wasm.custom("linking", b"\2"), "object file")):
            with self.subTest(why=why):
                content = c.two_imports() + c.core_module(odd) + c.vector(11, b"\0" + wasm.name("odd") + b"\0\x11\1\0")
                environment = {"DAVIT_WASM_OPT": str(self.folder / "absent")}
                report = self.optimize(content, **environment)
                self.assertTrue(report["optimized"])
                self.assertIn(why, report["modules"][1]["reason"])
                self.assertEqual(report["importsDropped"], ["a:b/two"])
                self.assertIn(odd, (self.folder / "out.wasm").read_bytes())
                said = self.succeed("optimize", "in.wasm", "-o", "out.wasm", **environment).err
                self.assertIn("core module 1 is as it was", said)
                (self.folder / "out.wasm").unlink()
                self.refuse(12, "optimize", "in.wasm", "-o", "out.wasm", "--strict", saying=why, **environment)
                self.assertFalse((self.folder / "out.wasm").exists())

    def test_refuses_what_is_not_well_formed(self):
        whole = c.two_imports()
        (self.folder / "cut.wasm").write_bytes(whole[:-3])
        self.refuse(8, "optimize", "cut.wasm", "-o", "out.wasm")
        bad = wasm.MODULE + wasm.section(1, b"\1\x60\0\1\x7f") + wasm.section(3, b"\1\0") + wasm.section(10, b"\1" + c.body(b"\x42\0"))
        (self.folder / "bad.wasm").write_bytes(c.two_imports() + c.core_module(bad) + c.vector(11, b"\0" + wasm.name("bad") + b"\0\x11\1\0"))
        self.refuse(8, "optimize", "bad.wasm", "-o", "out.wasm", saying="core module 1")
        self.assertFalse((self.folder / "out.wasm").exists())

    def test_a_component_without_modules_is_left_alone(self):
        content = c.PREAMBLE + c.types(c.FUNCTION_TYPE)
        report = self.optimize(content + wasm.custom("note", b"x"))
        self.assertLessEqual(report["sizeAfter"], report["sizeBefore"])


if __name__ == "__main__":
    unittest.main()
