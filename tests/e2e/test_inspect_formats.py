"""What inspect says of every packaging: programs are described, everything else is described and refused by name."""

import base64
import gzip
import json
import tarfile
import unittest

from support.layout import Layout, digest, tar
from support.program import DavitTest
from support.wasm import custom

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_EMPTY = "application/vnd.oci.empty.v1+json"
TAR = "application/vnd.oci.image.layer.v1.tar"
WASM = b"\0asm\1\0\0\0"
OTHER = WASM + b"\0\2\1a"
POLICY = WASM + custom("io.kubewarden.metadata", b"{}")
TITLE = "org.opencontainers.image.title"
CONTENT = "application/vnd.wasm.content.layer.v1+wasm"
MODULE = "application/vnd.module.wasm.content.layer.v1+wasm"
MODULE_CONFIG = "application/vnd.module.wasm.config.v1+json"
RUNWASI = "application/vnd.bytecodealliance.wasm.component.layer.v0+wasm"
UNKNOWN = "application/vnd.unknown.config.v1+json"
WASM_V0 = "application/vnd.wasm.config.v0+json"
WASM_V1 = "application/vnd.wasm.config.v1+json"
LOCK = "application/vnd.fermyon.spin.application.v1+config"


class HandMade(Layout):
    def manifest(self, name, config, layers, media_type=OCI_MANIFEST, says=True, **members):
        """Stores a manifest and tags it. `says`: whether it names its own media type."""
        document = {"schemaVersion": 2, **({"mediaType": media_type} if says else {}), "config": config, "layers": layers, **members}
        descriptor = self.put(document, media_type)
        self.tag(name, descriptor)
        return descriptor

    def image_of(self, name, layers, config=None, platform=("wasi", "wasm"), **members):
        """A container image of plain tar layers."""
        document = {"architecture": platform[1], "os": platform[0], "config": config or {},
                    "rootfs": {"type": "layers", "diff_ids": [digest(layer) for layer in layers]}}
        return self.manifest(name, self.put(document, OCI_CONFIG), [self.put(layer, TAR) for layer in layers], **members)


class InspectTest(DavitTest):
    def setUp(self):
        super().setUp()
        self.layout = HandMade(self.folder / "store")

    def add(self, *arguments, **members):
        return self.layout.put(*arguments, **members)

    def artifact(self, name, config, layers, **members):
        self.layout.manifest(name, config, layers, **members)
        return self.succeed("inspect", "--json", f"oci:store:{name}").json["artifact"]

    def raw(self, name, config_type, layer_type, content=WASM, title=None, config=b"{}", **members):
        layer = self.add(content, layer_type, **({"annotations": {TITLE: title}} if title else {}))
        return self.artifact(name, self.add(config, config_type), [layer], **members)

    def expect(self, artifact, form, variant=""):
        self.assertEqual((artifact["format"], artifact["variant"], artifact["holdsWasm"]), (form, variant, True))
        self.assertTrue(artifact["evidence"])


class Bare(InspectTest):
    def test_wasm(self):
        config = {"created": "2026-01-02T03:04:05Z", "author": "Sam", "architecture": "wasm", "os": "wasip1", "layerDigests": [digest(WASM)], "component": None}
        artifact = self.raw("v1", WASM_V0, "application/wasm", title="greet.wasm", config=json.dumps(config).encode())
        self.expect(artifact, "wasm")
        self.assertEqual(artifact["oddities"], [])
        self.assertEqual(artifact["package"], {"title": "greet.wasm", "created": "2026-01-02T03:04:05Z", "author": "Sam"})

    def test_wasm_with_the_keys_of_its_first_release_and_without_a_media_type(self):
        config = {"architecture": "wasm", "os": "wasip2", "layer_digests": [digest(WASM)], "component": {"exports": [], "imports": []}}
        artifact = self.raw("v1", WASM_V0, "application/wasm", config=json.dumps(config).encode(), says=False)
        self.expect(artifact, "wasm")
        self.assertEqual(artifact["oddities"], ["the manifest has no mediaType", "the configuration says layer_digests, which was layerDigests since 2024",
                                                "the configuration is for wasip2 and the file is a module"])

    def test_wasm_to_oci_and_kubewarden_differ_by_the_file(self):
        self.expect(self.raw("v1", WASM_V1, CONTENT, title="a/b/../hello.wasm", says=False), "wasm-to-oci")
        self.expect(self.raw("v2", WASM_V1, CONTENT, content=POLICY), "kubewarden")
        self.expect(self.raw("v3", WASM_V1, CONTENT, annotations={"io.kubewarden.policy.title": "p"}), "kubewarden")

    def test_wasmcloud(self):
        self.expect(self.raw("v1", "application/vnd.wasmcloud.actor.archive.config", MODULE), "wasmcloud")
        self.expect(self.raw("v2", "application/vnd.wasmcloud.actor.archive.config", TAR), "wasmcloud")

    def test_trivy(self):
        self.expect(self.raw("v1", UNKNOWN, MODULE, title="check.wasm"), "trivy")

    def test_runwasi_and_its_forerunners(self):
        config = json.dumps({"architecture": "wasm", "os": "wasip1", "config": {"Entrypoint": ["hello.wasm"], "Labels": {"containerd.runwasi.layers": "00", "a": "b"}},
                             "rootfs": {"type": "layers", "diff_ids": []}}).encode()
        artifact = self.raw("v1", OCI_CONFIG, RUNWASI, config=config)
        self.expect(artifact, "runwasi")
        self.assertEqual(artifact["package"], {"title": "hello.wasm", "entrypoint": ["hello.wasm"], "labels": {"a": "b"},
                                               "platform": {"architecture": "wasm", "os": "wasip1"}})
        self.expect(self.raw("v2", OCI_CONFIG, RUNWASI, artifactType="application/vnd.bytecodealliance.module.v1+wasm"), "runwasi", "superseded")
        self.expect(self.raw("v3", "application/vnd.wasm.component.config.v1+json", "application/vnd.w3c.wasm.module.v1+wasm"), "runwasi", "superseded")
        self.expect(self.raw("v4", OCI_CONFIG, "application/wasm", config=config), "runwasi", "plain-type")

    def test_envoy(self):
        config = self.add(b'{"type":"envoy_proxy"}', MODULE_CONFIG)
        artifact = self.artifact("v1", config, [config, self.add(WASM, MODULE, annotations={TITLE: "filter.wasm"})])
        self.expect(artifact, "envoy")
        self.assertEqual(artifact["package"], {"title": "filter.wasm", "companions": {"runtime-config.json": '{"type":"envoy_proxy"}'}})

    def test_oras(self):
        typed = self.raw("v1", OCI_EMPTY, "application/wasm", title="a.wasm", artifactType="application/vnd.unknown.artifact.v1")
        self.expect(typed, "oras")
        bare = self.raw("v2", UNKNOWN, TAR, title="a.wasm")
        self.expect(bare, "oras")
        self.assertIn("bare wasm file", bare["oddities"][0])
        self.expect(self.raw("v3", OCI_CONFIG, TAR, config=b'{"architecture":"wasm","os":"wasip1"}'), "oras", "platform")
        self.expect(self.raw("v4", OCI_EMPTY, "application/wasm", artifactType=MODULE), "oras", "azure-iot")
        folder = tar(("pack/readme", b"x"), ("pack/a.wasm", WASM), mode="w:gz")
        self.expect(self.raw("v5", OCI_EMPTY, TAR + "+gzip", content=folder), "oras", "archive")

    def test_several_files_are_listed(self):
        layers = [self.add(WASM, "application/wasm", annotations={TITLE: "a.wasm"}), self.add(OTHER, "application/wasm", annotations={TITLE: "b.wasm"})]
        self.layout.manifest("v1", self.add(b"{}", OCI_EMPTY), layers)
        self.refuse(12, "inspect", "oci:store:v1", saying="a.wasm, b.wasm")
        self.succeed("convert", "oci:store:v1", "oci:out:v1", "--format", "wasm", "--path", "b.wasm")
        self.assertEqual(self.succeed("inspect", "--json", "oci:out:v1").json["digest"], digest(OTHER))

    def test_the_withdrawn_artifact_manifest(self):
        kind = "application/vnd.oci.artifact.manifest.v1+json"
        document = {"mediaType": kind, "artifactType": "application/vnd.example", "blobs": [self.add(WASM, "application/wasm")]}
        self.layout.tag("v1", self.add(document, kind))
        artifact = self.succeed("inspect", "--json", "oci:store:v1").json["artifact"]
        self.expect(artifact, "oras", "artifact-manifest")
        self.assertEqual(self.succeed("copy", "oci:store:v1", "oci:copied:v1").status, 0)

    def test_a_layer_that_is_not_what_its_type_says_is_refused(self):
        self.layout.manifest("v1", self.add(b"{}", WASM_V0), [self.add(b"\x7fELF1234", "application/wasm")])
        self.refuse(8, "inspect", "oci:store:v1", saying="a native ELF program")


class Spin(InspectTest):
    def application(self, name, files, layers=(), lock_as_config=False):
        lock = {"spin_lock_version": 0, "metadata": {"name": "hello"}, "triggers": [{"id": "t", "trigger_type": "http", "trigger_config": {"component": "hello"}}],
                "components": [{"id": "hello", "env": {"MODE": "x"}, "source": {"content_type": "application/wasm", "digest": digest(WASM)}, "files": files}]}
        module = self.add(WASM, CONTENT)
        if lock_as_config:
            return self.artifact(name, self.add(lock, LOCK), [module, *layers])
        config = {"architecture": "wasm", "os": "Wasip1", "config": {"Labels": {"com.fermyon.spin.lockedAppDigest": "sha256:00"}}, "rootfs": {"type": "layers", "diff_ids": []}}
        return self.artifact(name, self.add(config, OCI_CONFIG), [module, *layers, self.add(lock, LOCK)], says=False)

    def test_an_application_and_its_files(self):
        big = b"big" * 100
        files = [{"inline": base64.b64encode(b"hi").decode(), "digest": digest(b"hi"), "path": "static/hi.txt"}, {"digest": digest(big), "path": "static/big"},
                 {"digest": digest(b"packed"), "path": "p"}]
        archive = self.add(tar(("q/packed", b"packed"), mode="w:gz"), "application/vnd.wasm.content.bundle.v1.tar+gzip")
        artifact = self.application("v1", files, [self.add(big, "application/vnd.wasm.content.layer.v1+data"), archive])
        self.expect(artifact, "spin")
        self.assertEqual(artifact["package"]["title"], "hello.wasm")
        self.assertEqual(artifact["package"]["environment"], ["MODE=x"])
        self.assertIn('"spin_lock_version"', artifact["package"]["companions"]["spin.lock"])
        self.succeed("convert", "oci:store:v1", "oci:image:v1", "--format", "image")
        described = self.succeed("convert", "oci:image:v1", "docker-archive:out.tar", "--format", "image")
        self.assertEqual(described.status, 0)
        found = {}
        with tarfile.open(self.folder / "out.tar") as saved:
            for layer in json.load(saved.extractfile("manifest.json"))[0]["Layers"]:
                with tarfile.open(fileobj=saved.extractfile(layer)) as files_in:
                    found.update({entry.name: files_in.extractfile(entry).read() for entry in files_in if entry.isfile()})
        self.assertEqual(found, {"hello.wasm": WASM, "static/hi.txt": b"hi", "static/big": big, "p": b"packed"})

    def test_the_lock_as_configuration(self):
        self.expect(self.application("v1", [], lock_as_config=True), "spin", "config-lock")

    def test_a_file_that_leaves_the_application_or_is_another_is_refused(self):
        for status, file in ((8, {"inline": "aGk=", "path": "../x"}), (10, {"inline": "aGk=", "digest": digest(b"ho"), "path": "x"})):
            with self.subTest(file=file):
                lock = {"components": [{"id": "a", "source": {"digest": digest(WASM)}, "files": [file]}]}
                self.layout.manifest(f"bad{status}", self.add(lock, LOCK), [self.add(WASM, CONTENT)])
                self.refuse(status, "inspect", f"oci:store:bad{status}")


class Images(InspectTest):
    def test_an_image_and_what_it_says(self):
        config = {"Entrypoint": ["/bin/app.wasm"], "Cmd": ["--serve"], "Env": ["A=1"], "WorkingDir": "/data", "User": "7", "ExposedPorts": {"8080/tcp": {}},
                  "Volumes": {"/data": {}}, "Labels": {"team": "crane"}, "StopSignal": "SIGINT"}
        self.layout.image_of("v1", [tar(("bin/app.wasm", WASM), ("data/x", b"x"))], config=config, annotations={"note": "n"})
        artifact = self.succeed("inspect", "--json", "oci:store:v1").json["artifact"]
        self.expect(artifact, "image")
        self.assertEqual(artifact["package"], {
            "title": "app.wasm", "path": "bin/app.wasm", "entrypoint": ["/bin/app.wasm"], "command": ["--serve"], "environment": ["A=1"], "workingFolder": "/data",
            "user": "7", "ports": ["8080/tcp"], "volumes": ["/data"], "labels": {"team": "crane"}, "annotations": {"note": "n"},
            "platform": {"architecture": "wasm", "os": "wasi"}, "otherConfig": {"config": {"StopSignal": "SIGINT"}}})
        text = self.succeed("inspect", "-v", "oci:store:v1").out
        for word in ("format image\n", "evidence the configuration is for wasi/wasm", "entrypoint /bin/app.wasm", "port 8080/tcp"):
            self.assertIn(word, text)

    def test_compat_and_a_plugin_for_proxies(self):
        self.layout.image_of("v1", [tar(("app.wasm", WASM))], platform=("linux", "amd64"), config={"Cmd": ["/app.wasm"]}, annotations={"module.wasm.image/variant": "compat-smart"})
        self.expect(self.succeed("inspect", "--json", "oci:store:v1").json["artifact"], "compat")
        self.layout.image_of("v2", [tar(("x", b"x")), tar(("plugin.wasm", WASM), ("runtime-config.json", b'{"type":"envoy_proxy"}'))], platform=("linux", "amd64"))
        artifact = self.succeed("inspect", "--json", "oci:store:v2").json["artifact"]
        self.expect(artifact, "envoy", "compat")
        self.assertEqual(artifact["package"]["companions"], {"runtime-config.json": '{"type":"envoy_proxy"}'})

    def test_a_raw_file_in_a_layer_that_calls_itself_a_tar(self):
        config = {"architecture": "wasm", "os": "wasi", "config": {}, "rootfs": {"type": "layers", "diff_ids": [digest(WASM)]}}
        self.layout.manifest("v1", self.add(config, OCI_CONFIG), [self.add(WASM, TAR)])
        self.assertEqual(self.succeed("inspect", "--json", "oci:store:v1").json["digest"], digest(WASM))

    def test_helm_plugins_bundles_and_higress(self):
        plugin = tar(("plugin.yaml", b"name: p\n"), ("plugin.wasm", WASM), mode="w:gz")
        artifact = self.raw("v1", OCI_EMPTY, TAR + "+gzip", content=plugin, artifactType="application/vnd.helm.plugin.v1+json")
        self.expect(artifact, "helm-plugin")
        self.assertEqual(artifact["package"]["companions"], {"plugin.yaml": "name: p\n"})
        bundle = tar(("policy.wasm", WASM), (".manifest", b"{}"), ("data.json", b"{}"), mode="w:gz")
        self.expect(self.raw("v2", UNKNOWN, TAR + "+gzip", content=bundle), "opa-bundle")
        spec = self.add(b"apiVersion: 1", "application/vnd.module.wasm.spec.v1+yaml", annotations={TITLE: "spec.yaml"})
        self.expect(self.artifact("v3", self.add(b"{}", OCI_CONFIG), [spec, self.add(tar(("plugin.wasm", WASM), mode="w:gz"), TAR + "+gzip")]), "envoy", "higress")


class WithoutWasm(InspectTest):
    def refuse_inspect(self, name, form, saying):
        refused = self.refuse(12, "inspect", "--json", f"oci:store:{name}", saying=saying)
        artifact = json.loads(refused.out)["artifact"]
        self.assertEqual((artifact["format"], artifact["holdsWasm"]), (form, False))
        self.assertEqual(self.refuse(12, "convert", f"oci:store:{name}", "oci:out:v1", "--format", "wasm").out, "")

    def test_is_described_and_refused_by_name(self):
        par = "application/vnd.wasmcloud.provider.archive"
        cases = [("provider-archive", f"{par}.config", f"{par}.layer.v1+par", "provider archive"),
                 ("helm-chart", "application/vnd.cncf.helm.config.v1+json", "application/vnd.cncf.helm.chart.content.v1.tar+gzip", "Helm chart"),
                 ("gadget", "application/vnd.gadget.config.v1+yaml", "application/vnd.gadget.ebpf.program.v1+binary", "Inspektor Gadget"),
                 ("signature", OCI_CONFIG, "application/vnd.dev.cosign.simplesigning.v1+json", "signature"),
                 ("attestation", OCI_CONFIG, "application/vnd.dsse.envelope.v1+json", "attestation"),
                 ("sbom", OCI_EMPTY, "application/spdx+json", "bill of materials"),
                 ("encrypted", OCI_CONFIG, TAR + "+encrypted", "encrypted"),
                 ("other", OCI_EMPTY, "application/x-thing", "not wasm")]
        for form, config_type, layer_type, saying in cases:
            with self.subTest(form=form):
                self.layout.manifest(form, self.add(b"{}", config_type), [self.add(b"\x7fELFxxxx", layer_type)])
                self.refuse_inspect(form, form, saying)

    def test_a_container_image(self):
        self.layout.image_of("v1", [tar(("bin/sh", b"\x7fELF" + bytes(9)))], platform=("linux", "amd64"), config={"Entrypoint": ["/bin/sh"]})
        self.refuse_inspect("v1", "container-image", "a native ELF program")

    def test_a_helm_plugin_without_wasm(self):
        self.layout.manifest("v1", self.add(b"{}", OCI_EMPTY), [self.add(gzip.compress(tar(("plugin.yaml", b"x"))), TAR + "+gzip")],
                             artifactType="application/vnd.helm.plugin.v1+json")
        self.refuse_inspect("v1", "helm-plugin", "a Helm plugin without a wasm file")


class Indexes(InspectTest):
    def index(self, *entries):
        document = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": list(entries)}
        self.layout.tag("all", self.add(document, document["mediaType"]))

    def entry(self, name, os, architecture, **members):
        described = self.layout.image_of(name, [tar(("app.wasm", WASM), (name, b""))], platform=(os, architecture))
        return {**described, "platform": {"os": os, "architecture": architecture}, **members}

    def test_entries_are_listed_and_wasm_is_taken(self):
        note = self.entry("note", "unknown", "unknown", annotations={"vnd.docker.reference.type": "attestation-manifest"})
        native, wasm = self.entry("native", "linux", "amd64"), self.entry("wasm", "wasip1", "wasm32")
        self.index(native, note, wasm)
        artifact = self.succeed("inspect", "--json", "oci:store:all").json["artifact"]
        self.assertEqual(artifact["digest"], wasm["digest"])
        self.assertEqual([(each["chosen"], each["attestation"]) for each in artifact["indexes"][0]["entries"]], [(False, False), (False, True), (True, False)])
        self.assertIn("wasip1/wasm32 (shown below)", self.succeed("inspect", "oci:store:all").out)

    def test_an_index_without_wasm_is_listed_too(self):
        self.index(self.entry("one", "linux", "amd64"), self.entry("two", "linux", "arm64"))
        refused = self.refuse(12, "inspect", "--json", "oci:store:all", saying="linux/amd64, linux/arm64")
        self.assertEqual(len(json.loads(refused.out)["artifact"]["indexes"][0]["entries"]), 2)


if __name__ == "__main__":
    unittest.main()
