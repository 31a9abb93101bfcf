"""The WebAssembly and component-model specification tests: every malformed file is refused, every good one accepted, and
so is every invalid one refused that is wrong in its structure. Operand types inside function bodies are not checked."""

import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import unittest

from support.program import VECTORS, DavitTest

CORE = VECTORS / "spec" / "core"
TOKEN = re.compile(r'\(;.*?;\)|;;[^\n]*|"(?:[^"\\]|\\.)*"|[()]|[^\s()";]+', re.DOTALL)
SIMPLE = {"t": 9, "n": 10, "r": 13, '"': 34, "'": 39, "\\": 92}
# What this many of these vectors gives today; fewer would mean that the test stopped looking.
FLOOR_MALFORMED, FLOOR_GOOD, FLOOR_CONVERTED = 600, 80, 1200
# malformed refused, good accepted, invalid refused, of what wasm-tools converts.
FLOORS = {"core": (630, 1670, 320), "component": (0, 129, 252)}
# What assert_invalid may say of a file that is accepted: types of operands, and what finished proposals allow by now.
NOT_STRUCTURE = ("type mismatch", "uninitialized local", "multiple memories", "multiple tables", "non-empty tag result type", "descriptor")


def text_bytes(token):
    """Bytes of a string literal of the text format."""
    body = token[1:-1].encode("utf-8")
    out, at = bytearray(), 0
    while at < len(body):
        if body[at] != 0x5C:
            out.append(body[at])
            at += 1
            continue
        following = chr(body[at + 1])
        if following == "u":
            end = body.index(b"}", at)
            out += chr(int(body[at + 3:end].decode().replace("_", ""), 16)).encode("utf-8")
            at = end + 1
        elif following in SIMPLE:
            out.append(SIMPLE[following])
            at += 2
        else:
            out.append(int(body[at + 1:at + 3], 16))
            at += 3
    return bytes(out)


def parse(text):
    """Nested lists of tokens; comments are gone."""
    stack = [[]]
    for token in TOKEN.findall(text):
        if token.startswith(";;") or token.startswith("(;"):
            continue
        if token == "(":
            stack.append([])
        elif token == ")":
            done = stack.pop()
            stack[-1].append(done)
        else:
            stack[-1].append(token)
    return stack[0]


def binary_of(form):
    """Bytes of `(module binary "…")` with any name and `definition`, else None."""
    if not isinstance(form, list) or not form or form[0] != "module" or "binary" not in form[:4]:
        return None
    return b"".join(text_bytes(t) for t in form if isinstance(t, str) and t.startswith('"'))


def binary_modules(path):
    """Yields ("good"|"malformed", bytes) of one file."""
    for form in parse(path.read_text(encoding="utf-8")):
        if not isinstance(form, list):
            continue
        if form and form[0] == "assert_malformed" and binary_of(form[1]) is not None:
            yield "malformed", binary_of(form[1])
        elif binary_of(form) is not None:
            yield "good", binary_of(form)


@unittest.skipUnless(CORE.exists(), "the specification tests are not in ../shared/vectors")
class Specification(DavitTest):
    def test_binary_modules(self):
        counts = {"good": 0, "malformed": 0}
        for path in sorted(CORE.rglob("*.wast")):
            for kind, module in binary_modules(path):
                counts[kind] += 1
                outcome = self.run_davit("validate", "-", stdin=module)
                expected = (0,) if kind == "good" else (8, 12)
                self.assertIn(outcome.status, expected, f"{path.name}, {kind} module {module.hex()}: {outcome.err}")
        print(f"specification tests: {counts['malformed']} malformed refused, {counts['good']} good accepted")
        self.assertGreaterEqual(counts["malformed"], FLOOR_MALFORMED)
        self.assertGreaterEqual(counts["good"], FLOOR_GOOD)

    @unittest.skipUnless(shutil.which("wast2json"), "wast2json is not installed")
    def test_converted_modules(self):
        accepted = refused = 0
        for path in sorted(CORE.rglob("*.wast")):
            done = subprocess.run(["wast2json", "--enable-all", path, "-o", self.folder / "x.json"], capture_output=True, check=False)
            if done.returncode != 0:
                continue
            files = {c["filename"]: c for c in json.loads((self.folder / "x.json").read_text())["commands"] if "filename" in c}
            for name, command in files.items():
                file = pathlib.Path(self.folder, name)
                if file.suffix != ".wasm" or command["type"] == "assert_invalid":
                    continue
                outcome = self.run_davit("validate", file.name)
                if command["type"] == "assert_malformed":
                    refused += 1
                    self.assertIn(outcome.status, (8, 12), f"{path.name}:{command['line']} {command['text']}")
                else:
                    accepted += 1
                    self.assertEqual(outcome.status, 0, f"{path.name}:{command['line']}: {outcome.err}")
        print(f"converted specification tests: {refused} malformed refused, {accepted} good accepted")
        self.assertGreaterEqual(accepted, FLOOR_CONVERTED)

    def convert(self, path):
        """Commands of one file as wasm-tools converts it; nothing when it does not know the syntax."""
        folder = self.folder / "converted" / "-".join(path.relative_to(CORE.parent).with_suffix("").parts)
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / "x.json"
        command = ["wasm-tools", "json-from-wast", path, "--wasm-dir", folder, "-o", target]
        if subprocess.run(command, capture_output=True, check=False).returncode != 0:
            return
        for entry in json.loads(target.read_text())["commands"]:
            if entry.get("filename", "").endswith(".wasm"):
                yield entry, folder / entry["filename"]

    def judge(self, path, entry, file):
        """What one case counts as; fails when the outcome is not what the specification says."""
        outcome = self.run_davit("validate", file)
        place = f"{path}:{entry['line']} {entry.get('text', '')} {outcome.err}"
        refused = outcome.status in (8, 9, 12)
        self.assertTrue(refused or outcome.status == 0, place)
        if entry["type"] == "assert_malformed":
            self.assertTrue(refused, place)
            return "malformed"
        if entry["type"] != "assert_invalid":
            self.assertEqual(outcome.status, 0, place)
            return "good"
        self.assertTrue(refused or any(words in entry["text"] for words in NOT_STRUCTURE), place)
        return "invalid" if refused else "accepted"

    @unittest.skipUnless(shutil.which("wasm-tools"), "wasm-tools is not installed: ./dev peers")
    def test_all_that_wasm_tools_converts(self):
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for suite, floors in FLOORS.items():
                cases = [(path.relative_to(CORE.parent), entry, file)
                         for path in sorted((CORE.parent / suite).rglob("*.wast")) for entry, file in self.convert(path)]
                kinds = list(pool.map(lambda case: self.judge(*case), cases))
                print(f"{suite}: {kinds.count('malformed')} malformed refused, {kinds.count('good')} good accepted, "
                      f"{kinds.count('invalid')} invalid refused, {kinds.count('accepted')} not about structure")
                for what, floor in zip(("malformed", "good", "invalid"), floors):
                    self.assertGreaterEqual(kinds.count(what), floor, f"{suite}: {what}")


if __name__ == "__main__":
    unittest.main()
