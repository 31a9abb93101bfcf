#include "oci/trust/tuf/trust_folder.hpp"

#include <filesystem>

#include "manifests/encoding.hpp"
#include "manifests/time_text.hpp"
#include "oci/io/file.hpp"
#include "oci/trust/tuf/mirror.hpp"

namespace davit::oci {
namespace {

constexpr const char* k_first_root = "first_root.json";  // beside the folder of metadata, whose names are the roles
constexpr std::uint64_t k_max_state_bytes = 4096;

std::string target_path(const std::string& folder, const std::string& target) { return folder + "/targets/" + encode_percent(target); }

// A folder follows one repository from one root. Another root would be another repository, and its versions would
// say nothing about those that are remembered.
Result<void> check_same_beginning(const TrustUpdate& request) {
  const std::string path = request.folder + "/" + k_first_root;
  const auto began = read_file(path, k_max_tuf_root_bytes);
  if (!began && began.error().code == ErrorCode::not_found) {
    if (!request.first_root) return {};
    TRY(make_folders(request.folder));
    return write_file(path, *request.first_root, 0644);
  }
  if (!began) return Error(began.error());
  if (!request.first_root || *began == *request.first_root) return {};
  return fail(ErrorCode::conflict, "the folder " + request.folder + " follows another root than the one that is named")
      .hinting("leave out --root to go on with it, or remove the folder to begin anew");
}

Result<std::string> fetch_into(TufClient& client, const std::string& folder, const std::string& target) {
  TRY_ASSIGN(const Bytes content, client.fetch_target(target));
  const std::string path = target_path(folder, target);
  TRY(write_file(path, content, 0644));
  return path;
}

}  // namespace

const std::vector<std::string>& fetched_targets() {
  static const std::vector<std::string> names{k_trusted_root_target, "signing_config.v0.2.json"};
  return names;
}

Result<TrustState> update_trust(TufMirror& mirror, const TrustUpdate& request) {
  if (request.first_root) TRY(TrustedMetadata::begin(davit::as_text(*request.first_root), request.now));
  TRY(check_same_beginning(request));
  const auto memory = open_folder_memory(request.folder + "/metadata");
  TRY_ASSIGN(TufClient client, TufClient::open(mirror, *memory, request.first_root, request.now));
  TRY(client.update());
  TRY(make_folders(request.folder + "/targets"));
  TrustState state{.folder = request.folder,
                   .mirror = mirror.name(),
                   .updated = request.now,
                   .root_version = client.trusted().root().version,
                   .root_expires = client.trusted().root().expires,
                   .timestamp_expires = client.trusted().timestamp()->expires};
  for (const std::string& target : fetched_targets()) {
    auto path = fetch_into(client, request.folder, target);
    if (!path && path.error().code == ErrorCode::not_found && target != k_trusted_root_target) continue;
    if (!path) return std::move(path).error();
    if (target == k_trusted_root_target) state.trusted_root = *path;
    state.targets.push_back(*std::move(path));
  }
  TRY(write_file(request.folder + "/update.json",
                 davit::as_bytes(write_json_pretty(JsonObject{{"mirror", state.mirror}, {"updated", write_time(state.updated)}})), 0644));
  return state;
}

Result<std::optional<TrustState>> read_trust_state(const std::string& folder) {
  TrustState state{.folder = folder, .trusted_root = target_path(folder, k_trusted_root_target)};
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(state.trusted_root, ignored)) return std::optional<TrustState>{};
  for (const std::string& target : fetched_targets()) {
    if (std::filesystem::is_regular_file(target_path(folder, target), ignored)) state.targets.push_back(target_path(folder, target));
  }
  TRY_ASSIGN(const Bytes root_text, read_file(folder + "/metadata/root.json", k_max_tuf_root_bytes));
  TRY_ASSIGN(const TufMetadata root, parse_tuf(davit::as_text(root_text), TufKind::root));
  state.root_version = root.version;
  state.root_expires = root.expires;
  TRY_ASSIGN(const Bytes timestamp_text, read_file(folder + "/metadata/timestamp.json", k_max_tuf_timestamp_bytes));
  TRY_ASSIGN(const TufMetadata timestamp, parse_tuf(davit::as_text(timestamp_text), TufKind::timestamp));
  state.timestamp_expires = timestamp.expires;
  TRY_ASSIGN(const Bytes update, read_file(folder + "/update.json", k_max_state_bytes));
  TRY_ASSIGN(const Json json, parse_json(davit::as_text(update), {}));
  TRY_ASSIGN(const JsonView mirror, JsonView(json).field("mirror"));
  TRY_ASSIGN(state.mirror, mirror.as_string());
  TRY_ASSIGN(const JsonView updated, JsonView(json).field("updated"));
  TRY_ASSIGN(const std::string updated_text, updated.as_string());
  TRY_ASSIGN(state.updated, parse_time(updated_text));
  return std::optional(std::move(state));
}

}  // namespace davit::oci
