// Every function of libarchive that the door calls, passed on to the library, which the first call loads.
#include <archive.h>
#include <archive_entry.h>

#include "manifests/libcrypto.hpp"
#include "manifests/shared_library.hpp"

namespace {

davit::SharedLibrary& libarchive() {
  static davit::SharedLibrary library = [] {
    davit::load_libcrypto();  // libarchive may bring the system's along; if that is what davit uses, it must be prepared first
    return davit::SharedLibrary({DAVIT_LIBARCHIVE});
  }();
  return library;
}

}  // namespace

// The address is looked up once for each function.
#define DAVIT_FORWARD(name)                                               \
  static auto* const real = libarchive().function<decltype(name)>(#name); \
  return real

extern "C" {

mode_t archive_entry_filetype(struct archive_entry* a) { DAVIT_FORWARD(archive_entry_filetype)(a); }
void archive_entry_free(struct archive_entry* a) { DAVIT_FORWARD(archive_entry_free)(a); }
const char* archive_entry_hardlink(struct archive_entry* a) { DAVIT_FORWARD(archive_entry_hardlink)(a); }
struct archive_entry* archive_entry_new() {
  DAVIT_FORWARD(archive_entry_new)();
}
const char* archive_entry_pathname(struct archive_entry* a) { DAVIT_FORWARD(archive_entry_pathname)(a); }
mode_t archive_entry_perm(struct archive_entry* a) { DAVIT_FORWARD(archive_entry_perm)(a); }
void archive_entry_set_filetype(struct archive_entry* a, unsigned int b) { DAVIT_FORWARD(archive_entry_set_filetype)(a, b); }
void archive_entry_set_gid(struct archive_entry* a, la_int64_t b) { DAVIT_FORWARD(archive_entry_set_gid)(a, b); }
void archive_entry_set_mtime(struct archive_entry* a, time_t b, long c) { DAVIT_FORWARD(archive_entry_set_mtime)(a, b, c); }
void archive_entry_set_pathname(struct archive_entry* a, const char* b) { DAVIT_FORWARD(archive_entry_set_pathname)(a, b); }
void archive_entry_set_perm(struct archive_entry* a, mode_t b) { DAVIT_FORWARD(archive_entry_set_perm)(a, b); }
void archive_entry_set_size(struct archive_entry* a, la_int64_t b) { DAVIT_FORWARD(archive_entry_set_size)(a, b); }
void archive_entry_set_uid(struct archive_entry* a, la_int64_t b) { DAVIT_FORWARD(archive_entry_set_uid)(a, b); }
la_int64_t archive_entry_size(struct archive_entry* a) { DAVIT_FORWARD(archive_entry_size)(a); }
int archive_entry_size_is_set(struct archive_entry* a) { DAVIT_FORWARD(archive_entry_size_is_set)(a); }
int archive_entry_sparse_count(struct archive_entry* a) { DAVIT_FORWARD(archive_entry_sparse_count)(a); }
const char* archive_entry_symlink(struct archive_entry* a) { DAVIT_FORWARD(archive_entry_symlink)(a); }
const char* archive_error_string(struct archive* a) { DAVIT_FORWARD(archive_error_string)(a); }
la_int64_t archive_filter_bytes(struct archive* a, int b) { DAVIT_FORWARD(archive_filter_bytes)(a, b); }
int archive_filter_count(struct archive* a) { DAVIT_FORWARD(archive_filter_count)(a); }
la_ssize_t archive_read_data(struct archive* a, void* b, size_t c) { DAVIT_FORWARD(archive_read_data)(a, b, c); }
int archive_read_data_skip(struct archive* a) { DAVIT_FORWARD(archive_read_data_skip)(a); }
int archive_read_free(struct archive* a) { DAVIT_FORWARD(archive_read_free)(a); }
struct archive* archive_read_new() {
  DAVIT_FORWARD(archive_read_new)();
}
int archive_read_next_header(struct archive* a, struct archive_entry** b) { DAVIT_FORWARD(archive_read_next_header)(a, b); }
int archive_read_open(struct archive* a, void* b, archive_open_callback* c, archive_read_callback* d, archive_close_callback* e) {
  DAVIT_FORWARD(archive_read_open)(a, b, c, d, e);
}
int archive_read_open_fd(struct archive* a, int b, size_t c) { DAVIT_FORWARD(archive_read_open_fd)(a, b, c); }
int archive_read_support_filter_gzip(struct archive* a) { DAVIT_FORWARD(archive_read_support_filter_gzip)(a); }
int archive_read_support_filter_zstd(struct archive* a) { DAVIT_FORWARD(archive_read_support_filter_zstd)(a); }
int archive_read_support_format_empty(struct archive* a) { DAVIT_FORWARD(archive_read_support_format_empty)(a); }
int archive_read_support_format_raw(struct archive* a) { DAVIT_FORWARD(archive_read_support_format_raw)(a); }
int archive_read_support_format_tar(struct archive* a) { DAVIT_FORWARD(archive_read_support_format_tar)(a); }
int archive_read_support_format_zip_seekable(struct archive* a) { DAVIT_FORWARD(archive_read_support_format_zip_seekable)(a); }
int archive_write_add_filter_zstd(struct archive* a) { DAVIT_FORWARD(archive_write_add_filter_zstd)(a); }
int archive_write_close(struct archive* a) { DAVIT_FORWARD(archive_write_close)(a); }
la_ssize_t archive_write_data(struct archive* a, const void* b, size_t c) { DAVIT_FORWARD(archive_write_data)(a, b, c); }
int archive_write_finish_entry(struct archive* a) { DAVIT_FORWARD(archive_write_finish_entry)(a); }
int archive_write_free(struct archive* a) { DAVIT_FORWARD(archive_write_free)(a); }
int archive_write_header(struct archive* a, struct archive_entry* b) { DAVIT_FORWARD(archive_write_header)(a, b); }
struct archive* archive_write_new() {
  DAVIT_FORWARD(archive_write_new)();
}
int archive_write_open(struct archive* a, void* b, archive_open_callback* c, archive_write_callback* d, archive_close_callback* e) {
  DAVIT_FORWARD(archive_write_open)(a, b, c, d, e);
}
int archive_write_set_bytes_in_last_block(struct archive* a, int b) { DAVIT_FORWARD(archive_write_set_bytes_in_last_block)(a, b); }
int archive_write_set_bytes_per_block(struct archive* a, int b) { DAVIT_FORWARD(archive_write_set_bytes_per_block)(a, b); }
int archive_write_set_format_pax_restricted(struct archive* a) { DAVIT_FORWARD(archive_write_set_format_pax_restricted)(a); }

}  // extern "C"
