// Times the kernel's loops over rows of a binary file and writes what they give.
//
//   kernel ROWS TASK RESULTS     TASK: price | greeks | all | implied; ROWS as pricing.cpp of QuantLib reads them
//
// Prints the CPU nanoseconds of a row over nine passes, the fastest; RESULTS gets the prices or the volatilities.
static double now() {
    timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return 1e9 * double(t.tv_sec) + double(t.tv_nsec);
}

int main(int argc, char** argv) {
    if (argc != 4) return 1;
    std::ifstream file(argv[1], std::ios::binary | std::ios::ate);
    std::vector<double> rows(usize(file.tellg()) / sizeof(double));
    file.seekg(0);
    file.read(reinterpret_cast<char*>(rows.data()), std::streamsize(rows.size() * sizeof(double)));
    const std::string task = argv[2];
    const usize count = rows.size() / 8, capacity = (count + 3) & ~usize(3), stride = 8 * capacity;
    const usize columns = 65536, scratch = 16384, isCall = columns + 25 * stride, status = isCall + capacity;
    memory = static_cast<char*>(std::calloc(status + capacity + 64, 1));
    writeConstants();
    // strike, volatility, market price, forward, time, rate, dividend yield, the Greeks, the implied volatility
    const int from[] = {2, 4, 6, 1, 3, 5, 5};
    for (usize i = 0; i < count; i++) {
        for (usize c = 0; c < 7; c++) value(columns + c * stride + 8 * i) = rows[8 * i + usize(from[c])];
        memory[isCall + i] = rows[8 * i] > 0;
    }
    const i32 wanted = task == "price" ? 1 : task == "greeks" ? 63 : (1u << 17) - 1;
    double best = std::numeric_limits<double>::infinity();
    for (int pass = 0; pass < 9; pass++) {
        const double begin = now();
        if (task != "implied") evaluateBlack76(0, i32(count), scratch, columns, stride, isCall, status, wanted, 0);
        else for (usize first = 0; first < count; first += BLOCK) {
            const i32 end = i32(first + BLOCK < count ? first + BLOCK : count);
            questionBlack76(i32(first), end, scratch, columns, stride, isCall, status, 0, 0);
            answerLower(scratch);
            answerMiddle(scratch);
            answerUpper(scratch);
            finish(i32(first), end, scratch, columns, stride, isCall, status, 0, 0);
        }
        const double time = (now() - begin) / double(count);
        if (time < best) best = time;
    }
    std::printf("%.3f\n", best);
    std::ofstream(argv[3], std::ios::binary)
        .write(memory + columns + (task == "implied" ? 24 : 7) * stride, std::streamsize(8 * count));
}
