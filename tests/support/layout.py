"""Writes image layouts by hand, byte for byte as a test wants them."""

import hashlib
import io
import json
import tarfile

OCI = "application/vnd.oci.image."
DOCKER = "application/vnd.docker."


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def tar(*entries, mode="w"):
    """A layer: (name, content) for a file, or a TarInfo for anything else; `mode` as tarfile takes it, `w:gz` for gzip."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode, format=tarfile.GNU_FORMAT) as archive:
        for entry in entries:
            if isinstance(entry, tarfile.TarInfo):
                archive.addfile(entry)
                continue
            info = tarfile.TarInfo(entry[0])
            info.size, info.mode = len(entry[1]), 0o755
            archive.addfile(info, io.BytesIO(entry[1]))
    return out.getvalue()


class Layout:
    """An image layout written by hand."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "blobs" / "sha256").mkdir(parents=True)
        (folder / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')

    def put(self, data, media_type, **more):
        data = data if isinstance(data, bytes) else json.dumps(data).encode()
        (self.folder / "blobs" / "sha256" / hashlib.sha256(data).hexdigest()).write_bytes(data)
        return {"mediaType": media_type, "digest": digest(data), "size": len(data), **more}

    def image(self, platform, content=b"", docker=False, **config):
        layer_type = DOCKER + "image.rootfs.diff.tar.gzip" if docker else OCI + "layer.v1.tar"
        config_type = DOCKER + "container.image.v1+json" if docker else OCI + "config.v1+json"
        layer = (b"" if docker else bytes(1024)) + content
        os_name, _, architecture = platform.partition("/")
        document = {"os": os_name, "architecture": architecture, "rootfs": {"type": "layers", "diff_ids": [digest(layer)]}, **config}
        media_type = DOCKER + "distribution.manifest.v2+json" if docker else OCI + "manifest.v1+json"
        return self.put({"schemaVersion": 2, "mediaType": media_type, "config": self.put(document, config_type),
                         "layers": [self.put(layer, layer_type)]}, media_type)

    def index(self, *entries):
        return self.put({"schemaVersion": 2, "mediaType": OCI + "index.v1+json", "manifests": list(entries)}, OCI + "index.v1+json")

    def tag(self, name, entry):
        """Lists a manifest under a name; without one as a store lists referrers."""
        index = self.folder / "index.json"
        there = json.loads(index.read_text())["manifests"] if index.exists() else []
        there.append({**entry, **({"annotations": {"org.opencontainers.image.ref.name": name}} if name else {})})
        index.write_text(json.dumps({"schemaVersion": 2, "manifests": there}))

    def artifact(self, name, content):
        """A one-layer artifact under a tag; returns its digest."""
        config = self.put(b"{}", "application/vnd.wasm.config.v0+json")
        layer = self.put(content, "application/wasm")
        manifest = {"schemaVersion": 2, "mediaType": OCI + "manifest.v1+json", "config": config, "layers": [layer]}
        entry = self.put(manifest, manifest["mediaType"])
        self.tag(name, entry)
        return entry["digest"]

    def file_system(self, layers, config=None, platform="linux/amd64"):
        """An image of tar layers; each layer is a list of (name, content) or TarInfo."""
        tars = [tar(*entries) for entries in layers]
        os_name, _, architecture = platform.partition("/")
        document = {"os": os_name, "architecture": architecture, "config": config or {},
                    "rootfs": {"type": "layers", "diff_ids": [digest(data) for data in tars]}}
        return self.put({"schemaVersion": 2, "mediaType": OCI + "manifest.v1+json", "config": self.put(document, OCI + "config.v1+json"),
                         "layers": [self.put(data, OCI + "layer.v1.tar") for data in tars]}, OCI + "manifest.v1+json",
                        platform={"os": os_name, "architecture": architecture})
