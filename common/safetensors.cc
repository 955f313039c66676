#include "common/safetensors.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <utility>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/status.h"

namespace probesweep {
namespace {

using Json = nlohmann::json;

struct DTypeInfo {
  DType dtype;
  const char* name;
  int size;
};

constexpr std::array<DTypeInfo, 10> kDTypes = {{{DType::kF64, "F64", 8},
                                                {DType::kF32, "F32", 4},
                                                {DType::kF16, "F16", 2},
                                                {DType::kBF16, "BF16", 2},
                                                {DType::kI64, "I64", 8},
                                                {DType::kI32, "I32", 4},
                                                {DType::kI16, "I16", 2},
                                                {DType::kI8, "I8", 1},
                                                {DType::kU8, "U8", 1},
                                                {DType::kBool, "BOOL", 1}}};

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

absl::StatusOr<uint64_t> UnsignedField(const Json& value, absl::string_view file, absl::string_view what) {
  if (!value.is_number_unsigned()) return Corrupt(file, absl::StrCat(what, " is not an unsigned integer"));
  return value.get<uint64_t>();
}

absl::StatusOr<TensorEntry> ParseEntry(const std::string& name, const Json& json, uint64_t data_begin,
                                       uint64_t file_size, absl::string_view file) {
  const std::string what = absl::StrCat("tensor '", name, "'");
  if (!json.is_object() || !json.contains("dtype") || !json.contains("shape") || !json.contains("data_offsets")) {
    return Corrupt(file, absl::StrCat(what, " lacks dtype, shape or data_offsets"));
  }
  TensorEntry entry;
  const Json& dtype = json["dtype"];
  const auto info = std::find_if(kDTypes.begin(), kDTypes.end(), [&](const DTypeInfo& candidate) {
    return dtype.is_string() && dtype.get_ref<const std::string&>() == candidate.name;
  });
  if (info == kDTypes.end()) return Corrupt(file, absl::StrCat(what, " has unsupported dtype ", dtype.dump()));
  entry.dtype = info->dtype;
  if (!json["shape"].is_array()) return Corrupt(file, absl::StrCat(what, ": shape is not a list"));
  for (const Json& extent : json["shape"]) {
    PS_ASSIGN_OR_RETURN(const uint64_t value, UnsignedField(extent, file, absl::StrCat(what, ": shape")));
    if (value > static_cast<uint64_t>(INT64_MAX)) return Corrupt(file, absl::StrCat(what, ": shape overflows"));
    entry.shape.push_back(static_cast<int64_t>(value));
  }
  const Json& offsets = json["data_offsets"];
  if (!offsets.is_array() || offsets.size() != 2) {
    return Corrupt(file, absl::StrCat(what, ": data_offsets is not a pair"));
  }
  PS_ASSIGN_OR_RETURN(const uint64_t begin, UnsignedField(offsets[0], file, absl::StrCat(what, ": offset")));
  PS_ASSIGN_OR_RETURN(const uint64_t end, UnsignedField(offsets[1], file, absl::StrCat(what, ": offset")));
  const uint64_t data_size = file_size - data_begin;
  if (begin > end || end > data_size) {
    return Corrupt(file, absl::StrCat(what, " spans bytes ", begin, " to ", end, " of a data section of ", data_size,
                                      " bytes; the file is truncated or its header is wrong"));
  }
  const std::optional<uint64_t> size = ByteSize(entry.shape, entry.dtype);
  if (!size || *size != end - begin) {
    return Corrupt(file, absl::StrCat(what, ": its byte range does not fit its shape and dtype"));
  }
  entry.begin = data_begin + begin;
  entry.end = data_begin + end;
  return entry;
}

// No overlap and no hole: every data byte belongs to exactly one tensor.
absl::Status CheckCoverage(const SafetensorsHeader& header, uint64_t data_begin, uint64_t file_size,
                           absl::string_view file) {
  std::vector<std::pair<uint64_t, uint64_t>> ranges;
  for (const auto& [name, entry] : header.tensors) ranges.emplace_back(entry.begin, entry.end);
  std::sort(ranges.begin(), ranges.end());
  uint64_t at = data_begin;
  for (const auto& [begin, end] : ranges) {
    if (begin < at) return Corrupt(file, absl::StrCat("tensors overlap at byte ", begin));
    if (begin > at) return Corrupt(file, absl::StrCat("bytes ", at, " to ", begin, " belong to no tensor"));
    at = end;
  }
  if (at != file_size) return Corrupt(file, absl::StrCat("bytes ", at, " to ", file_size, " belong to no tensor"));
  return absl::OkStatus();
}

absl::Status ParseMetadata(const Json& json, absl::string_view file, SafetensorsHeader& header) {
  if (!json.is_object()) return Corrupt(file, "__metadata__ is not an object");
  for (const auto& [key, value] : json.items()) {
    if (!value.is_string()) return Corrupt(file, absl::StrCat("__metadata__ entry '", key, "' is not a string"));
    header.metadata[key] = value.get<std::string>();
  }
  return absl::OkStatus();
}

// Parses JSON; sets `duplicate` to a top-level key that occurs twice.
Json ParseHeaderJson(absl::string_view text, std::string& duplicate) {
  std::set<std::string> seen;
  const auto on_event = [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (depth == 1 && event == Json::parse_event_t::key &&
        !seen.insert(parsed.get<std::string>()).second) {
      duplicate = parsed.get<std::string>();
    }
    return true;
  };
  return Json::parse(text.begin(), text.end(), on_event, /*allow_exceptions=*/false);
}

// Nesting deeper than a header ever has would exhaust the parser's stack.
bool NestedTooDeep(absl::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > 8) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
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
    return Corrupt(name, absl::StrCat("its header claims ", header_size, " bytes but the file has ", file_size,
                                      "; it is truncated"));
  }
  return absl::OkStatus();
}

}  // namespace

int ElementSize(DType dtype) { return InfoOf(dtype).size; }
const char* DTypeName(DType dtype) { return InfoOf(dtype).name; }

absl::StatusOr<SafetensorsHeader> ParseSafetensorsHeader(absl::string_view prefix, uint64_t file_size,
                                                         absl::string_view name) {
  if (file_size < 8 || prefix.size() < 8) {
    return Corrupt(name, absl::StrCat("it has only ", file_size, " bytes; it is truncated"));
  }
  const uint64_t header_size = ReadLittleEndian64(prefix.data());
  PS_RETURN_IF_ERROR(CheckHeaderLength(header_size, file_size, name));
  if (prefix.size() - 8 < header_size) return Corrupt(name, "its header is truncated");
  const absl::string_view text = prefix.substr(8, header_size);
  if (text.empty() || text[0] != '{') return Corrupt(name, "its header is not a JSON object");
  if (NestedTooDeep(text)) return Corrupt(name, "its header is nested too deeply");
  std::string duplicate;
  const Json json = ParseHeaderJson(text, duplicate);
  if (json.is_discarded() || !json.is_object()) return Corrupt(name, "its header is not a JSON object");
  if (!duplicate.empty()) return Corrupt(name, absl::StrCat("'", duplicate, "' occurs twice in its header"));

  SafetensorsHeader header;
  const uint64_t data_begin = 8 + header_size;
  for (const auto& [key, value] : json.items()) {
    if (key == "__metadata__") {
      PS_RETURN_IF_ERROR(ParseMetadata(value, name, header));
      continue;
    }
    PS_ASSIGN_OR_RETURN(header.tensors[key], ParseEntry(key, value, data_begin, file_size, name));
  }
  PS_RETURN_IF_ERROR(CheckCoverage(header, data_begin, file_size, name));
  return header;
}

absl::StatusOr<SafetensorsHeader> ReadSafetensorsHeader(const std::string& path) {
  std::error_code error;
  const uint64_t file_size = std::filesystem::file_size(path, error);
  if (error) return ErrnoStatus(error.value(), "open", path);
  std::ifstream in(path, std::ios::binary);
  if (!in) return ErrnoStatus(errno, "open", path);
  if (file_size < 8) return ParseSafetensorsHeader("", file_size, path);
  std::string prefix(8, '\0');
  in.read(prefix.data(), 8);
  const uint64_t header_size = in ? ReadLittleEndian64(prefix.data()) : 0;
  PS_RETURN_IF_ERROR(CheckHeaderLength(header_size, file_size, path));
  prefix.resize(8 + header_size);
  in.read(prefix.data() + 8, static_cast<std::streamsize>(header_size));
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
      return absl::InvalidArgumentError(absl::StrCat("tensor '", tensor.name, "': size does not fit its shape"));
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
