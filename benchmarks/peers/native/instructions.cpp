// What one instruction on two doubles costs: prints nanoseconds of a cycle, then cycles of a multiplication beside an addition (per
// instruction), of a division and of a square root, all independent of one another; the fastest of nine passes.
#include <cstdio>
#include <ctime>

static double now() {
    timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return 1e9 * double(t.tv_sec) + double(t.tv_nsec);
}

template <class Body>
static double fastest(Body body, double count) {
    double best = 1e30;
    for (int pass = 0; pass < 9; pass++) {
        const double begin = now();
        body();
        const double time = (now() - begin) / count;
        if (time < best) best = time;
    }
    return best;
}

int main() {
    const long n = 2000000;
    // Integer additions that wait for one another take a cycle each.
    const double cycle = fastest([&] {
        long x = 1;
        for (long i = 0; i < n; i++) asm volatile("add $1,%0\n add $1,%0\n add $1,%0\n add $1,%0\n add $1,%0\n add $1,%0\n add $1,%0\n add $1,%0" : "+r"(x));
    }, 8.0 * n);
    const double one = 1.7;
    asm volatile("vmovddup %0,%%xmm8" ::"m"(one) : "xmm8");
    const double mulAdd = fastest([&] {
        for (long i = 0; i < n; i++)
            asm volatile("vmulpd %%xmm8,%%xmm8,%%xmm0\n vaddpd %%xmm8,%%xmm8,%%xmm1\n vmulpd %%xmm8,%%xmm8,%%xmm2\n vaddpd %%xmm8,%%xmm8,%%xmm3\n"
                         "vmulpd %%xmm8,%%xmm8,%%xmm4\n vaddpd %%xmm8,%%xmm8,%%xmm5\n vmulpd %%xmm8,%%xmm8,%%xmm6\n vaddpd %%xmm8,%%xmm8,%%xmm7"
                         ::: "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7");
    }, 8.0 * n);
    const double divide = fastest([&] {
        for (long i = 0; i < n; i++)
            asm volatile("vdivpd %%xmm8,%%xmm8,%%xmm0\n vdivpd %%xmm8,%%xmm8,%%xmm1\n vdivpd %%xmm8,%%xmm8,%%xmm2\n vdivpd %%xmm8,%%xmm8,%%xmm3" ::: "xmm0", "xmm1", "xmm2", "xmm3");
    }, 4.0 * n);
    const double root = fastest([&] {
        for (long i = 0; i < n; i++)
            asm volatile("vsqrtpd %%xmm8,%%xmm0\n vsqrtpd %%xmm8,%%xmm1\n vsqrtpd %%xmm8,%%xmm2\n vsqrtpd %%xmm8,%%xmm3" ::: "xmm0", "xmm1", "xmm2", "xmm3");
    }, 4.0 * n);
    std::printf("%.4f %.3f %.3f %.3f\n", cycle, mulAdd / cycle, divide / cycle, root / cycle);
}
