//! Lane-by-lane arithmetic: the fallback on any processor, and the oracle the vector sets are tested against.
//! [`Single`] is one lane of it, for decisions outside kernels: the system's `exp` differs between processors.

use super::{Arithmetic, LANES, Lanes};

/// Eight lanes as an array.
#[derive(Debug, Clone, Copy)]
pub struct Portable;

#[inline(always)]
fn map<T: Copy, U>(a: [T; LANES], f: impl Fn(T) -> U) -> [U; LANES] {
    a.map(f)
}

#[inline(always)]
fn zip<T: Copy, U>(a: [T; LANES], b: [T; LANES], f: impl Fn(T, T) -> U) -> [U; LANES] {
    std::array::from_fn(|l| f(a[l], b[l]))
}

impl Arithmetic for Portable {
    type Float = [f64; LANES];
    type Word = [u64; LANES];
    type Mask = [bool; LANES];

    #[inline(always)]
    fn splat(value: f64) -> Self::Float {
        [value; LANES]
    }
    #[inline(always)]
    fn add(a: Self::Float, b: Self::Float) -> Self::Float {
        zip(a, b, |x, y| x + y)
    }
    #[inline(always)]
    fn sub(a: Self::Float, b: Self::Float) -> Self::Float {
        zip(a, b, |x, y| x - y)
    }
    #[inline(always)]
    fn mul(a: Self::Float, b: Self::Float) -> Self::Float {
        zip(a, b, |x, y| x * y)
    }
    #[inline(always)]
    fn div(a: Self::Float, b: Self::Float) -> Self::Float {
        zip(a, b, |x, y| x / y)
    }
    #[inline(always)]
    fn mul_add(a: Self::Float, b: Self::Float, c: Self::Float) -> Self::Float {
        std::array::from_fn(|l| a[l].mul_add(b[l], c[l]))
    }
    #[inline(always)]
    fn neg_mul_add(a: Self::Float, b: Self::Float, c: Self::Float) -> Self::Float {
        std::array::from_fn(|l| (-a[l]).mul_add(b[l], c[l]))
    }
    #[inline(always)]
    fn sqrt(a: Self::Float) -> Self::Float {
        map(a, f64::sqrt)
    }
    #[inline(always)]
    fn max(a: Self::Float, b: Self::Float) -> Self::Float {
        zip(a, b, |x, y| if x > y { x } else { y })
    }
    #[inline(always)]
    fn min(a: Self::Float, b: Self::Float) -> Self::Float {
        zip(a, b, |x, y| if x < y { x } else { y })
    }
    #[inline(always)]
    fn less(a: Self::Float, b: Self::Float) -> Self::Mask {
        zip(a, b, |x, y| x < y)
    }
    #[inline(always)]
    fn is_negative(a: Self::Float) -> Self::Mask {
        map(a, f64::is_sign_negative)
    }
    #[inline(always)]
    fn select(mask: Self::Mask, yes: Self::Float, no: Self::Float) -> Self::Float {
        std::array::from_fn(|l| if mask[l] { yes[l] } else { no[l] })
    }
    #[inline(always)]
    fn to_bits(a: Self::Float) -> Self::Word {
        map(a, f64::to_bits)
    }
    #[inline(always)]
    fn from_bits(a: Self::Word) -> Self::Float {
        map(a, f64::from_bits)
    }
    #[inline(always)]
    fn splat_word(value: u64) -> Self::Word {
        [value; LANES]
    }
    #[inline(always)]
    fn add_word(a: Self::Word, b: Self::Word) -> Self::Word {
        zip(a, b, u64::wrapping_add)
    }
    #[inline(always)]
    fn sub_word(a: Self::Word, b: Self::Word) -> Self::Word {
        zip(a, b, u64::wrapping_sub)
    }
    #[inline(always)]
    fn mul_word(a: Self::Word, b: Self::Word) -> Self::Word {
        zip(a, b, u64::wrapping_mul)
    }
    #[inline(always)]
    fn xor(a: Self::Word, b: Self::Word) -> Self::Word {
        zip(a, b, |x, y| x ^ y)
    }
    #[inline(always)]
    fn and(a: Self::Word, b: Self::Word) -> Self::Word {
        zip(a, b, |x, y| x & y)
    }
    #[inline(always)]
    fn or(a: Self::Word, b: Self::Word) -> Self::Word {
        zip(a, b, |x, y| x | y)
    }
    #[inline(always)]
    fn shift_left<const K: u32>(a: Self::Word) -> Self::Word {
        map(a, |x| x << K)
    }
    #[inline(always)]
    fn shift_right<const K: u32>(a: Self::Word) -> Self::Word {
        map(a, |x| x >> K)
    }
    #[inline(always)]
    fn shift_left_by(a: Self::Word, bits: u32) -> Self::Word {
        map(a, |x| x << bits)
    }
    #[inline(always)]
    fn shift_right_by(a: Self::Word, bits: u32) -> Self::Word {
        map(a, |x| x >> bits)
    }
    #[inline(always)]
    fn is_zero(a: Self::Word) -> bool {
        a == [0; LANES]
    }
    #[inline(always)]
    fn rotate_left<const K: u32, const INVERSE: u32>(a: Self::Word) -> Self::Word {
        map(a, |x| x.rotate_left(K))
    }
}

impl Lanes for Portable {
    #[inline(always)]
    fn load(from: &[f64; LANES]) -> Self::Float {
        *from
    }
    #[inline(always)]
    fn load_swapped(from: &[f64; LANES], swap: usize) -> Self::Float {
        std::array::from_fn(|l| from[(l ^ swap) & 7])
    }
    #[inline(always)]
    fn store(to: &mut [f64; LANES], value: Self::Float) {
        *to = value;
    }
    #[inline(always)]
    fn load_word(from: &[u64; LANES]) -> Self::Word {
        *from
    }
    #[inline(always)]
    fn store_word(to: &mut [u64; LANES], value: Self::Word) {
        *to = value;
    }
}

/// One number at a time.
#[derive(Debug, Clone, Copy)]
pub struct Single;

impl Arithmetic for Single {
    type Float = f64;
    type Word = u64;
    type Mask = bool;

    #[inline(always)]
    fn splat(value: f64) -> f64 {
        value
    }
    #[inline(always)]
    fn add(a: f64, b: f64) -> f64 {
        a + b
    }
    #[inline(always)]
    fn sub(a: f64, b: f64) -> f64 {
        a - b
    }
    #[inline(always)]
    fn mul(a: f64, b: f64) -> f64 {
        a * b
    }
    #[inline(always)]
    fn div(a: f64, b: f64) -> f64 {
        a / b
    }
    #[inline(always)]
    fn mul_add(a: f64, b: f64, c: f64) -> f64 {
        a.mul_add(b, c)
    }
    #[inline(always)]
    fn neg_mul_add(a: f64, b: f64, c: f64) -> f64 {
        (-a).mul_add(b, c)
    }
    #[inline(always)]
    fn sqrt(a: f64) -> f64 {
        a.sqrt()
    }
    #[inline(always)]
    fn max(a: f64, b: f64) -> f64 {
        if a > b { a } else { b }
    }
    #[inline(always)]
    fn min(a: f64, b: f64) -> f64 {
        if a < b { a } else { b }
    }
    #[inline(always)]
    fn less(a: f64, b: f64) -> bool {
        a < b
    }
    #[inline(always)]
    fn is_negative(a: f64) -> bool {
        a.is_sign_negative()
    }
    #[inline(always)]
    fn select(mask: bool, yes: f64, no: f64) -> f64 {
        if mask { yes } else { no }
    }
    #[inline(always)]
    fn to_bits(a: f64) -> u64 {
        a.to_bits()
    }
    #[inline(always)]
    fn from_bits(a: u64) -> f64 {
        f64::from_bits(a)
    }
    #[inline(always)]
    fn splat_word(value: u64) -> u64 {
        value
    }
    #[inline(always)]
    fn add_word(a: u64, b: u64) -> u64 {
        a.wrapping_add(b)
    }
    #[inline(always)]
    fn sub_word(a: u64, b: u64) -> u64 {
        a.wrapping_sub(b)
    }
    #[inline(always)]
    fn mul_word(a: u64, b: u64) -> u64 {
        a.wrapping_mul(b)
    }
    #[inline(always)]
    fn xor(a: u64, b: u64) -> u64 {
        a ^ b
    }
    #[inline(always)]
    fn and(a: u64, b: u64) -> u64 {
        a & b
    }
    #[inline(always)]
    fn or(a: u64, b: u64) -> u64 {
        a | b
    }
    #[inline(always)]
    fn shift_left<const K: u32>(a: u64) -> u64 {
        a << K
    }
    #[inline(always)]
    fn shift_right<const K: u32>(a: u64) -> u64 {
        a >> K
    }
    #[inline(always)]
    fn shift_left_by(a: u64, bits: u32) -> u64 {
        a << bits
    }
    #[inline(always)]
    fn shift_right_by(a: u64, bits: u32) -> u64 {
        a >> bits
    }
    #[inline(always)]
    fn is_zero(a: u64) -> bool {
        a == 0
    }
    #[inline(always)]
    fn rotate_left<const K: u32, const INVERSE: u32>(a: u64) -> u64 {
        a.rotate_left(K)
    }
}
