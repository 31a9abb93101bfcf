"""build: real compilers, and what happens without them."""

import subprocess
import unittest

from support.program import DavitTest

HELLO = '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n'
HELLO_CPP = '#include <iostream>\nint main() { std::cout << "hello\\n"; }\n'
ADD = '(module (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))\n'


class Build(DavitTest):
    def source(self, name, text):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path

    def test_c_makes_a_valid_wasi_module(self):
        self.source("hello.c", HELLO)
        record = self.succeed("build", "hello.c", "-o", "out.wasm", "--json").json
        subprocess.run(["wasm-validate", self.folder / "out.wasm"], check=True)
        self.assertEqual(record["target"], "wasip1")

    def test_cpp_is_known_by_its_ending(self):
        self.source("hello.cpp", HELLO_CPP)
        record = self.succeed("build", "hello.cpp", "--json").json
        self.assertEqual(record["toolchain"], "clang++")
        self.assertEqual(record["output"], "hello.wasm")
        self.assertEqual((self.folder / "hello.wasm").stat().st_size, record["size"])

    def test_text_makes_a_core_module(self):
        self.source("add.wat", ADD)
        self.assertEqual(self.succeed("build", "add.wat", "--json").json["target"], "core")

    def test_core_target_needs_no_library(self):
        self.source("add.c", '__attribute__((visibility("default"))) int add(int a, int b) { return a + b; }\n')
        self.succeed("build", "add.c", "--target", "core")
        shown = self.succeed("inspect", "add.wasm", "--json").json
        self.assertEqual(shown["imports"], [])
        self.assertIn({"name": "add", "kind": "func"}, shown["exports"])

    def test_same_source_in_another_folder_gives_the_same_bytes(self):
        outputs = []
        for name in ("one", "two"):
            path = self.source(f"{name}/hello.c", HELLO + "const char* file(void) { return __FILE__; }\n").parent
            self.succeed("build", "hello.c", "--", "-g", cwd=path)
            outputs.append((path / "hello.wasm").read_bytes())
        self.assertEqual(outputs[0], outputs[1])
        self.assertNotIn(str(self.folder).encode(), outputs[0])

    def test_words_after_dashes_reach_the_compiler(self):
        self.source("hello.c", "#include <stdio.h>\nint main(void) { puts(WORD); return 0; }\n")
        self.succeed("build", "hello.c", "--", '-DWORD="particular"')
        self.assertIn(b"particular", (self.folder / "hello.wasm").read_bytes())

    def test_a_compile_error_leaves_no_file_and_keeps_the_old_one(self):
        self.source("bad.c", "int main( {\n")
        self.refuse(8, "build", "bad.c", "-o", "out.wasm", saying="clang refused bad.c")
        self.assertFalse((self.folder / "out.wasm").exists())
        (self.folder / "out.wasm").write_text("old")
        self.refuse(8, "build", "bad.c", "-o", "out.wasm")
        self.assertEqual((self.folder / "out.wasm").read_text(), "old")

    def test_a_missing_toolchain_is_named_with_the_command_that_installs_it(self):
        self.source("hello.c", HELLO)
        (self.folder / "empty").mkdir()
        self.refuse(4, "build", "hello.c", PATH=str(self.folder / "empty"), saying="apt-get install clang")
        self.refuse(4, "build", "hello.c", WASI_SDK_PATH=str(self.folder), saying="WASI_SDK_PATH")
        self.source("c.wat", ";; text\n(component)\n")
        self.refuse(4, "build", "c.wat", PATH=str(self.folder / "empty"), saying="wasm-tools")

    def test_a_wasi_sdk_is_used_when_named(self):
        self.source("hello.c", HELLO)
        sdk = self.folder / "sdk" / "bin"
        sdk.mkdir(parents=True)
        (sdk / "clang").write_text('#!/bin/sh\nprintf "%s\\n" "$@" > "$0.words"\nwhile [ "$1" != -o ]; do shift; done\nprintf "\\0asm\\15\\0\\1\\0" > "$2"\n')
        (sdk / "clang").chmod(0o755)
        self.succeed("build", "hello.c", "--target", "p2", WASI_SDK_PATH=str(sdk.parent))
        words = (sdk / "clang.words").read_text().split("\n")
        self.assertIn("--target=wasm32-wasip2", words)
        self.assertIn(f"--sysroot={sdk.parent}/share/wasi-sysroot", words)

    def test_mistakes_get_one_clear_sentence(self):
        self.source("hello.txt", "x")
        self.refuse(2, "build", saying="no source file")
        self.refuse(4, "build", "absent.c", saying='"absent.c"')
        self.refuse(2, "build", "hello.txt", saying="no toolchain takes")
        self.refuse(2, "build", "hello.txt", "--toolchain", "cobol", saying='"cobol" is not a toolchain')
        self.refuse(2, "build", "hello.txt", "--target", "p9", saying="p9")

    def test_a_compiler_that_writes_nonsense_is_caught(self):
        self.source("hello.c", HELLO)
        fake = self.folder / "bin"
        fake.mkdir()
        for name in ("clang", "wasm-ld"):
            (fake / name).write_text('#!/bin/sh\nwhile [ "$1" != -o ]; do shift; done\necho nonsense > "$2"\n')
            (fake / name).chmod(0o755)
        self.refuse(8, "build", "hello.c", PATH=f"{fake}:/usr/bin:/bin", saying="checking what clang wrote")
        self.assertFalse((self.folder / "hello.wasm").exists())

    def test_the_list_says_what_is_found(self):
        lines = self.succeed("build", "--list").out
        for name in ("clang (C)", "clang++ (C++)", "wat (WebAssembly text)"):
            self.assertIn(name, lines)


if __name__ == "__main__":
    unittest.main()
