// PEM files for TLS, looked at before they are handed to gRPC, whose own messages do not reach the operator.
#ifndef PROBESWEEP_COMMON_TLS_FILES_H_
#define PROBESWEEP_COMMON_TLS_FILES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace probesweep {

// Paths of PEM files; empty: none.
struct TlsFiles {
  std::string cert;  // --tls-cert: the own certificate, then those between it and the CA
  std::string key;   // --tls-key: its private key, without a passphrase
  std::string ca;    // the certificates that the peer's must be signed by
};

// Certificate and key are there, fit together and are valid at `now`; nobody else can read the key.
// Errors: FAILED_PRECONDITION or NOT_FOUND with flag, file, and how to mend it.
absl::Status CheckIdentityFiles(const TlsFiles& files, absl::Time now);

// At least one certificate is in files.ca. `flag` names where it was written. Errors: as above.
absl::Status CheckAuthorityFile(const TlsFiles& files, const std::string& flag);

// When the first certificate in the file ends. Errors: as above.
absl::StatusOr<absl::Time> CertificateEnd(const std::string& path);

}  // namespace probesweep

#endif  // PROBESWEEP_COMMON_TLS_FILES_H_
