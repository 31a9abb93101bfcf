"""Every ordered pair of formats: A to B and back to A gives A again, byte for byte: the wasm file, what A says, the data
files, and what A remembers of what it could not hold itself."""

import hashlib
import io
import json
import pathlib
import tarfile
import unittest

from support.layouts import Layout, tar, write_image
from support.program import DavitTest
from support.wasm import MODULE, component, custom, importing

ARTIFACTS = ("wasm", "image", "runwasi", "compat", "spin", "envoy", "envoy-compat", "trivy", "wasm-to-oci", "kubewarden", "wasmcloud", "oras")
FILES = {"fastly": "app.tar.gz", "wasmer": "app.tar.gz", "workers": "app"}
FOR_COMPONENTS = ("wasm", "image", "runwasi", "compat", "spin", "wasm-to-oci", "wasmcloud", "oras")
POLICY = json.dumps({"protocolVersion": "v1", "annotations": {"io.kubewarden.policy.title": "rich"}}).encode()
CORE = importing(("wasi_snapshot_preview1", "fd_write"), ("wasi_snapshot_preview1", "path_open")) + custom("io.kubewarden.metadata", POLICY) + custom("description", b"a test")
COMPONENT = component(MODULE)
RICH = {
    "created": "2026-01-02T03:04:05Z",
    "author": "Sam <s@example.org>",
    "architecture": "wasm",
    "os": "wasip1",
    "config": {"Entrypoint": ["/srv/main.wasm", "--serve"], "Cmd": ["x y"], "Env": ["A=b", "EMPTY=", "C=d=e"], "WorkingDir": "/srv", "User": "1000:7",
               "ExposedPorts": {"80/tcp": {}}, "Volumes": {"/state": {}}, "Labels": {"org.example.l": "v"}, "StopSignal": "SIGTERM"},
    "history": [{"created": "2026-01-01T00:00:00Z", "created_by": "COPY data"}, {"created_by": "ENV A=b", "empty_layer": True},
                {"created": "2026-01-02T03:04:05Z", "created_by": "COPY main.wasm", "comment": "with words"}],
    "moby.example": {"verbatim": [1, 2.5, None]},
}
DATA = (("data/table.txt", b"a table of things\n" * 20), ("data/deep/small.bin", b"\0\1\2"), ("srv/readme.md", b"# hello\n", 0o600))
ANNOTATIONS = {"org.example.a": "b", "org.opencontainers.image.version": "1.2.3"}


def contents(path):
    """A file's digest, or all files of a folder with theirs."""
    path = pathlib.Path(path)
    if path.is_file():
        return hashlib.sha256(path.read_bytes()).hexdigest()
    return {str(p.relative_to(path)): hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(path.rglob("*")) if p.is_file()}


class Pairs(DavitTest):
    maxDiff = None

    def rich_image(self, wasm):
        layers = [tar(*DATA), tar(("srv/main.wasm", wasm, 0o755))]
        write_image(self.folder / "rich", layers, RICH, ANNOTATIONS)
        return "oci:rich:v1"

    def place(self, format, name):
        """Where a format is written: a tag of the one store, or a path of its own folder."""
        if format in ARTIFACTS:
            return f"oci:store-{name.split('.')[0]}:{name}"  # small stores: a referrer is looked for in all of one
        (self.folder / name).mkdir()
        return f"{name}/{FILES[format]}"

    def convert(self, source, format, name):
        target = self.place(format, name)
        made = self.succeed("convert", "-q", source, target, "--format", format, "--json").json
        return target, (made["digest"] if format in ARTIFACTS else contents(self.folder / target))

    def there_and_back(self, wasm, formats):
        source = self.rich_image(wasm)
        first = {format: self.convert(source, format, f"first-{format}") for format in formats}
        wrong = []
        for one in formats:
            reference, before = first[one]
            for other in formats:
                between, _ = self.convert(reference, other, f"{one}.{other}")
                back, after = self.convert(between, one, f"{one}.{other}.back")
                if after != before:
                    wrong.append(f"{one} -> {other} -> {one}")
                    self.explain(reference, back)
        self.assertEqual(wrong, [])

    def explain(self, *references):
        for reference in references:
            if reference.startswith("oci:"):
                _, folder, tag = reference.split(":")
                print(json.dumps(Layout(self.folder / folder).manifest(tag)))
            elif (self.folder / reference / "davit.json").exists():
                print((self.folder / reference / "davit.json").read_text())

    def test_a_core_module_with_everything(self):
        self.there_and_back(CORE, (*ARTIFACTS, *FILES))

    def test_a_component_with_everything(self):
        self.there_and_back(COMPONENT, FOR_COMPONENTS)

    def test_an_image_says_the_same_after_any_format(self):
        for wasm, formats in ((CORE, (*ARTIFACTS, *FILES)), (COMPONENT, FOR_COMPONENTS)):
            source = self.rich_image(wasm)
            for format in formats:
                name = f"{len(wasm)}-{format}"
                between, _ = self.convert(source, format, name)
                self.convert(between, "image", name + ".image")
                layout = Layout(self.folder / f"store-{name}")
                config, manifest = layout.config(name + ".image"), layout.manifest(name + ".image")
                config.pop("rootfs")
                self.assertEqual(config, RICH, format)
                for key, value in ANNOTATIONS.items():
                    self.assertEqual(manifest["annotations"][key], value, format)
                found = {}
                for layer in manifest["layers"]:
                    found |= self.files_in(layout.blob(layer["digest"]))
                self.assertEqual(found, {**{name: content for name, content, *_ in DATA}, "srv/main.wasm": wasm}, format)

    def files_in(self, layer):
        with tarfile.open(fileobj=io.BytesIO(layer)) as archive:
            return {m.name: archive.extractfile(m).read() for m in archive.getmembers() if m.isfile()}

    def test_strict_writes_nothing_where_something_would_be_lost(self):
        source = self.rich_image(CORE)
        for format in (*ARTIFACTS, *FILES):
            target = "oci:strict:v1" if format in ARTIFACTS else "strict"
            if format == "image":
                self.succeed("convert", source, "oci:kept:v1", "--format", format, "--strict")
                continue
            self.refuse(12, "convert", source, target, "--format", format, "--strict", saying="does not hold the")
            self.assertFalse((self.folder / "strict").exists(), format)

    def test_warnings_say_what_is_lost(self):
        made = self.succeed("convert", self.rich_image(CORE), "oci:store:v1", "--format", "wasm", "--json")
        text = "\n".join(made.json["warnings"])
        for word in ("entrypoint", "environment", "user", "ports", "volumes", "labels", "history", '["A=b"'):
            self.assertIn(word, text)
            self.assertIn(word, made.err)


if __name__ == "__main__":
    unittest.main()
