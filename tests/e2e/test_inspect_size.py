"""Where the bytes are: size profiles, comparisons and budgets of modules that a real compiler made."""

import json
import re
import shutil
import subprocess
import unittest

from support.program import DavitTest
from support.wasm import COMPONENT, section

SOURCE = """
namespace shapes { struct Box { int width; __attribute__((noinline)) int area(int height) { return width * height + WEIGHT; } }; }
namespace other { __attribute__((noinline)) int twice(int x) { volatile int y = x; return y + y; } }
extern "C" {
__attribute__((import_module("host"), import_name("report"))) void report(int);
__attribute__((export_name("run"))) int run(int x) { shapes::Box box{x}; report(other::twice(box.area(x))); return x; }
}
"""


def tree_of(page):
    """The data of a treemap page."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    return json.loads(found.group(1))


def leaves(box):
    return [box] if "c" not in box else [leaf for child in box["c"] for leaf in leaves(child)]


@unittest.skipUnless(shutil.which("clang++"), "clang++ is not installed")
class Sizes(DavitTest):
    def compiled(self, name, weight="0", *more):
        (self.folder / "app.cpp").write_text(SOURCE)
        target = ["clang++", "--target=wasm32-unknown-unknown"]
        features = [word for word in more if word.startswith("-m")]
        link = ["-nostdlib", "-Wl,--no-entry,--allow-undefined", *(word for word in more if word not in features)]
        # Two steps: with -O on the linking command clang may hand the module to wasm-opt, which drops its names.
        subprocess.run([*target, "-O1", f"-DWEIGHT={weight}", *features, "-c", "app.cpp"], cwd=self.folder, check=True, capture_output=True)
        subprocess.run([*target, *link, "app.o", "-o", name], cwd=self.folder, check=True, capture_output=True)
        return name

    def test_functions_have_readable_names_and_packages(self):
        out = self.succeed("inspect", "--size", self.compiled("app.wasm")).out
        self.assertIn("shapes::Box::area(int)", out)
        self.assertRegex(out, r"\d+ B +\d+\.\d% +1  shapes\n")
        self.assertIn("other::twice(int)", out)

    def test_json_says_what_is_retained(self):
        profile = self.succeed("inspect", "--size", "--json", self.compiled("app.wasm")).json
        functions = {f["name"]: f for f in profile["functions"]}
        self.assertEqual(profile["size"], (self.folder / "app.wasm").stat().st_size)
        self.assertGreaterEqual(functions["run"]["retained"], sum(f["size"] for n, f in functions.items() if n in ("run", "other::twice(int)")))
        self.assertEqual(sum(s["size"] for s in profile["sections"]), profile["size"])
        self.assertEqual({p["name"] for p in profile["packages"]} >= {"shapes", "other"}, True)

    @unittest.skipUnless(shutil.which("wat2wasm"), "wat2wasm is not installed")
    def test_json_keeps_the_symbol_of_a_mangled_name(self):
        (self.folder / "app.wat").write_text("(module (func $_ZN5hello4main17h0123456789abcdefE nop))")
        subprocess.run(["wat2wasm", "--debug-names", "app.wat"], cwd=self.folder, check=True)
        profile = self.succeed("inspect", "--size", "--json", "app.wasm").json
        self.assertEqual([(f["name"], f["symbol"], f["retained"]) for f in profile["functions"]],
                         [("hello::main", "_ZN5hello4main17h0123456789abcdefE", 0)])
        self.assertEqual([p["name"] for p in profile["packages"]], ["hello"])

    def test_the_page_holds_every_byte_and_loads_nothing(self):
        self.succeed("inspect", "--size", "--size-format", "html", "-o", "size.html", self.compiled("app.wasm"))
        page = (self.folder / "size.html").read_text()
        self.assertEqual(sum(leaf["s"] for leaf in leaves(tree_of(page))), (self.folder / "app.wasm").stat().st_size)
        self.assertNotRegex(page, r"https?://|\bsrc=|@import|<link")

    def test_a_name_cannot_break_out_of_the_page(self):
        (self.folder / "app.wat").write_text('(module (func (export "</script><script>alert(1)//") nop nop))')
        if shutil.which("wat2wasm") is None:
            self.skipTest("wat2wasm is not installed")
        subprocess.run(["wat2wasm", "app.wat"], cwd=self.folder, check=True)
        page = self.succeed("inspect", "--size", "--size-format", "html", "app.wasm").out
        self.assertEqual(page.count("</script>"), 2)
        self.assertIn("</script><script>alert(1)//", {leaf["n"] for leaf in leaves(tree_of(page))})

    def test_a_component_is_profiled_with_what_is_nested(self):
        module = (self.folder / self.compiled("app.wasm")).read_bytes()
        (self.folder / "two.wasm").write_bytes(COMPONENT + section(1, module) + section(4, COMPONENT + section(1, module)))
        profile = self.succeed("inspect", "--size", "--json", "two.wasm").json
        self.assertEqual([n["path"] for n in profile["nested"]], ["module 0", "component 0", "component 0, module 0"])
        self.assertEqual(sum(s["size"] for s in profile["sections"]), profile["size"])
        page = self.succeed("inspect", "--size", "--size-format", "html", "two.wasm").out
        self.assertEqual(sum(leaf["s"] for leaf in leaves(tree_of(page))), profile["size"])

    def test_a_comparison_names_what_changed(self):
        old = self.compiled("old.wasm")
        new = self.compiled("new.wasm", "0x12345678", "-mbulk-memory")
        out = self.succeed("inspect", "--diff", old, new).out
        self.assertRegex(out, r"\+\d+ B +\d+ B to \d+ B +shapes::Box::area\(int\)\n")
        self.assertIn("+ bulk-memory", out)
        changed = self.succeed("inspect", "--diff", old, new, "--json").json
        self.assertGreater(changed["after"]["size"], changed["before"]["size"])
        self.assertEqual(changed["imports"], {"added": [], "removed": []})
        self.assertIn("shapes::Box::area(int)", [f["name"] for f in changed["functions"] if f["growth"] > 0])
        self.assertIn("the files are the same", self.succeed("inspect", "--diff", new, new).out)

    def test_a_comparison_names_new_capabilities(self):
        (self.folder / "a.wasm").write_bytes(b"\0asm\1\0\0\0")
        (self.folder / "b.wasm").write_bytes(
            b"\0asm\1\0\0\0" + section(1, b"\1\x60\0\0") + section(2, b"\1\x16wasi_snapshot_preview1\x0arandom_get\0\0")
        )
        changed = self.succeed("inspect", "--diff", "a.wasm", "b.wasm", "--json").json
        self.assertEqual(changed["capabilities"]["added"], ["random"])
        self.assertEqual(changed["imports"]["added"], ["func wasi_snapshot_preview1 random_get"])

    def test_a_budget_that_was_written_is_met_and_then_says_what_grew(self):
        self.succeed("inspect", "--write-budget", "budget.json", self.compiled("old.wasm"))
        self.assertIn("within its budget", self.succeed("inspect", "--budget", "budget.json", "old.wasm").out)
        outcome = self.refuse(9, "inspect", "--budget", "budget.json", self.compiled("new.wasm", "0x12345678"), saying="its budget is")
        self.assertIn("function shapes::Box::area(int) grew by", outcome.err)
        told = self.run_davit("inspect", "--budget", "budget.json", "new.wasm", "--json")
        self.assertEqual(told.status, 9)
        self.assertFalse(told.json["withinBudget"])
        self.assertEqual(told.json["over"][0]["what"], "the file")
        self.assertEqual([f["name"] for f in told.json["changed"]["functions"]], ["shapes::Box::area(int)"])

    def test_a_budget_limits_sections_and_packages(self):
        name = self.compiled("app.wasm")
        budget = self.folder / "budget.json"
        budget.write_text('{"schemaVersion":1,"total":"1MiB","sections":{"code":3},"packages":{"shapes":"1KiB","other":1}}')
        outcome = self.refuse(9, "inspect", "--budget", budget, name, saying="section code")
        self.assertIn("package other", outcome.err)
        self.assertNotIn("package shapes", outcome.err)

    def test_a_budget_that_means_nothing_is_refused(self):
        name = self.compiled("app.wasm")
        budget = self.folder / "budget.json"
        for text, status in (('{"schemaVersion":1}', 8), ('{"schemaVersion":1,"totl":1}', 8), ('{"schemaVersion":2,"total":1}', 12),
                             ('{"schemaVersion":1,"total":"much"}', 8), ('{"total":1}', 8), ("[]", 8), ("", 8)):
            budget.write_text(text)
            self.refuse(status, "inspect", "--budget", budget, name)
        self.refuse(4, "inspect", "--budget", "absent.json", name)

    def test_one_question_at_a_time(self):
        name = self.compiled("app.wasm")
        self.refuse(2, "inspect", "--size", "--diff", name, name, saying="exclude each other")
        self.refuse(2, "inspect", "--size", "--top", "few", name, saying="few")
        self.refuse(2, "inspect", "--size", "--size-format", "pdf", name)

    def test_what_stands_in_a_store_is_profiled_too(self):
        self.succeed("push", self.compiled("app.wasm"), "oci:store:1")
        self.assertIn("shapes::Box::area(int)", self.succeed("inspect", "--size", "oci:store:1").out)
        self.assertIn("the files are the same", self.succeed("inspect", "--diff", "app.wasm", "oci:store:1").out)


if __name__ == "__main__":
    unittest.main()
