#include "tests/support/certificates.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <atomic>
#include <cstdlib>

#include "common/file.h"

namespace probesweep::testing {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

void Require(bool made) {
  if (!made) std::abort();
}

Key MakeKey() { return Key(EVP_EC_gen("P-256"), &EVP_PKEY_free); }

// Signed by `issuer`; by itself when that is null.
Certificate MakeCertificate(EVP_PKEY* key, const CertificateOptions& options, X509* issuer,
                            EVP_PKEY* issuer_key) {
  static std::atomic<int64_t> serial{1};
  Certificate certificate(X509_new(), &X509_free);
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set_int64(X509_get_serialNumber(certificate.get()), serial++);
  ASN1_TIME_set(X509_getm_notBefore(certificate.get()), absl::ToTimeT(absl::Now() - absl::Hours(24)));
  ASN1_TIME_set(X509_getm_notAfter(certificate.get()), absl::ToTimeT(options.end));
  X509_set_pubkey(certificate.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(options.common_name.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate.get(),
                       X509_get_subject_name(issuer == nullptr ? certificate.get() : issuer));
  X509_EXTENSION* extension =
      issuer == nullptr
          ? X509V3_EXT_conf_nid(nullptr, nullptr, NID_basic_constraints, "critical,CA:TRUE")
          : X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, options.alternative_names.c_str());
  Require(extension != nullptr);
  X509_add_ext(certificate.get(), extension, -1);
  X509_EXTENSION_free(extension);
  Require(X509_sign(certificate.get(), issuer == nullptr ? key : issuer_key, EVP_sha256()) > 0);
  return certificate;
}

std::string Text(BIO* bio) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(bio, &bytes);
  std::string text(bytes, static_cast<size_t>(size));
  BIO_free(bio);
  return text;
}

std::string Pem(X509* certificate) {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(bio, certificate);
  return Text(bio);
}

std::string Pem(EVP_PKEY* key) {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  return Text(bio);
}

}  // namespace

struct CertificateAuthority::State {
  Key key = MakeKey();
  Certificate certificate{nullptr, &X509_free};
};

CertificateAuthority::CertificateAuthority() : state_(std::make_unique<State>()) {
  CertificateOptions options;
  static std::atomic<int> number{1};
  options.common_name = "test CA " + std::to_string(number++);
  state_->certificate = MakeCertificate(state_->key.get(), options, nullptr, nullptr);
}

CertificateAuthority::~CertificateAuthority() = default;

TlsFiles CertificateAuthority::Issue(const std::string& stem, const CertificateOptions& options) const {
  const Key key = MakeKey();
  const Certificate certificate =
      MakeCertificate(key.get(), options, state_->certificate.get(), state_->key.get());
  const TlsFiles files = {stem + ".crt", stem + ".key", stem + ".ca"};
  EXPECT_TRUE(WriteFileAtomically(files.cert, Pem(certificate.get())).ok());
  EXPECT_TRUE(WriteFileAtomically(files.key, Pem(key.get())).ok());
  EXPECT_EQ(::chmod(files.key.c_str(), 0600), 0);
  EXPECT_TRUE(WriteFileAtomically(files.ca, Pem(state_->certificate.get())).ok());
  return files;
}

}  // namespace probesweep::testing
