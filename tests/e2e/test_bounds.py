"""Images that are made to cost memory or time: davit stays small, or says why it stops."""

import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import unittest

from support.layout import digest, tar
from support.program import DavitTest

WASM = b"\0asm\1\0\0\0"
DAVIT = os.environ["DAVIT"]
MEMORY = 64 << 20

# Prints the exit status and the peak memory of a command in KiB.
MEASURE = "import resource,subprocess,sys; s=subprocess.run(sys.argv[1:]).returncode; print(s, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"


def is_sanitized():
    """Sanitizers need many times the memory, so that a bound says nothing."""
    with open(DAVIT, "rb") as program:
        return b"__asan_init" in program.read()


def saved(path, layer_size, write_layer, platform=("wasi", "wasm")):
    """`docker save` of one layer that is written as a stream."""
    diff_id = hashlib.sha256()

    class Hashing(io.RawIOBase):
        def write(self, data):
            diff_id.update(data)
            return out.write(data)

    with open(path, "wb") as out:
        def entry(name, size):
            info = tarfile.TarInfo(name)
            info.size = size
            out.write(info.tobuf(tarfile.GNU_FORMAT))

        def document(name, value):
            data = json.dumps(value).encode()
            entry(name, len(data))
            out.write(data + bytes(-len(data) % 512))

        entry("layer.tar", layer_size)
        write_layer(Hashing())
        out.write(bytes(-layer_size % 512))
        document("config.json", {"os": platform[0], "architecture": platform[1], "config": {"Entrypoint": ["/app.wasm"]},
                                 "rootfs": {"type": "layers", "diff_ids": ["sha256:" + diff_id.hexdigest()]}})
        document("manifest.json", [{"Config": "config.json", "RepoTags": ["big:1"], "Layers": ["layer.tar"]}])
        out.write(bytes(1024))


class Bounds(DavitTest):
    def measure(self, *words):
        """Exit status and standard error; peak memory is held to the bound."""
        environment = {**os.environ, "HOME": str(self.folder)}
        ran = subprocess.run([sys.executable, "-c", MEASURE, DAVIT, *words], cwd=self.folder, env=environment, capture_output=True, text=True, timeout=300)
        status, kib = map(int, ran.stdout.split()[-2:])
        if not is_sanitized():
            self.assertLess(kib << 10, MEMORY, f"peak memory of davit {' '.join(words)}")
        return status, ran.stderr

    def many_names(self, count):
        module = tar(("app.wasm", WASM))[:1024]

        def write(out):
            out.write(module)
            for start in range(0, count, 1000):
                headers = []
                for i in range(start, start + 1000):
                    headers.append(tarfile.TarInfo(f"usr/lib/some/where/deep/package{i % 977}/file-{i:07}.txt").tobuf(tarfile.USTAR_FORMAT))
                out.write(b"".join(headers))
            out.write(bytes(1024))

        return len(module) + count * 512 + 1024, write

    def test_an_image_of_very_many_names(self):
        saved(self.folder / "many.tar", *self.many_names(400_000), platform=("linux", "amd64"))
        status, err = self.measure("convert", "docker-archive:many.tar", "oci:store:1", "--format", "wasm", "--files", "none")
        self.assertEqual(status, 9, err)
        self.assertIn("more names than fit", err)

    def test_an_image_of_many_names_is_read(self):
        saved(self.folder / "some.tar", *self.many_names(100_000), platform=("linux", "amd64"))
        status, err = self.measure("convert", "docker-archive:some.tar", "oci:store:1", "--format", "wasm", "--files", "none")
        self.assertEqual(status, 0, err)

    def test_a_compressed_saved_image_is_unpacked_once(self):
        layers = [tar((f"data/{i}", bytes([i]) * 1000)) for i in range(20)] + [tar(("app.wasm", WASM))]
        config = {"os": "wasi", "architecture": "wasm", "config": {"Entrypoint": ["/app.wasm"]},
                  "rootfs": {"type": "layers", "diff_ids": [digest(layer) for layer in layers]}}
        names = [f"{i}/layer.tar" for i in range(len(layers))]
        index = [{"Config": "c.json", "RepoTags": ["app:1"], "Layers": names}]
        archive = tar(*zip(names, layers), ("c.json", json.dumps(config).encode()), ("manifest.json", json.dumps(index).encode()))
        (self.folder / "app.tar.gz").write_bytes(gzip.compress(archive))
        answer = self.succeed("inspect", "--json", "docker-archive:app.tar.gz").json
        self.assertEqual((answer["digest"], answer["artifact"]["format"]), (digest(WASM), "image"))
        self.succeed("convert", "docker-archive:app.tar.gz", "oci:store:1", "--format", "image")
        (self.folder / "cut.tar.gz").write_bytes(gzip.compress(archive)[:-200])
        self.refuse(8, "inspect", "docker-archive:cut.tar.gz", saying="cut.tar.gz")

    def test_what_no_package_holds_is_told(self):
        device, link = tarfile.TarInfo("dev/null"), tarfile.TarInfo("lost")
        device.type, link.type, link.linkname = tarfile.CHRTYPE, tarfile.SYMTYPE, "nowhere"
        empty = tarfile.TarInfo("tmp")
        empty.type = tarfile.DIRTYPE
        layer = tar(("app.wasm", WASM), ("data/x", b"x"), device, link, empty)
        saved(self.folder / "odd.tar", len(layer), lambda out: out.write(layer))
        told = self.succeed("convert", "docker-archive:odd.tar", "oci:store:1", "--format", "image").err
        self.assertIn('3 names that are no files (empty folders, devices, links to no file) stay behind, the first is "dev/null"', told)


if __name__ == "__main__":
    unittest.main()
