#ifndef PROBESWEEP_COMMON_NUMBER_FORMAT_H_
#define PROBESWEEP_COMMON_NUMBER_FORMAT_H_

#include <cstdint>
#include <string>

namespace probesweep {

// The shortest decimal text that reads back to exactly `value`, locale-independent; "nan", "inf", "-inf".
std::string FormatDouble(double value);

// With binary units: "4.2 MiB".
std::string ByteCount(int64_t bytes);

}  // namespace probesweep

#endif  // PROBESWEEP_COMMON_NUMBER_FORMAT_H_
