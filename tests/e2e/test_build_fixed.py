"""build: what an engine draws, sees and is told of files is fixed, shown with stand-ins for jco and componentize-py."""

import os
import pathlib
import shutil
import subprocess
import unittest

from support.program import DavitTest, program

# As componentize-js: a temporary folder named by chance, a copy of the source in it, and a program that runs it there.
JCO = """#!/usr/bin/env node
import { spawnSync, execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
const words = process.argv.slice(2);
if (words.includes('--version')) { console.log('7.8.9'); process.exit(0); }
const folder = join(tmpdir(), String(Math.random()).slice(2));
mkdirSync(folder);
writeFileSync(join(folder, 'source.js'), readFileSync(words[1]));
const out = join(folder, 'out.wasm');
const done = spawnSync('ENGINE', [out, `--dir=${folder}`], { env: { KEPT: `${folder}/kept`, STAMP: Date.now() }, input: `${folder}/source.js` });
if (done.status !== 0) { console.error(String(done.stderr)); process.exit(1); }
if (execFileSync('/usr/bin/env', { encoding: 'utf8' }).includes('LD_PRELOAD')) process.exit(1);
writeFileSync(words[words.indexOf('--out') + 1], readFileSync(out));
"""
# Writes a module whose custom section is everything that could differ.
ENGINE = """#!PYTHON -IS
import os, sys, threading, time
drawn = []
for _ in range(2):
    thread = threading.Thread(target=lambda: drawn.append(os.getrandom(40).hex()))
    thread.start(); thread.join()
child = os.popen("env").read()
kept = repr([drawn, os.urandom(8), time.time(), time.monotonic(), time.clock_gettime(time.CLOCK_REALTIME), sys.argv[1:],
             sorted(os.environ.items()), sys.stdin.read(), open(sys.argv[2][6:] + "/source.js").read(), "FIXED" in child]).encode()
def number(n):
    return bytes([n & 127 | 128, n >> 7 & 127 | 128, n >> 14])
body = b"\\4kept" + kept
open(sys.argv[1], "wb").write(b"\\0asm\\1\\0\\0\\0\\0" + number(len(body)) + body)
"""
# As componentize-py: the engine is in this process, asks the kernel for files itself, and leaves compiled files everywhere.
COMPONENTIZE_PY = """#!PYTHON -IS
import ctypes, os, pathlib, subprocess, sys, time
words = sys.argv[1:]
if "--version" in words: print("7.8.9"); sys.exit(0)
folder = pathlib.Path(words[words.index("--python-path") + 1])
scratch = pathlib.Path(os.environ.get("TMPDIR", "/tmp")) / "unpacked"
scratch.mkdir(exist_ok=True)
(scratch / "new.txt").write_text("new")
def told(path):
    record = (ctypes.c_char * 256)()
    status = ctypes.CDLL(None, use_errno=True).statx(-100, str(path).encode(), 0, 0xfff, record)
    return status or record.raw[:0x88].hex()
def write(path):
    try: path.write_text("compiled")
    except OSError as problem: return problem.strerror
    return "written"
(folder / "__pycache__").mkdir(exist_ok=True)
kept = repr([os.urandom(8), time.time(), [told(path) for path in (folder / "app.py", folder, scratch / "new.txt", scratch)],
             told("/nonexistent"), sorted(path.name for path in folder.rglob("*")), (folder / "app.py").read_text(),
             write(folder / "__pycache__" / "app.pyc"), write(pathlib.Path(ELSEWHERE)),
             subprocess.run(["stat", "-c", "%s %Y", folder / "app.py"], capture_output=True, text=True).stdout]).encode()
def number(n):
    return bytes([n & 127 | 128, n >> 7 & 127 | 128, n >> 14])
body = b"\\4kept" + kept
open(words[words.index("--output") + 1], "wb").write(b"\\0asm\\1\\0\\0\\0\\0" + number(len(body)) + body)
"""
WAIT = "start = time.time()\nwhile time.time() < start + 0.5: pass"


class FixedPython(DavitTest):
    def setUp(self):
        super().setUp()
        python = os.path.realpath(shutil.which("python3", path="/usr/bin:/bin") or "")
        if not python:
            self.skipTest("the system's python3 is not installed")
        self.elsewhere = self.folder / "site-packages.pyc"
        program_file = self.folder / "bin" / "componentize-py"
        program_file.parent.mkdir()
        program_file.write_text(COMPONENTIZE_PY.replace("PYTHON", python, 1).replace("ELSEWHERE", repr(str(self.elsewhere))))
        program_file.chmod(0o755)
        self.environment["PATH"] = f"{program_file.parent}:{self.environment['PATH']}"

    def made(self, name, text="print()\n", *words, **environment):
        folder = self.folder / name
        (folder / "wit").mkdir(parents=True, exist_ok=True)
        (folder / "wit" / "a.wit").write_text("package a:b; world c {}\n")
        (folder / "app.py").write_text(text)
        record = self.succeed("build", "--json", "-o", "out.wasm", *words, cwd=folder, **environment).json
        if not record["reproducible"] and not words:
            self.skipTest("this kernel cannot hold a program to reading")
        return record, (folder / "out.wasm").read_bytes()

    def test_an_engine_that_keeps_what_it_is_told_of_files_makes_the_same_bytes(self):
        _, first = self.made("one")
        _, second = self.made("two/deeper")
        self.assertEqual(first, second)
        _, again = self.made("one")
        self.assertEqual(first, again)
        self.assertIn(b"'8 0\\n'", first)
        for secret in (str(self.folder), "/tmp/davit"):
            self.assertNotIn(secret.encode(), first)

    def test_a_file_that_is_not_there_is_still_not_there(self):
        self.assertIn(b"], -1, [", self.made("one")[1])

    def test_another_source_is_told_of_as_another_file(self):
        first, second = self.made("one")[1], self.made("two", "print(2)\n")[1]
        self.assertNotEqual(first.split(b"-1, [")[0], second.split(b"-1, [")[0])

    def test_the_engine_writes_only_below_the_scratch_folder(self):
        _, content = self.made("one")
        self.assertIn(b"'written', 'Permission denied'", content)
        self.assertFalse(self.elsewhere.exists())
        self.assertEqual(sorted(path.name for path in (self.folder / "one").iterdir()), ["app.py", "out.wasm", "wit"])

    def test_what_is_there_only_after_a_build_is_not_read(self):
        _, first = self.made("one")
        folder = self.folder / "one"
        for path in ("__pycache__/app.pyc", ".venv/lib/a.py", "environment/pyvenv.cfg", "environment/lib/b.py", "dist/app.wasm"):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text("")
        (folder / "dist" / "app.wasm").unlink()
        (folder / "dist").rmdir()
        self.assertEqual(first, self.made("one")[1])

    def test_paths_of_the_users_own_are_not_copied_and_the_build_says_so(self):
        record, _ = self.made("one", "print()\n", "--", "--python-path", ".")
        self.assertFalse(record["reproducible"])

    def test_a_tree_too_large_to_copy_is_built_in_place(self):
        for number in range(201):
            folder = self.folder / "one" / f"part{number}"
            folder.mkdir(parents=True)
            for file in range(100):
                (folder / f"{file}.txt").touch()
        record, content = self.made("one", "print()\n", "--toolchain", "python")
        self.assertFalse(record["reproducible"])
        self.assertIn(b"part200", content)


class Fixed(DavitTest):
    def setUp(self):
        super().setUp()
        node = shutil.which("node", path=self.environment["PATH"])
        python = os.path.realpath(shutil.which("python3", path="/usr/bin:/bin") or "")
        if node is None or not python:
            self.skipTest("node or the system's python3 is not installed")
        self.engine = self.folder / "engine"
        self.engine.write_text(ENGINE.replace("PYTHON", python))
        self.engine.chmod(0o755)

    def project(self, name, source="export {}\n"):
        folder = self.folder / name
        (folder / "node_modules" / ".bin").mkdir(parents=True)
        (folder / "node_modules" / ".bin" / "package.json").write_text('{"type": "module"}')
        jco = folder / "node_modules" / ".bin" / "jco"
        jco.write_text(JCO.replace("ENGINE", str(self.engine)))
        jco.chmod(0o755)
        (folder / "wit").mkdir()
        (folder / "wit" / "a.wit").write_text("package a:b; world c {}\n")
        (folder / "app.js").write_text(source)
        return folder

    def made(self, name, source="export {}\n", **environment):
        folder = self.project(name, source)
        record = self.succeed("build", "app.js", "-o", "out.wasm", "--json", cwd=folder, **environment).json
        return record, (folder / "out.wasm").read_bytes()

    def test_an_engine_that_keeps_what_it_drew_makes_the_same_bytes_in_two_folders(self):
        first, bytes_first = self.made("one")
        second, bytes_second = self.made("two/deeper")
        self.assertTrue(first["reproducible"] and second["reproducible"])
        self.assertEqual(bytes_first, bytes_second)
        for secret in (str(self.folder), "/tmp/davit", "LD_PRELOAD", "DAVIT_FIXED"):
            self.assertNotIn(secret.encode(), bytes_first)
        self.assertTrue(bytes_first.endswith(b", False]"), bytes_first)
        self.assertIn(b"('KEPT', '", bytes_first)

    def test_another_source_gives_other_random_bytes(self):
        def drawn(content):
            return content.split(b"], b'")[0]

        _, bytes_first = self.made("one")
        _, bytes_second = self.made("two", source="export default 1\n")
        self.assertNotEqual(drawn(bytes_first), drawn(bytes_second))

    def test_the_clocks_of_the_engine_and_of_node_stand_at_the_date_given(self):
        _, content = self.made("one", SOURCE_DATE_EPOCH="981173106")
        self.assertIn(b"981173106.0, 1000.0, 981173106.0", content)
        self.assertIn(b"('STAMP', '981173106000')", content)
        _, undated = self.made("two")
        self.assertIn(b"('STAMP', '0')", undated)

    def test_an_engine_that_waits_for_the_clock_goes_on(self):
        self.engine.write_text(self.engine.read_text() + WAIT + "\n")
        self.assertTrue(self.made("one")[0]["reproducible"])

    def test_a_date_that_is_no_number_is_refused(self):
        folder = self.project("one")
        self.refuse(2, "build", "app.js", cwd=folder, saying='SOURCE_DATE_EPOCH is "yesterday"', SOURCE_DATE_EPOCH="yesterday")

    def test_options_of_node_are_kept(self):
        hook = self.folder / "hook.cjs"
        hook.write_text("require('node:fs').writeFileSync(__filename + '.seen', '')\n")
        self.made("one", NODE_OPTIONS=f"--require {hook}")
        self.assertTrue(pathlib.Path(f"{hook}.seen").exists())

    def test_without_the_library_the_build_says_that_another_will_differ(self):
        alone = self.folder / "bin" / "davit"
        alone.parent.mkdir()
        shutil.copy(program(), alone)
        folder = self.project("one")
        done = subprocess.run([alone, "build", "app.js"], cwd=folder, env=self.environment, capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"another build will differ", done.stderr)

    def test_an_engine_that_the_library_cannot_be_loaded_into_is_not_called_reproducible(self):
        if shutil.which("cc") is None:
            self.skipTest("no C compiler is installed")
        (self.folder / "static.c").write_text(
            '#include <stdio.h>\nint main(int count, char **words) { FILE *out = fopen(words[1], "wb");\n'
            "  return count < 2 || fwrite(\"\\0asm\\1\\0\\0\\0\", 1, 8, out) != 8 || fclose(out); }\n"
        )
        subprocess.run(["cc", "-static", "-o", self.engine, self.folder / "static.c"], check=True)
        self.assertFalse(self.made("one")[0]["reproducible"])


if __name__ == "__main__":
    unittest.main()
