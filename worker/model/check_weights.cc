#include "worker/model/check_weights.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status.h"
#include "worker/checkpoint/floating_type.h"

namespace probesweep::worker {
namespace {

// The product of the sizes, or nothing when it is more than any tensor has.
std::optional<int64_t> Elements(const std::vector<int64_t>& shape) {
  constexpr int64_t kMost = int64_t{1} << 50;
  int64_t product = 1;
  for (const int64_t size : shape) {
    if (size < 0 || (size != 0 && product > kMost / size)) return std::nullopt;
    product *= size;
  }
  return product;
}

// Gives tensors without contents for those that are there, and notes what is wrong with the others.
class ShapesOnly : public WeightSource {
 public:
  explicit ShapesOnly(const CheckpointWeights& weights) : weights_(weights), names_(weights.Names()) {}

  bool Has(const std::string& name) const override { return weights_.Has(name); }
  std::vector<std::string> Names() const override { return names_; }
  absl::StatusOr<std::vector<int64_t>> Shape(const std::string& name) const override {
    return weights_.Shape(name);
  }
  int64_t bytes_read() const override { return 0; }

  absl::StatusOr<at::Tensor> Read(const std::string& name, const std::vector<int64_t>& shape) override {
    constexpr size_t kEnough = 1000;  // of a block with very many experts
    const std::optional<int64_t> elements = Elements(shape);
    Note(name, shape, elements.value_or(0));
    const bool stop = !elements.has_value() || problems_.size() >= kEnough;
    if (stop) return absl::DataLossError(absl::StrCat("tensor '", name, "' cannot be read"));
    return at::empty(shape, at::TensorOptions().dtype(at::kFloat).device(at::kMeta));
  }

  // What was read since the last call.
  struct Found {
    int64_t tensors = 0;               // that are there
    int64_t elements = 0;              // of those of the right shape and type
    int64_t own_elements = 0;          // without those of tensors that are others' twins
    std::vector<WeightTensor> shapes;  // likewise of the right shape and type
    std::vector<std::string> problems;
  };
  // `load`: what the reading led to.
  Found Take(const absl::Status& load) {
    if (!load.ok() && problems_.empty()) problems_.emplace_back(load.message());
    found_.problems = std::exchange(problems_, {});
    return std::exchange(found_, {});
  }

  // All names that were there so far.
  const std::vector<std::string>& read() const { return read_; }

 private:
  void Note(const std::string& name, const std::vector<int64_t>& shape, int64_t elements) {
    const auto stored = weights_.Shape(name);
    if (!stored.ok()) {
      problems_.emplace_back(stored.status().message());
      return;
    }
    ++found_.tensors;
    read_.push_back(name);
    if (*stored != shape) {
      problems_.push_back(absl::StrCat("tensor '", name, "' has the shape [", absl::StrJoin(*stored, ", "),
                                       "]; by config.json it should have [", absl::StrJoin(shape, ", "),
                                       "]"));
      return;
    }
    const absl::StatusOr<DType> type = weights_.StoredType(name);
    if (type.ok() && !FloatingType(*type).has_value()) {
      problems_.push_back(absl::StrCat("tensor '", name, "' has the type ", DTypeName(*type),
                                       ", which is not a floating-point type that is read"));
      return;
    }
    found_.elements += elements;
    found_.shapes.push_back({name, shape, type.ok() ? elements * ElementSize(*type) : 0});
    if (std::binary_search(names_.begin(), names_.end(), name)) found_.own_elements += elements;
  }

  const CheckpointWeights& weights_;
  const std::vector<std::string> names_;
  Found found_;
  std::vector<std::string> read_;
  std::vector<std::string> problems_;
};

absl::Status Refusal(const std::vector<std::string>& problems) {
  constexpr size_t kNamed = 3;
  const std::vector<std::string> first(problems.begin(),
                                       problems.begin() + std::min(problems.size(), kNamed));
  const size_t more = problems.size() - first.size();
  return absl::DataLossError(
      absl::StrCat(absl::StrJoin(first, "; "), more == 0 ? "" : absl::StrCat("; and ", more, " more")));
}

absl::StatusOr<WeightSummary> Check(const Model& model, const CheckpointWeights& weights) {
  ShapesOnly shapes(weights);
  WeightSummary summary;
  std::vector<std::string> problems;
  const auto add = [&](ShapesOnly::Found found) {
    summary.body_parameters += found.own_elements;
    problems.insert(problems.end(), found.problems.begin(), found.problems.end());
  };
  ShapesOnly::Found embedding = shapes.Take(model.LoadEmbedding(shapes).status());
  summary.embedding = std::move(embedding.shapes);
  add(std::move(embedding));
  // Blocks are made from the hidden size, which is as untrusted as the rest until a tensor bears it out.
  if (!problems.empty()) return Refusal(problems);
  for (int64_t layer = 0; layer < model.layers(); ++layer) {
    ShapesOnly::Found found = shapes.Take(model.LoadBlock(shapes, layer).status());
    // So is the number of layers: nothing is done as often as it says.
    if (found.tensors == 0) {
      problems.push_back(absl::StrCat("config.json names ", model.layers(),
                                      " layers, but the weights hold no tensor '", model.BlockPrefix(layer),
                                      "…'; files are missing, or of another model"));
      break;
    }
    summary.largest_block_bytes =
        std::max(summary.largest_block_bytes, found.elements * static_cast<int64_t>(sizeof(float)));
    summary.blocks.push_back(std::move(found.shapes));
    add(std::move(found));
  }
  if (!problems.empty()) return Refusal(problems);
  const ShapesOnly::Found head = shapes.Take(model.LoadHead(shapes).status());
  summary.head_parameters = head.own_elements;
  if (!head.problems.empty()) summary.head = Refusal(head.problems);
  summary.tensors = shapes.read();
  return summary;
}

}  // namespace

absl::StatusOr<WeightSummary> CheckWeights(const Model& model, const CheckpointWeights& weights) {
  try {
    return Check(model, weights);
  } catch (const std::exception& error) {
    return absl::InternalError(absl::StrCat("checking the weights' shapes failed: ", error.what()));
  }
}

}  // namespace probesweep::worker
