#ifndef PROBESWEEP_COMMON_FILE_STAMP_H_
#define PROBESWEEP_COMMON_FILE_STAMP_H_

#include <string>

namespace probesweep {

// Differs when the file at `path` was written, replaced or got other permissions; links are followed.
std::string FileStamp(const std::string& path);

}  // namespace probesweep

#endif  // PROBESWEEP_COMMON_FILE_STAMP_H_
