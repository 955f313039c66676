// Where coordinators listen, as --coordinator names them.
#ifndef PROBESWEEP_COMMON_ADDRESSES_H_
#define PROBESWEEP_COMMON_ADDRESSES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace probesweep {

// Splits "a:1, b:2"; empty parts are left out.
std::vector<std::string> SplitAddresses(absl::string_view list);

// INVALID_ARGUMENT when there is no address, or one without host or port.
absl::Status CheckAddresses(const std::vector<std::string>& addresses);

}  // namespace probesweep

#endif  // PROBESWEEP_COMMON_ADDRESSES_H_
