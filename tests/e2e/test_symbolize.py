"""Debugging information: split off, kept beside the artifact, and used to read a trace."""

import re
import shutil
import subprocess
import unittest

from support.program import DavitTest
from support.wasm import COMPONENT, section

SOURCE = """namespace shapes {
static inline __attribute__((always_inline)) int check(int x) {
  if (x > 1) __builtin_trap();
  return x;
}
__attribute__((noinline)) int area(int width) {
  return check(width * 2) + 1;
}
}
extern "C" __attribute__((export_name("run"))) int run(int x) {
  return shapes::area(x + 4);
}
"""


def custom_sections(data):
    """Name and content of each custom section."""
    def leb(at):
        value = shift = 0
        while True:
            byte = data[at]
            value, shift, at = value | (byte & 0x7F) << shift, shift + 7, at + 1
            if byte < 0x80:
                return value, at

    found, at = {}, 8
    while at < len(data):
        identifier, (size, begin) = data[at], leb(at + 1)
        if identifier == 0:
            length, text = leb(begin)
            found[data[text:text + length].decode()] = data[text + length:begin + size]
        at = begin + size
    return found


@unittest.skipUnless(shutil.which("clang++"), "clang++ is not installed")
class Symbolize(DavitTest):
    def setUp(self):
        super().setUp()
        self.compile("app.wasm")

    def compile(self, name, *more):
        (self.folder / "app.cpp").write_text(SOURCE)
        target = ["clang++", "--target=wasm32-unknown-unknown"]
        subprocess.run([*target, "-g", "-O1", *more, "-c", "app.cpp"], cwd=self.folder, check=True)
        subprocess.run([*target, "-nostdlib", "-Wl,--no-entry", "app.o", "-o", name], cwd=self.folder, check=True)

    def split(self, *more):
        return self.succeed("strip", "app.wasm", "-o", "small.wasm", "--split-debug", "app.debug.wasm", *more)

    def trace(self, file="app.wasm"):
        """One line inside `area`, in the part that was `check`, and one inside `run`."""
        data = (self.folder / file).read_bytes()
        functions = self.succeed("inspect", "--size", "--json", file).json["functions"]
        bodies = {f["index"]: (f["offset"], data[f["offset"]:f["offset"] + f["size"]]) for f in functions}
        begin, body = next(found for found in bodies.values() if b"\x0d\0\0" in found[1])
        trap = begin + body.index(b"\x0d\0\0")  # br_if 0, unreachable: the check
        index = next(f["index"] for f in functions if f["name"] == "run")
        run = bodies[index][0] + len(bodies[index][1]) - 2
        (self.folder / "trace.txt").write_text(f"it failed\n    0: {trap:#x} - <unknown>!<wasm function 1>\n    at wasm://wasm/1a2b:wasm-function[{index}]:{run:#x}\n")
        return "trace.txt"

    def check(self, out):
        self.assertIn("it failed\n", out)
        self.assertRegex(out, r"0: 0x[0-9a-f]+ - .*\n +shapes::check\(int\) at \S*app\.cpp:3:\d+ \(inlined\)\n +shapes::area\(int\) at \S*app\.cpp:7:\d+\n")
        self.assertRegex(out, r"wasm-function\[\d+\].*\n +run at \S*app\.cpp:1[01]")

    def test_a_trace_gets_functions_lines_and_inlined_calls(self):
        self.check(self.succeed("symbolize", "app.wasm", self.trace()).out)

    def test_what_was_split_off_serves_the_stripped_file(self):
        told = self.split("--json").json
        self.assertEqual(told["debugFile"]["size"], (self.folder / "app.debug.wasm").stat().st_size)
        self.check(self.succeed("symbolize", "small.wasm", self.trace("small.wasm")).out)
        small = custom_sections((self.folder / "small.wasm").read_bytes())
        debug = custom_sections((self.folder / "app.debug.wasm").read_bytes())
        self.assertEqual(small["build_id"], debug["build_id"])
        self.assertEqual(small["build_id"][1:].hex(), told["buildId"])
        self.assertEqual(small["external_debug_info"], b"\x0eapp.debug.wasm")
        self.assertEqual([name for name in small if name.startswith(".debug_")], [])
        self.assertIn(".debug_line", debug)
        self.succeed("validate", "app.debug.wasm")

    def test_the_same_input_gives_the_same_two_files(self):
        self.split()
        first = [(self.folder / n).read_bytes() for n in ("small.wasm", "app.debug.wasm")]
        self.split()
        self.assertEqual(first, [(self.folder / n).read_bytes() for n in ("small.wasm", "app.debug.wasm")])

    @unittest.skipUnless(shutil.which("llvm-dwarfdump-14"), "llvm-dwarfdump is not installed")
    def test_llvm_reads_the_split_file(self):
        self.split()
        done = subprocess.run(["llvm-dwarfdump-14", "--debug-line", "app.debug.wasm"], cwd=self.folder, capture_output=True, text=True, check=True)
        self.assertIn("app.cpp", done.stdout)

    def test_it_travels_as_a_referrer(self):
        self.split()
        self.succeed("push", "small.wasm", "oci:store:1", "--debug-file", "app.debug.wasm")
        (self.folder / "app.debug.wasm").unlink()
        self.check(self.succeed("symbolize", "oci:store:1", self.trace("small.wasm")).out)
        self.assertIn("application/vnd.davit.debug.v1+wasm", self.succeed("tree", "oci:store:1").out)
        self.succeed("copy", "oci:store:1", "oci:other:1", "--recursive")
        self.check(self.succeed("symbolize", "oci:other:1", "trace.txt").out)

    def test_another_build_is_refused(self):
        self.split()
        (self.folder / "app.cpp").write_text(SOURCE)
        self.compile("other.wasm", "-O0")
        self.succeed("strip", "other.wasm", "-o", "other-small.wasm", "--split-debug", "other.debug.wasm")
        self.refuse(10, "symbolize", "small.wasm", self.trace("small.wasm"), "--debug", "other.debug.wasm", saying="build")
        self.refuse(10, "push", "small.wasm", "oci:store:1", "--debug-file", "other.debug.wasm", saying="build_id")
        self.refuse(10, "push", "app.wasm", "oci:store:1", "--debug-file", "app.debug.wasm", saying="build_id")

    def test_without_information_there_are_names(self):
        self.succeed("strip", "app.wasm", "-o", "named.wasm", "--debug")
        outcome = self.succeed("symbolize", "named.wasm", self.trace("named.wasm"))
        self.assertIn("no debugging information", outcome.err)
        self.assertRegex(outcome.out, r"\n +shapes::area\(int\)\n")
        self.refuse(4, "strip", "named.wasm", "-o", "x.wasm", "--split-debug", "x.debug.wasm", saying="no debugging information")
        self.assertFalse((self.folder / "x.wasm").exists())

    def test_json_has_every_frame(self):
        lines = self.succeed("symbolize", "app.wasm", self.trace(), "--json").json["lines"]
        self.assertEqual(len(lines), 2)
        self.assertEqual([(f["function"], f["line"], f["inlined"]) for f in lines[0]["frames"]], [("shapes::check(int)", 3, True), ("shapes::area(int)", 7, False)])

    def test_modules_of_a_component_have_their_own_information(self):
        module = (self.folder / "app.wasm").read_bytes()
        (self.folder / "app.wasm").write_bytes(COMPONENT + section(1, b"\0asm\1\0\0\0") + section(4, COMPONENT + section(1, module)))
        self.split()
        self.check(self.succeed("symbolize", "small.wasm", self.trace("small.wasm")).out)

    def test_addresses_that_mean_nothing_are_told(self):
        (self.folder / "none.txt").write_text("nothing here\n")
        self.assertIn("no line of the trace", self.succeed("symbolize", "app.wasm", "none.txt").err)
        (self.folder / "far.txt").write_text("0: 0xffffff\n")
        self.assertIn("another build", self.succeed("symbolize", "app.wasm", "far.txt").err)
        self.refuse(2, "symbolize", "-", saying="standard input")

    def test_only_a_plain_name_beside_the_file_is_opened(self):
        self.split("--debug-url", "../app.debug.wasm")
        self.assertIn("no debugging information", self.succeed("symbolize", "small.wasm", self.trace("small.wasm")).err)

    def test_links_can_be_written_by_themselves(self):
        self.succeed("strip", "app.wasm", "-o", "small.wasm", "--debug", "--build-id", "--debug-url", "https://example.com/a.wasm", "--source-map-url", "a.map")
        found = custom_sections((self.folder / "small.wasm").read_bytes())
        self.assertEqual(found["sourceMappingURL"], b"\5a.map")
        self.assertEqual(found["external_debug_info"], b"\x1ahttps://example.com/a.wasm")
        self.assertEqual(len(found["build_id"]), 17)

    def test_cut_debugging_information_never_crashes(self):
        self.split()
        whole = (self.folder / "app.debug.wasm").read_bytes()
        sections = [m.start() for m in re.finditer(rb"\.debug_", whole)]
        self.trace("small.wasm")
        for place in range(sections[0], len(whole), max(1, len(whole) // 60)):
            damaged = bytearray(whole)
            damaged[place:place + 4] = b"\xff\xff\xff\x7f"
            (self.folder / "bad.wasm").write_bytes(damaged)
            outcome = self.run_davit("symbolize", "small.wasm", "trace.txt", "--debug", "bad.wasm")
            self.assertIn(outcome.status, (0, 8, 9, 10), outcome.err)


if __name__ == "__main__":
    unittest.main()
