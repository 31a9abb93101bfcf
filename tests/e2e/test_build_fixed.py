"""build: what an engine draws and the time it sees are fixed, shown with a stand-in for jco whose engine keeps both."""

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
WAIT = "start = time.time()\nwhile time.time() < start + 0.5: pass"


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
