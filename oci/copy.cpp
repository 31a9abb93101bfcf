#include "oci/copy.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include "oci/formats/detect.hpp"

namespace davit::oci {
namespace {

constexpr int k_max_index_depth = 4;
constexpr std::uint64_t k_max_workers = 16;
constexpr std::size_t k_max_kept_bytes = std::size_t{4} << 20;

// Passes bytes on and counts them for whoever watches.
class CountedSource : public Source {
 public:
  CountedSource(std::unique_ptr<Source> inner, std::function<void(std::uint64_t)> count)
      : inner_(std::move(inner)), count_(std::move(count)) {}
  Result<std::size_t> read(std::span<std::byte> out) override {
    auto read = inner_->read(out);
    if (read && *read > 0) count_(*read);
    return read;
  }

 private:
  std::unique_ptr<Source> inner_;
  std::function<void(std::uint64_t)> count_;
};

class CountedOrigin : public BlobOrigin {
 public:
  CountedOrigin(BlobOrigin& inner, std::function<void(std::uint64_t)> count) : inner_(inner), count_(std::move(count)) {}
  Result<std::unique_ptr<Source>> open() override {
    TRY_ASSIGN(auto source, inner_.open());
    return std::unique_ptr<Source>(std::make_unique<CountedSource>(std::move(source), count_));
  }
  [[nodiscard]] bool verifies() const override { return inner_.verifies(); }
  [[nodiscard]] std::string known_at() const override { return inner_.known_at(); }

 private:
  BlobOrigin& inner_;
  std::function<void(std::uint64_t)> count_;
};

// A blob of another repository as something to send.
class RepositoryOrigin : public BlobOrigin {
 public:
  RepositoryOrigin(Repository& source, Descriptor blob, std::string known_at)
      : source_(source), blob_(std::move(blob)), known_at_(std::move(known_at)) {}
  Result<std::unique_ptr<Source>> open() override { return source_.open_blob(blob_); }
  [[nodiscard]] bool verifies() const override { return true; }
  [[nodiscard]] std::string known_at() const override { return known_at_; }

 private:
  Repository& source_;
  Descriptor blob_;
  std::string known_at_;
};

// Serialises the events of several workers.
class Announcer {
 public:
  explicit Announcer(const TransferEvents& events) : events_(events) {}
  void start(const Descriptor& what) { tell(events_.on_start, what); }
  void skip(const Descriptor& what) { tell(events_.on_skip, what); }
  void done(const Descriptor& what) { tell(events_.on_done, what); }
  void bytes(const Descriptor& what, std::uint64_t more) {
    const std::lock_guard lock(mutex_);
    if (events_.on_bytes) events_.on_bytes(what, more);
  }

 private:
  void tell(const std::function<void(const Descriptor&)>& event, const Descriptor& what) {
    const std::lock_guard lock(mutex_);
    if (event) event(what);
  }
  const TransferEvents& events_;
  std::mutex mutex_{};
};

// An upload that began early and failed is made anew, with the store's own ways of trying again.
Result<bool> put_blob(Repository& target, const Descriptor& blob, BlobOrigin& origin, EarlyUpload* early,
                      const std::function<void(std::uint64_t)>& count) {
  if (early != nullptr) {
    auto completed = early->complete(blob, count);
    if (completed) return completed;
  }
  CountedOrigin counted(origin, count);
  return target.put_blob(blob, counted);
}

Result<bool> send_blob(Repository& target, const Descriptor& blob, BlobOrigin& origin, EarlyUpload* early, Announcer& announcer) {
  announcer.start(blob);
  auto sent = put_blob(target, blob, origin, early, [&](std::uint64_t more) { announcer.bytes(blob, more); });
  if (!sent) return std::move(sent).error().during("sending " + blob.digest.text());
  if (*sent) {
    announcer.done(blob);
  } else {
    announcer.skip(blob);
  }
  return sent;
}

// Runs `work(i)` for every i below `count` on a few threads; the first error stops the rest.
Result<void> in_parallel(std::size_t count, std::uint64_t concurrency, const std::function<Result<void>(std::size_t)>& work) {
  const std::size_t workers = std::min<std::size_t>(count, std::clamp<std::uint64_t>(concurrency, 1, k_max_workers));
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> stopped = false;
  std::mutex mutex;
  std::optional<Error> first_error;
  const auto run = [&] {
    while (!stopped) {
      const std::size_t i = next++;
      if (i >= count) return;
      auto done = work(i);
      if (done) continue;
      const std::lock_guard lock(mutex);
      if (!first_error) first_error = std::move(done).error();
      stopped = true;
    }
  };
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < workers; ++i) threads.emplace_back(run);
  run();
  for (std::thread& thread : threads) thread.join();
  if (first_error) return *std::move(first_error);
  return {};
}

// Layers that their licence keeps out of registries; they are fetched from their own URLs.
bool is_foreign(const Descriptor& blob) {
  return blob.media_type.find("nondistributable") != std::string::npos || blob.media_type.find("rootfs.foreign") != std::string::npos;
}

// Whether the target's name already leads to these bytes.
Result<bool> is_published(Repository& target, const RawManifest& manifest, const std::optional<std::string>& tag) {
  if (!tag) return target.has_manifest(manifest.descriptor.digest);
  auto found = target.resolve(*tag);
  if (found) return found->digest == manifest.descriptor.digest;
  if (found.error().code == ErrorCode::not_found) return false;
  return std::move(found).error();
}

class GraphCopy {
 public:
  GraphCopy(Repository& source, Repository& target, const TransferOptions& options)
      : source_(source), target_(target), options_(options), announcer_(options.events) {}

  Result<Descriptor> run(const std::string& selector, const std::optional<std::string>& tag) {
    TRY_ASSIGN(const auto root, source_.fetch_manifest(selector));
    const Descriptor descriptor = root.descriptor;
    if (!options_.recursive) {
      TRY_ASSIGN(const bool present, is_published(target_, root, tag));
      if (present) {
        announcer_.skip(descriptor);
        return descriptor;
      }
    }
    TRY(visit(root, 0));
    if (options_.recursive) TRY(visit_referrers());
    TRY(in_parallel(blobs_.size(), options_.concurrency, [&](std::size_t i) -> Result<void> {
      RepositoryOrigin origin(source_, blobs_[i], options_.source_name);
      TRY_ASSIGN(const bool sent, send_blob(target_, blobs_[i], origin, nullptr, announcer_));
      static_cast<void>(sent);
      return {};
    }));
    for (const Digest& digest : order_) {
      if (digest != descriptor.digest) TRY(put(digest, std::nullopt));
    }
    for (const auto& [name, digest] : tags_) TRY(put(digest, name));
    TRY(put(descriptor.digest, tag));
    return descriptor;
  }

 private:
  // Post-order: children stand in `order_` before their parents.
  Result<void> visit(const RawManifest& manifest, std::size_t depth) {
    if (depth > options_.limits.depth) {
      return fail(ErrorCode::limit, "manifests are nested deeper than " + std::to_string(options_.limits.depth) + " levels");
    }
    if (!seen_.insert(manifest.descriptor.digest).second) return {};
    if (seen_.size() > options_.limits.manifests) {
      return fail(ErrorCode::limit, "there are more than " + std::to_string(options_.limits.manifests) + " manifests to copy");
    }
    if (auto done = visit_children(manifest, depth); !done)
      return std::move(done).error().during("reading manifest " + manifest.descriptor.digest.text());
    order_.push_back(manifest.descriptor.digest);
    types_.emplace(manifest.descriptor.digest, manifest.descriptor);
    if (kept_bytes_ + manifest.bytes.size() <= k_max_kept_bytes) {
      kept_bytes_ += manifest.bytes.size();
      kept_.emplace(manifest.descriptor.digest, manifest);
    }
    return {};
  }

  Result<void> visit_children(const RawManifest& manifest, std::size_t depth) {
    if (is_artifact_manifest(manifest.bytes)) {
      TRY_ASSIGN(const ImageManifest old, parse_artifact_manifest(manifest.bytes));
      for (const Descriptor& blob : old.layers) TRY(add_blob(blob));
      return {};
    }
    TRY_ASSIGN(const Manifest parsed, parse_manifest(manifest.bytes));
    if (const auto* index = std::get_if<ImageIndex>(&parsed)) {
      for (const Descriptor& child : index->manifests) TRY(visit_child(child, depth));
      return {};
    }
    const auto& image = std::get<ImageManifest>(parsed);
    TRY(add_blob(image.config));
    for (const Descriptor& layer : image.layers) TRY(add_blob(layer));
    return {};
  }

  Result<void> visit_child(const Descriptor& child, std::size_t depth) {
    if (seen_.contains(child.digest)) return {};
    if (!is_manifest_type(child.media_type)) return add_blob(child);
    TRY_ASSIGN(const auto manifest, source_.fetch_manifest(child.digest.text()));
    return visit(manifest, depth + 1);
  }

  Result<void> add_blob(const Descriptor& blob) {
    if (is_foreign(blob) || !seen_blobs_.insert(blob.digest).second) return {};
    if (blobs_.size() >= options_.limits.blobs) {
      return fail(ErrorCode::limit, "there are more than " + std::to_string(options_.limits.blobs) + " blobs to copy");
    }
    blobs_.push_back(blob);
    return {};
  }

  // Referrers of everything in the graph, then theirs; `seen_` ends cycles.
  Result<void> visit_referrers() {
    std::vector<Digest> level = order_;
    for (std::size_t depth = 0; !level.empty(); ++depth) {
      if (depth > options_.limits.depth) {
        return fail(ErrorCode::limit, "referrers refer to referrers for more than " + std::to_string(options_.limits.depth) + " levels");
      }
      const std::size_t before = order_.size();
      for (const Digest& subject : level) {
        TRY_ASSIGN(auto referrers, source_.list_all_referrers(subject, false));
        if (referrers.missed) return *std::move(referrers.missed);  // a copy without some of them would not be whole
        for (const Descriptor& referrer : referrers.manifests) TRY(visit_child(referrer, 0));
        TRY(visit_classic(subject));
      }
      level.assign(order_.begin() + static_cast<std::ptrdiff_t>(before), order_.end());
    }
    return {};
  }

  // Signatures from before referrers hang on tags made of the digest; they belong to the artifact all the same.
  Result<void> visit_classic(const Digest& subject) {
    for (const std::string_view suffix : {".sig", ".att", ".sbom"}) {
      const std::string name = std::string(subject.algorithm_name()) + "-" + subject.hex() + std::string(suffix);
      auto manifest = source_.fetch_manifest(name);
      if (!manifest && manifest.error().code == ErrorCode::not_found) continue;
      if (!manifest) return std::move(manifest).error();
      tags_.emplace_back(name, manifest->descriptor.digest);
      TRY(visit(*manifest, 0));
    }
    return {};
  }

  // The first manifests are kept; those of a graph of thousands are fetched again.
  Result<void> put(const Digest& digest, const std::optional<std::string>& tag) {
    const Descriptor& descriptor = types_.at(digest);
    if (!tag) {
      TRY_ASSIGN(const bool present, target_.has_manifest(digest));
      if (present) announcer_.skip(descriptor);
      if (present) return {};
    }
    announcer_.start(descriptor);
    if (const auto kept = kept_.find(digest); kept != kept_.end()) {
      TRY(target_.put_manifest(kept->second, tag));
    } else {
      TRY_ASSIGN(const auto manifest, source_.fetch_manifest(digest.text()));
      TRY(target_.put_manifest(manifest, tag));
    }
    announcer_.done(descriptor);
    return {};
  }

  Repository& source_;
  Repository& target_;
  const TransferOptions& options_;
  Announcer announcer_;
  std::set<Digest> seen_{};
  std::set<Digest> seen_blobs_{};
  std::vector<Digest> order_{};
  std::map<Digest, Descriptor> types_{};
  std::map<Digest, RawManifest> kept_{};
  std::size_t kept_bytes_ = 0;
  std::vector<Descriptor> blobs_{};
  std::vector<std::pair<std::string, Digest>> tags_{};
};

}  // namespace

Result<Descriptor> copy_graph(Repository& source, Repository& target, const std::string& selector, const std::optional<std::string>& tag,
                              const TransferOptions& options) {
  return GraphCopy(source, target, options).run(selector, tag);
}

Result<bool> publish(Repository& target, const NewArtifact& artifact, const std::optional<std::string>& tag,
                     const TransferOptions& options) {
  Announcer announcer(options.events);
  bool present = false;
  if (!options.is_new_name) {
    TRY_ASSIGN(present, is_published(target, artifact.manifest, tag));
  }
  if (present) {
    for (const NewBlob& blob : artifact.blobs) announcer.skip(blob.descriptor);
    return false;
  }
  TRY(in_parallel(artifact.blobs.size(), options.concurrency, [&](std::size_t i) -> Result<void> {
    const NewBlob& blob = artifact.blobs[i];
    TRY_ASSIGN(const bool sent, send_blob(target, blob.descriptor, *blob.origin, blob.early.get(), announcer));
    static_cast<void>(sent);
    return {};
  }));
  TRY(target.put_manifest(artifact.manifest, tag));
  return true;
}

Result<RawManifest> fetch_wasm_manifest(Repository& repository, const std::string& selector) {
  std::string name = selector;
  for (int depth = 0; depth < k_max_index_depth; ++depth) {
    TRY_ASSIGN(auto raw, repository.fetch_manifest(name));
    if (is_artifact_manifest(raw.bytes)) return raw;
    auto parsed = parse_manifest(raw.bytes);
    if (!parsed) return std::move(parsed).error().during("reading manifest " + raw.descriptor.digest.text());
    const auto* index = std::get_if<ImageIndex>(&*parsed);
    if (index == nullptr) return raw;
    TRY_ASSIGN(const auto entry, choose_entry(*index));
    name = entry.digest.text();
  }
  return fail(ErrorCode::limit, "indexes are nested deeper than " + std::to_string(k_max_index_depth) + " levels");
}

}  // namespace davit::oci
