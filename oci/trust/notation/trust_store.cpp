#include "oci/trust/notation/trust_store.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <algorithm>
#include <cerrno>
#include <memory>

#include "manifests/encoding.hpp"
#include "oci/io/file.hpp"

namespace davit::oci {
namespace {

constexpr mode_t k_writable_by_others = 0022;

struct RegularFile {
  Bytes content;
  bool writable_by_others = false;
};

// Opened first and looked at afterwards, so that nothing can be put in its place between the two.
Result<RegularFile> read_regular_file(const std::string& path, std::uint64_t limit) {
  OwnedFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (fd.get() < 0) {
    if (errno == ELOOP) return fail(ErrorCode::io, "a symbolic link is not followed here").in(path);
    return file_error("open", path, errno);
  }
  struct stat facts {};
  if (::fstat(fd.get(), &facts) != 0) return file_error("look at", path, errno);
  if (!S_ISREG(facts.st_mode)) return fail(ErrorCode::io, "it is no regular file").in(path);
  const auto source = make_fd_source(std::move(fd), path);
  RegularFile file{.writable_by_others = (facts.st_mode & k_writable_by_others) != 0};
  TRY_ASSIGN(file.content, read_all(*source, limit));
  return file;
}

struct CloseDir {
  void operator()(DIR* dir) const { ::closedir(dir); }
};

// Names of all that is in the folder, sorted.
Result<std::vector<std::string>> list_folder(const std::string& path) {
  const OwnedFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_DIRECTORY));
  if (fd.get() < 0) {
    if (errno == ENOENT) return file_error("open", path, errno);
    return fail(ErrorCode::io, "a trust store must be a folder, and no symbolic link").in(path);
  }
  const std::unique_ptr<DIR, CloseDir> folder(::opendir(path.c_str()));
  if (!folder) return file_error("list", path, errno);
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(folder.get())) {
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (names.size() >= k_max_store_files)
      return fail(ErrorCode::limit, "a trust store has more than " + std::to_string(k_max_store_files) + " files").in(path);
    names.push_back(name);
  }
  std::ranges::sort(names);
  return names;
}

Result<std::vector<Certificate>> parse_certificates(ByteView content) {
  const bool is_der = !content.empty() && content.front() == std::byte{0x30};
  if (!is_der) return Certificate::parse_pem_chain(davit::as_text(content));
  TRY_ASSIGN(Certificate certificate, Certificate::parse(content));
  return std::vector<Certificate>{std::move(certificate)};
}

Result<void> check_anchor(const Certificate& certificate, TrustStoreKind kind) {
  if (kind == TrustStoreKind::tsa && !certificate.is_self_signed()) {
    return fail(ErrorCode::untrusted,
                "\"" + printable(certificate.subject_name()) + "\" is no root certificate, as a store of timestamp authorities asks for");
  }
  if (certificate.is_ca() || certificate.is_self_signed()) return {};
  return fail(ErrorCode::untrusted, "\"" + printable(certificate.subject_name()) + "\" is neither an authority nor self-signed");
}

}  // namespace

Result<LoadedPolicy> load_policy_file(const std::string& path, TrustPolicyKind kind) {
  TRY_ASSIGN(const RegularFile file, read_regular_file(path, k_max_trust_policy_bytes));
  auto policy = NotationPolicy::parse(davit::as_text(file.content), kind);
  if (!policy) {
    Error error = std::move(policy).error();
    error.place = error.place.empty() ? path : path + " at " + error.place;
    return error;
  }
  LoadedPolicy loaded{.policy = *std::move(policy), .path = path};
  if (file.writable_by_others) loaded.warnings.push_back(path + " decides who is trusted, and others than its owner may write it");
  return loaded;
}

Result<LoadedPolicy> load_notation_policy(const std::string& folder, TrustPolicyKind kind) {
  if (kind == TrustPolicyKind::blob) return load_policy_file(folder + "/trustpolicy.blob.json", kind);
  auto loaded = load_policy_file(folder + "/trustpolicy.oci.json", kind);
  if (loaded || loaded.error().code != ErrorCode::not_found) return loaded;
  auto legacy = load_policy_file(folder + "/trustpolicy.json", kind);
  if (legacy || legacy.error().code != ErrorCode::not_found) return legacy;
  return fail(ErrorCode::not_found, "there is no trust policy of notation")
      .in(folder + "/trustpolicy.oci.json")
      .hinting("name one with --trust-policy FILE");
}

Result<std::vector<Certificate>> load_trust_store(const std::string& folder, const TrustStoreName& store) {
  const std::string path = folder + "/truststore/x509/" + std::string(to_text(store.kind)) + "/" + store.name;
  TRY_ASSIGN(const auto names, list_folder(path));
  std::vector<Certificate> certificates;
  for (const std::string& name : names) {
    const std::string file_path = path + "/" + name;
    TRY_ASSIGN(const RegularFile file, read_regular_file(file_path, k_max_store_file_bytes));
    auto parsed = parse_certificates(file.content);
    if (!parsed) return std::move(parsed).error().in(file_path);
    for (Certificate& certificate : *parsed) {
      auto good = check_anchor(certificate, store.kind);
      if (!good) return std::move(good).error().in(file_path);
      certificates.push_back(std::move(certificate));
    }
  }
  if (certificates.empty()) return fail(ErrorCode::not_found, "a trust store holds no certificate").in(path);
  return certificates;
}

Result<NotationTrust> load_notation_trust(const std::string& folder, const TrustStatement& statement) {
  NotationTrust trust{.statement = statement};
  for (const TrustStoreName& store : statement.stores) {
    auto loaded = load_trust_store(folder, store);
    if (!loaded) return std::move(loaded).error().during("loading the trust store " + std::string(to_text(store.kind)) + ":" + store.name);
    auto& all = store.kind == TrustStoreKind::ca    ? trust.authorities
                : store.kind == TrustStoreKind::tsa ? trust.timestamp_authorities
                                                    : trust.signing_authorities;
    all.insert(all.end(), loaded->begin(), loaded->end());
    trust.names_timestamp_store = trust.names_timestamp_store || store.kind == TrustStoreKind::tsa;
  }
  return trust;
}

}  // namespace davit::oci
