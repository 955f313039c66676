#include "common/safetensors.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/json_events.h"
#include "common/status.h"

namespace probesweep {
namespace {

struct DTypeInfo {
  DType dtype;
  const char* name;
  int size;
};

constexpr DTypeInfo kDTypes[] = {
    {DType::kF64, "F64", 8},   {DType::kF32, "F32", 4},        {DType::kF16, "F16", 2},
    {DType::kBF16, "BF16", 2}, {DType::kF8E4M3, "F8_E4M3", 1}, {DType::kF8E5M2, "F8_E5M2", 1},
    {DType::kI64, "I64", 8},   {DType::kI32, "I32", 4},        {DType::kI16, "I16", 2},
    {DType::kI8, "I8", 1},     {DType::kU64, "U64", 8},        {DType::kU32, "U32", 4},
    {DType::kU16, "U16", 2},   {DType::kU8, "U8", 1},          {DType::kBool, "BOOL", 1},
    {DType::kC64, "C64", 8},
};

const DTypeInfo& InfoOf(DType dtype) {
  for (const DTypeInfo& info : kDTypes) {
    if (info.dtype == dtype) return info;
  }
  return kDTypes[0];
}

// The product of the shape times the element size, or nothing on overflow or a negative size.
std::optional<uint64_t> ByteSize(const std::vector<int64_t>& shape, DType dtype) {
  uint64_t size = static_cast<uint64_t>(ElementSize(dtype));
  for (int64_t extent : shape) {
    if (extent < 0 || __builtin_mul_overflow(size, static_cast<uint64_t>(extent), &size)) return std::nullopt;
  }
  return size;
}

absl::Status Corrupt(absl::string_view file, absl::string_view reason) {
  return absl::DataLossError(absl::StrCat(file, " is not a valid safetensors file: ", reason));
}

std::optional<DType> DTypeByName(absl::string_view name) {
  for (const DTypeInfo& info : kDTypes) {
    if (name == info.name) return info.dtype;
  }
  return std::nullopt;
}

// Reads the header's JSON entry by entry. What an entry holds beyond its three fields is passed over.
class HeaderEvents : public JsonEvents {
 public:
  HeaderEvents(uint64_t data_begin, uint64_t data_size) : data_begin_(data_begin), data_size_(data_size) {}

  // Why the header cannot be used; empty when it can, as long as its JSON is complete.
  const std::string& fault() const { return fault_; }
  SafetensorsHeader& header() { return header_; }

  bool start_object(std::size_t) override {
    if (depth_ == 1 && in_metadata_) return Enter();
    if (depth_ == 1) StartEntry();
    return depth_ < 2 ? Enter() : EnterOther();
  }
  bool end_object() override {
    if (--depth_ != 1 || in_metadata_) return true;
    return EndEntry();
  }
  bool start_array(std::size_t) override {
    if (depth_ < 2) return Fault(depth_ == 0 ? "its header is not a JSON object" : Misplaced());
    return depth_ == 2 && list_ != nullptr ? Enter() : EnterOther();
  }
  bool end_array() override {
    --depth_;
    return true;
  }

  bool key(string_t& text) override {
    if (depth_ == 1) return StartKey(text);
    if (depth_ == 2) field_ = std::move(text);
    list_ = field_ == "shape" ? &shape_ : field_ == "data_offsets" ? &offsets_ : nullptr;
    return true;
  }

  bool string(string_t& text) override {
    if (depth_ != 2) return Scalar();
    if (in_metadata_) {
      header_.metadata[field_] = std::move(text);
    } else if (field_ == "dtype") {
      dtype_ = DTypeByName(text);
      if (!dtype_.has_value())
        return EntryFault(absl::StrCat("has unsupported dtype ", QuotedTensorName(text)));
    } else if (list_ != nullptr) {
      return Scalar();
    }
    return true;
  }

  bool number_unsigned(number_unsigned_t number) override {
    if (depth_ != 3 || list_ == nullptr) return Scalar();
    if (list_->size() >= kMaxDimensions) return EntryFault(absl::StrCat("has too long a ", field_));
    list_->push_back(number);
    return true;
  }

 private:
  static constexpr size_t kMaxDimensions = 64;
  static constexpr int kMaxDepth = 8;

  bool Fault(std::string fault) {
    fault_ = std::move(fault);
    return false;
  }
  bool EntryFault(absl::string_view reason) {
    return Fault(absl::StrCat("tensor ", QuotedTensorName(name_), " ", reason));
  }
  std::string Misplaced() const {
    if (in_metadata_) return "__metadata__ is not an object of strings";
    return absl::StrCat("tensor ", QuotedTensorName(name_), " lacks dtype, shape or data_offsets");
  }

  // A value that is no string, list or object where one belongs.
  bool Scalar() override {
    if (depth_ < 2 || in_metadata_) return Fault(Misplaced());
    if (list_ != nullptr) return EntryFault(absl::StrCat(field_, " is not a list of unsigned integers"));
    return field_ != "dtype" || EntryFault("has unsupported dtype");
  }

  bool Enter() {
    ++depth_;
    return true;
  }
  bool EnterOther() {
    if (in_metadata_) return Fault(Misplaced());
    if (list_ != nullptr || field_ == "dtype") return Scalar() && false;
    return depth_ < kMaxDepth ? Enter() : Fault("its header is nested too deeply");
  }

  bool StartKey(string_t& text) {
    in_metadata_ = text == "__metadata__";
    if (in_metadata_ && std::exchange(metadata_seen_, true))
      return Fault("'__metadata__' occurs twice in it");
    name_ = std::move(text);
    return true;
  }

  void StartEntry() {
    dtype_.reset();
    shape_.clear();
    offsets_.clear();
    field_.clear();
    list_ = nullptr;
  }

  bool EndEntry() {
    if (!dtype_.has_value()) return EntryFault("lacks dtype, shape or data_offsets");
    if (offsets_.size() != 2) return EntryFault("has data_offsets that are not a pair");
    const auto [begin, end] = std::make_pair(offsets_[0], offsets_[1]);
    if (begin > end || end > data_size_) {
      return EntryFault(absl::StrCat("spans bytes ", begin, " to ", end, " of a data section of ", data_size_,
                                     " bytes; the file is truncated or its header is wrong"));
    }
    TensorEntry entry;
    entry.dtype = *dtype_;
    for (const uint64_t extent : shape_) entry.shape.push_back(static_cast<int64_t>(extent));
    if (ByteSize(entry.shape, entry.dtype) != end - begin) {
      return EntryFault("has a byte range that does not fit its shape and dtype");
    }
    entry.begin = data_begin_ + begin;
    entry.end = data_begin_ + end;
    if (header_.tensors.size() >= kMaxTensors) {
      return Fault(absl::StrCat("its header names more than ", kMaxTensors, " tensors"));
    }
    if (header_.tensors.try_emplace(name_, std::move(entry)).second) return true;
    return Fault(absl::StrCat(QuotedTensorName(name_), " occurs twice in its header"));
  }

  const uint64_t data_begin_, data_size_;
  int depth_ = 0;
  bool in_metadata_ = false, metadata_seen_ = false;
  std::string name_;   // key at depth 1
  std::string field_;  // key at depth 2
  std::optional<DType> dtype_;
  std::vector<uint64_t> shape_, offsets_;
  std::vector<uint64_t>* list_ = nullptr;  // where the numbers of the field belong
  std::string fault_;
  SafetensorsHeader header_;
};

// No overlap and no hole: every data byte belongs to exactly one tensor.
absl::Status CheckCoverage(const SafetensorsHeader& header, uint64_t data_begin, uint64_t file_size,
                           absl::string_view file) {
  std::vector<const TensorEntry*> entries;
  entries.reserve(header.tensors.size());
  for (const auto& [name, entry] : header.tensors) entries.push_back(&entry);
  std::sort(entries.begin(), entries.end(), [](const TensorEntry* a, const TensorEntry* b) {
    return a->begin < b->begin || (a->begin == b->begin && a->end < b->end);
  });
  uint64_t at = data_begin;
  for (const TensorEntry* entry : entries) {
    if (entry->begin < at) return Corrupt(file, absl::StrCat("tensors overlap at byte ", entry->begin));
    if (entry->begin > at) {
      return Corrupt(file, absl::StrCat("bytes ", at, " to ", entry->begin, " belong to no tensor"));
    }
    at = entry->end;
  }
  if (at != file_size)
    return Corrupt(file, absl::StrCat("bytes ", at, " to ", file_size, " belong to no tensor"));
  return absl::OkStatus();
}

// A name or a run of spaces that is longer than any file has would only fill the memory.
bool HasHugeToken(absl::string_view text) {
  constexpr size_t kMost = 8 << 20;
  size_t begin = 0;
  for (size_t at = text.find_first_of("\",:"); at != absl::string_view::npos;
       at = text.find_first_of("\",:", begin)) {
    if (at - begin > kMost) return true;
    begin = at + 1;
  }
  return text.size() - begin > kMost;
}

uint64_t ReadLittleEndian64(const char* bytes) {
  uint64_t value = 0;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

absl::Status CheckHeaderLength(uint64_t header_size, uint64_t file_size, absl::string_view name) {
  if (header_size > kMaxSafetensorsHeader) {
    return Corrupt(name, absl::StrCat("its header claims ", header_size, " bytes, more than the ",
                                      kMaxSafetensorsHeader, " allowed"));
  }
  if (header_size > file_size - 8) {
    return Corrupt(name, absl::StrCat("its header claims ", header_size, " bytes but the file has ",
                                      file_size, "; it is truncated"));
  }
  return absl::OkStatus();
}

}  // namespace

int ElementSize(DType dtype) { return InfoOf(dtype).size; }
const char* DTypeName(DType dtype) { return InfoOf(dtype).name; }

std::string QuotedTensorName(absl::string_view name) {
  constexpr size_t kLongest = 200;
  return absl::StrCat("'", absl::Utf8SafeCHexEscape(name.substr(0, kLongest)),
                      name.size() > kLongest ? "…'" : "'");
}

absl::StatusOr<uint64_t> SafetensorsHeaderSize(absl::string_view first_bytes, uint64_t file_size,
                                               absl::string_view name) {
  if (file_size < 8 || first_bytes.size() < 8) {
    return Corrupt(name, absl::StrCat("it has only ", file_size, " bytes; it is truncated"));
  }
  const uint64_t header_size = ReadLittleEndian64(first_bytes.data());
  PS_RETURN_IF_ERROR(CheckHeaderLength(header_size, file_size, name));
  return 8 + header_size;
}

absl::StatusOr<SafetensorsHeader> ParseSafetensorsHeader(absl::string_view prefix, uint64_t file_size,
                                                         absl::string_view name) {
  PS_ASSIGN_OR_RETURN(const uint64_t data_begin, SafetensorsHeaderSize(prefix, file_size, name));
  if (prefix.size() < data_begin) return Corrupt(name, "its header is truncated");
  const absl::string_view text = prefix.substr(8, data_begin - 8);
  if (text.empty() || text[0] != '{') return Corrupt(name, "its header is not a JSON object");
  if (HasHugeToken(text)) return Corrupt(name, "its header holds a name of many megabytes");
  HeaderEvents events(data_begin, file_size - data_begin);
  const bool complete = events.Read(text);
  if (!events.fault().empty()) return Corrupt(name, events.fault());
  if (!complete) return Corrupt(name, "its header is not a JSON object");
  SafetensorsHeader header = std::move(events.header());
  PS_RETURN_IF_ERROR(CheckCoverage(header, data_begin, file_size, name));
  return header;
}

absl::StatusOr<SafetensorsHeader> ReadSafetensorsHeader(const std::string& path) {
  std::error_code error;
  const uint64_t file_size = std::filesystem::file_size(path, error);
  if (error) return ErrnoStatus(error.value(), "open", path);
  std::ifstream in(path, std::ios::binary);
  if (!in) return ErrnoStatus(errno, "open", path);
  std::string prefix(std::min<uint64_t>(8, file_size), '\0');
  in.read(prefix.data(), static_cast<std::streamsize>(prefix.size()));
  PS_ASSIGN_OR_RETURN(const uint64_t size, SafetensorsHeaderSize(prefix, file_size, path));
  prefix.resize(size);
  in.read(prefix.data() + 8, static_cast<std::streamsize>(size - 8));
  if (!in) return Corrupt(path, "its header cannot be read");
  return ParseSafetensorsHeader(prefix, file_size, path);
}

absl::StatusOr<std::string> SerializeSafetensors(const std::vector<TensorToWrite>& tensors,
                                                 const std::map<std::string, std::string>& metadata) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  uint64_t at = 0;
  for (const TensorToWrite& tensor : tensors) {
    const std::optional<uint64_t> size = ByteSize(tensor.shape, tensor.dtype);
    if (!size || *size != tensor.bytes.size()) {
      return absl::InvalidArgumentError(
          absl::StrCat("tensor '", tensor.name, "': size does not fit its shape"));
    }
    if (header.contains(tensor.name)) {
      return absl::InvalidArgumentError(absl::StrCat("tensor '", tensor.name, "' is given twice"));
    }
    header[tensor.name] = {
        {"dtype", DTypeName(tensor.dtype)}, {"shape", tensor.shape}, {"data_offsets", {at, at + *size}}};
    at += *size;
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');
  const uint64_t length = text.size();
  std::string bytes(reinterpret_cast<const char*>(&length), 8);
  bytes.reserve(8 + text.size() + at);
  bytes += text;
  for (const TensorToWrite& tensor : tensors) bytes.append(tensor.bytes.data(), tensor.bytes.size());
  return bytes;
}

}  // namespace probesweep
