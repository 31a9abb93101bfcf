// An upload that does not wait for the digest (distribution-spec 1.1, "Pushing a blob in chunks" with one chunk): POST
// opens a session, PATCH streams while the caller hashes, PUT names the digest. Given up, its session is deleted.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "oci/registry/client.hpp"
#include "oci/registry/registry_error.hpp"

namespace davit::oci {
namespace {

constexpr std::chrono::milliseconds k_progress_interval{100};

// What the sending thread and the caller both look at.
struct Watch {
  std::atomic<bool> given_up = false;
  std::atomic<std::uint64_t> sent_bytes = 0;
};

class WatchedSource : public Source {
 public:
  WatchedSource(std::unique_ptr<Source> inner, Watch& watch) : inner_(std::move(inner)), watch_(watch) {}
  Result<std::size_t> read(std::span<std::byte> out) override {
    if (watch_.given_up) return fail(ErrorCode::io, "the upload was given up");
    auto count = inner_->read(out);
    if (count) watch_.sent_bytes += *count;
    return count;
  }

 private:
  std::unique_ptr<Source> inner_;
  Watch& watch_;
};

class WatchedOrigin : public BlobOrigin {
 public:
  WatchedOrigin(BlobOrigin& inner, Watch& watch) : inner_(inner), watch_(watch) {}
  Result<std::unique_ptr<Source>> open() override {
    TRY_ASSIGN(auto source, inner_.open());
    watch_.sent_bytes = 0;
    return std::unique_ptr<Source>(std::make_unique<WatchedSource>(std::move(source), watch_));
  }

 private:
  BlobOrigin& inner_;
  Watch& watch_;
};

class RegistryEarlyUpload : public EarlyUpload {
 public:
  RegistryEarlyUpload(RegistryClient& client, std::shared_ptr<BlobOrigin> origin, std::uint64_t size)
      : client_(client), origin_(std::move(origin)), size_(size), thread_([this] { run(); }) {}
  RegistryEarlyUpload(const RegistryEarlyUpload&) = delete;
  RegistryEarlyUpload& operator=(const RegistryEarlyUpload&) = delete;
  ~RegistryEarlyUpload() override { give_up(); }

  Result<bool> complete(const Descriptor& blob, const std::function<void(std::uint64_t)>& on_bytes) override {
    TRY_ASSIGN(const bool present, has_remote_blob(client_, blob));
    if (present) {
      give_up();
      return false;
    }
    wait(on_bytes);
    if (error_) return *error_;
    return name(blob);
  }

 private:
  void run() {
    auto sent = send();
    const std::lock_guard lock(mutex_);
    if (!sent) error_ = std::move(sent).error();
    done_ = true;
    changed_.notify_all();
  }

  Result<void> send() {
    const std::string doing = "push a blob to " + client_.name();
    const HttpRequest opening{.method = "POST", .url = client_.url("blobs/uploads/")};
    TRY_ASSIGN(auto opened, client_.send(opening));
    if (opened.status != 202) return registry_error(opened, opening, doing);
    TRY_ASSIGN(session_, upload_location(opened, opening));
    drain(opened);
    WatchedOrigin watched(*origin_, watch_);
    const HttpRequest sending{.method = "PATCH",
                              .url = *session_,
                              .headers = {{"Content-Type", "application/octet-stream"}},
                              .body = &watched,
                              .body_bytes = size_,
                              .is_repeatable = false};
    TRY_ASSIGN(auto response, client_.send(sending));
    if (response.status != 202 && response.status != 204) return registry_error(response, sending, doing);
    TRY_ASSIGN(session_, upload_location(response, sending));
    drain(response);
    return {};
  }

  void wait(const std::function<void(std::uint64_t)>& on_bytes) {
    std::uint64_t told = 0;
    std::unique_lock lock(mutex_);
    for (bool done = false; !done;) {
      done = changed_.wait_for(lock, k_progress_interval, [this] { return done_; });
      const std::uint64_t sent = watch_.sent_bytes;
      if (on_bytes && sent > told) on_bytes(sent - told);
      told = std::max(told, sent);
    }
    lock.unlock();
    thread_.join();
  }

  Result<bool> name(const Descriptor& blob) {
    HttpRequest request{.method = "PUT", .url = *session_, .is_repeatable = false};
    request.url.path = with_query(session_->path, "digest", blob.digest.text());
    TRY_ASSIGN(auto response, client_.send(request));
    if (response.status != 201 && response.status != 204)
      return registry_error(response, request, "push blob " + blob.digest.text() + " to " + client_.name());
    session_.reset();
    drain(response);
    return true;
  }

  // The session is deleted so that the registry need not wait for its own clean-up; one that refuses does that.
  void give_up() {
    watch_.given_up = true;
    if (thread_.joinable()) thread_.join();
    if (!session_) return;
    if (auto deleted = client_.send({.method = "DELETE", .url = *session_})) drain(*deleted);
    session_.reset();
  }

  RegistryClient& client_;
  std::shared_ptr<BlobOrigin> origin_;
  std::uint64_t size_;
  Watch watch_{};
  std::mutex mutex_{};
  std::condition_variable changed_{};
  bool done_ = false;
  std::optional<Error> error_{};
  std::optional<Url> session_{};  ///< written by the thread, read after it was joined
  std::thread thread_;            ///< last: it uses all of the above
};

}  // namespace

std::unique_ptr<EarlyUpload> begin_upload(RegistryClient& client, std::shared_ptr<BlobOrigin> origin, std::uint64_t size) {
  return std::make_unique<RegistryEarlyUpload>(client, std::move(origin), size);
}

}  // namespace davit::oci
