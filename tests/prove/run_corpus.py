"""Real programs before and after optimization: the same input has to give the same output at every level.

npm packages are installed once; the wasm file of each is swapped for what davit makes of it, and a small script of ours
uses the package under Node. Programs for WASI run under Node's WASI; without glue of their own, modules are called by
run_pairs.mjs.
"""

import argparse
import base64
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

DAVIT = os.environ.get("DAVIT", "davit")
CACHE = pathlib.Path(os.environ.get("DAVIT_CACHE") or pathlib.Path.home() / ".cache" / "davit")
NPM = CACHE / "prove" / "npm"
RUNNER = pathlib.Path(__file__).with_name("run_pairs.mjs")
LEVELS = ("-O0", "-O1", "-O2", "-O3", "-O4", "-Os", "-Oz")
PACKAGES = ("sql.js@1.16.0", "undici@7.30.2", "web-tree-sitter@0.27.1", "@sqlite.org/sqlite-wasm@3.54.1-build1", "@resvg/resvg-wasm@2.6.2",
            "@rollup/wasm-node@4.68.4", "esbuild-wasm@0.28.2", "@yowasp/yosys@0.55.944")
GRAMMAR = "tree-sitter-javascript@0.25.0"

SQL = """
import init from '%PACKAGE%/dist/sql-wasm.js'; import {createHash} from 'crypto';
const SQL = await init({locateFile: () => '%WASM%'});
const db = new SQL.Database();
db.run("create table t(a integer primary key, b text, c real); create index i on t(b);");
for (let i = 0; i < 2000; ++i) db.run("insert into t values (?, ?, ?)", [i, 'row ' + (i * 7919) % 1000, Math.sqrt(i)]);
console.log(JSON.stringify(db.exec("select b, count(*), sum(c), group_concat(a) from t group by b having count(*) > 2 order by 3 desc limit 20")));
console.log(JSON.stringify(db.exec("with recursive f(x, y) as (select 0, 1 union all select y, x + y from f limit 60) select x, hex(x), printf('%08.3f', x / 7.0) from f")));
console.log(JSON.stringify(db.exec("select json_extract('{\\"a\\":[1,2,{\\"b\\":3}]}', '$.a[2].b'), strftime('%Y-%j', '2024-02-29'), upper('äbc'), 'abc' glob 'a*'")));
try { db.run("selec 1"); } catch (e) { console.log(e.message); }
console.log(createHash('sha256').update(db.export()).digest('hex'));
"""
SQLITE = """
import init from '%PACKAGE%/dist/node.mjs'; import fs from 'fs';
const sqlite3 = await init({wasmBinary: fs.readFileSync('%WASM%'), print: () => {}, printErr: () => {}});
const db = new sqlite3.oo1.DB(':memory:');
db.exec("create table t(a, b); insert into t with recursive n(i) as (select 1 union all select i + 1 from n where i < 3000) select i, (i * 31337) % 997 from n");
console.log(JSON.stringify(db.selectObjects("select b % 10 k, count(*) c, avg(a) m, min(b), max(b) from t group by k order by m")));
console.log(JSON.stringify(db.selectArrays("select t1.a, t2.b from t t1 join t t2 on t1.b = t2.a order by t1.b, t2.b limit 50")));
console.log(sqlite3.version.libVersion);
"""
UNDICI = """
import http from 'http'; import {createRequire} from 'module'; const require = createRequire(import.meta.url);
const undici = require('%PACKAGE%/index.js');
const server = http.createServer((q, r) => { let n = 0; q.on('data', d => n += d.length); q.on('end', () => {
  r.setHeader('x-method', q.method); if (q.method === 'HEAD') return r.end(); r.setHeader('trailer', 'x-end');
  r.write('a'.repeat(5000)); r.write(String(n)); r.addTrailers({'x-end': 'yes'}); r.end(); }); });
await new Promise(done => server.listen(0, '127.0.0.1', done));
const url = 'http://127.0.0.1:' + server.address().port;
for (const [path, options] of [['/', {}], ['/a?b=c', {method: 'POST', body: 'x'.repeat(100000)}], ['/h', {method: 'HEAD'}]]) {
  const answer = await undici.request(url + path, options);
  const text = await answer.body.text();
  delete answer.headers.date;
  console.log(answer.statusCode, JSON.stringify(answer.headers), text.length, text.slice(-10), JSON.stringify(answer.trailers));
}
const raw = (await import('net')).createServer(s => s.end('HTTP/1.1 200 OK\\r\\ncontent-length: nonsense\\r\\n\\r\\n'));
await new Promise(done => raw.listen(0, '127.0.0.1', done));
await undici.request('http://127.0.0.1:' + raw.address().port).catch(e => console.log(e.code, e.message));
process.exit(0);
"""
RESVG = """
import {initWasm, Resvg} from '%PACKAGE%/index.mjs'; import fs from 'fs'; import {createHash} from 'crypto';
await initWasm(fs.readFileSync('%WASM%'));
const shapes = Array.from({length: 40}, (_, i) => `<path d="M${i * 7} ${i * i % 200} q 30 -${i} 60 ${i * 3} t 20 ${i}z" fill="hsl(${i * 9},70%,50%)" stroke="#${(i * 999 % 4096).toString(16).padStart(3, '0')}" stroke-width="${i / 9}" opacity="0.7"/>`);
const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="300" height="220"><defs><radialGradient id="g"><stop offset="0" stop-color="red"/><stop offset="1" stop-color="blue" stop-opacity="0.3"/></radialGradient><filter id="f"><feGaussianBlur stdDeviation="3"/></filter></defs><rect width="300" height="220" fill="url(#g)"/><circle cx="150" cy="100" r="60" fill="lime" filter="url(#f)"/>${shapes.join('')}</svg>`;
const image = new Resvg(svg, {fitTo: {mode: 'width', value: 417}}).render();
console.log(image.width, image.height, createHash('sha256').update(image.asPng()).digest('hex'));
try { new Resvg('<svg'); } catch (e) { console.log(String(e)); }
"""
TREE_SITTER = """
import {Parser, Language} from '%PACKAGE%/web-tree-sitter.js';
await Parser.init({locateFile: () => '%WASM%'});
const parser = new Parser(); parser.setLanguage(await Language.load('%GRAMMAR%'));
for (const text of ['const a = b => `x${b}`;', 'class A { #p = 1; get x() { return this.#p ?? null } }', 'for (;;) { broken ( }', 'x'.repeat(300) + ' + 1']) {
  const tree = parser.parse(text); console.log(tree.rootNode.toString());
  const cursor = tree.walk(); let steps = 0; while (cursor.gotoFirstChild() || cursor.gotoNextSibling()) steps++; console.log(steps);
}
"""
YOSYS = """
import {WASI} from 'wasi'; import fs from 'fs';
fs.writeFileSync('a.v', 'module m(input clk, input [7:0] a, b, output reg [8:0] q); always @(posedge clk) q <= a > b ? a + b : a ^ b; endmodule');
const wasi = new WASI({version: 'preview1', args: ['yosys', '-q', '-p', 'read_verilog a.v; proc; opt; alumacc; wreduce; opt_clean; write_rtlil out.il; stat'], preopens: {'.': '.', '/': '.'}, returnOnExit: true});
const {instance} = await WebAssembly.instantiate(fs.readFileSync('%WASM%'), {wasi_snapshot_preview1: wasi.wasiImport});
console.log(wasi.start(instance)); console.log(fs.readFileSync('out.il', 'utf8').replace(/^#.*$/mg, ''));
"""
ROLLUP = "import {b} from './b.js'; export const a = () => b(2) ?? `t${b`x`}`; if (false) console.log('dead'); label: for (const [x, {y = 1}] of []) break label;"
ESBUILD = "enum E { A = 1, B } export const f = async <T,>(x: T) => { for await (const y of g()) yield_(y!); return <any>x }; class C { static #p = 1; accessor z = E.B } let j = a?.b ?? c;"


class Program:
    """A package, its wasm file, and how to run it with another one. `swap` puts the file into a copy of the package."""

    def __init__(self, name, package, wasm, script="", words=None, encoded=False):
        self.name, self.package, self.wasm, self.script, self.words, self.encoded = name, package, wasm, script, words, encoded

    def original(self):
        content = (NPM / "node_modules" / self.package / self.wasm).read_bytes()
        return base64.b64decode(re.search(rb"AGFzbQ[A-Za-z0-9+/=]{64,}", content).group()) if self.encoded else content

    def run(self, wasm, folder):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        (folder / "node_modules").symlink_to(NPM / "node_modules")
        package = folder / "package"
        shutil.copytree(NPM / "node_modules" / self.package, package, symlinks=True, ignore=shutil.ignore_patterns("*.map"))
        place = package / self.wasm
        if self.encoded:
            place.write_bytes(re.sub(rb"AGFzbQ[A-Za-z0-9+/=]{64,}", base64.b64encode(wasm), place.read_bytes()))
        else:
            place.write_bytes(wasm)
        (folder / "package.json").write_text('{"type": "module"}')
        (folder / "main.js").write_text(ROLLUP)
        (folder / "b.js").write_text("export function b(x) { return x * 2 } export const unused = 1;")
        (folder / "in.ts").write_text(ESBUILD)
        values = {"%PACKAGE%": str(package), "%WASM%": str(place), "%GRAMMAR%": str(NPM / "grammar.wasm")}
        script = self.script
        for key, value in values.items():
            script = script.replace(key, value)
        (folder / "run.mjs").write_text(script)
        words = [word.replace("%PACKAGE%", str(package)) for word in self.words or ["run.mjs"]]
        done = subprocess.run(["node", "--no-warnings", *words], cwd=folder, capture_output=True, text=True, check=False, timeout=900)
        return done.returncode, done.stdout, re.sub(r"\d+(\.\d+)?m?s\b|[^\s]*node_modules[^\s]*", "", done.stderr)


PROGRAMS = (
    Program("sql.js", "sql.js", "dist/sql-wasm.wasm", SQL),
    Program("sqlite", "@sqlite.org/sqlite-wasm", "dist/sqlite3.wasm", SQLITE),
    Program("llhttp", "undici", "lib/llhttp/llhttp-wasm.js", UNDICI, encoded=True),
    Program("llhttp-simd", "undici", "lib/llhttp/llhttp_simd-wasm.js", UNDICI, encoded=True),
    Program("resvg", "@resvg/resvg-wasm", "index_bg.wasm", RESVG),
    Program("web-tree-sitter", "web-tree-sitter", "web-tree-sitter.wasm", TREE_SITTER),
    Program("web-tree-sitter-debug", "web-tree-sitter", "debug/web-tree-sitter.wasm", TREE_SITTER.replace("web-tree-sitter.js", "debug/web-tree-sitter.js")),
    Program("rollup", "@rollup/wasm-node", "dist/wasm-node/bindings_wasm_bg.wasm", words=["%PACKAGE%/dist/bin/rollup", "main.js", "-f", "cjs", "--silent"]),
    Program("esbuild", "esbuild-wasm", "esbuild.wasm", words=["%PACKAGE%/bin/esbuild", "in.ts", "--minify", "--target=es2019", "--sourcemap=inline"]),
    Program("yosys", "@yowasp/yosys", "gen/yosys.core.wasm", YOSYS),
)


def install():
    NPM.mkdir(parents=True, exist_ok=True)
    wanted = "\n".join((*PACKAGES, GRAMMAR))
    if (NPM / "installed").exists() and (NPM / "installed").read_text() == wanted:
        return
    subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(NPM), *PACKAGES], check=True)
    name = subprocess.run(["npm", "pack", "--silent", GRAMMAR], cwd=NPM, check=True, capture_output=True, text=True).stdout.split()[-1]
    subprocess.run(["tar", "xzf", name, "--strip-components=1", "package/tree-sitter-javascript.wasm"], cwd=NPM, check=True)
    (NPM / "tree-sitter-javascript.wasm").rename(NPM / "grammar.wasm")
    (NPM / "installed").write_text(wanted)


class Check:
    def __init__(self, levels, folder):
        self.levels, self.folder = levels, folder
        self.same = self.failed = self.kept = 0

    def optimize(self, wasm, level):
        source, out = self.folder / "before.wasm", self.folder / "after.wasm"
        source.write_bytes(wasm)
        began = time.monotonic()
        done = subprocess.run([DAVIT, "optimize", str(source), "-o", str(out), level, "--json"], capture_output=True, text=True, check=False,
                              env={**os.environ, "DAVIT_WASM_OPT": "/absent"})
        if done.returncode != 0:
            raise RuntimeError(done.stderr.strip())
        return out.read_bytes(), json.loads(done.stdout), time.monotonic() - began

    def note(self, name, level, good, report, seconds, detail=""):
        self.same += good
        self.failed += not good
        self.kept += good and not report["optimized"]
        sizes = f"{report['sizeBefore']} to {report['sizeAfter']}"
        kept = ', kept' if report['keptInput'] else ''
        print(f"{'same  ' if good else 'FAILED'} {name} {level}: {sizes}{kept}, {seconds:.1f} s {detail or report.get('reason', '')}"[:300], flush=True)

    def program(self, program):
        before = program.run(program.original(), self.folder / "run")
        if before[0] != 0:
            print(f"FAILED {program.name} does not run as it is: {before[2][-400:]}")
            self.failed += 1
            return
        for level in self.levels:
            wasm, report, seconds = self.optimize(program.original(), level)
            after = program.run(wasm, self.folder / "run")
            self.note(program.name, level, before == after, report, seconds, "" if before == after else f"{after[1][-150:]} {after[2][-200:]}")

    def bare_modules(self, paths):
        """Modules without glue, called with made-up arguments."""
        for path in paths:
            for level in self.levels:
                wasm, report, seconds = self.optimize(path.read_bytes(), level)
                done = subprocess.run(["node", "--no-warnings", "--experimental-wasm-type-reflection", str(RUNNER)], capture_output=True, text=True,
                                      check=False, input=f"{self.folder / 'before.wasm'} {self.folder / 'after.wasm'} 1\n")
                answer = json.loads(done.stdout) if done.stdout else {"same": False, "note": done.stderr[-200:]}
                self.note(path.name, level, answer["same"], report, seconds, "" if answer["same"] else answer["note"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--level", action="append", choices=LEVELS, help="only this level; may be repeated")
    parser.add_argument("names", nargs="*", help="programs (default: all)")
    options = parser.parse_args()
    install()
    with tempfile.TemporaryDirectory(prefix="davit-prove-") as folder:
        check = Check(options.level or LEVELS, pathlib.Path(folder))
        for program in PROGRAMS:
            if not options.names or program.name in options.names:
                check.program(program)
        if not options.names:
            check.bare_modules(sorted((CACHE / "corpus").glob("assemblyscript*.wasm")) + sorted((CACHE / "corpus").glob("feature-*.wasm")))
    print(f"{check.same} the same ({check.kept} of them not optimized), {check.failed} failed")
    sys.exit(1 if check.failed else 0)


if __name__ == "__main__":
    main()
