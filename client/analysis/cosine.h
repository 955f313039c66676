// Angles between steering vectors.
#ifndef PROBESWEEP_CLIENT_ANALYSIS_COSINE_H_
#define PROBESWEEP_CLIENT_ANALYSIS_COSINE_H_

#include <optional>
#include <vector>

namespace probesweep::client {

// The cosine of the angle between two vectors, in double precision, in [−1, 1]. None where one of them is
// empty (there is no vector), the lengths differ, or one is zero.
std::optional<double> Cosine(const std::vector<float>& a, const std::vector<float>& b);

// Of each vector with each: symmetric, to the bit.
std::vector<std::vector<std::optional<double>>> Cosines(const std::vector<std::vector<float>>& vectors);

// Two independent random directions of `hidden` dimensions have a cosine within ± this with a probability of
// about 0.95: 1.96 / √hidden.
double ChanceCosine(size_t hidden);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_ANALYSIS_COSINE_H_
