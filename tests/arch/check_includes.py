"""Reads every include and fails on a breach of the rooms or of the doors (the architecture page in CONTRIBUTING.md)."""

import pathlib
import re
import sys
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
ROOMS = {
    "manifests": {"manifests"},
    "wasm": {"manifests", "wasm"},
    "oci": {"manifests", "oci"},
    "cli": {"manifests", "wasm", "oci", "cli"},
}
# Which files may include the headers of a library: its doors.
DOORS = {
    r"openssl/": [r"manifests/(digest|libcrypto)\.cpp", r"oci/http/libssl\.cpp", r"oci/trust/(keys|signed_message)\.cpp", r"oci/trust/crypto/.*\.cpp"],
    r"curl/": [r"oci/http/curl_transport\.cpp"],
    r"archive(_entry)?\.h": [r"oci/archive(_library)?\.cpp"],
    r"(dwarf\.h|elfutils/|libelf\.h)": [r"wasm/debug/dwarf\.cpp"],
    r"libiberty/": [r"wasm/size/demangle\.cpp"],
    r"zlib\.h": [r"oci/io/gzip\.cpp"],
    r"toml\+\+/": [r"manifests/toml\.cpp"],
    r"nlohmann/": [r"manifests/json\.cpp"],
    r"CLI/": [r"cli/parser\.cpp"],
    r"binaryen-c\.h": [r"wasm/worker/.*\.cpp"],
    r"re2/": [r"oci/trust/text_rule\.cpp"],
    r"p11-kit": [r"oci/trust/crypto/pkcs11.*\.cpp"],
    r"sodium(\.h|/)": [r"oci/trust/cosign_key\.cpp", r"oci/trust/crypto/ed25519ph\.cpp"],
}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def breaches(path, text):
    """Every sentence that this file's includes earn."""
    room = path.split("/")[0]
    found = []
    for mark, header in INCLUDE.findall(text):
        target = header.split("/")[0]
        if mark == '"' and target in ROOMS and target not in ROOMS[room]:
            found.append(f"{path} includes {header}: the room {room} may not look into {target}")
        for library, doors in DOORS.items():
            if not re.match(library, header):
                continue
            if path.endswith(".hpp"):
                found.append(f"{path} includes {header}: no third-party header in a header of ours")
            elif not any(re.fullmatch(door, path) for door in doors):
                found.append(f"{path} includes {header}: not a door of that library")
    return found


class Includes(unittest.TestCase):
    def test_every_file_keeps_to_its_room_and_doors(self):
        files = [p for room in ROOMS for p in (SOURCE / room).rglob("*.[ch]pp")]
        self.assertGreater(len(files), 20)
        found = [s for p in files for s in breaches(str(p.relative_to(SOURCE)), p.read_text())]
        self.assertEqual(found, [], "\n".join(found))

    def test_a_breach_of_a_room_is_seen(self):
        self.assertTrue(breaches("oci/x.cpp", '#include "wasm/summary.hpp"\n'))
        self.assertTrue(breaches("manifests/x.cpp", '#include "cli/app.hpp"\n'))
        self.assertEqual(breaches("cli/x.cpp", '#include "wasm/summary.hpp"\n'), [])

    def test_a_breach_of_a_door_is_seen(self):
        self.assertTrue(breaches("cli/x.cpp", "#include <curl/curl.h>\n"))
        self.assertTrue(breaches("oci/trust/keys.hpp", "#include <openssl/evp.h>\n"))
        self.assertTrue(breaches("cli/x.cpp", "#  include <nlohmann/json.hpp>\n"))


if __name__ == "__main__":
    sys.exit(unittest.main())
