"""Optimized files, judged by others: wasm-tools says valid, wasmtime and jco run them as before; a newer wasm-opt helps out."""

import http.client
import json
import os
import pathlib
import shutil
import socket
import subprocess
import time
import unittest

from support import components, wasm
from support.program import VECTORS, DavitTest

CORPUS = pathlib.Path(os.environ.get("DAVIT_CACHE") or pathlib.Path.home() / ".cache" / "davit") / "corpus"
WIT = """package local:demo;
world demo { import unused; import used; export greet: func(name: string) -> string; export count: func() -> u32; }
interface unused { log: func(message: string) -> string; tick: func() -> u64; }
interface used { exclaim: func(text: string) -> string; }
"""
# greet gives back what used.exclaim makes of the name; log and tick are only called by a function that nobody reaches.
WAT = """(module
  (import "local:demo/unused" "log" (func $log (param i32 i32 i32)))
  (import "local:demo/unused" "tick" (func $tick (result i64)))
  (import "local:demo/used" "exclaim" (func $exclaim (param i32 i32 i32)))
  (memory (export "memory") 1)
  (global $at (mut i32) (i32.const 1024))
  (func $allocate (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (global.get $at)
    (global.set $at (i32.add (global.get $at) (i32.and (i32.add (local.get 3) (i32.const 15)) (i32.const -8)))))
  (func (export "greet") (param i32 i32) (result i32)
    (call $exclaim (local.get 0) (local.get 1) (i32.const 16)) (i32.const 16))
  (func (export "count") (result i32) (i32.const 42))
  (func $never (call $log (i32.const 0) (i32.const 0) (i32.const 0)) (drop (call $tick))))
"""
PROGRAM = """#include <stdio.h>
#include <stdlib.h>
int main(int count, char **words) {
  FILE *file = fopen("made.txt", "w");
  if (file) { fprintf(file, "%s", words[count - 1]); fclose(file); }
  printf("%d words, %s, %s, %.3f\\n", count, getenv("NAME"), words[1], 1.0 / count);
  return 0;
}
"""
GC_MODULE = """(module (type $pair (struct (field i32) (field i32)))
  (func (export "run") (result i32) (local $p (ref null $pair))
    (local.set $p (struct.new $pair (i32.const 20) (i32.const 22)))
    (i32.add (struct.get $pair 0 (local.get $p)) (struct.get $pair 1 (local.get $p)))))
"""


class PeersOptimize(DavitTest):
    def peer(self, program, *words, **options):
        path = shutil.which(program)
        if path is None:
            self.skipTest(f"{program} is not installed")
        done = subprocess.run([path, *map(str, words)], cwd=self.folder, env={**self.environment, **options}, capture_output=True, check=False, timeout=300)
        self.assertEqual(done.returncode, 0, f"{program} {words}\n{done.stdout.decode()}\n{done.stderr.decode()}")
        return done.stdout.decode()

    def valid(self, file):
        self.peer("wasm-tools", "validate", "--features", "all", file)

    def make_component(self):
        (self.folder / "wit").mkdir()
        (self.folder / "wit" / "demo.wit").write_text(WIT)
        (self.folder / "m.wat").write_text(WAT)
        self.peer("wasm-tools", "component", "embed", "wit", "m.wat", "-o", "e.wasm")
        self.peer("wasm-tools", "component", "new", "e.wasm", "-o", "app.wasm")

    def test_hand_made_components_are_valid_to_wasm_tools(self):
        for called in ((), (0,), (1,), (0, 1)):
            for number, content in enumerate((components.two_imports(called=called), components.by_shim(called=called))):
                (self.folder / "in.wasm").write_bytes(content)
                self.valid("in.wasm")
                for words in ((), ("--keep-imports",), ("-O0",), ("-Oz", "--strip", "all")):
                    with self.subTest(called=called, number=number, words=words):
                        self.succeed("optimize", "in.wasm", "-o", "out.wasm", *words)
                        self.valid("out.wasm")

    def test_every_component_of_the_specification_stays_valid(self):
        scripts = sorted((VECTORS / "spec" / "component").rglob("*.wast"))
        if not scripts or shutil.which("wasm-tools") is None:
            self.skipTest("needs the shared vectors and wasm-tools")
        count = 0
        for script in scripts:
            folder = self.folder / script.stem
            folder.mkdir(exist_ok=True)
            made = subprocess.run([shutil.which("wasm-tools"), "json-from-wast", script, "-o", folder / "s.json", "--wasm-dir", folder], capture_output=True, check=False)
            if made.returncode != 0:
                continue
            for command in json.loads((folder / "s.json").read_text())["commands"]:
                file = folder / command.get("filename", "absent.wat")
                if not command["type"].startswith("module") or file.suffix != ".wasm" or file.read_bytes()[4:8] != b"\x0d\0\1\0":
                    continue
                count += 1
                with self.subTest(script=script.name, line=command["line"]):
                    self.succeed("optimize", file, "-o", "out.wasm", "-q")
                    self.valid("out.wasm")
        self.assertGreater(count, 100)

    def test_an_interface_that_is_never_used_is_no_longer_imported(self):
        self.make_component()
        self.succeed("optimize", "app.wasm", "-o", "out.wasm")
        self.valid("out.wasm")
        wit = self.peer("wasm-tools", "component", "wit", "out.wasm")
        self.assertIn("import local:demo/used", wit)
        self.assertNotIn("unused", wit)
        asked = [self.succeed("caps", "derive", file).json["requests"]["host"] for file in ("app.wasm", "out.wasm")]
        self.assertEqual(asked, [["local:demo/unused", "local:demo/used"], ["local:demo/used"]])

    def test_jco_runs_what_optimize_made(self):
        self.make_component()
        (self.folder / "package.json").write_text('{"type": "module"}')
        said = []
        for name in ("app", "out"):
            if name == "out":
                self.succeed("optimize", "app.wasm", "-o", "out.wasm", "-Oz")
            self.peer("jco", "transpile", f"{name}.wasm", "-o", name, "--instantiation", "async", "-q")
            (self.folder / f"{name}.mjs").write_text(
                f"import {{instantiate}} from './{name}/{name}.js'; import fs from 'fs';\n"
                f"const load = p => WebAssembly.compile(fs.readFileSync('./{name}/' + p));\n"
                "const used = {exclaim: t => t + '!'}, unused = {log: m => m, tick: () => 1n};\n"
                "const made = await instantiate(load, {'local:demo/used': used, 'local:demo/unused': unused});\n"
                "console.log(made.greet('davit'), made.count());\n")
            said.append(self.peer("node", f"{name}.mjs"))
        self.assertEqual(said, ["davit! 42\n"] * 2)

    def test_a_command_with_an_adapter_still_runs_in_wasmtime(self):
        adapter = CORPUS / "jco-adapter-command.wasm"
        if not adapter.exists():
            self.skipTest("the corpus is not there; run ./dev corpus")
        (self.folder / "hello.c").write_text(PROGRAM)
        self.peer("clang", "--target=wasm32-wasi", "-O1", "hello.c", "-o", "hello.wasm")
        self.peer("wasm-tools", "component", "new", "hello.wasm", "--adapt", f"wasi_snapshot_preview1={adapter}", "-o", "app.wasm")
        self.valid("app.wasm")
        words = ("--env", "NAME=davit", "--dir", ".", "{}", "one", "two")
        run = lambda file: self.peer("wasmtime", "run", *[file if word == "{}" else word for word in words])  # noqa: E731
        before = run("app.wasm")
        self.assertIn("3 words, davit", before)
        for level in ("-O0", "-O1", "-O2", "-O3", "-O4", "-Os", "-Oz"):
            with self.subTest(level=level):
                self.succeed("optimize", "app.wasm", "-o", "out.wasm", level)
                self.valid("out.wasm")
                self.assertEqual(run("out.wasm"), before)

    def serve(self, file):
        """What a served component answers."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        server = subprocess.Popen([shutil.which("wasmtime"), "serve", "-S", "cli", "--addr", f"127.0.0.1:{port}", file], cwd=self.folder,
                                  env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            for _ in range(200):
                try:
                    client = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
                    client.request("GET", "/path?query=1")
                    answer = client.getresponse()
                    content = answer.read()
                    client.close()
                    return answer.status, content
                except ConnectionRefusedError:
                    time.sleep(0.1)
            self.fail("wasmtime serve did not come up")
        finally:
            server.terminate()
            server.wait()

    def test_a_served_component_answers_as_before(self):
        source = VECTORS / "wasm" / "component.wasm"
        if not source.exists() or shutil.which("wasmtime") is None:
            self.skipTest("needs the shared vectors and wasmtime")
        before = self.serve(source)
        self.assertEqual(before[0], 200)
        for level in ("-O0", "-O1", "-O2", "-O3", "-O4", "-Os", "-Oz"):
            with self.subTest(level=level):
                self.succeed("optimize", source, "-o", "out.wasm", level)
                self.valid("out.wasm")
                self.assertEqual(self.serve("out.wasm"), before)

    def test_a_newer_wasm_opt_takes_what_binaryen_does_not_know(self):
        if shutil.which("wasm-opt-132") is None:
            self.skipTest("the npm package binaryen is not installed")
        (self.folder / "gc.wat").write_text(GC_MODULE)
        self.peer("wasm-tools", "parse", "gc.wat", "-o", "gc.wasm")
        newer = {"DAVIT_WASM_OPT": shutil.which("wasm-opt-132")}
        report = self.succeed("optimize", "gc.wasm", "-o", "out.wasm", "--strict", "--json", **newer).json
        self.assertEqual((report["optimized"], report["optimizer"]), (True, "wasm-opt 132"))
        self.assertLess(report["sizeAfter"], report["sizeBefore"])
        self.valid("out.wasm")
        self.assertEqual(self.peer("wasmtime", "run", "-W", "gc,function-references", "--invoke", "run", "out.wasm").strip(), "42")

        absent = {"DAVIT_WASM_OPT": str(self.folder / "absent")}
        report = self.succeed("optimize", "gc.wasm", "-o", "same.wasm", "--json", **absent).json
        self.assertFalse(report["optimized"])
        self.assertIn("garbage-collected types", report["reason"])
        self.assertEqual((self.folder / "same.wasm").read_bytes(), (self.folder / "gc.wasm").read_bytes())
        self.refuse(12, "optimize", "gc.wasm", "-o", "no.wasm", "--strict", saying="garbage-collected types", **absent)


if __name__ == "__main__":
    unittest.main()
