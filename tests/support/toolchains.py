"""Small programs in every language that build knows, and the checks that each build of one must pass."""

import os
import pathlib
import shutil
import subprocess
import unittest

from support.program import DavitTest

GREETING = "hello from davit"


class ToolchainTest(DavitTest):
    """Builds a project in two folders and compares, searches the result for folders of this machine, and runs it."""

    def need(self, *programs):
        for program in programs:
            if shutil.which(program, path=self.environment["PATH"]) is None:
                self.skipTest(f"{program} is not installed")

    def project(self, name, files):
        folder = self.folder / name
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        return folder

    def build_twice(self, files, *words, same=True, prepare=None, **environment):
        """The bytes of one build; the other, in a folder with another name and depth, must be equal."""
        made = []
        for name in ("first", "another/deeper"):
            folder = self.project(name, files)
            if prepare:
                prepare(folder)
            record = self.succeed("build", "-o", self.folder / "out.wasm", "--json", *words, cwd=folder, timeout=600, **environment).json
            made.append((self.folder / "out.wasm").read_bytes())
            self.assertEqual(record["reproducible"], same)
        if same:
            self.assertEqual(record["leakedPaths"], [])
            self.assertEqual(made[0], made[1], "the same source in two folders gave different bytes")
            for secret in (str(self.folder), self.environment["HOME"], environment.get("CARGO_HOME"), environment.get("GOPATH"), "/tmp/davit"):
                if secret:
                    self.assertNotIn(secret.encode(), made[0])
        self.succeed("validate", self.folder / "out.wasm")
        return record

    def run_made(self, *words):
        self.need("wasmtime")
        done = subprocess.run(
            ["wasmtime", *words, str(self.folder / "out.wasm")], capture_output=True, env=self.environment, timeout=120, check=False
        )
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return (done.stdout + done.stderr).decode()

    def says_hello(self):
        self.assertIn(GREETING, self.run_made("run"))

    def invoke(self, call):
        """Calls an exported function of a component."""
        return self.run_made("run", "--invoke", call)


def node_modules(name):
    """The packages that the installation of peers keeps in a folder of this name."""
    for program in ("wasmtime", "wasm-tools", "asc"):
        found = shutil.which(program)
        folder = pathlib.Path(found).parent.parent / "npm" / name / "node_modules" if found else None
        if folder and folder.exists():
            return folder
    raise unittest.SkipTest(f"the packages for {name} are not installed")


def link_packages(folder, modules):
    if not (folder / "node_modules").exists():
        (folder / "node_modules").symlink_to(modules)
