// Fits QuantLib's SVI and SABR interpolations (Levenberg-Marquardt) to slices read from a file and prints what it found and how long
// each fit took, in CPU time.
//
//   slices <file> <svi|sabr> <guesses>
//
// The file holds the number of slices, and for each: time to expiry, forward, number of quotes, five numbers to start from (SVI: a, b,
// sigma, rho, m; SABR with beta 1: alpha, nu, rho, two unused), then strike and volatility of each quote. Weights are equal. With one guess
// the search from that start is all; with more, QuantLib goes on from its own Halton points while its error is above 20 basis points.
// Printed for each slice: microseconds (median of five fits), 1 or 0 for an exception, and the parameters.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <fstream>
#include <string>
#include <vector>

#include <ql/experimental/volatility/sviinterpolation.hpp>
#include <ql/math/interpolations/sabrinterpolation.hpp>

using namespace QuantLib;

namespace {

struct Slice {
    double time, forward;
    std::vector<double> start, strikes, volatilities;
};

struct Fit {
    bool ok = false;
    std::vector<double> parameters = std::vector<double>(5, 0.0);
};

double microseconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return 1e6 * static_cast<double>(now.tv_sec) + 1e-3 * static_cast<double>(now.tv_nsec);
}

Fit fitSvi(const Slice& s, Size guesses) {
    Fit fit;
    try {
        SviInterpolation svi(s.strikes.begin(), s.strikes.end(), s.volatilities.begin(), s.time, s.forward,
                             s.start[0], s.start[1], s.start[2], s.start[3], s.start[4],
                             false, false, false, false, false, false,
                             ext::shared_ptr<EndCriteria>(), ext::shared_ptr<OptimizationMethod>(),
                             0.0020, false, guesses);
        svi.update();
        fit.parameters = {svi.a(), svi.b(), svi.rho(), svi.m(), svi.sigma()};
        fit.ok = true;
    } catch (const std::exception&) {
    }
    return fit;
}

Fit fitSabr(const Slice& s, Size guesses) {
    Fit fit;
    try {
        SABRInterpolation sabr(s.strikes.begin(), s.strikes.end(), s.volatilities.begin(), s.time, s.forward,
                               s.start[0], 1.0, s.start[1], s.start[2],
                               false, true, false, false, false,
                               ext::shared_ptr<EndCriteria>(), ext::shared_ptr<OptimizationMethod>(),
                               0.0020, false, guesses);
        sabr.update();
        // Its own volatilities decide, not a formula of ours.
        fit.parameters = {sabr.alpha(), sabr.nu(), sabr.rho(), sabr.rmsError(), 0.0};
        fit.ok = true;
    } catch (const std::exception&) {
    }
    return fit;
}

}

int main(int argc, char** argv) {
    if (argc != 4) return 2;
    const bool svi = std::string(argv[2]) == "svi";
    const Size guesses = static_cast<Size>(std::atol(argv[3]));
    std::ifstream in(argv[1]);
    std::size_t count = 0;
    in >> count;
    std::vector<Slice> slices(count);
    for (Slice& s : slices) {
        std::size_t quotes = 0;
        in >> s.time >> s.forward >> quotes;
        s.start.resize(5);
        for (double& x : s.start) in >> x;
        s.strikes.resize(quotes);
        s.volatilities.resize(quotes);
        for (std::size_t i = 0; i < quotes; i++) in >> s.strikes[i] >> s.volatilities[i];
    }
    if (!in) return 3;
    for (const Slice& s : slices) {
        Fit fit;
        std::vector<double> times;
        for (int pass = 0; pass < 5; pass++) {
            const double begin = microseconds();
            fit = svi ? fitSvi(s, guesses) : fitSabr(s, guesses);
            times.push_back(microseconds() - begin);
        }
        std::sort(times.begin(), times.end());
        std::printf("%.3f %d", times[2], fit.ok ? 1 : 0);
        for (double x : fit.parameters) std::printf(" %.17g", x);
        std::printf("\n");
    }
    return 0;
}
