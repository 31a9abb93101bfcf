"""build with AssemblyScript, JavaScript, Python and component text: what is made runs."""

import unittest

from support.toolchains import GREETING, ToolchainTest, link_packages, node_modules

WIT = "package local:greet;\ninterface greeter { greet: func(name: string) -> string; }\nworld hello { export greeter; }\n"
JS = "export const greeter = { greet(name) { return `hello, ${name}`; } };\n"
CLOCK = "const made = new Date().toISOString(); const kept = new Map([[made, Date.now()]]);\nexport const greeter = { greet(name) { return `hello, ${name}, ${[...kept]}`; } };\n"
PYTHON = 'from wit_world import exports\n\nclass Greeter(exports.Greeter):\n    def greet(self, name: str) -> str:\n        return f"hello, {name}"\n'
DRAWN = """import collections, datetime, os, random, time, uuid
from wit_world import exports
from words import one

KEPT = [uuid.uuid4(), random.random(), os.urandom(9), time.time(), time.monotonic(), datetime.datetime.now(), os.stat(__file__), os.listdir(os.path.dirname(__file__))]
NAMES = {str(number): {number, str(number)} for number in range(3000)}
COUNTS = collections.Counter(hash(name) for name in NAMES)

class Greeter(exports.Greeter):
    def greet(self, name: str) -> str:
        return f"{one.HELLO}, {name}, {KEPT}, {len(COUNTS)}"
"""
COMPONENT = '(component (core module $m (func (export "f") (result i32) i32.const 7)) (core instance $i (instantiate $m)) (func (export "f") (result u32) (canon lift (core func $i "f"))))\n'


class AssemblyScript(ToolchainTest):
    def setUp(self):
        super().setUp()
        modules = node_modules("assemblyscript")
        self.link = lambda folder: link_packages(folder, modules)

    def test_a_file_with_the_wasi_shim(self):
        record = self.build_twice({"hello.ts": f'console.log("{GREETING}");\n'}, prepare=self.link)
        self.assertEqual((record["toolchain"], record["target"]), ("assemblyscript", "wasip1"))
        self.says_hello()

    def test_a_project(self):
        files = {
            "asconfig.json": '{"targets": {"release": {"optimizeLevel": 3, "shrinkLevel": 1}}}',
            "package.json": '{"name": "greet", "devDependencies": {"assemblyscript": "*"}}',
            "assembly/index.ts": f'import {{ word }} from "./word";\nconsole.log(word());\nif (process.argv.length > 9) throw new Error("many");\n',
            "assembly/word.ts": f'export function word(): string {{ return "{GREETING}"; }}\n',
        }
        self.build_twice(files, prepare=self.link)
        self.says_hello()

    def test_a_component(self):
        self.need("wasm-tools", "jco")
        self.build_twice({"hello.ts": f'console.log("{GREETING}");\n'}, "--target", "p2", prepare=self.link)
        self.says_hello()

    def test_a_bare_module(self):
        self.build_twice({"add.ts": "export function add(a: i32, b: i32): i32 { return a + b; }\n"}, "--target", "core", "--", "--runtime", "stub", prepare=self.link)
        self.assertEqual(self.succeed("inspect", self.folder / "out.wasm", "--json").json["imports"], [])

    def test_the_shim_is_named_when_it_is_missing(self):
        self.refuse(4, "build", cwd=self.project("bare", {"hello.ts": "trace('x');\n"}), saying="@assemblyscript/wasi-shim")


class JavaScript(ToolchainTest):
    def setUp(self):
        super().setUp()
        modules = node_modules("javascript")
        self.link = lambda folder: link_packages(folder, modules)

    def test_a_project(self):
        files = {"package.json": '{"name": "greet", "main": "./greet.js"}', "greet.js": JS, "wit/greet.wit": WIT}
        record = self.build_twice(files, "--", "--disable", "all", prepare=self.link)
        self.assertEqual((record["toolchain"], record["kind"]), ("js", "component"))
        self.assertIn("hello, you", self.invoke('greet("you")'))

    def test_what_the_engine_keeps_of_its_clock_is_the_date_it_was_given(self):
        files = {"greet.js": CLOCK, "wit/greet.wit": WIT}
        self.build_twice(files, "greet.js", prepare=self.link, SOURCE_DATE_EPOCH="981173106")
        self.assertIn(b"2001-02-03T04:05:06", (self.folder / "out.wasm").read_bytes())

    def test_every_feature_of_the_engine(self):
        self.build_twice({"greet.js": JS, "wit/greet.wit": WIT}, "greet.js", prepare=self.link)

    def test_a_file(self):
        self.build_twice({"greet.js": JS, "world/greet.wit": WIT}, "greet.js", "--wit", "world", "--world", "hello", "--", "--disable", "all", prepare=self.link)
        self.assertIn("hello, you", self.invoke('greet("you")'))


class Python(ToolchainTest):
    def test_a_project(self):
        self.need("componentize-py")
        record = self.build_twice({"app.py": PYTHON, "wit/greet.wit": WIT}, "--world", "hello")
        self.assertEqual((record["toolchain"], record["kind"]), ("python", "component"))
        self.assertIn("hello, you", self.invoke('greet("you")'))


    def test_what_a_program_draws_and_sees_while_it_is_loaded(self):
        self.need("componentize-py")
        files = {"app.py": DRAWN, "words/__init__.py": "", "words/one.py": "HELLO = 'hello'\n", "wit/greet.wit": WIT}
        self.build_twice(files, "--world", "hello")
        self.assertIn("hello, you", self.invoke('greet("you")'))

    def test_files_that_are_there_only_after_a_build_change_nothing(self):
        self.need("componentize-py")
        folder = self.project("app", {"app.py": PYTHON, "wit/greet.wit": WIT})
        digests = [self.succeed("build", "--world", "hello", "--json", cwd=folder, timeout=600).json["digest"]]
        self.assertEqual(sorted(path.name for path in folder.iterdir()), ["app.py", "app.wasm", "wit"])
        (folder / "__pycache__").mkdir()
        (folder / "__pycache__" / "app.cpython-314.pyc").write_bytes(b"stale")
        digests.append(self.succeed("build", "--world", "hello", "--json", cwd=folder, timeout=600).json["digest"])
        self.assertEqual(digests[0], digests[1])


class Text(ToolchainTest):
    def test_component_text(self):
        self.need("wasm-tools")
        self.assertEqual(self.build_twice({"seven.wat": COMPONENT})["kind"], "component")
        self.assertIn("7", self.invoke("f()"))


if __name__ == "__main__":
    unittest.main()
