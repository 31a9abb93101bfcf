"""run: only what was granted, and only what was verified."""

import shutil
import unittest

from support.program import SOURCE, DavitTest

GREET = SOURCE / "tests" / "demo" / "greet.c"
EXIT = "#include <stdlib.h>\nint main(int argc, char** argv) { return argc > 1 ? atoi(argv[1]) : 0; }\n"
ENVIRONMENT = "#include <stdio.h>\nextern char** environ;\nint main(void) { for (char** e = environ; e && *e; ++e) puts(*e); return 0; }\n"
WRITE = '#include <stdio.h>\nint main(void) { FILE* f = fopen("/data/new.txt", "w"); puts(f ? "wrote" : "refused"); return 0; }\n'
READ_HOST = '#include <stdio.h>\nint main(void) { FILE* f = fopen("/etc/passwd", "r"); puts(f ? "read" : "refused"); return 0; }\n'


@unittest.skipUnless(shutil.which("node") or shutil.which("wasmtime"), "no runtime is installed")
class Run(DavitTest):
    def build(self, name, text):
        (self.folder / f"{name}.c").write_text(text)
        self.succeed("build", f"{name}.c", "-o", f"{name}.wasm")
        return f"{name}.wasm"

    def greet(self):
        folder = self.folder / "data"
        folder.mkdir()
        (folder / "greetings.txt").write_text("en hello\nfr bonjour\n")
        return self.build("greet", GREET.read_text())

    def test_arguments_reach_the_program(self):
        self.assertIn("hello, you (no table", self.succeed("run", self.greet(), "--", "you").out)

    def test_a_granted_folder_and_variable_are_there(self):
        file = self.greet()
        self.assertEqual(self.succeed("run", file, "--dir", "data::/data", "--", "you").out, "hello, you\n")
        self.assertEqual(self.succeed("run", file, "--dir", "data::/data", "--env", "GREET_LANGUAGE=fr", "--", "you").out, "bonjour, you\n")

    def test_the_exit_status_is_the_program_s(self):
        file = self.build("exit", EXIT)
        self.assertEqual(self.run_davit("run", file, "--", "7").status, 7)
        self.assertEqual(self.run_davit("run", file).status, 0)

    def test_our_environment_does_not_leak(self):
        file = self.build("environment", ENVIRONMENT)
        self.assertEqual(self.succeed("run", file, SECRET="value").out, "")
        self.assertEqual(self.succeed("run", file, "--env", "SECRET", SECRET="value").out, "SECRET=value\n")
        self.refuse(2, "run", file, "--env", "ABSENT", saying="ABSENT")

    def test_the_host_s_files_are_not_there(self):
        self.assertEqual(self.succeed("run", self.build("read", READ_HOST)).out, "refused\n")

    def test_read_only_is_kept_or_refused_never_ignored(self):
        file = self.build("write", WRITE)
        (self.folder / "data").mkdir()
        outcome = self.run_davit("run", file, "--dir", "data::/data:ro")
        if outcome.status == 12:
            self.assertIn("kernel", outcome.err)
        else:
            self.assertEqual(outcome.out, "refused\n", outcome.err)
        self.assertEqual(list((self.folder / "data").iterdir()), [])
        self.assertEqual(self.succeed("run", file, "--dir", "data::/data").out, "wrote\n")

    def test_what_is_requested_but_not_granted_is_said_with_its_option(self):
        (self.folder / "caps.json").write_text(
            '{"schemaVersion":1,"requests":{"filesystem":[{"guest":"/data","access":"read","reason":"table"}],'
            '"environment":["GREET_LANGUAGE"],"arguments":true,"stdio":["stdin","stdout","stderr"],"exit":true}}')
        self.greet()
        self.succeed("caps", "attach", "greet.wasm", "--caps", "caps.json", "-o", "declared.wasm")
        said = self.succeed("run", "declared.wasm").err
        self.assertIn("--dir HOST::/data", said)
        self.assertIn("--env GREET_LANGUAGE", said)
        self.assertNotIn("--dir", self.succeed("run", "declared.wasm", "--dir", "data::/data", "--env", "GREET_LANGUAGE=en").err)

    def test_an_artifact_is_verified_before_it_runs(self):
        file = self.build("exit", EXIT)
        self.environment["DAVIT_PASSWORD"] = "secret"
        self.succeed("key", "generate", "-o", "good")
        self.succeed("key", "generate", "-o", "other")
        self.succeed("push", file, "oci:store:1")
        self.refuse(15, "run", "oci:store:1", "--key", "good.pub")
        self.succeed("sign", "oci:store:1", "--key", "good.key")
        self.assertEqual(self.run_davit("run", "oci:store:1", "--key", "good.pub", "--", "3").status, 3)
        self.refuse(11, "run", "oci:store:1", "--key", "other.pub")
        self.refuse(2, "run", file, "--key", "good.pub")

    def test_mistakes_get_one_clear_sentence(self):
        file = self.build("exit", EXIT)
        self.refuse(4, "run", "absent.wasm")
        self.refuse(4, "run", file, "--dir", "absent::/x", saying='"absent"')
        self.refuse(2, "run", file, "--runtime", "lisp", saying='"lisp"')
        self.refuse(4, "run", file, PATH="/nonexistent", saying="no runtime is installed")
        (self.folder / "bad.wasm").write_text("nonsense")
        self.refuse(8, "run", "bad.wasm")


if __name__ == "__main__":
    unittest.main()
