// Times QuantLib's Black functions over rows of a binary file and writes what they give.
//
//   pricing ROWS TASK RESULTS     TASK: price | greeks | all | implied
//
// ROWS: doubles, eight a row: 1 or -1, forward, strike, time to expiry, volatility, rate, price, weight (not read).
// Prints the CPU nanoseconds of a row over three passes, the fastest; RESULTS gets the outputs of each row: 1, 6, 12 or 1 doubles.
#include <ql/pricingengines/blackcalculator.hpp>
#include <ql/pricingengines/blackformula.hpp>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

using namespace QuantLib;

namespace {

double now() {
    timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return 1e9 * static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec);
}

Option::Type typeOf(const double* row) { return row[0] > 0 ? Option::Call : Option::Put; }

void price(const double* row, double* out) {
    out[0] = blackFormula(typeOf(row), row[2], row[1], row[4] * std::sqrt(row[3]), std::exp(-row[5] * row[3]));
}

void greeks(const double* row, double* out) {
    const BlackCalculator c(typeOf(row), row[2], row[1], row[4] * std::sqrt(row[3]), std::exp(-row[5] * row[3]));
    out[0] = c.value();
    out[1] = c.deltaForward();
    out[2] = c.gammaForward();
    out[3] = c.vega(row[3]);
    out[4] = c.theta(row[1], row[3]);
    out[5] = c.rho(row[3]);
}

void all(const double* row, double* out) {
    const BlackCalculator c(typeOf(row), row[2], row[1], row[4] * std::sqrt(row[3]), std::exp(-row[5] * row[3]));
    out[0] = c.value();
    out[1] = c.deltaForward();
    out[2] = c.gammaForward();
    out[3] = c.vega(row[3]);
    out[4] = c.theta(row[1], row[3]);
    out[5] = c.rho(row[3]);
    out[6] = c.dividendRho(row[3]);
    out[7] = c.elasticityForward();
    out[8] = c.itmCashProbability();
    out[9] = c.itmAssetProbability();
    out[10] = c.strikeSensitivity();
    out[11] = c.thetaPerDay(row[1], row[3]);
}

void implied(const double* row, double* out) {
    try {
        out[0] = blackFormulaImpliedStdDev(typeOf(row), row[2], row[1], row[6], std::exp(-row[5] * row[3]), 0.0,
                                           Null<Real>(), 1e-12, 200) /
                 std::sqrt(row[3]);
    } catch (...) {
        out[0] = std::numeric_limits<double>::quiet_NaN();
    }
}

}

int main(int argc, char** argv) {
    if (argc != 4) return 1;
    std::ifstream file(argv[1], std::ios::binary | std::ios::ate);
    std::vector<double> rows(static_cast<std::size_t>(file.tellg()) / sizeof(double));
    file.seekg(0);
    file.read(reinterpret_cast<char*>(rows.data()), static_cast<std::streamsize>(rows.size() * sizeof(double)));
    const std::string task = argv[2];
    const std::size_t count = rows.size() / 8;
    const std::size_t width = task == "all" ? 12 : task == "greeks" ? 6 : 1;
    std::vector<double> results(count * width);
    double best = std::numeric_limits<double>::infinity();
    for (int pass = 0; pass < 3; pass++) {
        const double begin = now();
        for (std::size_t i = 0; i < count; i++) {
            const double* row = &rows[8 * i];
            double* out = &results[width * i];
            if (task == "price") price(row, out);
            else if (task == "greeks") greeks(row, out);
            else if (task == "all") all(row, out);
            else implied(row, out);
        }
        best = std::min(best, (now() - begin) / static_cast<double>(count));
    }
    std::printf("%.3f\n", best);
    std::ofstream(argv[3], std::ios::binary)
        .write(reinterpret_cast<const char*>(results.data()), static_cast<std::streamsize>(results.size() * sizeof(double)));
}
