#include "worker/exec/pack.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <numeric>
#include <utility>

namespace probesweep::worker {
namespace {

using Ids = std::vector<int64_t>;

// A chunk's attention works on whole statements. It must not outgrow the chunk's other work where many
// statements share a long prefix.
constexpr int64_t kMostTokensPerRow = 4;

void AddToRuns(int64_t length, std::vector<LengthRun>& runs) {
  if (runs.empty() || runs.back().length != length) runs.push_back({0, length});
  ++runs.back().statements;
}

// The statements that become one chunk, as a trie: each knows its tokens' rows.
struct Trie {
  struct Statement {
    size_t index;  // among all statements
    Ids rows;
  };
  std::vector<Statement> statements;
  Ids ids, positions;  // of the rows
  int64_t tokens = 0;

  int64_t rows() const { return static_cast<int64_t>(ids.size()); }
  void Add(size_t index, const Ids& statement, size_t shared) {
    Ids rows;
    if (shared > 0) {
      const Ids& previous = statements.back().rows;
      rows.assign(previous.begin(), previous.begin() + static_cast<std::ptrdiff_t>(shared));
    }
    for (size_t position = shared; position < statement.size(); ++position) {
      rows.push_back(this->rows());
      ids.push_back(statement[position]);
      positions.push_back(static_cast<int64_t>(position));
    }
    tokens += static_cast<int64_t>(statement.size());
    statements.push_back({index, std::move(rows)});
  }
};

class Packer {
 public:
  Packer(const std::vector<Ids>& statements, const PackOptions& options)
      : statements_(statements), options_(options), first_of_its_kind_(statements.size()) {
    pack_.slot.resize(statements.size());
  }

  Pack Build() {
    std::vector<size_t> sharing, alone;
    for (const size_t index : Distinct()) (Shares(statements_[index]) ? sharing : alone).push_back(index);
    for (const size_t index : sharing) Share(index);
    CloseTrie();
    std::stable_sort(alone.begin(), alone.end(),
                     [this](size_t a, size_t b) { return statements_[a].size() < statements_[b].size(); });
    for (const size_t index : alone) PutAlone(index);
    for (size_t i = 0; i < statements_.size(); ++i) pack_.slot[i] = pack_.slot[first_of_its_kind_[i]];
    return std::move(pack_);
  }

 private:
  // One of each kind, in the order of their tokens: file order plays no part.
  std::vector<size_t> Distinct() {
    std::vector<size_t> order(statements_.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(),
                     [this](size_t a, size_t b) { return statements_[a] < statements_[b]; });
    std::vector<size_t> distinct;
    for (const size_t index : order) {
      if (distinct.empty() || statements_[distinct.back()] != statements_[index]) distinct.push_back(index);
      first_of_its_kind_[index] = distinct.back();
    }
    return distinct;
  }

  bool Shares(const Ids& statement) const {
    const int64_t longest = options_.longest_shareable;
    return options_.share_prefixes && (longest == 0 || static_cast<int64_t>(statement.size()) <= longest);
  }

  void Share(size_t index) {
    const Ids& statement = statements_[index];
    const auto length = static_cast<int64_t>(statement.size());
    size_t shared = 0;
    if (!trie_.statements.empty()) {
      const Ids& previous = statements_[trie_.statements.back().index];
      const auto end = std::mismatch(statement.begin(), statement.end(), previous.begin(), previous.end());
      shared = static_cast<size_t>(end.first - statement.begin());
    }
    const int64_t rows = trie_.rows() + length - static_cast<int64_t>(shared);
    const bool full =
        rows > options_.chunk_rows || trie_.tokens + length > kMostTokensPerRow * options_.chunk_rows;
    if (full && !trie_.statements.empty()) {
      CloseTrie();
      shared = 0;
    }
    trie_.Add(index, statement, shared);
  }

  // Makes a chunk of the trie: its statements by length, its rows as they are.
  void CloseTrie() {
    if (trie_.statements.empty()) return;
    std::stable_sort(
        trie_.statements.begin(), trie_.statements.end(),
        [](const Trie::Statement& a, const Trie::Statement& b) { return a.rows.size() < b.rows.size(); });
    SharedRows shared;
    shared.token_of_row.resize(trie_.ids.size());
    PackedLayout chunk;
    for (const Trie::Statement& statement : trie_.statements) {
      AddToRuns(static_cast<int64_t>(statement.rows.size()), chunk.runs);
      for (const int64_t row : statement.rows) {
        shared.token_of_row[static_cast<size_t>(row)] = static_cast<int64_t>(shared.row_of_token.size());
        shared.row_of_token.push_back(row);
      }
      shared.last_row.push_back(statement.rows.back());
      AddSlot(statement.index, statement.rows);
    }
    shared.position_of_row = std::move(trie_.positions);
    chunk.shared = std::make_shared<const SharedRows>(std::move(shared));
    pack_.ids.insert(pack_.ids.end(), trie_.ids.begin(), trie_.ids.end());
    pack_.chunks.push_back(std::move(chunk));
    trie_ = Trie();
  }

  // Adds a statement with rows of its own to the last chunk, or to a new one when it is full.
  void PutAlone(size_t index) {
    const Ids& statement = statements_[index];
    const auto length = static_cast<int64_t>(statement.size());
    const bool first = pack_.chunks.empty() || pack_.chunks.back().shared != nullptr;
    if (first || pack_.chunks.back().tokens() + length > options_.chunk_rows) pack_.chunks.emplace_back();
    AddToRuns(length, pack_.chunks.back().runs);
    Ids rows(statement.size());
    std::iota(rows.begin(), rows.end(), 0);
    AddSlot(index, rows);
    pack_.ids.insert(pack_.ids.end(), statement.begin(), statement.end());
  }

  // `rows`: counted from behind those that the pack has already.
  void AddSlot(size_t index, const Ids& rows) {
    pack_.slot[index] = static_cast<int64_t>(pack_.first_token.size());
    pack_.first_token.push_back(static_cast<int64_t>(pack_.token_rows.size()));
    for (const int64_t row : rows) pack_.token_rows.push_back(pack_.rows() + row);
  }

  const std::vector<Ids>& statements_;
  const PackOptions& options_;
  std::vector<size_t> first_of_its_kind_;  // statement → the one that stands for those equal to it
  Trie trie_;                              // of the chunk being filled
  Pack pack_;
};

}  // namespace

int64_t ChunkRows(int64_t hidden_size) {
  constexpr int64_t kValues = int64_t{1} << 22;  // of a chunk's [rows, hidden]
  int64_t rows = 4096;
  while (rows > 256 && rows * hidden_size > kValues) rows /= 2;
  return rows;
}

PackOptions PackOptionsFor(const Model& model) {
  return {ChunkRows(model.hidden_size()), /*share_prefixes=*/true, model.longest_shareable()};
}

absl::Span<const int64_t> Pack::RowsOf(int64_t packed_statement) const {
  const auto place = static_cast<size_t>(packed_statement);
  const auto first = static_cast<size_t>(first_token[place]);
  const size_t end =
      place + 1 < first_token.size() ? static_cast<size_t>(first_token[place + 1]) : token_rows.size();
  return absl::MakeConstSpan(token_rows).subspan(first, end - first);
}

Pack BuildPack(const std::vector<Ids>& statements, const PackOptions& options) {
  return Packer(statements, options).Build();
}

}  // namespace probesweep::worker
