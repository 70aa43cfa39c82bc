//! Two vectors in step: the same operation on both, one instruction after the other.
//!
//! A heat bath is one long chain of dependent operations, and a processor that looks a few hundred instructions ahead
//! sees little beyond one site block. Interleaving two blocks hides half of the waiting.

use super::Arithmetic;
use std::marker::PhantomData;

/// Two vectors of `A`.
#[derive(Debug, Clone, Copy)]
pub struct Twice<A>(PhantomData<A>);

macro_rules! both {
    ($(fn $name:ident($($x:ident: $kind:ident),+) -> $out:ident;)*) => {
        $(#[inline(always)]
        fn $name($($x: Self::$kind),+) -> Self::$out {
            (A::$name($($x.0),+), A::$name($($x.1),+))
        })*
    };
}

impl<A: Arithmetic> Arithmetic for Twice<A> {
    type Float = (A::Float, A::Float);
    type Word = (A::Word, A::Word);
    type Mask = (A::Mask, A::Mask);

    #[inline(always)]
    fn splat(value: f64) -> Self::Float {
        (A::splat(value), A::splat(value))
    }
    #[inline(always)]
    fn splat_word(value: u64) -> Self::Word {
        (A::splat_word(value), A::splat_word(value))
    }
    both! {
        fn add(a: Float, b: Float) -> Float;
        fn sub(a: Float, b: Float) -> Float;
        fn mul(a: Float, b: Float) -> Float;
        fn div(a: Float, b: Float) -> Float;
        fn mul_add(a: Float, b: Float, c: Float) -> Float;
        fn neg_mul_add(a: Float, b: Float, c: Float) -> Float;
        fn sqrt(a: Float) -> Float;
        fn max(a: Float, b: Float) -> Float;
        fn min(a: Float, b: Float) -> Float;
        fn less(a: Float, b: Float) -> Mask;
        fn is_negative(a: Float) -> Mask;
        fn select(mask: Mask, yes: Float, no: Float) -> Float;
        fn to_bits(a: Float) -> Word;
        fn from_bits(a: Word) -> Float;
        fn add_word(a: Word, b: Word) -> Word;
        fn sub_word(a: Word, b: Word) -> Word;
        fn mul_word(a: Word, b: Word) -> Word;
        fn xor(a: Word, b: Word) -> Word;
        fn and(a: Word, b: Word) -> Word;
        fn or(a: Word, b: Word) -> Word;
    }
    #[inline(always)]
    fn shift_left<const K: u32>(a: Self::Word) -> Self::Word {
        (A::shift_left::<K>(a.0), A::shift_left::<K>(a.1))
    }
    #[inline(always)]
    fn shift_right<const K: u32>(a: Self::Word) -> Self::Word {
        (A::shift_right::<K>(a.0), A::shift_right::<K>(a.1))
    }
    #[inline(always)]
    fn shift_left_by(a: Self::Word, bits: u32) -> Self::Word {
        (A::shift_left_by(a.0, bits), A::shift_left_by(a.1, bits))
    }
    #[inline(always)]
    fn shift_right_by(a: Self::Word, bits: u32) -> Self::Word {
        (A::shift_right_by(a.0, bits), A::shift_right_by(a.1, bits))
    }
    #[inline(always)]
    fn is_zero(a: Self::Word) -> bool {
        A::is_zero(a.0) && A::is_zero(a.1)
    }
    #[inline(always)]
    fn rotate_left<const K: u32, const INVERSE: u32>(a: Self::Word) -> Self::Word {
        (A::rotate_left::<K, INVERSE>(a.0), A::rotate_left::<K, INVERSE>(a.1))
    }
}
