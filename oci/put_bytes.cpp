#include "oci/put_bytes.hpp"

#include "manifests/media_type.hpp"

namespace davit::oci {

Result<Descriptor> put_bytes(Repository& repository, Bytes bytes, std::string_view media_type) {
  Descriptor descriptor = describe(bytes, media_type);
  const auto origin = make_memory_origin(std::move(bytes));
  TRY(repository.put_blob(descriptor, *origin));
  return descriptor;
}

Result<Descriptor> put_empty_config(Repository& repository) {
  return put_bytes(repository, to_bytes(std::string_view("{}")), media_type::k_oci_empty);
}

RawManifest make_raw_manifest(const Json& manifest) {
  Bytes bytes = to_bytes(write_json(manifest));
  Descriptor descriptor = describe(bytes, media_type::k_oci_manifest);
  return {std::move(bytes), std::move(descriptor)};
}

Descriptor bare(const Descriptor& subject) { return {.media_type = subject.media_type, .digest = subject.digest, .size = subject.size}; }

}  // namespace davit::oci
