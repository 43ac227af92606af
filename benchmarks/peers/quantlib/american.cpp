// Prices American puts by QuantLib's QdFp engine and prints value and CPU time of each; or their implied volatilities, by Brent's method
// around the same engine.
//
//   american <file> <fast|accurate|high|l,m,n,p> <price|volatility>
//
// l,m,n,p: Legendre nodes, fixed-point steps, Chebyshev nodes and Legendre nodes of the price, as in QdFpLegendreScheme.
// The file holds the number of puts, and for each: spot, strike, rate, dividend yield, volatility, time to expiry, price. The engine's
// own routine is called: no option object, no curves, no dates, so that only the algorithm is timed. Printed for each put: microseconds
// (median of five passes) and the value or volatility.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <ql/math/solvers1d/brent.hpp>
#include <ql/pricingengines/vanilla/qdfpamericanengine.hpp>
#include <ql/processes/blackscholesprocess.hpp>
#include <ql/quotes/simplequote.hpp>
#include <ql/termstructures/volatility/equityfx/blackconstantvol.hpp>
#include <ql/termstructures/yield/flatforward.hpp>
#include <ql/time/calendars/nullcalendar.hpp>
#include <ql/time/daycounters/actual365fixed.hpp>

using namespace QuantLib;

namespace {

struct Put {
    double spot, strike, rate, yield, volatility, time, price;
};

double microseconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return 1e6 * static_cast<double>(now.tv_sec) + 1e-3 * static_cast<double>(now.tv_nsec);
}

// Opens the protected routine.
class Engine : public QdFpAmericanEngine {
  public:
    Engine(const ext::shared_ptr<GeneralizedBlackScholesProcess>& process,
           const ext::shared_ptr<QdFpIterationScheme>& scheme)
    : QdFpAmericanEngine(process, scheme) {}

    double price(const Put& p, double volatility) const {
        return calculatePut(p.spot, p.strike, p.rate, p.yield, volatility, p.time);
    }
};

ext::shared_ptr<GeneralizedBlackScholesProcess> someProcess() {
    const Date today(2, January, 2024);
    Settings::instance().evaluationDate() = today;
    const DayCounter days = Actual365Fixed();
    const Handle<YieldTermStructure> flat(ext::make_shared<FlatForward>(today, 0.0, days));
    return ext::make_shared<GeneralizedBlackScholesProcess>(
        Handle<Quote>(ext::make_shared<SimpleQuote>(100.0)), flat, flat,
        Handle<BlackVolTermStructure>(ext::make_shared<BlackConstantVol>(today, NullCalendar(), 0.2, days)));
}

ext::shared_ptr<QdFpIterationScheme> schemeOf(const std::string& name) {
    if (name == "fast") return QdFpAmericanEngine::fastScheme();
    if (name == "accurate") return QdFpAmericanEngine::accurateScheme();
    if (name == "high") return QdFpAmericanEngine::highPrecisionScheme();
    unsigned l = 0, m = 0, n = 0, p = 0;
    if (std::sscanf(name.c_str(), "%u,%u,%u,%u", &l, &m, &n, &p) != 4) throw std::invalid_argument(name);
    return ext::make_shared<QdFpLegendreScheme>(l, m, n, p);
}

}

int main(int argc, char** argv) {
    if (argc != 4) return 2;
    const std::string name = argv[2];
    const bool implied = std::string(argv[3]) == "volatility";
    std::ifstream in(argv[1]);
    std::size_t count = 0;
    in >> count;
    std::vector<Put> puts(count);
    for (Put& p : puts) in >> p.spot >> p.strike >> p.rate >> p.yield >> p.volatility >> p.time >> p.price;
    if (!in) return 3;
    const ext::shared_ptr<QdFpIterationScheme> scheme = schemeOf(name);
    const Engine engine(someProcess(), scheme);
    std::vector<std::vector<double>> times(count);
    std::vector<double> values(count, NAN);
    const int repeats = name == "fast" ? 20 : name == "high" ? 1 : 2;
    const int passes = name == "high" ? 2 : 6;
    for (int pass = 0; pass < passes; pass++) {
        for (std::size_t i = 0; i < count; i++) {
            const Put& p = puts[i];
            const double begin = microseconds();
            for (int k = 0; k < repeats; k++) {
                try {
                    if (implied) {
                        Brent solver;
                        values[i] = solver.solve([&](double v) { return engine.price(p, v) - p.price; }, 1e-9,
                                                 1.1 * p.volatility, 1e-3, 4.0);
                    } else {
                        values[i] = engine.price(p, p.volatility);
                    }
                } catch (const std::exception&) {
                    values[i] = NAN;
                }
            }
            if (pass > 0) times[i].push_back((microseconds() - begin) / repeats);
        }
    }
    for (std::size_t i = 0; i < count; i++) {
        std::sort(times[i].begin(), times[i].end());
        std::printf("%.3f %.17g\n", times[i][times[i].size() / 2], values[i]);
    }
    return 0;
}
