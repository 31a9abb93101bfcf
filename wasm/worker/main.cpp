// The only program that links Binaryen. Binaryen ends its process on input that it cannot parse, and may crash or
// hang on input that it can, so it runs here: once, on one module, under limits that the parent has set.
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>

#include <binaryen-c.h>

#include "wasm/worker/protocol.hpp"

namespace {

using namespace davit::worker;

BinaryenFeatures binaryen_features(std::uint32_t features) {
  BinaryenFeatures out = BinaryenFeatureMVP();
  if ((features & k_atomics) != 0) out |= BinaryenFeatureAtomics();
  if ((features & k_bulk_memory) != 0) out |= BinaryenFeatureBulkMemory();
  if ((features & k_mutable_globals) != 0) out |= BinaryenFeatureMutableGlobals();
  if ((features & k_nontrapping) != 0) out |= BinaryenFeatureNontrappingFPToInt();
  if ((features & k_sign_extension) != 0) out |= BinaryenFeatureSignExt();
  if ((features & k_simd) != 0) out |= BinaryenFeatureSIMD128();
  if ((features & k_exceptions) != 0) out |= BinaryenFeatureExceptionHandling();
  if ((features & k_tail_call) != 0) out |= BinaryenFeatureTailCall();
  if ((features & k_reference_types) != 0) out |= BinaryenFeatureReferenceTypes();
  if ((features & k_multivalue) != 0) out |= BinaryenFeatureMultivalue();
  if ((features & k_memory64) != 0) out |= BinaryenFeatureMemory64();
  if ((features & k_extended_const) != 0) out |= BinaryenFeatureExtendedConst();
  return out;
}

// Static destructors and thread joins of Binaryen take time and have crashed: leave at once.
[[noreturn]] void leave(int status) { std::_Exit(status); }

void write_all(const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t written = ::write(STDOUT_FILENO, data, size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) leave(k_cannot_write);
    data += written;
    size -= static_cast<std::size_t>(written);
  }
}

}  // namespace

int main() {
  std::set_new_handler([] { leave(k_out_of_memory); });
  struct stat info {};
  if (::fstat(STDIN_FILENO, &info) != 0 || info.st_size < static_cast<off_t>(sizeof(Request))) leave(k_bad_request);
  const auto size = static_cast<std::size_t>(info.st_size);
  void* mapping = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, STDIN_FILENO, 0);
  if (mapping == MAP_FAILED) leave(k_out_of_memory);
  Request request;
  std::memcpy(&request, mapping, sizeof request);
  if (request.magic != k_magic || request.module_bytes != size - sizeof request) leave(k_bad_request);

  BinaryenSetOptimizeLevel(request.optimize_level);
  BinaryenSetShrinkLevel(request.shrink_level);
  BinaryenSetDebugInfo(request.keep_names != 0);
  BinaryenModuleRef module = BinaryenModuleRead(static_cast<char*>(mapping) + sizeof request, request.module_bytes);
  ::munmap(mapping, size);
  // Exactly what the module uses or declares: with more, passes would bring in what its engine may lack.
  BinaryenModuleSetFeatures(module, binaryen_features(request.features));
  if (!BinaryenModuleValidate(module)) leave(k_invalid);
  // Level 0 only reads and writes; Binaryen's own pipeline would run some passes even then.
  if (request.optimize_level > 0) BinaryenModuleOptimize(module);
  const BinaryenModuleAllocateAndWriteResult result = BinaryenModuleAllocateAndWrite(module, nullptr);
  write_all(static_cast<const char*>(result.binary), result.binaryBytes);
  leave(k_done);
}
