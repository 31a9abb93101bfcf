// From a reference to the store it names, with the credentials and transport options of the command line.
#pragma once

#include <memory>
#include <string>

#include "cli/context.hpp"
#include "manifests/reference.hpp"
#include "oci/registry/registry.hpp"
#include "oci/repository.hpp"

namespace davit::cli {

enum class StoreAccess { read, write };

/// Opens the store of a reference. Nothing is sent or created before it is used. The context must outlive it.
/// After writing, call `flush()`: an archive appears under its name only then.
/// Errors: usage (a file is no store; bad option values), unsupported, io
Result<std::unique_ptr<oci::Repository>> open_repository(Context& context, const Reference& reference, StoreAccess access);

/// Opens what is read on the way to `target`: --username names an account of the registry that is written to, so it
/// is left out where the source is another.
Result<std::unique_ptr<oci::Repository>> open_source_repository(Context& context, const Reference& source, const Reference& target);

/// What to ask the store for: digest, else tag, else `latest` of a registry; else the empty name, by which
/// layouts and archives find their only manifest.
std::string selector_of(const Reference& reference);

/// Referrers of every type, of which a place that could not be asked is warned. Errors: those of the store
Result<std::vector<Descriptor>> all_referrers(const Context& context, oci::Repository& repository, const Digest& subject);

/// The tag under which a write is stored: the reference's tag, or `latest` when it names neither tag nor digest.
std::optional<std::string> tag_to_write(const Reference& reference);

/// `HOST/REPOSITORY` of a registry reference, for mounting; empty for local stores.
std::string source_name_of(const Reference& reference);

/// Where credentials are looked for, Docker's files before podman's, and where login stores them.
oci::CredentialFiles credential_files(const Context& context);

/// The password that belongs to --username: from standard input, or asked for on a terminal; asked once per run.
/// Errors: usage (there is neither)
Result<std::string> read_password(Context& context);

oci::RetryPolicy retry_policy(const Context& context);

/// The transport of this run, made with the options of the command line when it is first needed.
Result<std::shared_ptr<oci::Transport>> shared_transport(Context& context);

/// What a registry store is opened with.
struct RemoteStore {
  std::shared_ptr<oci::Transport> transport;  ///< shared by all stores of the run
  oci::RegistryOptions options;
};
Result<RemoteStore> remote_store(Context& context, const std::string& host, const std::string& repository, StoreAccess access);

}  // namespace davit::cli
