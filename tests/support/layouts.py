"""Reads OCI layouts and makes images by hand, for tests that look at what davit wrote or give it something to read."""

import hashlib
import io
import json
import pathlib
import tarfile

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_TAR = "application/vnd.oci.image.layer.v1.tar"


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def tar(*entries):
    """A layer of (name, content[, mode])."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, content, *mode in entries:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            info.mode = mode[0] if mode else 0o644
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


class Layout:
    """An OCI layout folder as documents and blobs."""

    def __init__(self, path):
        self.path = pathlib.Path(path)

    def index(self):
        return json.loads((self.path / "index.json").read_text())

    def blob(self, name):
        data = (self.path / "blobs/sha256" / name.removeprefix("sha256:")).read_bytes()
        assert digest(data) == name, name
        return data

    def document(self, name):
        return json.loads(self.blob(name))

    def entry(self, tag):
        entries = [e for e in self.index()["manifests"] if e.get("annotations", {}).get("org.opencontainers.image.ref.name") == tag]
        assert len(entries) == 1, (tag, self.index())
        return entries[0]

    def manifest(self, tag):
        return self.document(self.entry(tag)["digest"])

    def config(self, tag):
        return self.document(self.manifest(tag)["config"]["digest"])

    def referrers(self, subject):
        out = []
        for path in sorted((self.path / "blobs/sha256").iterdir()):
            if path.stat().st_size < 1 << 20 and path.read_bytes()[:1] == b"{":
                document = json.loads(path.read_bytes())
                if isinstance(document, dict) and document.get("subject", {}).get("digest") == subject:
                    out.append(document)
        return out


def put(folder, data, media_type):
    blobs = pathlib.Path(folder) / "blobs/sha256"
    blobs.mkdir(parents=True, exist_ok=True)
    (blobs / digest(data)[7:]).write_bytes(data)
    return {"mediaType": media_type, "digest": digest(data), "size": len(data)}


def write_manifest(folder, manifest, tag):
    entry = put(folder, json.dumps(manifest).encode(), OCI_MANIFEST)
    entry["annotations"] = {"org.opencontainers.image.ref.name": tag}
    (pathlib.Path(folder) / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
    (pathlib.Path(folder) / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [entry]}))


def write_image(folder, layers, config, annotations=None, tag="v1"):
    """A container image of plain tar layers; `config` is its whole configuration without rootfs."""
    document = {**config, "rootfs": {"type": "layers", "diff_ids": [digest(layer) for layer in layers]}}
    manifest = {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": put(folder, json.dumps(document).encode(), OCI_CONFIG),
                "layers": [put(folder, layer, OCI_TAR) for layer in layers]}
    if annotations:
        manifest["annotations"] = annotations
    write_manifest(folder, manifest, tag)
