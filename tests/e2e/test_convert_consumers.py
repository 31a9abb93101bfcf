"""The documented rules of consumers that cannot be installed everywhere, each as a function that says why it refuses."""

import gzip
import io
import json
import posixpath
import tarfile
import unittest

from support.layouts import Layout, digest
from support.program import DavitTest
from support.wasm import MODULE, component, custom, importing

WASM = "application/wasm"
CONTENT = "application/vnd.wasm.content.layer.v1+wasm"
MODULE_CONTENT = "application/vnd.module.wasm.content.layer.v1+wasm"
RUNWASI = "application/vnd.bytecodealliance.wasm.component.layer.v0+wasm"
SPIN_LOCK = "application/vnd.fermyon.spin.application.v1+config"
SPIN_ARCHIVE = "application/vnd.wasm.content.bundle.v1.tar+gzip"
SPIN_DATA = "application/vnd.wasm.content.layer.v1+data"
TITLE = "org.opencontainers.image.title"
POLICY = json.dumps({"protocolVersion": "v1", "annotations": {"io.kubewarden.policy.title": "t", "io.kubewarden.policy.source": "https://example.org/p",
                                                              "io.kubewarden.policy.usage": "two\nlines"}}).encode()


def oci_wasm(layout, tag):
    """wkg, wash and Wassette through the oci-wasm crate."""
    manifest = layout.manifest(tag)
    if manifest.get("mediaType") != "application/vnd.oci.image.manifest.v1+json":
        return "manifest type"
    if manifest["config"]["mediaType"] != "application/vnd.wasm.config.v0+json":
        return "config type"
    if [layer["mediaType"] for layer in manifest["layers"]] != [WASM]:
        return "layers"
    config = layout.config(tag)
    if config["architecture"] != "wasm" or config["layerDigests"] != [manifest["layers"][0]["digest"]] or "created" not in config:
        return "config"
    is_component = layout.blob(manifest["layers"][0]["digest"])[4:8] == b"\x0d\0\1\0"
    if config["os"] != ("wasip2" if is_component else "wasip1") or (config["component"] is not None) != is_component:
        return "os"
    return None


def wasmcloud_2(layout, tag):
    return None if layout.manifest(tag)["layers"][0]["mediaType"] in (WASM, MODULE_CONTENT) else "layer type"


def wasmcloud_1(layout, tag):
    layers = [layer["mediaType"] for layer in layout.manifest(tag)["layers"]]
    return None if len(layers) == 1 and layers[0] in (WASM, MODULE_CONTENT, "application/vnd.oci.image.layer.v1.tar") else "layers"


def runwasi(layout, tag, types=(RUNWASI, WASM)):
    """A shim in layer mode: the architecture decides, then the types of layers."""
    config = layout.config(tag)
    if config.get("architecture") != "wasm" or "os" not in config:
        return "platform"
    kept = [layer for layer in layout.manifest(tag)["layers"] if layer["mediaType"] in types]
    if len(kept) != 1:
        return f"{len(kept)} layers of a known type"
    return None if layout.blob(kept[0]["digest"]).startswith(b"\0asm") else "bytes"


def container_host(layout, tag):
    """A shim in file mode, Docker or podman: diff IDs are those of the plain layers, and the entrypoint is a file in them."""
    config, manifest = layout.config(tag), layout.manifest(tag)
    plain = [unpacked(layout.blob(layer["digest"]), layer["mediaType"]) for layer in manifest["layers"]]
    if config["rootfs"]["diff_ids"] != [digest(layer) for layer in plain]:
        return "diff IDs"
    if len([entry for entry in config.get("history", []) if not entry.get("empty_layer")]) not in (0, len(plain)):
        return "history"
    names = {name for layer in plain for name in tarfile.open(fileobj=io.BytesIO(layer)).getnames()}
    words = config["config"].get("Entrypoint", []) + config["config"].get("Cmd", [])
    return None if words and words[0].removeprefix("/") in names else "entrypoint"


def unpacked(data, media_type):
    return gzip.decompress(data) if media_type.endswith("gzip") else data


def crun(layout, tag):
    """crun and youki through the annotation, podman 5 through the platform."""
    annotations, config = layout.manifest(tag).get("annotations", {}), layout.config(tag)
    words = config["config"].get("Entrypoint", []) + config["config"].get("Cmd", [])
    variant = annotations.get("module.wasm.image/variant")
    if "run.oci.handler" in annotations:
        return "handler beside the platform"
    if variant == "compat-smart" and not words[0].endswith((".wasm", ".wat")):
        return "name"
    if variant not in ("compat", "compat-smart"):
        return "annotation"
    return None if (config["os"], config["architecture"]) == ("wasi", "wasm") else "platform"


def istio(layout, tag):
    """Istio and Envoy Gateway."""
    layers = layout.manifest(tag)["layers"]
    if layers[-1]["mediaType"] == "application/vnd.oci.image.layer.v1.tar+gzip":
        with tarfile.open(fileobj=io.BytesIO(layout.blob(layers[-1]["digest"])), mode="r:gz") as archive:
            found = [m for m in archive.getmembers() if m.isfile() and posixpath.basename(m.name) == "plugin.wasm"]
            if found and archive.extractfile(found[0]).read().startswith(b"\0asm"):
                return None
    if len(layers) != 2:
        return f"{len(layers)} layers"
    return None if any(layer["mediaType"] == MODULE_CONTENT for layer in layers) else "layer types"


def trivy(layout, tag):
    layers = layout.manifest(tag)["layers"]
    if len(layers) != 1 or layers[0]["mediaType"] != MODULE_CONTENT:
        return "layers"
    return None if layers[0].get("annotations", {}).get(TITLE) else "title"


def wasm_to_oci(layout, tag):
    manifest = layout.manifest(tag)
    if manifest["config"]["mediaType"] != "application/vnd.wasm.config.v1+json" or layout.blob(manifest["config"]["digest"]) != b"{}":
        return "config"
    return None if [layer["mediaType"] for layer in manifest["layers"]] == [CONTENT] else "layers"


def kubewarden(layout, tag):
    if wasm_to_oci(layout, tag):
        return "types"
    return None if b"io.kubewarden.metadata" in layout.blob(layout.manifest(tag)["layers"][0]["digest"]) else "metadata"


def spin(layout, tag):
    """Spin and its shim: the lock is found by its type, and everything it names is a layer or inline."""
    manifest, config = layout.manifest(tag), layout.config(tag)
    locks = [layer for layer in manifest["layers"] if layer["mediaType"] == SPIN_LOCK]
    if len(locks) != 1 or manifest["layers"][-1] != locks[0]:
        return "lock"
    if (config["architecture"], config["os"].lower(), config["rootfs"]["diff_ids"]) != ("wasm", "wasip1", []):
        return "config"
    if config["config"]["Labels"]["com.fermyon.spin.lockedAppDigest"] != locks[0]["digest"]:
        return "label"
    lock = layout.document(locks[0]["digest"])
    if lock["spin_lock_version"] not in (0, 1) or not lock["metadata"]["name"]:
        return "lock version"
    stored = {layer["digest"] for layer in manifest["layers"]}
    for layer in manifest["layers"]:
        if layer["mediaType"] == SPIN_ARCHIVE:
            with tarfile.open(fileobj=io.BytesIO(layout.blob(layer["digest"]))) as archive:
                stored |= {digest(archive.extractfile(m).read()) for m in archive.getmembers() if m.isfile()}
    names = {item["id"] for item in lock["components"]}
    for item in lock["components"]:
        source = item["source"]
        if source["content_type"] != WASM or source["digest"] not in {x["digest"] for x in manifest["layers"] if x["mediaType"] == CONTENT}:
            return "source"
        for file in item.get("files", []):
            if file["path"].startswith("/") or ".." in file["path"].split("/"):
                return "file path"
            if "inline" not in file and file["digest"] not in stored:
                return "file " + file["path"]
    if not lock["triggers"] or any(t["trigger_config"]["component"] not in names or not t["trigger_type"] or not t["id"] for t in lock["triggers"]):
        return "triggers"
    return None if len(manifest["layers"]) <= 500 else "too many layers"


def oras_pull(layout, tag):
    return None if all(layer.get("annotations", {}).get(TITLE) for layer in layout.manifest(tag)["layers"]) else "no title"


# Who takes what; each rule also has to refuse something, or it would not be one.
ACCEPTED = {
    "wasm": (oci_wasm, wasmcloud_2, wasmcloud_1, oras_pull, runwasi),
    "image": (container_host,),
    "runwasi": (runwasi,),
    "compat": (container_host, crun),
    "spin": (spin, lambda layout, tag: runwasi(layout, tag, (CONTENT, WASM, SPIN_ARCHIVE, SPIN_DATA + "x"))),
    "envoy": (istio, oras_pull),
    "envoy-compat": (istio,),
    "trivy": (trivy, wasmcloud_2, oras_pull),
    "wasm-to-oci": (wasm_to_oci,),
    "kubewarden": (wasm_to_oci, kubewarden),
    "wasmcloud": (wasmcloud_1, wasmcloud_2),
    "oras": (oras_pull,),
}
REFUSED = {
    "wasm": (istio, trivy, wasm_to_oci, kubewarden, spin),
    "image": (istio, crun, runwasi, oras_pull),
    "wasm-to-oci": (oci_wasm, wasmcloud_1, wasmcloud_2, istio, kubewarden),
    "trivy": (istio, oci_wasm),
    "spin": (oci_wasm, istio, container_host),
    "envoy-compat": (container_host,),
}


class Consumers(DavitTest):
    def setUp(self):
        super().setUp()
        policy = importing(("wasi_snapshot_preview1", "fd_write")) + custom("io.kubewarden.metadata", POLICY)
        (self.folder / "app.wasm").write_bytes(policy)
        (self.folder / "part.wasm").write_bytes(component(MODULE))
        self.layout = Layout(self.folder / "store")

    def push(self, file, format, tag):
        self.succeed("push", file, f"oci:store:{tag}", "--format", format, "--annotation", "org.example.a=b")

    def test_every_format_is_taken_by_its_consumers(self):
        for format, rules in ACCEPTED.items():
            self.push("app.wasm", format, format)
            for rule in rules:
                self.assertIsNone(rule(self.layout, format), f"{format} by {rule.__name__}")

    def test_the_rules_refuse_what_their_consumers_refuse(self):
        for format, rules in REFUSED.items():
            self.push("part.wasm" if format == "spin" else "app.wasm", format, format)
            if format == "wasm-to-oci":
                (self.folder / "plain.wasm").write_bytes(MODULE)
                self.push("plain.wasm", format, format)
            for rule in rules:
                try:
                    answer = rule(self.layout, format)
                except (KeyError, IndexError, tarfile.TarError) as broken:
                    answer = repr(broken)
                self.assertIsNotNone(answer, f"{format} by {rule.__name__}")

    def test_components_are_taken_where_components_run(self):
        for format, rules in {"wasm": (oci_wasm, wasmcloud_2), "runwasi": (runwasi,), "image": (container_host,), "spin": (spin,), "compat": (crun,)}.items():
            self.push("part.wasm", format, "c-" + format)
            for rule in rules:
                self.assertIsNone(rule(self.layout, "c-" + format), f"{format} by {rule.__name__}")
        for format in ("envoy", "envoy-compat", "trivy", "kubewarden"):
            self.refuse(12, "push", "part.wasm", "oci:store:x", "--format", format, saying="component")

    def test_a_policy_needs_its_metadata_and_gives_its_annotations(self):
        (self.folder / "plain.wasm").write_bytes(MODULE)
        self.refuse(12, "push", "plain.wasm", "oci:store:x", "--format", "kubewarden", saying="io.kubewarden.metadata")
        self.push("app.wasm", "kubewarden", "policy")
        annotations = self.layout.manifest("policy")["annotations"]
        self.assertEqual(annotations["io.kubewarden.policy.title"], "t")
        self.assertEqual(annotations["org.opencontainers.image.source"], "https://example.org/p")
        self.assertNotIn("io.kubewarden.policy.usage", annotations)

    def test_an_oras_artifact_has_the_empty_configuration_and_a_type(self):
        self.push("app.wasm", "oras", "o")
        manifest = self.layout.manifest("o")
        self.assertEqual(manifest["artifactType"], "application/vnd.unknown.artifact.v1")
        self.assertEqual((manifest["config"]["mediaType"], manifest["config"]["data"], manifest["config"]["size"]),
                         ("application/vnd.oci.empty.v1+json", "e30=", 2))

    def test_the_same_file_gives_the_same_bytes_wherever_it_is_packed(self):
        digests = {}
        for format in ACCEPTED:
            digests[format] = self.succeed("push", "app.wasm", f"oci:one:{format}", "--format", format, "--json").json["digest"]
        other = self.folder / "elsewhere"
        other.mkdir()
        for format, expected in digests.items():
            made = self.succeed("push", "../app.wasm", f"oci:two:{format}", "--format", format, "--json", cwd=other, TZ="Asia/Kathmandu", LANG="C").json["digest"]
            self.assertEqual(made, expected, format)


if __name__ == "__main__":
    unittest.main()
