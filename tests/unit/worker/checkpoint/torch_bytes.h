// .bin files made by hand, byte by byte.
#ifndef PROBESWEEP_TESTS_UNIT_WORKER_CHECKPOINT_TORCH_BYTES_H_
#define PROBESWEEP_TESTS_UNIT_WORKER_CHECKPOINT_TORCH_BYTES_H_

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"

namespace probesweep::worker {

template <typename T>
std::string Number(uint64_t value) {
  const T number = static_cast<T>(value);
  return std::string(reinterpret_cast<const char*>(&number), sizeof number);
}

inline std::string Deflate(const std::string& bytes) {
  z_stream zlib = {};
  EXPECT_EQ(deflateInit2(&zlib, 9, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY), Z_OK);
  std::string deflated(deflateBound(&zlib, bytes.size()), '\0');
  zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  zlib.avail_in = static_cast<uInt>(bytes.size());
  zlib.next_out = reinterpret_cast<Bytef*>(deflated.data());
  zlib.avail_out = static_cast<uInt>(deflated.size());
  EXPECT_EQ(deflate(&zlib, Z_FINISH), Z_STREAM_END);
  deflated.resize(zlib.total_out);
  deflateEnd(&zlib);
  return deflated;
}

class ZipWriter {
 public:
  void Add(const std::string& name, const std::string& bytes, bool deflated = false) {
    const std::string stored = deflated ? Deflate(bytes) : bytes;
    const auto* const data = reinterpret_cast<const Bytef*>(bytes.data());
    const std::string common =
        absl::StrCat(Number<uint32_t>(deflated ? 8 << 16 : 0), Number<uint32_t>(0),
                     Number<uint32_t>(crc32_z(0, data, bytes.size())), Number<uint32_t>(stored.size()),
                     Number<uint32_t>(bytes.size()), Number<uint16_t>(name.size()), Number<uint16_t>(0));
    absl::StrAppend(&directory_, "PK\x01\x02", Number<uint16_t>(20), Number<uint16_t>(20), common);
    absl::StrAppend(&directory_, std::string(10, '\0'), Number<uint32_t>(archive_.size()), name);
    absl::StrAppend(&archive_, "PK\x03\x04", Number<uint16_t>(20), common, name, stored);
    ++count_;
  }
  std::string Finish() const {
    return absl::StrCat(archive_, directory_, "PK\x05\x06", Number<uint32_t>(0), Number<uint16_t>(count_),
                        Number<uint16_t>(count_), Number<uint32_t>(directory_.size()),
                        Number<uint32_t>(archive_.size()), Number<uint16_t>(0));
  }

 private:
  std::string archive_, directory_;
  int count_ = 0;
};

// A one-dimensional byte tensor as it stands in a pickled state dict. `type` and what follows describe its
// storage.
struct ByteTensor {
  std::string name = "w";
  uint32_t elements = 0, offset = 0, stride = 1;
  std::string type = "ByteStorage", key = "0";
  uint32_t storage_elements = elements;
  std::string view_metadata;  // of the older form: an opcode

  std::string Pickled() const {
    const auto number = [](uint32_t value) { return absl::StrCat("J", Number<uint32_t>(value)); };
    const auto text = [](const std::string& value) {
      return absl::StrCat("X", Number<uint32_t>(value.size()), value);
    };
    return absl::StrCat(text(name), "ctorch._utils\n_rebuild_tensor_v2\n((", text("storage"), "ctorch\n",
                        type, "\n", text(key), text("cpu"), number(storage_elements), view_metadata, "tQ",
                        number(offset), number(elements), "\x85", number(stride), "\x85\x89NtR");
  }
};

inline std::string StateDict(const std::string& items) { return absl::StrCat("\x80\x02}(", items, "u."); }

}  // namespace probesweep::worker

#endif  // PROBESWEEP_TESTS_UNIT_WORKER_CHECKPOINT_TORCH_BYTES_H_
