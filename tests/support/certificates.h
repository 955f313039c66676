// Certificates for tests, made on the spot: nothing that could be mistaken for a real one lies in the tree.
#ifndef PROBESWEEP_TESTS_SUPPORT_CERTIFICATES_H_
#define PROBESWEEP_TESTS_SUPPORT_CERTIFICATES_H_

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "common/tls_files.h"

namespace probesweep::testing {

struct CertificateOptions {
  std::string common_name = "nobody";
  std::string alternative_names = "DNS:localhost,IP:127.0.0.1";  // as in OpenSSL's configuration
  absl::Time end = absl::Now() + absl::Hours(1);
};

// A CA of its own. What cannot be made ends the test.
class CertificateAuthority {
 public:
  CertificateAuthority();
  ~CertificateAuthority();

  // Writes <stem>.crt, <stem>.key (mode 0600) and <stem>.ca, this CA's certificate, over what is there.
  TlsFiles Issue(const std::string& stem, const CertificateOptions& options = {}) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace probesweep::testing

#endif  // PROBESWEEP_TESTS_SUPPORT_CERTIFICATES_H_
