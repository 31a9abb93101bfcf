#include "wasm/size/demangle.hpp"

#include <gtest/gtest.h>

namespace davit::wasm {
namespace {

TEST(demangle, reads_cpp_and_both_kinds_of_rust) {
  EXPECT_EQ(demangle("_ZN3app4Main3runEi"), "app::Main::run(int)");
  EXPECT_EQ(demangle("_ZN5hello4main17h0123456789abcdefE"), "hello::main");
  EXPECT_EQ(demangle("_ZN5hello4main17h0123456789abcdefE.llvm.1234"), "hello::main");
  EXPECT_EQ(demangle("_ZN60_$LT$alloc..string..String$u20$as$u20$core..fmt..Display$GT$3fmt17h0123456789abcdefE"),
            "<alloc::string::String as core::fmt::Display>::fmt");
  EXPECT_EQ(demangle("_RNvCs1234_7mycrate3foo"), "mycrate::foo");
  EXPECT_EQ(demangle("_RNvMs_Cs1234_7mycrateNtB4_3Bar3baz"), "<mycrate::Bar>::baz");
}

// wasm-ld has a demangler of its own, for C++ only.
TEST(demangle, reads_what_the_linker_made_of_rust) {
  EXPECT_EQ(demangle("core::fmt::write::h0123456789abcdef"), "core::fmt::write");
  EXPECT_EQ(demangle("_$LT$alloc..string..String$u20$as$u20$core..fmt..Display$GT$::fmt::h0123456789abcdef"),
            "<alloc::string::String as core::fmt::Display>::fmt");
  EXPECT_EQ(demangle("core::ptr::drop_in_place$LT$$RF$$u5b$u8$u5d$$GT$::h0123456789abcdef"), "core::ptr::drop_in_place<&[u8]>");
  EXPECT_EQ(demangle("a$::h0123456789abcdef"), "a$");
  EXPECT_EQ(package_of("_$LT$alloc..string..String$u20$as$u20$core..fmt..Display$GT$::fmt::h0123456789abcdef", Language::unknown), "alloc");
  EXPECT_EQ(package_of("_$LT$$u5b$u8$u5d$$GT$::len::h0123456789abcdef", Language::unknown), "core");
  EXPECT_EQ(package_of("shapes::Box::area(int)", Language::unknown), "shapes");
  EXPECT_EQ(package_of("run(int)", Language::unknown), "C++ without namespace");
}

TEST(demangle, leaves_everything_else_as_it_is) {
  for (const char* name : {"malloc", "f", "i", "_Zqq", "_R", "_RNv", "_ZN", "main.run", "", "__Z"}) EXPECT_EQ(demangle(name), name);
  const std::string with_nul("_Z1\0f", 5);
  EXPECT_EQ(demangle(with_nul), with_nul);
  const std::string endless = "_Z" + std::string(k_max_mangled_bytes, '9');
  EXPECT_EQ(demangle(endless), endless);
}

// Each pair stands for twice the one before: a few hundred bytes would become 2^60.
std::string doubling(int times) {
  static constexpr std::string_view k_digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  std::string name = "_Z1fSt4pairIiiES_IS0_S0_E";
  for (int i = 1; i < times; ++i) {
    const auto last = static_cast<std::size_t>(i);
    const std::string seen = last < 36 ? std::string(1, k_digits[last]) : "1" + std::string(1, k_digits[last - 36]);
    name += "S_IS" + seen + "_S" + seen + "_E";
  }
  return name;
}

TEST(demangle, gives_up_on_a_name_that_explodes) {
  EXPECT_GT(demangle(doubling(5)).size(), 1000U);
  EXPECT_EQ(demangle(doubling(60)), doubling(60));
}

TEST(demangle, tells_the_package) {
  EXPECT_EQ(package_of("_ZN3app4Main3runEi", Language::unknown), "app");
  EXPECT_EQ(package_of("_ZN5hello4main17h0123456789abcdefE", Language::unknown), "hello");
  EXPECT_EQ(package_of("_ZN60_$LT$alloc..string..String$u20$as$u20$core..fmt..Display$GT$3fmt17h0123456789abcdefE", Language::unknown),
            "alloc");
  EXPECT_EQ(package_of("_RNvMs_Cs1234_7mycrateNtB4_3Bar3baz", Language::unknown), "mycrate");
  EXPECT_EQ(package_of("_Z3runv", Language::unknown), "C++ without namespace");
  EXPECT_EQ(package_of("_ZTVN3app4MainE", Language::unknown), "app");
  EXPECT_EQ(package_of("malloc", Language::unknown), "C and others");
  EXPECT_EQ(package_of("runtime.mallocgc", Language::go), "runtime");
  EXPECT_EQ(package_of("encoding_json.__Decoder_.Decode", Language::go), "encoding_json");
  EXPECT_EQ(package_of("github.com_some_one.Run", Language::go), "github.com_some_one");
  EXPECT_EQ(package_of("main.main", Language::go), "main");
}

}  // namespace
}  // namespace davit::wasm
