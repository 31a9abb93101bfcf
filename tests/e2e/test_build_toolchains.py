"""build: which toolchain is taken, and the command line it is given, with programs that only write down their words."""

import json
import unittest

from support.program import DavitTest

MODULE = r"\0asm\1\0\0\0"
COMPONENT = r"\0asm\15\0\1\0"
# Writes its words, folder and a few variables into a file beside itself, then a small wasm file where its output belongs.
FAKE = """#!/bin/sh
{{ printf '%s\\n' "$@"; echo "PWD=$PWD"; env | grep -E '^(GO|CGO|CARGO_ENC|RUSTFLAGS)'; }} >> "$0.words"
for word in "$@"; do case $word in --version|version) echo "{name} version v7.8.9 (made up)"; exit 0;; esac; done
{extra}
while [ $# -gt 0 ]; do
  case $1 in
    -o|--out|--output|--outFile) printf '{magic}' > "$2";;
    -femit-bin=*) printf '{magic}' > "${{1#*=}}";;
    --prefix) mkdir -p "$2/bin"; printf '{magic}' > "$2/bin/tool.wasm";;
  esac
  shift
done
"""
RUSTC = 'if [ "$1" = --print ]; then echo "info: syncing"; echo {root}; exit 0; fi'
CARGO = """if [ "$1" = metadata ]; then echo '{metadata}'; exit 0; fi
printf '{magic}' > {file}
echo 'a line that is no JSON'
echo '{{"reason":"compiler-artifact","package_id":"other 1.0.0","filenames":["/elsewhere/other.wasm"]}}'
echo '{{"reason":"compiler-artifact","package_id":"app 0.1.0","filenames":["{file}","{file}.d"]}}'
exit 0"""


class Toolchains(DavitTest):
    def setUp(self):
        super().setUp()
        self.bin = self.folder / "bin"
        self.bin.mkdir()
        self.environment["PATH"] = f"{self.bin}:/usr/bin:/bin"
        for name in ("RUSTC", "CARGO"):
            self.environment[name] = str(self.bin / name.lower())

    def fake(self, name, magic=MODULE, extra="", folder=None):
        path = (folder or self.bin) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(FAKE.format(name=path.name, magic=magic, extra=extra))
        path.chmod(0o755)
        return path

    def words(self, path):
        return path.with_name(path.name + ".words").read_text().splitlines()

    def project(self, *files, name="app"):
        folder = self.folder / name
        for file in files:
            path, text = file if isinstance(file, tuple) else (file, "")
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        return folder

    def fake_rust(self, target="wasm32-wasip1"):
        root = self.folder / "sysroot"
        (root / "lib/rustlib" / target / "lib").mkdir(parents=True, exist_ok=True)
        rustc = self.fake("rustc", extra=RUSTC.format(root=root))
        metadata = json.dumps({"workspace_root": str(self.folder / "app"), "target_directory": "/t", "workspace_members": ["app 0.1.0"]})
        cargo = self.fake("cargo", extra=CARGO.format(metadata=metadata, magic=MODULE, file=self.folder / "made.wasm"))
        return rustc, cargo

    def test_cargo(self):
        _, cargo = self.fake_rust()
        folder = self.project("Cargo.toml", "Cargo.lock", "package.json")
        done = self.succeed("build", "app", "--", "--features", "small")
        self.assertIn("because of Cargo.toml; --toolchain takes another: js (package.json)", done.err)
        self.assertTrue((self.folder / "made.wasm").exists())
        words = self.words(cargo)
        for word in ("--release", "--locked", "wasm32-wasip1", "--features", f"PWD={folder}"):
            self.assertIn(word, words)
        flags = next(word for word in words if word.startswith("target.wasm32-wasip1.rustflags="))
        self.assertIn(f"--remap-path-prefix={folder}=.", flags)
        self.assertIn(f"--remap-path-prefix={self.environment['HOME']}/.cargo=/cargo", flags)

    def test_cargo_keeps_the_flags_of_the_environment(self):
        _, cargo = self.fake_rust()
        self.project("Cargo.toml")
        self.succeed("build", "app", "-o", "x.wasm", RUSTFLAGS="-g -Copt-level=1")
        line = next(word for word in self.words(cargo) if word.startswith("CARGO_ENCODED_RUSTFLAGS="))
        self.assertTrue(line.startswith("CARGO_ENCODED_RUSTFLAGS=-g\x1f-Copt-level=1\x1f--remap-path-prefix="), line)

    def test_rust_takes_the_target_that_is_installed(self):
        rustc, cargo = self.fake_rust("wasm32-wasi")
        self.project("Cargo.toml")
        self.succeed("build", "app/Cargo.toml", "-o", "x.wasm")
        self.assertIn("wasm32-wasi", self.words(cargo))
        self.refuse(4, "build", "app", "--target", "core", saying="rustup target add wasm32-unknown-unknown")
        (self.folder / "a.rs").write_text("")
        self.succeed("build", "a.rs")
        self.assertIn(f"--remap-path-prefix={self.folder}=.", self.words(rustc))

    def test_go_and_tinygo(self):
        go, tinygo = self.fake("go"), self.fake("tinygo")
        self.project("go.mod", "main.go")
        record = self.succeed("build", "app", "--json").json
        self.assertEqual((record["toolchain"], record["output"]), ("go", "app.wasm"))
        for word in ("build", "-trimpath", "-buildvcs=false", "-ldflags=-buildid=", ".", "GOOS=wasip1", "GOARCH=wasm", "CGO_ENABLED=0"):
            self.assertIn(word, self.words(go))
        self.succeed("build", "app", "--toolchain", "tinygo", "--target", "core")
        for word in ("wasm-unknown", "-no-debug", "."):
            self.assertIn(word, self.words(tinygo))
        self.fake("tinygo", magic=COMPONENT)
        made = self.succeed("build", "app", "--toolchain", "tinygo", "--target", "p2", "--wit", "w", "--world", "x", "--json").json
        self.assertEqual(made["kind"], "component")
        for word in ("wasip2", "-wit-package", str(self.folder / "w"), "-wit-world", "x"):
            self.assertIn(word, self.words(tinygo))
        self.refuse(12, "build", "app", "--toolchain", "tinygo", "--target", "p1", saying="made a component")

    def test_the_order_of_the_table_decides_whatever_is_installed(self):
        self.fake("tinygo")
        self.environment["PATH"] = str(self.bin)
        self.project("go.mod", "main.go")
        done = self.refuse(4, "build", "app", saying='the program "go" is not on the PATH')
        self.assertIn("or use --toolchain: tinygo", done.err)

    def test_zig(self):
        zig = self.fake("zig")
        self.project(("build.zig", "b.standardTargetOptions(.{})"), "main.zig")
        self.assertEqual(self.succeed("build", "app", "--json").json["output"], "tool.wasm")
        for word in ("build", "--release=small", "-Dtarget=wasm32-wasi"):
            self.assertIn(word, self.words(zig))
        self.project(("build.zig", "fixed"), name="fixed")
        zig.with_name("zig.words").unlink()
        self.succeed("build", "fixed")
        self.assertNotIn("-Dtarget=wasm32-wasi", self.words(zig))
        (self.folder / "a.zig").write_text("")
        self.succeed("build", "a.zig", "--target", "core")
        for word in ("build-exe", "wasm32-freestanding", "-fno-entry", "ReleaseSmall"):
            self.assertIn(word, self.words(zig))

    def test_programs_of_npm_are_looked_for_in_the_project_first(self):
        on_path = self.fake("asc")
        folder = self.project(("package.json", '{"devDependencies": {"assemblyscript": "1"}}'), "sub/assembly/index.ts", "assembly/index.ts")
        own = self.fake("asc", folder=folder / "node_modules/.bin")
        self.refuse(4, "build", "app", saying="@assemblyscript/wasi-shim")
        shim = folder / "node_modules/@assemblyscript/wasi-shim"
        shim.mkdir(parents=True)
        (shim / "asconfig.json").write_text('{"options": {"lib": "./assembly", "use": ["abort=wasi_abort"], "exportStart": "_start"}}')
        self.succeed("build", "app")
        self.assertFalse(on_path.with_name("asc.words").exists())
        for word in ("assembly/index.ts", "--optimize", "node_modules/@assemblyscript/wasi-shim/assembly", "abort=wasi_abort", "_start"):
            self.assertIn(word, self.words(own))
        (folder / "asconfig.json").write_text('{"entries": ["sub/x.ts"], "targets": {"release": {}}, "extends": "@assemblyscript/wasi-shim/asconfig.json"}')
        own.with_name("asc.words").unlink()
        self.succeed("build", "app")
        self.assertEqual(self.words(own)[:2], ["--target", "release"])

    def test_javascript_and_python(self):
        folder = self.project(("package.json", '{"main": "src/a.js"}'), "src/a.js", "wit/w.wit")
        jco = self.fake("jco", magic=COMPONENT, folder=folder / "node_modules/.bin")
        done = self.succeed("build", "app", "--world", "x")
        self.assertIn("another build will differ", done.err)
        self.assertEqual(self.words(jco)[:6], ["componentize", "src/a.js", "--wit", str(folder / "wit"), "--world-name", "x"])
        self.refuse(12, "build", "app", "--target", "p1", saying="js cannot make --target p1")
        # It may write below the folder for temporary files only, so its words come on another way.
        self.fake("componentize-py", magic=COMPONENT, extra="printf '%s\\n' \"$@\" >&2")
        (self.folder / "p.py").write_text("")
        self.refuse(4, "build", "p.py", saying='no folder "wit"')
        (self.folder / "p.wit").write_text("")
        words = self.succeed("build", "p.py").err
        self.assertIn(f"--wit-path\n{self.folder}/p.wit\ncomponentize\n--python-path\n", words)

    def test_a_module_becomes_a_component(self):
        (self.folder / "m.wat").write_text("(module)")
        tools = self.fake("wasm-tools", magic=COMPONENT)
        self.assertEqual(self.succeed("build", "m.wat", "--target", "p2", "--json").json["kind"], "component")
        self.assertEqual(self.words(tools)[:2], ["component", "new"])
        self.assertNotIn("--adapt", self.words(tools))
        (self.folder / "w.wat").write_text('(module (import "wasi_snapshot_preview1" "f" (func)) (func (export "_start")))')
        self.refuse(4, "build", "w.wat", "--target", "p2", saying="DAVIT_WASI_ADAPTER")
        adapter = self.folder / "adapter.wasm"
        adapter.write_text("")
        self.succeed("build", "w.wat", "--target", "p2", DAVIT_WASI_ADAPTER=str(adapter))
        self.assertIn(f"wasi_snapshot_preview1={adapter}", self.words(tools))
        packaged = self.folder / "node_modules/@bytecodealliance/jco/lib/wasi_snapshot_preview1.command.wasm"
        packaged.parent.mkdir(parents=True)
        packaged.write_text("")
        tools.unlink()
        self.refuse(4, "build", "w.wat", "--target", "p2", saying='"wasm-tools" or "jco"')
        jco = self.fake("jco", magic=COMPONENT)
        self.succeed("build", "w.wat", "--target", "p2")
        self.assertEqual(self.words(jco)[0], "new")
        self.assertIn(f"wasi_snapshot_preview1={packaged}", self.words(jco))

    def test_several_programs_need_a_name(self):
        extra = 'while [ "$1" != --prefix ]; do shift; done; mkdir -p "$2"; for n in one two; do printf "\\0asm\\1\\0\\0\\0" > "$2/$n.wasm"; done; exit 0'
        self.fake("zig", extra=extra)
        self.project("build.zig")
        self.refuse(2, "build", "app", saying="one, two")
        self.refuse(4, "build", "app", "--artifact", "three", saying='no "three"')
        self.assertEqual(self.succeed("build", "app", "--artifact", "two", "--json").json["output"], "two.wasm")

    def test_a_folder_without_a_project_is_told_by_its_sources(self):
        folder = self.project("a.c", "b.c", "b.h", "notes.txt", name="c")
        clang = self.fake("clang")
        self.fake("wasm-ld")
        self.assertEqual(self.succeed("build", cwd=folder).status, 0)
        self.assertEqual([word for word in self.words(clang) if word.endswith(".c")], ["a.c", "b.c"])
        self.project("a.c", "b.zig", name="mixed")
        self.refuse(2, "build", "mixed", saying="no toolchain takes all sources")
        self.refuse(2, "build", "c", "mixed", saying="is a folder")
        self.refuse(2, "build", "c", "--toolchain", "zig", saying="nothing for zig")
        (self.folder / "void").mkdir()
        self.refuse(2, "build", "void", saying="no project and no source file")

    def test_a_folder_of_this_machine_in_the_file_is_told(self):
        (self.folder / "m.wat").write_text(f'(module (memory 1) (data (i32.const 0) "at {self.folder}/m.wat"))')
        done = self.succeed("build", "m.wat", "--json")
        self.assertIn(str(self.folder), done.err)
        self.assertEqual(done.json["leakedPaths"][0]["path"], str(self.folder))
        (self.folder / "m.wat").write_text(f'(module (memory 1) (data (i32.const 0) "at .{self.folder}/m.wat{self.folder}s"))')
        self.assertEqual(self.succeed("build", "m.wat", "--json").json["leakedPaths"], [])

    def test_the_list_never_hangs_and_has_every_toolchain(self):
        self.fake("go", extra="")
        (self.bin / "zig").write_text("#!/bin/sh\nsleep 60\n")
        (self.bin / "zig").chmod(0o755)
        out = self.succeed("build", "--list", "--json", timeout=40).out
        lines = {line["name"]: line for line in map(json.loads, out.splitlines())}
        names = "clang clang++ rust go tinygo assemblyscript zig cmake js python wat"
        self.assertEqual(list(lines), names.split())
        self.assertEqual((lines["go"]["version"], lines["go"]["found"]), ("7.8.9", True))
        self.assertEqual((lines["zig"]["version"], lines["zig"]["found"]), (None, True))
        self.assertEqual(lines["js"]["targets"], [])
        self.assertIn("npm install", lines["js"]["install"])


if __name__ == "__main__":
    unittest.main()
