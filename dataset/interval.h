#ifndef PROBESWEEP_DATASET_INTERVAL_H_
#define PROBESWEEP_DATASET_INTERVAL_H_

namespace probesweep {

struct Interval {
  double low = 0;
  double high = 0;
};

// Wilson's score interval (1927), within [0, 1], of a share that was observed in `trials` independent trials;
// `trials` need not be whole but is above 0. `quantile`: half-width in standard deviations, 1.96 for 95 %.
Interval WilsonInterval(double share, double trials, double quantile);

}  // namespace probesweep

#endif  // PROBESWEEP_DATASET_INTERVAL_H_
