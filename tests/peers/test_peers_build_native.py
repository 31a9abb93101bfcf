"""build with compilers of native languages: the program runs, two folders give the same bytes, no folder is in them."""

import tempfile
import unittest

from support.toolchains import GREETING, ToolchainTest

C = f'#include <stdio.h>\nint main(void) {{ puts("{GREETING} " __FILE__); return 0; }}\n'
CPP = f'#include <iostream>\n#include "greet.hpp"\nint main() {{ std::cout << "{GREETING} " << where() << "\\n"; }}\n'
GREET = '#pragma once\ninline const char* where() { return __FILE__; }\n'
CMAKE = """cmake_minimum_required(VERSION 3.16)
project(greeter C CXX)
add_library(where STATIC where.c)
add_executable(greet main.cpp)
target_link_libraries(greet PRIVATE where)
"""
GO = f'package main\n\nimport "fmt"\n\nfunc main() {{ fmt.Println("{GREETING}") }}\n'
ZIG = f'const std = @import("std");\npub fn main() void {{ std.debug.print("{GREETING} {{s}}\\n", .{{@src().file}}); }}\n'
RUST = f"""fn main() {{
    let words: Vec<String> = std::env::args().collect();
    if words.len() > 7 {{ panic!("too many"); }}
    println!("{GREETING} {{}}", file!());
}}
"""
CARGO = '[package]\nname = "greet"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\nwhere-am-i = { path = "where" }\n'
CARGO_LIBRARY = '[package]\nname = "where-am-i"\nversion = "0.2.0"\nedition = "2021"\n'
RUST_MAIN = f'fn main() {{ println!("{GREETING} {{}} {{}}", file!(), where_am_i::place(std::env::args().count())); }}\n'
RUST_LIBRARY = 'pub fn place(count: usize) -> &\'static str { if count > 9 { panic!("far"); } file!() }\n'
RUST_CORE = '#[no_mangle]\npub extern "C" fn add(a: i32, b: i32) -> i32 { a + b }\n'


class Clang(ToolchainTest):
    def test_c_with_debug_data(self):
        self.build_twice({"hello.c": C}, "hello.c", "--", "-g")
        self.says_hello()

    def test_a_folder_of_cpp(self):
        self.assertEqual(self.build_twice({"main.cpp": CPP, "greet.hpp": GREET})["toolchain"], "clang++")
        self.says_hello()

    def test_c_as_a_component(self):
        self.need("wasm-tools", "jco")
        self.assertEqual(self.build_twice({"hello.c": C}, "--target", "p2")["kind"], "component")
        self.says_hello()

    def test_cmake(self):
        self.need("cmake")
        files = {"CMakeLists.txt": CMAKE, "main.cpp": CPP, "greet.hpp": GREET, "where.c": "const char* place(void) { return __FILE__; }\n"}
        self.assertEqual(self.build_twice(files, "--", "-DCMAKE_CXX_FLAGS_RELEASE=-O2 -g")["toolchain"], "cmake")
        self.says_hello()


class Go(ToolchainTest):
    FILES = {"go.mod": "module example.com/greet\n\ngo 1.21\n", "main.go": GO}

    def setUp(self):
        super().setUp()
        self.need("go")
        self.go = {"GOPATH": str(self.folder / "gopath"), "GOCACHE": str(self.folder / "gocache"), "GOFLAGS": "-modcacherw"}

    def test_a_module(self):
        self.assertEqual(self.build_twice(self.FILES, **self.go)["target"], "wasip1")
        self.says_hello()

    def test_a_file(self):
        self.build_twice({"main.go": GO}, "main.go", **self.go)
        self.says_hello()

    def test_a_component(self):
        self.need("wasm-tools", "jco")
        self.assertEqual(self.build_twice(self.FILES, "--target", "p2", **self.go)["kind"], "component")
        self.says_hello()

    def test_link_flags_of_the_user_join_ours(self):
        source = self.FILES["main.go"].replace(f'"{GREETING}"', "word").replace("func", 'var word = "none"\n\nfunc')
        self.build_twice({**self.FILES, "main.go": source}, "--", f"-ldflags=-s -X 'main.word={GREETING}'", **self.go)
        self.says_hello()

    def test_no_bare_module(self):
        self.refuse(12, "build", "--target", "core", cwd=self.project("core", self.FILES), saying="go cannot make --target core")

    def test_a_compile_error_is_told_with_its_status(self):
        folder = self.project("bad", {**self.FILES, "main.go": "package main\n\nfunc main() { nothing() }\n"})
        said = self.refuse(8, "build", cwd=folder, timeout=600, saying="it ended with status 1", **self.go).err
        self.assertIn("undefined: nothing", said)


class Rust(ToolchainTest):
    """Debian's compiler, whose preview 1 target still has the old name."""

    PROJECT = {"Cargo.toml": CARGO, "src/main.rs": RUST_MAIN, "where/Cargo.toml": CARGO_LIBRARY, "where/src/lib.rs": RUST_LIBRARY}

    def setUp(self):
        super().setUp()
        self.environment["PATH"] = self.environment["PATH"] + ":/usr/bin"
        self.rust = {"RUSTC": "/usr/bin/rustc", "CARGO": "/usr/bin/cargo", "CARGO_HOME": str(self.folder / "cargo")}
        self.need("/usr/bin/rustc", "/usr/bin/cargo")
        if "rust (Rust): missing" in self.succeed("build", "--list", **self.rust).out:
            self.skipTest("rustc has no standard library for WebAssembly")

    def test_a_file(self):
        self.build_twice({"hello.rs": RUST}, "hello.rs", **self.rust)
        self.says_hello()

    def test_a_file_with_debug_data(self):
        self.build_twice({"hello.rs": RUST}, "hello.rs", "--", "-g", **self.rust)
        self.says_hello()

    def test_a_project_with_a_dependency(self):
        record = self.build_twice(self.PROJECT, **self.rust)
        self.assertEqual((record["toolchain"], record["target"]), ("rust", "wasip1"))
        self.says_hello()

    def test_flags_of_the_user_join_ours(self):
        self.build_twice(self.PROJECT, RUSTFLAGS="-g  -Copt-level=1", **self.rust)
        self.says_hello()

    def test_a_bare_library(self):
        self.build_twice({"add.rs": RUST_CORE}, "--target", "core", **self.rust)
        shown = self.succeed("inspect", self.folder / "out.wasm", "--json").json
        self.assertEqual(shown["imports"], [])
        self.assertIn({"name": "add", "kind": "func"}, shown["exports"])

    def test_a_component(self):
        self.need("wasm-tools", "jco")
        self.assertEqual(self.build_twice(self.PROJECT, "--target", "p2", **self.rust)["kind"], "component")
        self.says_hello()


class Zig(ToolchainTest):
    BUILD = """const std = @import("std");
pub fn build(b: *std.Build) void {
    const target = b.standardTargetOptions(.{});
    const optimize = b.standardOptimizeOption(.{});
    const exe = b.addExecutable(.{ .name = "greet", .root_module = b.createModule(.{
        .root_source_file = b.path("main.zig"), .target = target, .optimize = optimize }) });
    b.installArtifact(exe);
}
"""

    def setUp(self):
        super().setUp()
        self.need("zig")
        # Everything but what is built is compiled once for all tests.
        self.environment["ZIG_GLOBAL_CACHE_DIR"] = tempfile.gettempdir() + "/davit-zig-cache"

    def test_a_file(self):
        self.build_twice({"hello.zig": ZIG})
        self.says_hello()

    def test_a_project(self):
        self.build_twice({"build.zig": self.BUILD, "main.zig": ZIG})
        self.says_hello()

    def test_a_component(self):
        self.need("wasm-tools", "jco")
        self.assertEqual(self.build_twice({"hello.zig": ZIG}, "--target", "p2")["kind"], "component")
        self.says_hello()

    def test_a_bare_module(self):
        self.build_twice({"add.zig": "export fn add(a: i32, b: i32) i32 { return a + b; }\n"}, "add.zig", "--target", "core")
        self.assertIn({"name": "add", "kind": "func"}, self.succeed("inspect", self.folder / "out.wasm", "--json").json["exports"])


if __name__ == "__main__":
    unittest.main()
