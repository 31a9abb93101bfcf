"""`advise`: real programs in images of several makes, and Dockerfiles."""

import os
import shutil
import subprocess
import tarfile
import unittest

from support.layout import Layout
from support.program import DavitTest
from support.registry import Registry

SHELL = b"#!/usr/bin/env bash\nexec \"$@\"\n"


def link(name, target):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = tarfile.SYMTYPE, target
    return info


class AdviseTest(DavitTest):
    def setUp(self):
        super().setUp()
        self.layout = Layout(self.folder / "images")

    def image(self, *layers, tag="v1", **config):
        self.layout.tag(tag, self.layout.file_system(layers, config))
        return f"oci:images:{tag}"

    def advice(self, *words):
        return self.succeed("advise", *words, "--json").json

    def evidence(self, advice):
        return [f"{each['where']}: {each['value']}" for finding in advice["findings"] for each in finding["evidence"]]

    def statements(self, advice, weight):
        return " | ".join(finding["statement"] for finding in advice["findings"] if finding["weight"] == weight)

    def compile(self, source, *options):
        compiler = shutil.which("cc") or shutil.which("clang") or shutil.which("gcc")
        if compiler is None:
            self.skipTest("no C compiler is installed")
        (self.folder / "program.c").write_text(source)
        subprocess.run([compiler, "program.c", "-o", "program", *options], check=True, cwd=self.folder, capture_output=True)
        return (self.folder / "program").read_bytes()

    def build_go(self, source):
        if shutil.which("go") is None:
            self.skipTest("go is not installed")
        module = self.folder / "module"
        module.mkdir()
        (module / "go.mod").write_text("module example.com/app\n\ngo 1.18\n")
        (module / "main.go").write_text(source)
        cache = os.environ.get("GOCACHE", "/tmp/davit-test-go-cache")
        subprocess.run(["go", "build", "-o", "app", "."], check=True, cwd=module, capture_output=True,
                       env={**os.environ, "CGO_ENABLED": "0", "GOCACHE": cache, "GOFLAGS": "-mod=mod", "GOTOOLCHAIN": "local"})
        return (module / "app").read_bytes()

    def test_a_static_go_program_is_a_good_candidate(self):
        program = self.build_go('package main\n\nimport "os"\n\nfunc main() { os.Stdout.WriteString("hello\\n") }\n')

        advice = self.advice(self.image([("app", program)], Entrypoint=["/app"]))

        self.assertEqual(advice["verdict"], "good candidate", advice)
        self.assertEqual(advice["program"], {"path": "/app", "size": len(program)})
        self.assertIn("/app .go.buildinfo: go1", " ".join(self.evidence(advice)))
        self.assertTrue(advice["cannotSee"])

    def test_go_that_listens_needs_work(self):
        program = self.build_go("package main\n\nfunc main() {}\n")

        advice = self.advice(self.image([("app", program)], Cmd=["/app"], ExposedPorts={"8080/tcp": {}}))

        self.assertEqual(advice["verdict"], "needs work")
        self.assertTrue(advice["summary"].startswith("needs work because "))
        self.assertIn("8080/tcp", " ".join(self.evidence(advice)))

    def test_go_that_dials_and_starts_programs_shows_both(self):
        program = self.build_go('package main\n\nimport ("net"; "os/exec")\n\nfunc main() { net.Dial("tcp", "db:1"); exec.Command("ls").Run() }\n')

        advice = self.advice(self.image([("app", program)], Cmd=["/app"]))

        self.assertEqual(advice["verdict"], "needs work")
        self.assertIn("/app links: net.(*Dialer).DialContext", self.evidence(advice))
        self.assertIn("/app links: os/exec.(*Cmd).Start", self.evidence(advice))

    def test_a_c_program_is_judged_by_what_it_imports(self):
        program = self.compile("#include <pthread.h>\n#include <unistd.h>\nstatic void *run(void *x) { return x; }\n"
                               "int main(void) { pthread_t t; if (fork() == 0) pthread_create(&t, 0, run, 0); return 0; }\n", "-pthread")

        advice = self.advice(self.image([("usr/bin/app", program), ("bin/busybox", b"\x7fELF"), link("bin/sh", "busybox")],
                                        Entrypoint=["app"], Env=["PATH=/usr/bin:/bin"]))

        self.assertEqual(advice["verdict"], "needs work")
        seen = self.evidence(advice)
        self.assertIn("/usr/bin/app imports: fork", seen)
        self.assertIn("/usr/bin/app imports: pthread_create", seen)
        self.assertIn("/bin/sh: shell", seen)
        self.assertIn("starts threads", self.statements(advice, "work"))

    def test_system_calls_without_an_answer_keep_it_a_container(self):
        program = self.compile("#include <sys/ptrace.h>\nint main(void) { return (int)ptrace(PTRACE_TRACEME, 0, 0, 0); }\n")

        advice = self.advice(self.image([("app", program)], Entrypoint=["/app"]))

        self.assertEqual(advice["verdict"], "keep as container")
        self.assertIn("/app imports: ptrace", self.evidence(advice))

    def test_python_needs_work_and_shows_its_native_packages(self):
        advice = self.advice(self.image(
            [("usr/bin/python3.11", b"\x7fELF"), link("usr/bin/python3", "python3.11"), ("usr/bin/pip3", b"")],
            [("srv/app.py", b"#!/usr/bin/env -S python3 -u\nprint(1)\n"), ("usr/lib/python3/dist-packages/x/_speed.so", b"\x7fELF")],
            Entrypoint=["/srv/app.py"]))

        self.assertEqual(advice["verdict"], "needs work")
        self.assertIn("Python", advice["summary"])
        self.assertIn("/usr/lib/python3/dist-packages/x/_speed.so: native code", self.evidence(advice))
        self.assertEqual(advice["layers"], 2)

    def test_a_database_behind_a_script_stays_a_container(self):
        advice = self.advice(self.image(
            [("usr/local/bin/docker-entrypoint.sh", SHELL), ("usr/lib/postgresql/bin/postgres", b"\x7fELF")],
            Entrypoint=["docker-entrypoint.sh"], Cmd=["postgres"], Volumes={"/var/lib/postgresql/data": {}},
            ExposedPorts={"5432/tcp": {}}, Env=["PATH=/usr/local/bin:/usr/lib/postgresql/bin"]))

        self.assertEqual(advice["verdict"], "keep as container")
        self.assertEqual(advice["program"]["path"], "/usr/lib/postgresql/bin/postgres")
        self.assertIn("is a database", advice["summary"])
        self.assertIn("/var/lib/postgresql/data", " ".join(self.evidence(advice)))

    def test_other_runtimes_are_known(self):
        for program, verdict in (("java", "keep as container"), ("node", "needs work"), ("ruby3.1", "needs work"),
                                 ("dotnet", "needs work"), ("nginx", "keep as container")):
            reference = self.image([(f"usr/bin/{program}", b"\x7fELF")], Cmd=[program, "x"], tag=program)
            self.assertEqual(self.advice(reference)["verdict"], verdict, program)

    def test_a_command_in_a_shells_words_is_followed(self):
        advice = self.advice(self.image([("bin/sh", b"\x7fELF"), ("usr/bin/node", b"\x7fELF")],
                                        Entrypoint=["/bin/sh", "-c", "exec node server.js"]))

        self.assertEqual(advice["program"]["path"], "/usr/bin/node")

    def test_a_wasm_program_is_one_already(self):
        advice = self.advice(self.image([("app.wasm", b"\0asm\1\0\0\0")], Entrypoint=["/app.wasm"]))

        self.assertEqual(advice["verdict"], "good candidate")

    def test_an_image_without_its_program_says_so(self):
        self.assertIn("not in the image", self.advice(self.image([("x", b"")], Entrypoint=["/absent"]))["summary"])
        self.assertIn("starts nothing", self.advice(self.image([("x", b"")], tag="empty"))["summary"])

    def test_the_same_image_from_everywhere_gives_the_same_advice(self):
        reference = self.image([("usr/bin/node", b"\x7fELF")], Cmd=["node"])
        wanted = self.advice(reference)
        self.succeed("copy", reference, "oci-archive:a.tar:v1")
        registry = Registry(self)
        remote = f"127.0.0.1:{registry.port}/team/app:v1"
        self.succeed("copy", reference, remote)
        sources = ["oci-archive:a.tar:v1", remote]
        if shutil.which("skopeo"):
            subprocess.run(["skopeo", "copy", reference, "docker-archive:d.tar:team/app:v1"], check=True, cwd=self.folder, capture_output=True,
                           env={**os.environ, **self.environment})
            sources.append("docker-archive:d.tar")
        for source in sources:
            self.assertEqual(self.advice(source)["findings"][:-1], wanted["findings"][:-1], source)

    def test_an_image_by_umoci_is_read(self):
        if shutil.which("umoci") is None:
            self.skipTest("umoci is not installed")
        (self.folder / "php").write_bytes(b"\x7fELF")
        for words in (("init", "--layout", "made"), ("new", "--image", "made:1"), ("insert", "--image", "made:1", "php", "/usr/bin/php8.2"),
                      ("config", "--image", "made:1", "--config.entrypoint", "php8.2")):
            subprocess.run(["umoci", *words], check=True, cwd=self.folder, capture_output=True)

        self.assertIn("PHP", self.advice("oci:made:1")["summary"])

    def test_the_native_image_of_an_index_is_chosen(self):
        native = self.layout.file_system([[("usr/bin/node", b"\x7fELF")]], {"Cmd": ["node"]})
        wasm = self.layout.file_system([[("app.wasm", b"\0asm\1\0\0\0")]], {"Cmd": ["/app.wasm"]}, "wasi/wasm")
        self.layout.tag("all", self.layout.index(wasm, native))

        self.assertEqual(self.advice("oci:images:all")["verdict"], "needs work")
        self.assertEqual(self.advice("oci:images:all", "--platform", "wasi/wasm")["verdict"], "good candidate")
        self.refuse(4, "advise", "oci:images:all", "--platform", "linux/arm64", saying="linux/amd64")

    def test_an_artifact_is_no_image(self):
        (self.folder / "app.wasm").write_bytes(b"\0asm\1\0\0\0")
        self.succeed("push", "app.wasm", "oci:images:wasm")

        self.refuse(12, "advise", "oci:images:wasm", saying="no container image")

    def test_a_dockerfile_is_read_by_its_instructions(self):
        (self.folder / "Dockerfile").write_text(
            "# syntax=docker/dockerfile:1\nARG GO=1.22\nFROM golang:${GO} AS build\nRUN go build \\\n  # why\n  -o /app .\n"
            "FROM alpine\nRUN apk add --no-cache ca-certificates && true\nCOPY --from=build /app /app\nEXPOSE 8080\nVOLUME /data\n"
            "ENTRYPOINT [\"/app\"]\n")

        advice = self.advice("Dockerfile")

        self.assertEqual(advice["verdict"], "needs work")
        self.assertIn("FROM: golang:1.22", self.evidence(advice))
        self.assertIn("EXPOSE: 8080", self.evidence(advice))
        self.assertIn("VOLUME: /data", self.evidence(advice))
        self.assertIn("RUN: ca-certificates", self.evidence(advice))

    def test_dockerfiles_of_known_images(self):
        for text, verdict in (("FROM postgres:16\n", "keep as container"), ("FROM rust AS b\nFROM scratch\nENTRYPOINT /app\n", "good candidate"),
                              ("FROM python:3.12-slim\nCMD [\"python\", \"app.py\"]\n", "needs work"),
                              ("FROM eclipse-temurin:21\nENTRYPOINT [\"java\", \"-jar\", \"x\"]\n", "keep as container")):
            (self.folder / "Dockerfile").write_text(text)
            self.assertEqual(self.advice("Dockerfile")["verdict"], verdict, text)
        (self.folder / "Dockerfile").write_text("hello\n")
        self.refuse(8, "advise", "Dockerfile", saying="before any FROM")
        self.refuse(4, "advise", "absent")

    def test_the_page_stands_alone_and_escapes_what_it_shows(self):
        reference = self.image([("usr/bin/node", b"\x7fELF")], Cmd=["node"], ExposedPorts={"<script>alert(1)</script>": {}})

        self.succeed("advise", reference, "--html", "page.html")

        page = (self.folder / "page.html").read_text()
        self.assertNotIn("<script", page)
        self.assertIn("&lt;script&gt;", page)
        self.assertNotIn("http:", page)
        self.assertNotIn("https:", page)
        self.assertIn("What this cannot see", page)

    def test_the_text_names_verdict_evidence_and_blind_spots(self):
        text = self.succeed("advise", self.image([("usr/bin/node", b"\x7fELF")], Cmd=["node"])).out

        self.assertIn("needs work because", text)
        self.assertIn("/usr/bin/node", text)
        self.assertIn("what this cannot see", text)


if __name__ == "__main__":
    unittest.main()
