// Where OpenSSL's functions are. davit brings them along in a library of its own, davit-openssl.so: the same code as in the
// system's libcrypto and libssl, linked so that loading it takes little more than half the time, because nobody else's
// functions can take the place of its own. Where that file is missing, as beside a program that was copied alone, or somebody
// else could have written it, the system's libraries do.
#pragma once

#include <string>
#include <vector>

namespace davit {

/// What to load, best first. `shared_name` is the system's, as the linker calls it (`libcrypto.so.3`).
std::vector<std::string> openssl_places(const std::string& shared_name);

}  // namespace davit
