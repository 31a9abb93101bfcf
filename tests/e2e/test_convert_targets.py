"""What convert writes besides single artifacts: packages that are files, docker-archives, several formats at once, and
data files as referrers."""

import gzip
import hashlib
import io
import json
import posixpath
import shutil
import subprocess
import tarfile
import tomllib
import unittest

from support.layouts import Layout, digest, tar, write_image
from support.program import DavitTest
from support.wasm import MODULE, component, importing

WASM = importing(("wasi_snapshot_preview1", "fd_write"))
DATA = (("data/table.txt", b"things\n"), ("data/more/x.bin", b"\0\1"), ("etc/app.conf", b"a=b\n"))
CONFIG = {"architecture": "wasm", "os": "wasi", "config": {"Entrypoint": ["/app.wasm", "word"], "Env": ["GREETING=hello"], "Labels": {"l": "v"}}}
# Loads the folder's modules as wrangler would and sends the worker one request.
HARNESS = """
import fs from "node:fs";
import path from "node:path";
const src = path.resolve(process.argv[2], "src");
const text = (name) => fs.readFileSync(path.join(src, name), "utf8");
const bytes = 'import fs from "node:fs";\\n';
fs.writeFileSync(path.join(src, "wasi.mjs"), text("wasi.js"));
fs.writeFileSync(path.join(src, "package.mjs"), bytes + text("package.js").replace(/import (file\\d+) from ("[^"]+");/g, "const $1 = fs.readFileSync(new URL($2, import.meta.url));"));
fs.writeFileSync(path.join(src, "index.mjs"), bytes + text("index.js").replace('import module from "./module.wasm";',
  'const module = new WebAssembly.Module(fs.readFileSync(new URL("./module.wasm", import.meta.url)));').replaceAll('.js";', '.mjs";'));
const worker = (await import(path.join(src, "index.mjs"))).default;
const answer = await worker.fetch(new Request("https://example.com" + process.argv[3], { method: "POST", body: "ping" }));
console.log(JSON.stringify({ status: answer.status, made: answer.headers.get("x-made-by"), text: await answer.text() }));
"""
PROGRAM = r"""
#include <stdio.h>
#include <stdlib.h>
int main(int argc, char** argv) {
  char in[64] = {0}, line[64] = {0};
  fread(in, 1, 63, stdin);
  printf("Status: 201\r\nX-Made-By: c\r\n\r\n");
  printf("%d %s %s %s %s|", argc, argv[0], getenv("GREETING"), getenv("REQUEST_METHOD"), in);
  FILE* file = fopen("/data/table.txt", "r");
  if (file != NULL && fgets(line, 64, file) != NULL) printf("%s|", line);
  printf("%s", fopen("/data/new", "w") == NULL ? "read-only" : "written");
  return 0;
}
"""


class Targets(DavitTest):
    def setUp(self):
        super().setUp()
        (self.folder / "app.wasm").write_bytes(WASM)
        (self.folder / "part.wasm").write_bytes(component(MODULE))

    def image(self, wasm=WASM, data=DATA):
        write_image(self.folder / "image", [tar(*data), tar(("app.wasm", wasm, 0o755))], CONFIG, {"org.example.a": "b"})
        return "oci:image:v1"

    def tool(self, *words, **options):
        if not shutil.which(words[0]):
            self.skipTest(f"{words[0]} is not installed")
        environment = {**self.environment, "XDG_RUNTIME_DIR": str(self.folder), **options}
        return subprocess.run(list(map(str, words)), cwd=self.folder, capture_output=True, check=True, env=environment).stdout

    def members(self, path):
        with tarfile.open(self.folder / path) as archive:
            return {m.name: archive.extractfile(m).read() for m in archive.getmembers() if m.isfile()}


class Files(Targets):
    def test_a_fastly_package_passes_their_validation(self):
        self.succeed("convert", self.image(), "my-app.tar.gz", "--format", "fastly")
        found = self.members("my-app.tar.gz")
        self.assertEqual({name.split("/")[0] for name in found}, {"my-app"})
        self.assertTrue({"fastly.toml", "main.wasm"} <= {posixpath.basename(name) for name in found})
        self.assertEqual(found["my-app/bin/main.wasm"], WASM)
        manifest = tomllib.loads(found["my-app/fastly.toml"].decode())
        self.assertEqual((manifest["manifest_version"], manifest["name"], manifest["language"]), (3, "app", "other"))
        self.assertEqual(found["my-app/files/data/table.txt"], b"things\n")
        self.refuse(12, "convert", "part.wasm", "c.tar.gz", "--format", "fastly", saying="component")

    def test_a_wasmer_package_names_its_module_and_its_files(self):
        self.succeed("convert", self.image(), "app.tar.gz", "--format", "wasmer")
        found = self.members("app.tar.gz")
        manifest = tomllib.loads(found["wasmer.toml"].decode())
        self.assertEqual(found[manifest["module"][0]["source"]], WASM)
        self.assertEqual(manifest["command"][0]["module"], manifest["module"][0]["name"])
        self.assertEqual(manifest["command"][0]["annotations"]["wasi"], {"main-args": ["word"], "env": ["GREETING=hello"]})
        for guest, host in manifest["fs"].items():
            self.assertTrue(any(name.startswith(host + "/") for name in found), guest)
        self.assertEqual(set(manifest["fs"]), {"/data", "/etc"})

    def test_a_workers_folder_answers_requests(self):
        if not shutil.which("clang") or not shutil.which("node"):
            self.skipTest("needs clang with wasi-libc, and node")
        (self.folder / "program.c").write_text(PROGRAM)
        self.tool("clang", "--target=wasm32-wasi", "-O1", "-o", "program.wasm", "program.c")
        self.succeed("convert", self.image((self.folder / "program.wasm").read_bytes()), "worker", "--format", "workers")
        (self.folder / "harness.mjs").write_text(HARNESS)
        answer = json.loads(self.tool("node", "harness.mjs", "worker", "/a?b=c"))
        self.assertEqual((answer["status"], answer["made"]), (201, "c"))
        self.assertEqual(answer["text"], "2 /app.wasm hello POST ping|things\n|read-only")
        self.refuse(13, "convert", "app.wasm", "worker", "--format", "workers", saying="already")

    def test_a_library_in_a_workers_folder_is_called_by_name(self):
        if not shutil.which("node"):
            self.skipTest("needs node")
        add = MODULE + b"\1\7\1\x60\2\x7f\x7f\1\x7f" + b"\3\2\1\0" + b"\7\7\1\3add\0\0" + b"\x0a\x09\1\7\0\x20\0\x20\1\x6a\x0b"
        (self.folder / "add.wasm").write_bytes(add)
        self.succeed("convert", "add.wasm", "worker", "--format", "workers")
        (self.folder / "harness.mjs").write_text(HARNESS)
        self.assertEqual(json.loads(json.loads(self.tool("node", "harness.mjs", "worker", "/add/2/40"))["text"]), {"result": 42})
        self.assertEqual(json.loads(self.tool("node", "harness.mjs", "worker", "/none"))["status"], 404)

    def test_wrangler_bundles_the_folder(self):
        self.succeed("convert", self.image(), "worker", "--format", "workers")
        self.tool("wrangler", "--cwd", "worker", "deploy", "--dry-run", "--outdir", "dist", WRANGLER_SEND_METRICS="false")
        self.assertTrue(any(name.name.endswith(".wasm") for name in (self.folder / "worker/dist").iterdir()))


class DockerArchives(Targets):
    def test_skopeo_reads_it_and_labels_say_what_annotations_would(self):
        self.succeed("convert", self.image(), "docker-archive:app.tar:app:v1", "--format", "image")
        shown = json.loads(self.tool("skopeo", "inspect", "docker-archive:app.tar:app:v1"))
        self.assertEqual((shown["Os"], shown["Architecture"], len(shown["Layers"])), ("wasi", "wasm", 2))
        self.assertEqual((shown["Labels"]["org.example.a"], shown["Labels"]["l"]), ("b", "v"))
        self.tool("skopeo", "copy", "-q", "docker-archive:app.tar:app:v1", "oci:copied:v1")

    def test_both_forms_of_names_lead_to_the_layers(self):
        self.succeed("convert", self.image(), "docker-archive:app.tar:app:v1", "--format", "compat")
        found = self.members("app.tar")
        [entry] = json.loads(found["manifest.json"])
        self.assertEqual(entry["RepoTags"], ["app:v1"])
        config = json.loads(found[entry["Config"]])
        self.assertEqual(config["rootfs"]["diff_ids"], [digest(found[name]) for name in entry["Layers"]])
        top = json.loads(found["repositories"])["app"]["v1"]
        self.assertEqual(entry["Layers"][-1], top + "/layer.tar")
        self.assertEqual(json.loads(found[top + "/json"])["parent"] + "/layer.tar", entry["Layers"][0])

    def test_the_way_back_restores_the_annotations(self):
        first = self.succeed("convert", self.image(), "oci:store:first", "--format", "image", "--json").json["digest"]
        self.succeed("convert", "oci:store:first", "docker-archive:app.tar:app:v1", "--format", "image")
        self.assertEqual(self.succeed("convert", "docker-archive:app.tar", "oci:store:back", "--format", "image", "--json").json["digest"], first)

    def test_podman_loads_it(self):
        self.succeed("convert", self.image(), "docker-archive:app.tar:localhost/app:v1", "--format", "compat")
        store = ["--root", self.folder / "root", "--runroot", self.folder / "run", "--storage-driver", "vfs"]
        self.tool("podman", *store, "load", "-q", "-i", "app.tar")
        [loaded] = json.loads(self.tool("podman", *store, "image", "inspect", "localhost/app:v1"))
        self.assertEqual((loaded["Os"], loaded["Architecture"], loaded["Config"]["Labels"]["org.example.a"]), ("wasi", "wasm", "b"))


class Several(Targets):
    def test_under_one_index(self):
        lines = self.succeed("convert", self.image(), "oci:store:v1", "--format", "image,wasm,spin", "--index", "--json").out.splitlines()
        made = [json.loads(line) for line in lines]
        layout = Layout(self.folder / "store")
        index = layout.manifest("v1")
        self.assertEqual([entry["digest"] for entry in index["manifests"]], [each["digest"] for each in made[1:]])
        self.assertEqual((made[0]["format"], made[0]["digest"]), ("index", layout.entry("v1")["digest"]))
        self.assertEqual([entry["platform"] for entry in index["manifests"]],
                         [{"architecture": "wasm", "os": "wasi"}, {"architecture": "wasm", "os": "wasip1"}, {"architecture": "wasm", "os": "wasip1"}])
        self.succeed("convert", "oci:store:v1", "oci:other:v1", "--format", "wasm")

    def test_under_tags_with_shared_blobs(self):
        self.succeed("convert", "app.wasm", "oci:store:v1", "--format", "wasm,wasm-to-oci,spin,oras", "--tag-suffix")
        layout = Layout(self.folder / "store")
        layers = {layout.manifest(f"v1-{name}")["layers"][0]["digest"] for name in ("wasm", "wasm-to-oci", "spin", "oras")}
        self.assertEqual(layers, {digest(WASM)})

    def test_all_modules_of_an_image(self):
        write_image(self.folder / "image", [tar(("a/one.wasm", MODULE), ("two.wasm", WASM))], {"architecture": "amd64", "os": "linux", "config": {}})
        self.succeed("convert", "oci:image:v1", "oci:store:v1", "--format", "wasm", "--all")
        layout = Layout(self.folder / "store")
        self.assertEqual([layout.manifest(f"v1-{name}")["layers"][0]["digest"] for name in ("one", "two")], [digest(MODULE), digest(WASM)])

    def test_two_modules_of_one_name_are_a_conflict(self):
        write_image(self.folder / "image", [tar(("a/one.wasm", MODULE), ("b/one.wasm", WASM))], {"architecture": "amd64", "os": "linux", "config": {}})
        self.refuse(13, "convert", "oci:image:v1", "oci:store:v1", "--format", "wasm", "--all", saying="v1-one")
        self.assertFalse((self.folder / "store").exists())


class DataFiles(Targets):
    def test_become_a_referrer_that_the_subject_names(self):
        self.succeed("convert", self.image(), "oci:store:v1", "--format", "wasm")
        layout = Layout(self.folder / "store")
        [referrer] = layout.referrers(layout.entry("v1")["digest"])
        self.assertEqual(referrer["artifactType"], "application/vnd.davit.files.v1+tar")
        self.assertEqual(layout.manifest("v1")["annotations"]["dev.davit.files"], referrer["layers"][0]["digest"])
        requests = layout.document(referrer["config"]["digest"])["requests"]["filesystem"]
        self.assertEqual([(each["guest"], each["access"]) for each in requests], [("/data", "read"), ("/etc", "read")])
        with tarfile.open(fileobj=io.BytesIO(layout.blob(referrer["layers"][0]["digest"]))) as archive:
            self.assertEqual([m.name for m in archive.getmembers() if m.isfile()], sorted(name for name, _ in DATA))

    def test_are_left_behind_when_asked_to(self):
        self.succeed("convert", self.image(), "oci:store:v1", "--format", "wasm", "--files", "none")
        self.assertNotIn("dev.davit.files", Layout(self.folder / "store").manifest("v1")["annotations"])

    def test_of_an_application_are_layers_or_in_its_lock(self):
        data = (*DATA, ("data/large.bin", bytes(1000)), ("data/same.bin", bytes(1000)), ("data/empty", b""))
        self.succeed("convert", self.image(data=data), "oci:store:v1", "--format", "spin")
        layout = Layout(self.folder / "store")
        layers = layout.manifest("v1")["layers"]
        self.assertEqual([layer["mediaType"].rsplit("+")[-1] for layer in layers], ["wasm", "data", "data", "config"])
        files = layout.document(layers[-1]["digest"])["components"][0]["files"]
        self.assertEqual(sorted(file["path"] for file in files), sorted(name for name, _ in data))

    def test_of_a_large_application_travel_as_one_archive(self):
        data = tuple((f"data/{i}.txt", b"%d " % i * 100) for i in range(510))
        self.succeed("convert", self.image(data=data), "oci:store:v1", "--format", "spin")
        layers = Layout(self.folder / "store").manifest("v1")["layers"]
        self.assertEqual([layer["mediaType"] for layer in layers][1], "application/vnd.wasm.content.bundle.v1.tar+gzip")
        self.assertEqual(len(layers), 3)
        self.succeed("convert", "oci:store:v1", "oci:back:v1", "--format", "image")
        with tarfile.open(fileobj=io.BytesIO(Layout(self.folder / "back").blob(Layout(self.folder / "back").manifest("v1")["layers"][0]["digest"]))) as archive:
            self.assertEqual(len([m for m in archive.getmembers() if m.isfile()]), 510)


class Layers(Targets):
    def test_every_compression_holds_the_same_tar(self):
        plain = set()
        for kind, tool in (("none", None), ("gzip", "gzip"), ("zstd", "zstd")):
            self.succeed("convert", self.image(), f"oci:store:{kind}", "--format", "image", "--compression", kind)
            layout = Layout(self.folder / "store")
            for layer, diff_id in zip(layout.manifest(kind)["layers"], layout.config(kind)["rootfs"]["diff_ids"]):
                data = layout.blob(layer["digest"])
                self.assertTrue(layer["mediaType"].endswith(".tar" if tool is None else "+" + kind))
                if tool is not None:
                    data = subprocess.run([tool, "-dc"], input=data, capture_output=True, check=True).stdout
                self.assertEqual(digest(data), diff_id)
                plain.add(diff_id)
            self.assertEqual(self.succeed("convert", f"oci:store:{kind}", "oci:back:v1", "--format", "wasm", "--files", "none", "--json").json["size"], len(WASM))
        self.assertEqual(len(plain), 2)

    def test_the_same_image_wherever_it_is_made(self):
        source = self.image()
        other = self.folder / "elsewhere"
        other.mkdir()
        for words in (("image", "--compression", "gzip"), ("image", "--compression", "zstd"), ("spin",), ("envoy-compat",)):
            one = self.succeed("convert", source, "oci:store:v1", "--format", *words, "--json").json["digest"]
            two = self.succeed("convert", "oci:../image:v1", "oci:store:v1", "--format", *words, "--json", cwd=other, TZ="Asia/Kathmandu").json["digest"]
            self.assertEqual(one, two, words)
        for format, name in (("fastly", "a.tar.gz"), ("wasmer", "a.tar.gz")):
            self.succeed("convert", source, name, "--format", format)
            self.succeed("convert", "oci:../image:v1", name, "--format", format, cwd=other, TZ="Asia/Kathmandu")
            self.assertEqual(hashlib.sha256((self.folder / name).read_bytes()).digest(), hashlib.sha256((other / name).read_bytes()).digest())
            self.assertEqual(gzip.decompress((self.folder / name).read_bytes())[257:262], b"ustar")

    def test_proxies_read_gzip_only(self):
        self.refuse(12, "convert", self.image(), "oci:store:v1", "--format", "envoy-compat", "--compression", "zstd", saying="gzip")


if __name__ == "__main__":
    unittest.main()
