#include "server/store/postgres_uri.h"

#include <libpq-fe.h>

#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace probesweep::server {
namespace {

constexpr char kHidden[] = "***";

// Hides the value of every parameter that holds a secret: password, sslpassword.
std::string RedactParameters(absl::string_view parameters) {
  std::string shown;
  while (!parameters.empty()) {
    const absl::string_view parameter = parameters.substr(0, parameters.find('&', 1));
    parameters.remove_prefix(parameter.size());
    const size_t equals = parameter.find('=');
    const bool secret = equals != absl::string_view::npos &&
                        absl::StrContains(absl::AsciiStrToLower(parameter.substr(0, equals)), "password");
    absl::StrAppend(&shown, parameter.substr(0, secret ? equals + 1 : parameter.size()),
                    secret ? kHidden : "");
  }
  return shown;
}

}  // namespace

bool IsPostgresUri(absl::string_view uri) {
  return absl::StartsWith(uri, "postgresql://") || absl::StartsWith(uri, "postgres://");
}

std::string RedactUri(const std::string& uri) {
  const size_t begin = uri.find("://");
  if (begin == std::string::npos) return uri;
  absl::string_view rest = absl::string_view(uri).substr(begin + 3);
  std::string shown = uri.substr(0, begin + 3);
  // A password that nobody escaped may itself hold any of '/', '?' and '@': the last '@' ends it.
  const size_t at = rest.rfind('@');
  const size_t colon = rest.find(':');
  if (at != absl::string_view::npos && colon < at) {
    absl::StrAppend(&shown, rest.substr(0, colon + 1), kHidden);
    rest.remove_prefix(at);
  }
  const size_t question = rest.find('?');
  absl::StrAppend(&shown, rest.substr(0, question));
  if (question != absl::string_view::npos) absl::StrAppend(&shown, RedactParameters(rest.substr(question)));
  return shown;
}

absl::Status CheckPostgresUri(const std::string& uri) {
  char* error = nullptr;
  PQconninfoOption* const options = PQconninfoParse(uri.c_str(), &error);
  const std::unique_ptr<char, void (*)(void*)> owned(error, PQfreemem);
  if (options != nullptr) {
    PQconninfoFree(options);
    return absl::OkStatus();
  }
  const std::string shown = RedactUri(uri);
  // libpq quotes what it does not understand: a piece of a password, perhaps.
  std::string why = error == nullptr || shown != uri ? "" : absl::StrCat(": ", error);
  absl::StripTrailingAsciiWhitespace(&why);
  return absl::InvalidArgumentError(
      absl::StrCat("--store '", shown, "' is not understood", why,
                   "; write postgresql://USER@HOST:PORT/DATABASE, with special characters as %XX"));
}

}  // namespace probesweep::server
