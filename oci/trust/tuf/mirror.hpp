// Where TUF repositories are: behind a URL, or in a folder (a mirror for machines without a network).
//
//   URL/1.root.json  URL/timestamp.json …    URL/targets/HASH.NAME      as the public-good instance of Sigstore has it
//   URL/metadata/…                           URL/targets/…              when the URL ends in /metadata
#pragma once

#include <memory>
#include <string>

#include "oci/http/transport.hpp"
#include "oci/trust/tuf/client.hpp"

namespace davit::oci {

/// @param base  http or https. Errors: malformed
Result<std::unique_ptr<TufMirror>> open_http_mirror(std::shared_ptr<Transport> transport, const std::string& base);
/// The same shape on disk; `metadata` beside `targets` is found by itself.
std::unique_ptr<TufMirror> open_folder_mirror(const std::string& folder);

/// What a client remembers, in files of a folder; each is replaced in one step.
std::unique_ptr<TufMemory> open_folder_memory(std::string folder);

}  // namespace davit::oci
