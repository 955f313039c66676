// Thrift's compact protocol, as far as Parquet's metadata needs it.
#ifndef PROBESWEEP_CLIENT_RENDER_THRIFT_COMPACT_H_
#define PROBESWEEP_CLIENT_RENDER_THRIFT_COMPACT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace probesweep::client {

// A number of any size in groups of seven bits, the lowest first.
void AppendVarint(uint64_t value, std::string& out);

// Writes the fields of one struct, by ascending id. Structs in it are written between Begin… and End. Not
// thread-safe.
class ThriftCompactWriter {
 public:
  ThriftCompactWriter& I32(int id, int32_t value);
  ThriftCompactWriter& I64(int id, int64_t value);
  ThriftCompactWriter& Text(int id, absl::string_view text);
  ThriftCompactWriter& TextList(int id, const std::vector<std::string>& texts);
  ThriftCompactWriter& I32List(int id, const std::vector<int32_t>& values);
  // A list of structs: after this, `size` times BeginElement … End.
  ThriftCompactWriter& StructList(int id, size_t size);
  ThriftCompactWriter& BeginElement();
  ThriftCompactWriter& BeginStruct(int id);
  // Ends the innermost struct that was begun, or the whole.
  ThriftCompactWriter& End();

  const std::string& bytes() const { return bytes_; }

 private:
  void Field(int id, int type);
  void ListHeader(size_t size, int element_type);

  std::string bytes_;
  std::vector<int> last_ids_ = {0};  // of the structs that are open, the innermost last
};

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_RENDER_THRIFT_COMPACT_H_
