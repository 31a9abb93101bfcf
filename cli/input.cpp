#include "cli/input.hpp"

#include "cli/artifact_reader.hpp"
#include "cli/data_files.hpp"
#include "cli/stores.hpp"
#include "oci/copy.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

namespace davit::cli {
namespace {

class StandardOutput : public oci::Sink {
 public:
  explicit StandardOutput(const Context& context) : context_(context) {}
  Result<void> write(ByteView data) override { return context_.print_bytes(data); }
  Result<void> finish() override { return {}; }

 private:
  const Context& context_;
};

Result<WasmInput> read_standard_input(Context& context) {
  if (context.input_is_terminal()) {
    return fail(ErrorCode::usage, "standard input is a terminal, a wasm file is expected there").hinting("name a file, or pipe one in");
  }
  const int fd = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
  if (fd < 0) return oci::file_error("read", "standard input", errno);
  const std::unique_ptr<oci::Source> source = oci::make_fd_source(oci::OwnedFd(fd), "standard input");
  TRY_ASSIGN(Bytes bytes, oci::read_all(*source, wasm::Limits{}.file_bytes));
  return WasmInput("standard input", std::move(bytes));
}

}  // namespace

ByteView WasmInput::bytes() const {
  if (const auto* file = std::get_if<oci::MappedFile>(&content_)) return file->bytes();
  return std::get<Bytes>(content_);
}

Result<void> WasmInput::write_range(ByteView range, oci::Sink& sink, std::uint64_t written) const {
  if (const auto* file = std::get_if<oci::MappedFile>(&content_)) return file->write_range(range, sink, written);
  return sink.write(range);
}

Result<WasmInput> load_wasm_file(Context& context, const std::string& text) {
  if (text == "-") return read_standard_input(context);
  auto file = oci::MappedFile::open(text, wasm::Limits{}.file_bytes);
  if (!file) return std::move(file).error().in(text);
  return WasmInput(text, *std::move(file));
}

Result<std::optional<Reference>> store_reference_in(const std::string& text) {
  // A path that exists is a file even when it could be read as the name of a repository.
  if (text == "-" || ::access(text.c_str(), F_OK) == 0) return std::optional<Reference>{};
  TRY_ASSIGN(Reference reference, parse_reference(text));
  const bool remote = std::holds_alternative<RegistryReference>(reference);
  if (std::holds_alternative<FileReference>(reference) || (remote && text.find('/') == std::string::npos))
    return std::optional<Reference>{};
  return std::optional<Reference>{std::move(reference)};
}

Result<Reference> reference_or_file(const std::string& text) {
  std::error_code ignored;
  if (std::filesystem::is_regular_file(text, ignored)) return Reference(FileReference{.path = text});
  return parse_reference(text);
}

Result<WasmInput> open_packaged(const oci::Package& package, std::string name) {
  TRY_ASSIGN(auto file, oci::MappedFile::open(package.wasm.path, wasm::Limits{}.file_bytes));
  return WasmInput(std::move(name), std::move(file));
}

Result<StoredWasm> fetch_stored_wasm(Context& context, const Reference& reference, StoredFiles files) {
  TRY_ASSIGN(auto repository, open_repository(context, reference, StoreAccess::read));
  TRY_ASSIGN(auto manifest, oci::fetch_wasm_manifest(*repository, selector_of(reference)));
  auto detection = oci::detect_format(*repository, manifest);
  if (!detection) return std::move(detection).error().in(to_text(reference));
  bool inside = files == StoredFiles::inside;
  if (inside) {
    TRY_ASSIGN(const bool named, has_data_files(manifest));
    inside = !named;
  }
  const oci::KeepFiles keep = inside ? oci::KeepFiles::automatic : oci::KeepFiles::none;
  auto package = oci::read_detected(*repository, manifest, *detection, {.files = keep});
  if (!package) return std::move(package).error().in(to_text(reference));
  TRY_ASSIGN(WasmInput input, open_packaged(*package, to_text(reference)));
  return StoredWasm{std::move(input), reference, std::move(manifest), *std::move(detection), *std::move(package), std::move(repository)};
}

Result<WasmInput> load_wasm_input(Context& context, const std::string& text) {
  TRY_ASSIGN(const std::optional<Reference> reference, store_reference_in(text));
  if (!reference) return load_wasm_file(context, text);
  TRY_ASSIGN(StoredWasm stored, fetch_stored_wasm(context, *reference));
  return std::move(stored.input);  // the mapping needs no descriptor
}

Result<std::unique_ptr<oci::Sink>> open_output(Context& context, const std::string& path, std::uint64_t size) {
  if (path != "-") {
    TRY_ASSIGN(std::unique_ptr<oci::AtomicFile> file, oci::AtomicFile::create(path, 0666, oci::Durability::when_replacing));
    if (size > 0) file->reserve(size);
    return std::unique_ptr<oci::Sink>(std::move(file));
  }
  if (context.output_is_terminal()) {
    return fail(ErrorCode::usage, "a wasm file would be written to the terminal").hinting("use -o FILE, or redirect standard output");
  }
  return std::unique_ptr<oci::Sink>(std::make_unique<StandardOutput>(context));
}

}  // namespace davit::cli
