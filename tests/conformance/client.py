#!/usr/bin/env python3
"""Speaks the client protocol of the sigstore-conformance suite by calling davit.

  client.py sign-bundle   [--staging] [--in-toto] --identity-token T --bundle F [--trusted-root R] [--signing-config C] FILE
  client.py verify-bundle [--staging] --bundle F (--certificate-identity ID --certificate-oidc-issuer URL | --key PEM) [--trusted-root R] FILE_OR_DIGEST

The program is $DAVIT, or davit on the PATH. Exit status 0 means yes. Nothing is built in: without --trusted-root the
file that $DAVIT_TRUSTED_ROOT names is used, or what "davit trust update" fetched.
"""

import argparse
import os
import subprocess
import sys


def main(words):
    parser = argparse.ArgumentParser()
    parser.add_argument("verb", choices=("sign-bundle", "verify-bundle"))
    parser.add_argument("--staging", action="store_true")
    parser.add_argument("--in-toto", action="store_true")
    for name in ("identity-token", "bundle", "trusted-root", "signing-config", "certificate-identity", "certificate-oidc-issuer", "key"):
        parser.add_argument("--" + name)
    parser.add_argument("target")
    given = parser.parse_args(words)
    root = given.trusted_root or os.environ.get("DAVIT_TRUSTED_ROOT")
    root_words = ["--trusted-root", root] if root else []
    environment = dict(os.environ)
    target = os.path.abspath(given.target) if os.path.exists(given.target) else given.target
    if given.verb == "sign-bundle":
        if not given.signing_config:
            sys.exit("sign-bundle needs --signing-config")
        environment["SIGSTORE_ID_TOKEN"] = given.identity_token
        # With --in-toto the file is a statement that goes into an envelope as it is.
        what = ["attest", "--statement", target] if given.in_toto else ["sign", target]
        command = [*what, "--keyless", "--bundle", given.bundle, "--signing-config", given.signing_config, *root_words]
    else:
        signer = (["--key", given.key, "--require-log"] if given.key else
                  ["--certificate-identity", given.certificate_identity, "--certificate-oidc-issuer", given.certificate_oidc_issuer])
        # The suite asks whether a statement is signed and about the file, whatever it says of it.
        command = ["verify", target, "--bundle", given.bundle, "--offline", "--allow-any-predicate", *signer, *root_words]
    return subprocess.run([os.environ.get("DAVIT", "davit"), *command], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
