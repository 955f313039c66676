#include "common/tls_files.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <memory>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/secret_file.h"
#include "common/status.h"

namespace probesweep {
namespace {

constexpr uint64_t kMaxPemBytes = 4 << 20;  // a system's whole collection of CAs has 250 kB

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using PrivateKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

// Without it OpenSSL asks for a passphrase on the terminal.
int NoPassphrase(char*, int, int, void*) { return 0; }

absl::StatusOr<Bio> OpenPem(const std::string& path, const std::string& flag) {
  absl::StatusOr<std::string> text = ReadFile(path, kMaxPemBytes);
  if (!text.ok()) return Annotate(text.status(), flag);
  Bio bio(BIO_new(BIO_s_mem()), &BIO_free);
  BIO_write(bio.get(), text->data(), static_cast<int>(text->size()));
  return bio;
}

absl::StatusOr<Certificate> ReadCertificate(const std::string& path, const std::string& flag) {
  PS_ASSIGN_OR_RETURN(const Bio bio, OpenPem(path, flag));
  Certificate certificate(PEM_read_bio_X509(bio.get(), nullptr, NoPassphrase, nullptr), &X509_free);
  ERR_clear_error();
  if (certificate != nullptr) return certificate;
  return absl::FailedPreconditionError(absl::StrCat(
      flag, " ", path, ": no certificate is in this file; it must be PEM (-----BEGIN CERTIFICATE-----)"));
}

absl::StatusOr<PrivateKey> ReadPrivateKey(const std::string& path) {
  PS_ASSIGN_OR_RETURN(const Bio bio, OpenPem(path, "--tls-key"));
  PrivateKey key(PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassphrase, nullptr), &EVP_PKEY_free);
  ERR_clear_error();
  if (key != nullptr) return key;
  return absl::FailedPreconditionError(
      absl::StrCat("--tls-key ", path,
                   ": no private key can be read from this file; it must be PEM, without a passphrase"));
}

absl::Time ToTime(const ASN1_TIME* time) {
  std::tm fields{};
  if (ASN1_TIME_to_tm(time, &fields) != 1) return absl::InfinitePast();
  return absl::FromTM(fields, absl::UTCTimeZone());
}

}  // namespace

absl::Status CheckIdentityFiles(const TlsFiles& files, absl::Time now) {
  if (files.cert.empty() || files.key.empty()) {
    return absl::InvalidArgumentError("--tls-cert and --tls-key belong together; give both or neither");
  }
  PS_RETURN_IF_ERROR(CheckFileGuard(files.key, FileGuard::kNotReadableByOthers, "--tls-key"));
  PS_ASSIGN_OR_RETURN(const Certificate certificate, ReadCertificate(files.cert, "--tls-cert"));
  PS_ASSIGN_OR_RETURN(const PrivateKey key, ReadPrivateKey(files.key));
  const bool match = X509_check_private_key(certificate.get(), key.get()) == 1;
  ERR_clear_error();
  if (!match) {
    return absl::FailedPreconditionError(absl::StrCat("--tls-key ", files.key,
                                                      " is not the key of --tls-cert ", files.cert,
                                                      "; give the two that were made together"));
  }
  const absl::Time begin = ToTime(X509_get0_notBefore(certificate.get()));
  const absl::Time end = ToTime(X509_get0_notAfter(certificate.get()));
  if (begin <= now && now < end) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("--tls-cert ", files.cert, now < begin ? " is not valid before " : " expired on ",
                   absl::FormatTime(absl::RFC3339_sec, now < begin ? begin : end, absl::UTCTimeZone()),
                   now < begin ? "; is this machine's clock right?" : "; have a new one signed"));
}

absl::Status CheckAuthorityFile(const TlsFiles& files, const std::string& flag) {
  return ReadCertificate(files.ca, flag).status();
}

absl::StatusOr<absl::Time> CertificateEnd(const std::string& path) {
  PS_ASSIGN_OR_RETURN(const Certificate certificate, ReadCertificate(path, "--tls-cert"));
  return ToTime(X509_get0_notAfter(certificate.get()));
}

}  // namespace probesweep
