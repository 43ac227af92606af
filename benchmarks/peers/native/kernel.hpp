// The vector instructions of WebAssembly that the kernel is made of, as those of x86-64, and what assembly/rows.ts does with rows: the
// loops of scripts/kernel/source.ts compile against this to the same operations (benchmarks/pricing/native-kernel.ts). Addresses are
// offsets into `memory`, laid out as src/pricing/batch/columns.ts does.
#include <immintrin.h>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

using usize = std::size_t;
using i32 = std::uint32_t;
using f64 = double;
using v128 = __m128d;

static char* memory;
#define V static inline __attribute__((always_inline)) v128

static inline __m128i bits(v128 a) { return _mm_castpd_si128(a); }
V number(__m128i a) { return _mm_castsi128_pd(a); }
V v128_load(usize at, usize offset = 0) { return _mm_loadu_pd(reinterpret_cast<double*>(memory + at + offset)); }
V v128_load64_splat(usize at) { return _mm_loaddup_pd(reinterpret_cast<double*>(memory + at)); }
static inline void v128_store(usize at, v128 a, usize offset = 0) { _mm_storeu_pd(reinterpret_cast<double*>(memory + at + offset), a); }
V f64x2_splat(double a) { return _mm_set1_pd(a); }
V f64x2_add(v128 a, v128 b) { return a + b; }
V f64x2_sub(v128 a, v128 b) { return a - b; }
V f64x2_mul(v128 a, v128 b) { return a * b; }
V f64x2_div(v128 a, v128 b) { return a / b; }
V f64x2_sqrt(v128 a) { return _mm_sqrt_pd(a); }
V f64x2_pmin(v128 a, v128 b) { return _mm_min_pd(b, a); }
V f64x2_pmax(v128 a, v128 b) { return _mm_max_pd(b, a); }
V f64x2_lt(v128 a, v128 b) { return _mm_cmplt_pd(a, b); }
V f64x2_le(v128 a, v128 b) { return _mm_cmple_pd(a, b); }
V f64x2_gt(v128 a, v128 b) { return _mm_cmplt_pd(b, a); }
V f64x2_ge(v128 a, v128 b) { return _mm_cmple_pd(b, a); }
V f64x2_eq(v128 a, v128 b) { return _mm_cmpeq_pd(a, b); }
V f64x2_ne(v128 a, v128 b) { return _mm_cmpneq_pd(a, b); }
V v128_and(v128 a, v128 b) { return _mm_and_pd(a, b); }
V v128_or(v128 a, v128 b) { return _mm_or_pd(a, b); }
V v128_xor(v128 a, v128 b) { return _mm_xor_pd(a, b); }
V v128_andnot(v128 a, v128 b) { return _mm_andnot_pd(b, a); }
V v128_not(v128 a) { return number(~bits(a)); }
V v128_bitselect(v128 yes, v128 no, v128 mask) { return _mm_blendv_pd(no, yes, mask); }
V f32x4_demote_f64x2_zero(v128 a) { return _mm_castps_pd(_mm_cvtpd_ps(a)); }
V f64x2_promote_low_f32x4(v128 a) { return _mm_cvtps_pd(_mm_castpd_ps(a)); }
V i64x2_sub(v128 a, v128 b) { return number(_mm_sub_epi64(bits(a), bits(b))); }
V i64x2_eq(v128 a, v128 b) { return number(_mm_cmpeq_epi64(bits(a), bits(b))); }
V i64x2_shl(v128 a, int count) { return number(_mm_slli_epi64(bits(a), count)); }
V i64x2_shr_u(v128 a, int count) { return number(_mm_srli_epi64(bits(a), count)); }
V i32x4_add(v128 a, v128 b) { return number(_mm_add_epi32(bits(a), bits(b))); }
V i32x4_sub(v128 a, v128 b) { return number(_mm_sub_epi32(bits(a), bits(b))); }

// assembly/rows.ts
static const usize BLOCK = 512;
static const usize SECOND = 8 * BLOCK, ANSWER = 16 * BLOCK, LISTS = 24 * BLOCK;
static const usize LIST_BYTES = 4 * (BLOCK + 16), LENGTHS = LISTS + 4 * LIST_BYTES, SINK = LENGTHS + 16;
static inline std::uint32_t& word(usize at) { return *reinterpret_cast<std::uint32_t*>(memory + at); }
static inline usize maskOf(i32 wanted, int place) { return (wanted >> place) & 1 ? ~usize(0) : 0; }
static inline usize targetOf(usize column, usize mask, usize scratch) { return mask == 0 ? scratch + SINK : column; }
V loadOmega(usize isCall, int copy) {
    const char* at = memory + isCall + 2 * copy;
    return _mm_set_pd(at[1] ? 1 : -1, at[0] ? 1 : -1);
}
static inline void storeStatus(usize status, int copy, v128 mask) {
    const unsigned left = ~unsigned(_mm_movemask_pd(mask)) & 3;
    const std::uint16_t both = std::uint16_t(((left | (left << 7)) & 0x0101) * 255);
    std::memcpy(memory + status + 2 * copy, &both, 2);
}
static inline void clearLists(usize scratch) { v128_store(scratch, f64x2_splat(0), LENGTHS); }
static inline usize listOf(usize scratch, int kind) { return scratch + LISTS + usize(kind) * LIST_BYTES; }
static inline void append(usize scratch, int kind, usize address) {
    word(listOf(scratch, kind) + 4 * word(scratch + LENGTHS + 4 * usize(kind))++) = std::uint32_t(address);
}
static inline void appendRows(usize scratch, v128 kinds, usize address) {
    append(scratch, int(kinds[0]), address);
    append(scratch, int(kinds[1]), address + 8);
}
static inline std::uint32_t filledLength(usize scratch, int kind, std::uint32_t step) {
    const std::uint32_t count = word(scratch + LENGTHS + 4 * usize(kind));
    if (count == 0) return 0;
    const usize list = listOf(scratch, kind);
    const std::uint32_t end = (count + step - 1) & ~(step - 1);
    for (std::uint32_t i = count; i < end; i++) word(list + 4 * i) = word(list);
    return end;
}
static inline double& value(usize at) { return *reinterpret_cast<double*>(memory + at); }
V gatherFirst(usize list) { return _mm_set_pd(value(word(list + 4)), value(word(list))); }
V gatherSecond(usize list) { return _mm_set_pd(value(word(list + 4) + SECOND), value(word(list) + SECOND)); }
static inline void scatterAnswer(usize list, v128 values) {
    value(word(list) + ANSWER) = values[0];
    value(word(list + 4) + ANSWER) = values[1];
}
