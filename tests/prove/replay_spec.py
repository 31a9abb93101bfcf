"""Replays the specification test scripts with optimized modules.

Every module of a script is optimized and put back in its binary form; the assertions stay as they are, but for the words
that a trap is reported with: an optimizer may turn an instruction that always traps into `unreachable`. A script that
wasmtime passes before has to pass after, at every level.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading

DAVIT = os.environ.get("DAVIT", "davit")
CACHE = pathlib.Path(os.environ.get("DAVIT_CACHE") or pathlib.Path.home() / ".cache" / "davit")
SCRIPTS = pathlib.Path(__file__).resolve().parents[3] / "shared" / "vectors" / "spec" / "core"
LEVELS = ("-O0", "-O1", "-O2", "-O3", "-O4", "-Os", "-Oz")
FEATURES = "all-proposals=y,component-model=n,stack-switching=n,shared-everything-threads=n,threads=y"


def peer(name):
    path = CACHE / "peers" / "bin" / name
    return str(path) if path.exists() else shutil.which(name)


def forms(text):
    """(begin, end) of every top-level form."""
    out, depth, begin, at = [], 0, 0, 0
    token = re.compile(r';;[^\n]*|"(?:[^"\\]|\\.)*"|\(;|\(|\)', re.S)
    while match := token.search(text, at):
        at = match.end()
        if match.group() == "(;":
            level = 1
            while level:
                inner = re.compile(r"\(;|;\)").search(text, at)
                level += 1 if inner.group() == "(;" else -1
                at = inner.end()
        elif match.group() == "(":
            if depth == 0:
                begin = match.start()
            depth += 1
        elif match.group() == ")":
            depth -= 1
            if depth == 0:
                out.append((begin, at))
    return out


def as_text(content, label):
    return f"(module {label} binary \"" + "".join(f"\\{byte:02x}" for byte in content) + '")'


class Script:
    def __init__(self, path, folder):
        self.path, self.folder = path, folder
        self.text = path.read_text(encoding="utf-8", errors="surrogateescape")
        self.forms = forms(self.text)
        self.modules = [form for form in self.forms if self.is_module(form)]
        self.assertions = sum(self.text[b:e].startswith("(assert_") for b, e in self.forms)

    def is_module(self, form):
        words = self.text[form[0] : form[1]].split(None, 2)
        return words[0] in ("(module", "(module)") and (len(words) < 2 or words[1] not in ("definition", "instance"))

    def label(self, form):
        match = re.match(r"\(module\s+(\$[^\s()]+)", self.text[form[0] : form[1]])
        return match.group(1) if match else ""

    def convert(self):
        """The file of every module, in order; nothing when the script cannot be taken apart."""
        done = subprocess.run([peer("wasm-tools"), "json-from-wast", str(self.path), "-o", str(self.folder / "script.json"), "--wasm-dir", str(self.folder)],
                              capture_output=True, check=False)
        if done.returncode != 0:
            return None
        commands = json.loads((self.folder / "script.json").read_text())["commands"]
        files = [self.folder / command["filename"] for command in commands if command["type"] == "module"]
        return files if len(files) == len(self.modules) else None

    def passes(self, text, name):
        file = self.folder / name
        file.write_text(text, encoding="utf-8", errors="surrogateescape")
        done = subprocess.run([peer("wasmtime"), "wast", "-W", FEATURES, str(file)], capture_output=True, text=True, check=False, timeout=300)
        return done.returncode == 0, done.stderr

    def with_modules(self, contents):
        changed = {form: as_text(content, self.label(form)) for form, content in zip(self.modules, contents) if content is not None}
        out, at = [], 0
        for begin, end in self.forms:
            form = self.text[begin:end]
            if form.startswith("(assert_trap"):
                form = re.sub(r'"(?:[^"\\]|\\.)*"\s*\)$', '"")', form)
            out += [self.text[at:begin], changed.get((begin, end), form)]
            at = end
        return "".join(out) + self.text[at:]


class Replay:
    def __init__(self, levels):
        self.levels, self.lock = levels, threading.Lock()
        self.scripts = self.modules = self.optimized = self.assertions = self.skipped = self.failed = 0

    def optimize(self, file, level):
        """The optimized module, or nothing when it stays as it was."""
        if file.suffix != ".wasm":
            return None
        out = file.with_suffix(".out")
        done = subprocess.run([DAVIT, "optimize", str(file), "-o", str(out), level, "--no-cache", "--json"], capture_output=True, text=True,
                              check=False, env={**os.environ, "DAVIT_WASM_OPT": "/absent"})
        if done.returncode != 0:
            raise RuntimeError(f"davit optimize {file.name} {level}: {done.stderr.strip()}")
        report = json.loads(done.stdout)
        return out.read_bytes() if report["optimized"] else None

    def one(self, path):
        with tempfile.TemporaryDirectory(prefix="davit-spec-") as folder:
            script = Script(path, pathlib.Path(folder))
            files = script.convert()
            if files is None or not script.passes(script.text, "before.wast")[0]:
                with self.lock:
                    self.skipped += 1
                return
            for level in self.levels:
                try:
                    contents = [self.optimize(file, level) for file in files]
                    passed, said = script.passes(script.with_modules(contents), "after.wast")
                except RuntimeError as error:
                    passed, said, contents = False, str(error), []
                with self.lock:
                    self.modules += len(files)
                    self.optimized += sum(content is not None for content in contents)
                    self.assertions += script.assertions
                    if not passed:
                        self.failed += 1
                        print(f"FAILED {path.name} {level}: {said[:600]}", flush=True)
            with self.lock:
                self.scripts += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--level", action="append", choices=LEVELS, help="only this level; may be repeated")
    parser.add_argument("scripts", nargs="*", help="names of scripts (default: all)")
    options = parser.parse_args()
    if not SCRIPTS.exists() or not peer("wasm-tools") or not peer("wasmtime"):
        print("replay_spec: skipped: needs the shared vectors, wasm-tools and wasmtime (./dev peers)")
        return
    replay = Replay(options.level or LEVELS)
    paths = [path for path in sorted(SCRIPTS.rglob("*.wast")) if not options.scripts or path.name in options.scripts]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(replay.one, paths))
    print(f"{replay.scripts} scripts at {len(replay.levels)} levels: {replay.modules} modules, {replay.optimized} of them optimized, "
          f"{replay.assertions} assertions replayed, {replay.failed} scripts failed, {replay.skipped} skipped (wasmtime or wasm-tools does not take them as they are)")
    sys.exit(1 if replay.failed or not replay.optimized else 0)


if __name__ == "__main__":
    main()
