#include "oci/trust/crypto/pkcs11_key.hpp"

#include <dlfcn.h>
#include <p11-kit/pkcs11.h>

#include <algorithm>
#include <array>
#include <vector>

#include "manifests/encoding.hpp"
#include "manifests/libcrypto.hpp"
#include "oci/trust/crypto/pkcs11_encoding.hpp"

namespace davit::oci {
namespace {

// Bounds on what a module may claim.
constexpr CK_ULONG k_max_slots = 1024;
constexpr CK_ULONG k_max_objects = 16;
constexpr CK_ULONG k_max_attribute_bytes = 4096;
constexpr CK_ULONG k_max_signature_bytes = 4096;

Error token_error(const std::string& doing, CK_RV code) {
  const auto hex = [&] {
    std::array<char, 24> text{};
    std::snprintf(text.data(), text.size(), "0x%lx", static_cast<unsigned long>(code));
    return std::string(text.data());
  };
  switch (code) {
    case CKR_PIN_INCORRECT:
    case CKR_PIN_INVALID:
    case CKR_PIN_LEN_RANGE: return fail(ErrorCode::denied, "the PIN does not open this token");
    case CKR_PIN_LOCKED: return fail(ErrorCode::denied, "the token is locked after too many wrong PINs");
    case CKR_MECHANISM_INVALID:
    case CKR_MECHANISM_PARAM_INVALID:
    case CKR_ARGUMENTS_BAD: return fail(ErrorCode::unsupported, "the token cannot " + doing + " in this way (PKCS#11 " + hex() + ")");
    default: return fail(ErrorCode::io, "the token did not " + doing + " (PKCS#11 " + hex() + ")");
  }
}

// Text fields of tokens are padded with blanks.
template <std::size_t N>
std::string trimmed(const CK_UTF8CHAR (&field)[N]) {  // NOLINT(modernize-avoid-c-arrays): the interface's
  std::string text(reinterpret_cast<const char*>(field), N);
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

// The loaded library. It stays loaded until the process ends: many do not survive being unloaded.
class Module {
 public:
  static Result<std::unique_ptr<Module>> load(const std::string& path) {
    load_libcrypto();  // the module may bring the system's along; if that is what davit uses, it must be prepared first
    void* handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) {
      const char* why = ::dlerror();
      return fail(ErrorCode::unsupported,
                  "the PKCS#11 module \"" + printable(path) + "\" cannot be loaded: " + (why == nullptr ? "" : why));
    }
    auto* list_functions = reinterpret_cast<CK_C_GetFunctionList>(::dlsym(handle, "C_GetFunctionList"));
    CK_FUNCTION_LIST* functions = nullptr;
    if (list_functions == nullptr || list_functions(&functions) != CKR_OK || functions == nullptr) {
      return fail(ErrorCode::unsupported, "\"" + printable(path) + "\" is no PKCS#11 module");
    }
    CK_C_INITIALIZE_ARGS arguments{};
    arguments.flags = CKF_OS_LOCKING_OK;
    const CK_RV status = functions->C_Initialize(&arguments);
    if (status != CKR_OK && status != CKR_CRYPTOKI_ALREADY_INITIALIZED) return token_error("start", status);
    return std::unique_ptr<Module>(new Module(functions, status == CKR_OK));
  }
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;
  ~Module() {
    if (ours_) functions_->C_Finalize(nullptr);
  }
  [[nodiscard]] CK_FUNCTION_LIST* functions() const { return functions_; }

 private:
  Module(CK_FUNCTION_LIST* functions, bool ours) : functions_(functions), ours_(ours) {}
  CK_FUNCTION_LIST* functions_;
  bool ours_;  // another key of the run may have started it
};

bool names_token(const Pkcs11Uri& uri, CK_SLOT_ID slot, const CK_TOKEN_INFO& info) {
  const auto fits = [](const std::optional<std::string>& wanted, const std::string& has) { return !wanted || *wanted == has; };
  return fits(uri.token, trimmed(info.label)) && fits(uri.manufacturer, trimmed(info.manufacturerID)) &&
         fits(uri.model, trimmed(info.model)) &&
         fits(uri.serial, std::string(trimmed(reinterpret_cast<const CK_UTF8CHAR(&)[sizeof info.serialNumber]>(info.serialNumber)))) &&
         (!uri.slot_id || *uri.slot_id == slot);
}

struct Token {
  CK_SLOT_ID slot = 0;
  CK_FLAGS flags = 0;
};

Result<Token> find_token(CK_FUNCTION_LIST* functions, const Pkcs11Uri& uri) {
  CK_ULONG count = 0;
  if (const CK_RV status = functions->C_GetSlotList(CK_TRUE, nullptr, &count); status != CKR_OK)
    return token_error("list its slots", status);
  if (count > k_max_slots) return fail(ErrorCode::limit, "the PKCS#11 module claims " + std::to_string(count) + " slots");
  std::vector<CK_SLOT_ID> slots(count);
  if (const CK_RV status = functions->C_GetSlotList(CK_TRUE, slots.data(), &count); status != CKR_OK) {
    return token_error("list its slots", status);
  }
  slots.resize(std::min<std::size_t>(count, slots.size()));
  std::optional<Token> found;
  std::string seen;
  for (const CK_SLOT_ID slot : slots) {
    CK_TOKEN_INFO info{};
    if (functions->C_GetTokenInfo(slot, &info) != CKR_OK || (info.flags & CKF_TOKEN_INITIALIZED) == 0) continue;
    seen += (seen.empty() ? "" : ", ") + ("\"" + printable(trimmed(info.label)) + "\"");
    if (!names_token(uri, slot, info)) continue;
    if (found) return fail(ErrorCode::usage, "the URI fits more than one token: " + seen).hinting("name the token by serial or slot-id");
    found = Token{slot, info.flags};
  }
  if (found) return *found;
  return fail(ErrorCode::not_found, "no token fits the URI; the module has " + (seen.empty() ? "none" : seen));
}

// One session with one token, logged in when asked for.
class Session {
 public:
  static Result<std::unique_ptr<Session>> open(const Pkcs11Request& request) {
    TRY_ASSIGN(auto module, Module::load(request.module));
    TRY_ASSIGN(const Token token, find_token(module->functions(), request.uri));
    CK_SESSION_HANDLE handle = 0;
    const CK_RV status = module->functions()->C_OpenSession(token.slot, CKF_SERIAL_SESSION, nullptr, nullptr, &handle);
    if (status != CKR_OK) return token_error("open a session", status);
    return std::unique_ptr<Session>(new Session(std::move(module), handle, token.flags));
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() { functions()->C_CloseSession(handle_); }

  Result<void> log_in(const PasswordSource& pin) {
    if ((flags_ & CKF_LOGIN_REQUIRED) == 0) return {};
    if ((flags_ & CKF_PROTECTED_AUTHENTICATION_PATH) != 0) return check_login(functions()->C_Login(handle_, CKU_USER, nullptr, 0));
    TRY_ASSIGN(pin_, pin());
    return check_login(functions()->C_Login(handle_, CKU_USER, pin_text(), pin_.view().size()));
  }
  // Some keys want the PIN once more for every signature.
  [[nodiscard]] Result<void> log_in_again() const {
    return check_login(functions()->C_Login(handle_, CKU_CONTEXT_SPECIFIC, pin_text(), pin_.view().size()));
  }

  /// Objects of a class that the URI names; `id`, when given, in place of the URI's words.
  [[nodiscard]] Result<std::vector<CK_OBJECT_HANDLE>> find(CK_OBJECT_CLASS kind, const Pkcs11Uri& uri, const Bytes* id) const {
    std::vector<CK_ATTRIBUTE> wanted{{CKA_CLASS, &kind, sizeof kind}};
    std::string label = uri.object.value_or("");
    Bytes key_id = id != nullptr ? *id : uri.id.value_or(Bytes{});
    if (id == nullptr && uri.object) wanted.push_back({CKA_LABEL, label.data(), label.size()});
    if (id != nullptr || uri.id) wanted.push_back({CKA_ID, key_id.data(), key_id.size()});
    if (const CK_RV status = functions()->C_FindObjectsInit(handle_, wanted.data(), wanted.size()); status != CKR_OK) {
      return token_error("look for the key", status);
    }
    std::vector<CK_OBJECT_HANDLE> found(k_max_objects);
    CK_ULONG count = 0;
    const CK_RV status = functions()->C_FindObjects(handle_, found.data(), k_max_objects, &count);
    functions()->C_FindObjectsFinal(handle_);
    if (status != CKR_OK) return token_error("look for the key", status);
    found.resize(std::min(count, k_max_objects));
    return found;
  }

  /// Empty when the object has no such attribute.
  [[nodiscard]] Bytes attribute(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const {
    CK_ATTRIBUTE wanted{type, nullptr, 0};
    if (functions()->C_GetAttributeValue(handle_, object, &wanted, 1) != CKR_OK || wanted.ulValueLen > k_max_attribute_bytes) return {};
    Bytes out(wanted.ulValueLen);
    wanted.pValue = out.data();
    if (functions()->C_GetAttributeValue(handle_, object, &wanted, 1) != CKR_OK || wanted.ulValueLen > out.size()) return {};
    out.resize(wanted.ulValueLen);
    return out;
  }

  [[nodiscard]] CK_FUNCTION_LIST* functions() const { return module_->functions(); }
  [[nodiscard]] CK_SESSION_HANDLE handle() const { return handle_; }

 private:
  Session(std::unique_ptr<Module> module, CK_SESSION_HANDLE handle, CK_FLAGS flags)
      : module_(std::move(module)), handle_(handle), flags_(flags) {}
  static Result<void> check_login(CK_RV status) {
    if (status == CKR_OK || status == CKR_USER_ALREADY_LOGGED_IN) return {};
    return token_error("accept the PIN", status);
  }
  [[nodiscard]] CK_UTF8CHAR* pin_text() const {
    return const_cast<CK_UTF8CHAR*>(reinterpret_cast<const CK_UTF8CHAR*>(pin_.view().data()));  // NOLINT: the interface lacks const
  }

  std::unique_ptr<Module> module_;
  CK_SESSION_HANDLE handle_;
  CK_FLAGS flags_;
  SecretBytes pin_{};
};

std::optional<CK_ULONG> number_of(const Bytes& attribute) {
  if (attribute.size() != sizeof(CK_ULONG)) return std::nullopt;
  CK_ULONG value = 0;
  std::copy(attribute.begin(), attribute.end(), reinterpret_cast<std::byte*>(&value));
  return value;
}

Result<PublicKey> read_public_object(const Session& session, CK_OBJECT_HANDLE object) {
  const auto type = number_of(session.attribute(object, CKA_KEY_TYPE));
  const auto get = [&](CK_ATTRIBUTE_TYPE attribute) { return session.attribute(object, attribute); };
  if (type == CKK_EC) return PublicKey::from_der(spki_of_ec(get(CKA_EC_PARAMS), get(CKA_EC_POINT)));
  if (type == CKK_EC_EDWARDS) return PublicKey::from_der(spki_of_ed25519(get(CKA_EC_POINT)));
  if (type == CKK_RSA) return PublicKey::from_der(spki_of_rsa(get(CKA_MODULUS), get(CKA_PUBLIC_EXPONENT)));
  return fail(ErrorCode::unsupported, "the key on the token is neither ECDSA, Ed25519 nor RSA");
}

Result<CK_OBJECT_HANDLE> only_one(const std::vector<CK_OBJECT_HANDLE>& found, std::string_view what) {
  if (found.size() == 1) return found.front();
  if (found.empty()) return fail(ErrorCode::not_found, "the token has no " + std::string(what) + " that fits the URI");
  return fail(ErrorCode::usage, "the URI fits more than one " + std::string(what) + " on the token").hinting("name it by object and id");
}

struct Mechanism {
  CK_MECHANISM_TYPE type;
  std::optional<CK_RSA_PKCS_PSS_PARAMS> pss{};
  Bytes input{};
};

Result<Bytes> shape_of(const SignedMessageView& message, std::size_t bytes) {
  if (bytes == 32) return message.sha256.raw();
  if (bytes == 48 && message.sha384) return to_bytes(*message.sha384);
  if (bytes == 64 && message.sha512) return to_bytes(*message.sha512);
  return fail(ErrorCode::usage, "the message is known without its digest of " + std::to_string(bytes) + " bytes, which this key signs");
}

Result<Mechanism> pss_with(CK_MECHANISM_TYPE hash, CK_ULONG mask, std::size_t bytes, const SignedMessageView& message) {
  TRY_ASSIGN(Bytes digest, shape_of(message, bytes));
  return Mechanism{CKM_RSA_PKCS_PSS, CK_RSA_PKCS_PSS_PARAMS{hash, mask, bytes}, std::move(digest)};
}

Result<Mechanism> ecdsa_over(std::size_t bytes, const SignedMessageView& message) {
  TRY_ASSIGN(Bytes digest, shape_of(message, bytes));
  return Mechanism{CKM_ECDSA, std::nullopt, std::move(digest)};
}

Result<Mechanism> pkcs1_over(std::size_t bytes, const SignedMessageView& message) {
  TRY_ASSIGN(const Bytes digest, shape_of(message, bytes));
  return Mechanism{CKM_RSA_PKCS, std::nullopt, digest_info(digest)};
}

Result<Mechanism> mechanism_for(SignatureScheme scheme, const SignedMessageView& message) {
  switch (scheme) {
    case SignatureScheme::ecdsa_sha256: return ecdsa_over(32, message);
    case SignatureScheme::ecdsa_sha384: return ecdsa_over(48, message);
    case SignatureScheme::ecdsa_sha512: return ecdsa_over(64, message);
    case SignatureScheme::rsa_pkcs1_sha256: return pkcs1_over(32, message);
    case SignatureScheme::rsa_pkcs1_sha384: return pkcs1_over(48, message);
    case SignatureScheme::rsa_pkcs1_sha512: return pkcs1_over(64, message);
    case SignatureScheme::rsa_pss_sha256: return pss_with(CKM_SHA256, CKG_MGF1_SHA256, 32, message);
    case SignatureScheme::rsa_pss_sha384: return pss_with(CKM_SHA384, CKG_MGF1_SHA384, 48, message);
    case SignatureScheme::rsa_pss_sha512: return pss_with(CKM_SHA512, CKG_MGF1_SHA512, 64, message);
    case SignatureScheme::ed25519:
      if (!message.bytes) return fail(ErrorCode::usage, "the message is known without its bytes, which this key signs");
      return Mechanism{CKM_EDDSA, std::nullopt, to_bytes(*message.bytes)};
    case SignatureScheme::ed25519ph: break;
  }
  return fail(ErrorCode::unsupported, "tokens do not sign a digest with Ed25519").hinting("use an ECDSA key for this form of signature");
}

class Pkcs11Key final : public SigningKey {
 public:
  Pkcs11Key(std::unique_ptr<Session> session, CK_OBJECT_HANDLE object, PublicKey public_key)
      : session_(std::move(session)), object_(object), public_key_(std::move(public_key)) {
    const Bytes always = session_->attribute(object_, CKA_ALWAYS_AUTHENTICATE);
    wants_pin_each_time_ = always.size() == 1 && always.front() != std::byte{0};
  }
  [[nodiscard]] const PublicKey& public_key() const noexcept override { return public_key_; }
  [[nodiscard]] Result<Bytes> sign(SignatureScheme scheme, const SignedMessageView& message) const override {
    if (!fits(scheme, public_key_.kind())) {
      return fail(ErrorCode::unsupported,
                  "a key of type " + std::string(to_text(public_key_.kind())) + " cannot sign in the way that is asked for");
    }
    TRY_ASSIGN(Mechanism mechanism, mechanism_for(scheme, message));
    TRY_ASSIGN(Bytes signature, call(mechanism));
    if (mechanism.type == CKM_ECDSA) {
      TRY_ASSIGN(signature, ecdsa_to_der(signature));
    }
    if (!public_key_.verifies(scheme, message, signature)) {
      return fail(ErrorCode::io, "the token's signature does not fit its public key").hinting("check that both objects have the same id");
    }
    return signature;
  }

 private:
  [[nodiscard]] Result<Bytes> call(Mechanism& mechanism) const {
    CK_MECHANISM form{mechanism.type, nullptr, 0};
    if (mechanism.pss) form = {mechanism.type, &*mechanism.pss, sizeof *mechanism.pss};
    CK_FUNCTION_LIST* functions = session_->functions();
    if (const CK_RV status = functions->C_SignInit(session_->handle(), &form, object_); status != CKR_OK)
      return token_error("sign", status);
    if (wants_pin_each_time_) TRY(session_->log_in_again());
    Bytes signature(k_max_signature_bytes);
    CK_ULONG length = k_max_signature_bytes;
    const CK_RV status = functions->C_Sign(session_->handle(), reinterpret_cast<CK_BYTE*>(mechanism.input.data()), mechanism.input.size(),
                                           reinterpret_cast<CK_BYTE*>(signature.data()), &length);
    if (status != CKR_OK || length > k_max_signature_bytes) return token_error("sign", status);
    signature.resize(length);
    return signature;
  }

  std::unique_ptr<Session> session_;
  CK_OBJECT_HANDLE object_;
  PublicKey public_key_;
  bool wants_pin_each_time_ = false;
};

}  // namespace

Result<std::unique_ptr<SigningKey>> open_pkcs11_key(const Pkcs11Request& request) {
  TRY_ASSIGN(auto session, Session::open(request));
  TRY(session->log_in(request.pin));
  TRY_ASSIGN(const auto keys, session->find(CKO_PRIVATE_KEY, request.uri, nullptr));
  TRY_ASSIGN(const CK_OBJECT_HANDLE object, only_one(keys, "private key"));
  const Bytes id = session->attribute(object, CKA_ID);
  TRY_ASSIGN(const auto halves, session->find(CKO_PUBLIC_KEY, request.uri, id.empty() ? nullptr : &id));
  TRY_ASSIGN(const CK_OBJECT_HANDLE half, only_one(halves, "public key"));
  TRY_ASSIGN(PublicKey public_key, read_public_object(*session, half));
  return std::unique_ptr<SigningKey>(std::make_unique<Pkcs11Key>(std::move(session), object, std::move(public_key)));
}

Result<PublicKey> read_pkcs11_public_key(const Pkcs11Request& request) {
  TRY_ASSIGN(const auto session, Session::open(request));
  TRY_ASSIGN(const auto keys, session->find(CKO_PUBLIC_KEY, request.uri, nullptr));
  TRY_ASSIGN(const CK_OBJECT_HANDLE object, only_one(keys, "public key"));
  return read_public_object(*session, object);
}

}  // namespace davit::oci
