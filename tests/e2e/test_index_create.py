"""`index create`: native and wasm images under one tag, with skopeo and crane as judges."""

import json
import os
import shutil
import subprocess
import unittest

from support.layout import DOCKER, OCI, Layout, digest
from support.program import DavitTest
from support.registry import Registry

WASM = b"\0asm\1\0\0\0"


class IndexCreateTest(DavitTest):
    def setUp(self):
        super().setUp()
        self.layout = Layout(self.folder / "src")
        self.native = self.layout.image("linux/amd64", b"native")
        self.layout.tag("native", self.native)
        (self.folder / "app.wasm").write_bytes(WASM)
        self.succeed("push", "app.wasm", "oci:src:wasm")

    def index_at(self, name="all", folder="src"):
        listed = json.loads((self.folder / folder / "index.json").read_text())["manifests"]
        found = next(entry for entry in listed if entry["annotations"]["org.opencontainers.image.ref.name"] == name)
        return json.loads(self.blob(found, folder))

    def blob(self, descriptor, folder="src"):
        return (self.folder / folder / "blobs" / "sha256" / descriptor["digest"][7:]).read_bytes()

    def platforms(self, index):
        return [f"{entry['platform']['os']}/{entry['platform']['architecture']}" if "platform" in entry else None
                for entry in index["manifests"]]

    def test_native_and_wasm_stand_under_one_tag(self):
        made = self.succeed("index", "create", "oci:src:all", "oci:src:wasm", "oci:src:native", "--annotation", "a=b", "--json").json

        index = self.index_at()
        self.assertEqual(self.platforms(index), ["linux/amd64", "wasip1/wasm"])
        self.assertEqual(index["annotations"], {"a": "b"})
        self.assertEqual(index["manifests"][0]["digest"], self.native["digest"])
        self.assertEqual(made["manifests"], index["manifests"])

    def test_the_order_of_the_sources_does_not_matter(self):
        one = self.succeed("index", "create", "oci:out:1", "oci:src:wasm", "oci:src:native").out
        two = self.succeed("index", "create", "oci:out:2", "oci:src:native", "oci:src:wasm", "oci:src:native").out

        self.assertEqual(one.split("@")[1], two.split("@")[1])

    def test_an_index_is_opened_and_keeps_its_attestations_and_types(self):
        arm = self.layout.image("linux/arm64", b"arm", docker=True)
        note = {**self.layout.image("unknown/unknown", b"note"), "platform": {"os": "unknown", "architecture": "unknown"},
                "annotations": {"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": arm["digest"]}}
        windows = {**self.layout.image("windows/amd64", b"win"),
                   "platform": {"os": "windows", "architecture": "amd64", "os.version": "10.0.20348.1"}}
        arm = {**arm, "platform": {"os": "linux", "architecture": "arm64", "variant": "v8"}}
        inner = self.layout.index(note, arm)
        self.layout.tag("multi", self.layout.index(inner, windows))

        self.succeed("index", "create", "oci:out:all", "oci:src:multi", "oci:src:native", "oci:src:wasm")

        entries = self.index_at(folder="out")["manifests"]
        self.assertEqual([(entry["platform"]["os"], entry["mediaType"]) for entry in entries],
                         [("linux", OCI + "manifest.v1+json"), ("linux", DOCKER + "distribution.manifest.v2+json"),
                          ("windows", OCI + "manifest.v1+json"), ("wasip1", OCI + "manifest.v1+json"),
                          ("unknown", OCI + "manifest.v1+json")])
        self.assertEqual(entries[1], arm)
        self.assertEqual(entries[2], windows)
        self.assertEqual(entries[4], note)
        for entry in entries:
            self.assertEqual(digest(self.blob(entry, "out")), entry["digest"])

    def test_two_images_for_one_platform_are_a_conflict(self):
        self.layout.tag("other", self.layout.image("linux/amd64", b"other"))

        refused = self.refuse(13, "index", "create", "oci:src:all", "oci:src:native", "oci:src:other", saying="linux/amd64")

        self.assertIn("oci:src:other", refused.err)
        self.succeed("index", "create", "oci:src:all", "oci:src:native", "oci:src:other", "--platform", "oci:src:other=linux/arm64")
        self.assertEqual(self.platforms(self.index_at()), ["linux/amd64", "linux/arm64"])

    def test_a_source_of_no_known_platform_needs_one(self):
        bare = self.layout.put({"schemaVersion": 2, "config": self.layout.put(b"{}", "application/vnd.wasm.config.v1+json"),
                                "layers": [self.layout.put(WASM, "application/vnd.wasm.content.layer.v1+wasm")]}, OCI + "manifest.v1+json")
        self.layout.tag("bare", bare)

        self.refuse(12, "index", "create", "oci:src:all", "oci:src:bare", saying="--platform")
        self.succeed("index", "create", "oci:src:all", "oci:src:bare", "--platform", "oci:src:bare=wasip1/wasm")
        self.assertEqual(self.platforms(self.index_at()), ["wasip1/wasm"])

    def test_bad_words_are_refused(self):
        self.refuse(2, "index", "create", "oci:src:all", "oci:src:native", "--platform", "linux/amd64", saying="SRC=OS/ARCH")
        self.refuse(2, "index", "create", "oci:src:all", "oci:src:native", "--platform", "oci:src:native=linux", saying="OS/ARCH")
        self.refuse(2, "index", "create", "oci:src:all", "oci:src:native", "--platform", "oci:src:x=linux/amd64", saying="not one of")
        self.refuse(2, "index", "create", "oci:src:all", "oci:src:native", "--annotation", "x", saying="KEY=VALUE")
        self.refuse(4, "index", "create", "oci:src:all", "oci:src:absent")
        self.refuse(2, "index", "create", "oci:src:all")

    def test_an_archive_can_be_source_and_target(self):
        self.succeed("copy", "oci:src:native", "oci-archive:native.tar:1")

        self.succeed("index", "create", "oci-archive:all.tar:1", "oci-archive:native.tar:1", "oci:src:wasm")

        self.succeed("copy", "oci-archive:all.tar:1", "oci:out:all")
        self.assertEqual(self.platforms(self.index_at(folder="out")), ["linux/amd64", "wasip1/wasm"])

    def test_skopeo_and_crane_find_each_its_own(self):
        registry = Registry(self)
        at = f"127.0.0.1:{registry.port}/team/app"
        self.succeed("copy", "oci:src:native", f"{at}:native")
        self.succeed("push", "app.wasm", f"{at}:wasm")
        digest_out = self.succeed("index", "create", f"{at}:1", f"{at}:native", f"{at}:wasm").out.strip().split("@")[1]

        def judge(*words):
            return subprocess.run(words, capture_output=True, check=True, cwd=self.folder, env={**os.environ, **self.environment}).stdout

        if shutil.which("skopeo"):
            raw = judge("skopeo", "inspect", "--raw", "--tls-verify=false", f"docker://{at}:1")
            self.assertEqual(digest(raw), digest_out)
            judge("skopeo", "--override-os", "linux", "--override-arch", "amd64", "copy", "--preserve-digests", "--src-tls-verify=false",
                  f"docker://{at}:1", "oci:native-copy:1")
            copied = json.loads((self.folder / "native-copy" / "index.json").read_text())["manifests"][0]
            self.assertEqual(copied["digest"], self.native["digest"])
        if shutil.which("crane"):
            index = json.loads(judge("crane", "manifest", "--insecure", f"{at}:1"))
            self.assertEqual(self.platforms(index), ["linux/amd64", "wasip1/wasm"])
            judge("crane", "pull", "--insecure", "--platform", "linux/amd64", "--format", "oci", f"{at}:1", "crane-native")
            pulled = json.loads((self.folder / "crane-native" / "index.json").read_text())["manifests"]
            self.assertIn(self.native["digest"], json.dumps(pulled))
            wasm = json.loads(judge("crane", "manifest", "--insecure", "--platform", "wasip1/wasm", f"{at}:1"))
            self.assertEqual(wasm["layers"][0]["mediaType"], "application/wasm")
        self.succeed("pull", f"{at}:1", "-o", "back.wasm")
        self.assertEqual((self.folder / "back.wasm").read_bytes(), WASM)


if __name__ == "__main__":
    unittest.main()
