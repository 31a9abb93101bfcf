"""`inspect --wit` against wasm-tools: what davit prints of a component or WIT package means what wasm-tools prints.

Both texts are read back by wasm-tools and compared as documents: packages, interfaces, worlds, types and functions by
name, whatever their order. Documentation and stability are part of it for WIT packages, which alone carry them."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import unittest

from support.program import VECTORS, DavitTest

CORPUS = pathlib.Path(os.environ.get("DAVIT_CORPUS", pathlib.Path.home() / ".cache" / "davit" / "corpus"))
PEERS = pathlib.Path.home() / ".cache" / "davit" / "peers"
KINDS = ("world", "interface", "package", "type")

WIT = {
    "types": """package test:types@1.2.3;
interface all {
  record point { x: s32, y: s32 }
  variant shape { circle(u32), none, named(string) }
  flags perms { read, write, execute }
  enum color { red, green }
  type points = list<point>;
  type pair = tuple<u8, option<string>>;
  nested: func(a: list<option<result<tuple<u8, u16>, string>>>) -> result<_, color>;
  plain: func(a: bool, b: s8, c: u8, d: s16, e: u16, f: s32, g: u32, h: s64, i: u64, j: f32, k: f64, l: char, m: string) -> result;
  shapes: func(a: shape, b: perms, c: points) -> pair;
}
world w { import all; export all; }
""",
    "resources": """package test:resources;
interface owner {
  resource blob {
    constructor(init: list<u8>);
    read: func(n: u32) -> list<u8>;
    merge: static func(a: blob, b: borrow<blob>) -> option<blob>;
  }
  resource empty;
}
interface user {
  use owner.{blob, empty as nothing};
  take: func(b: blob, n: borrow<nothing>) -> blob;
}
world w { import owner; import user; export user; }
world fallible { export make: interface { resource r { constructor() -> result<r, string>; } } }
""",
    "docs": """/// The package
/// in two lines
package test:docs@2.0.0-rc.1;
/// An interface
@since(version = 1.0.0)
interface things {
  /// A record
  record point {
    /// across
    x: s32,
    y: s32,
  }
  /// A function
  get: func() -> point;
}
/// A world
world w {
  /// taken
  import things;
  /// called
  export run: func();
  /// within
  import inner: interface {
    /// deep
    f: func();
  }
}
""",
    "keywords": """package test:%record;
interface %interface {
  enum %enum { %type, %func, %list }
  record %world { %use: u8, %import: %enum }
  %export: func(%static: %world) -> %enum;
}
world %resource { import %interface; export %interface; }
""",
    "async": """package test:pipes@0.3.0;
interface pipes {
  resource source;
  open: async func(name: string) -> result<stream<u8>, string>;
  later: func() -> future<list<string>>;
  done: func(a: future, b: stream<source>) -> tuple<stream<u8>, future<result>>;
}
world w { import pipes; export run: async func(); }
""",
    "worlds": """package test:worlds;
interface shared { record pt { x: u8 } }
world w {
  use shared.{pt};
  record local { p: pt }
  resource handle { constructor(p: local); get: func() -> pt; }
  import f: func(p: local) -> pt;
  import inner: interface { use shared.{pt as point}; g: func(p: point); }
  export h: func(p: pt) -> local;
  export other: interface { enum e { a, b } k: func() -> e; }
}
world empty {}
""",
    "versions": """package test:main@0.2.6;
package test:dep@0.2.0 { interface a { type t = u32; } }
package test:dep@0.3.0 { interface a { type t = u64; } }
interface both { use test:dep/a@0.2.0.{t}; use test:dep/a@0.3.0.{t as u}; f: func(a: t) -> u; }
world w { import both; export both; }
""",
}


def same_wit(text, folder, name, features="--all-features"):
    """The document that wasm-tools reads from WIT text, in a form that does not depend on numbers or order."""
    path = folder / f"{name}.wit"
    path.write_text(text)
    done = subprocess.run(["wasm-tools", "component", "wit", features, "--json", path], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"wasm-tools does not read {name}: {done.stderr}\n{text[:4000]}")
    return Normal(json.loads(done.stdout)).document()


class Normal:
    """A resolve of wit-parser with names in place of numbers."""

    def __init__(self, resolve):
        self.all = resolve

    def interface(self, number):
        entry = self.all["interfaces"][number]
        package = self.all["packages"][entry["package"]]["name"] if entry.get("package") is not None else ""
        return f"{package}/{entry['name']}"

    def type(self, number):
        """A named type by its name, an unnamed one by what it is."""
        if isinstance(number, str):
            return number
        entry = self.all["types"][number]
        if entry.get("name") is None:
            return self.definition(entry["kind"])
        owner = entry.get("owner") or {}
        if "interface" in owner:
            return f"{self.interface(owner['interface'])}#{entry['name']}"
        return f"#{entry['name']}"

    def definition(self, kind):
        if isinstance(kind, str):
            return kind
        out = {}
        for name, value in kind.items():
            out[name] = self.structure(name, value)
        return out

    def structure(self, name, value):
        if name in ("list", "option", "type", "own", "borrow", "future", "stream"):
            if isinstance(value, dict) and "type" not in value and "own" in value or "borrow" in (value if isinstance(value, dict) else {}):
                return self.definition(value)
            return None if value is None else self.type(value)
        return self.replace(value)

    def replace(self, value):
        if isinstance(value, dict):
            return {k: (self.type(v) if k in ("type", "ok", "err", "own", "borrow") and isinstance(v, (int, str)) else self.replace(v))
                    for k, v in value.items()}
        if isinstance(value, list):
            return [self.type(v) if isinstance(v, int) else self.replace(v) for v in value]
        return value

    def function(self, entry):
        kind = entry["kind"]
        if isinstance(kind, dict):
            kind = {name: self.type(number) for name, number in kind.items()}
        params = [(p["name"], self.type(p["type"])) for p in entry["params"]]
        result = entry.get("result")
        return {"kind": kind, "params": params, "result": None if result is None else self.type(result),
                "docs": entry.get("docs"), "stability": entry.get("stability")}

    def content(self, entry):
        types = {name: {"kind": self.definition(self.all["types"][n]["kind"]), "docs": self.all["types"][n].get("docs")}
                 for name, n in entry["types"].items()}
        return {"types": types, "functions": {n: self.function(f) for n, f in entry["functions"].items()},
                "docs": entry.get("docs"), "stability": entry.get("stability")}

    def item(self, name, value):
        if "interface" in value:
            number = value["interface"]["id"]
            if self.all["interfaces"][number].get("name") is None:
                return name, self.content(self.all["interfaces"][number])
            key = self.interface(number)
            label = "" if name.startswith("interface-") else name + "="
            return label + key, {"docs": value["interface"].get("docs"), "stability": value["interface"].get("stability")}
        if "function" in value:
            return name, self.function(value["function"])
        entry = self.all["types"][value["type"]]
        return name, {"kind": self.definition(entry["kind"]), "docs": entry.get("docs")}

    def document(self):
        packages = {}
        for package in self.all["packages"]:
            worlds = {}
            for name, number in package["worlds"].items():
                world = self.all["worlds"][number]
                worlds[name] = {side: dict(self.item(n, v) for n, v in world[side].items()) for side in ("imports", "exports")}
                worlds[name]["docs"] = world.get("docs")
            packages[package["name"]] = {
                "interfaces": {n: self.content(self.all["interfaces"][i]) for n, i in package["interfaces"].items()},
                "worlds": worlds, "docs": package.get("docs")}
        return packages


@unittest.skipUnless(shutil.which("wasm-tools"), "wasm-tools is not installed: ./dev peers")
class Wit(DavitTest):
    def compare(self, file):
        theirs = subprocess.run(["wasm-tools", "component", "wit", "--all-features", file], capture_output=True, text=True, check=False)
        if theirs.returncode != 0:
            return False
        mine = self.succeed("inspect", "--wit", file).out
        expected = same_wit(theirs.stdout, self.folder, "theirs")
        found = same_wit(mine, self.folder, "mine")
        self.maxDiff = 20000
        self.assertEqual(found, expected, f"{file}\n{mine[:6000]}")
        return True

    def tool(self, *words):
        done = subprocess.run(["wasm-tools", *map(str, words)], capture_output=True, text=True, check=False, cwd=self.folder)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_packages(self):
        for name, text in WIT.items():
            with self.subTest(name):
                source = self.folder / f"{name}-source.wit"
                source.write_text(text)
                self.tool("component", "wit", source, "--wasm", "--all-features", "-o", f"{name}.wasm")
                self.assertTrue(self.compare(self.folder / f"{name}.wasm"))

    def test_components(self):
        """A core module of nothing but the right exports, made a component for each world."""
        made = 0
        for name, text in WIT.items():
            source = self.folder / f"{name}-source.wit"
            source.write_text(text)
            for world in re.findall(r"^world (\S+)", text, re.MULTILINE):
                with self.subTest(f"{name} {world}"):
                    self.tool("component", "embed", source, "--world", world, "--dummy-names", "legacy", "--all-features", "-o", "core.wasm")
                    self.assertTrue(self.compare(self.folder / "core.wasm"), "a core module with its world in a section")
                    self.tool("component", "new", "core.wasm", "-o", "component.wasm")
                    self.assertTrue(self.compare(self.folder / "component.wasm"))
                    made += 1
        self.assertGreaterEqual(made, 9)

    def test_real_files(self):
        """Every component that is at hand: vectors, corpus, and what npm and Python packages bring along."""
        folders = [VECTORS / "wasm", CORPUS, PEERS]
        compared = 0
        for folder in folders:
            for file in sorted(folder.rglob("*.wasm")) if folder.exists() else []:
                with open(file, "rb") as stream:
                    if stream.read(8) != b"\0asm\x0d\0\1\0":
                        continue
                with self.subTest(str(file)):
                    compared += self.compare(file)
        print(f"{compared} real components print the same WIT")
        if (VECTORS / "wasm").exists():
            self.assertGreaterEqual(compared, 2)


if __name__ == "__main__":
    unittest.main()
