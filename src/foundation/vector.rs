//! Vectors of three numbers and rotations, nothing clever.

/// Three rows of three numbers: edges, or a rotation that takes v to (row 0 . v, row 1 . v, row 2 . v).
pub type Matrix = [[f64; 3]; 3];

/// The rotation that changes nothing.
pub const IDENTITY: Matrix = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];

/// The scalar product.
#[must_use]
pub fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/// The vector product.
#[must_use]
pub fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

/// The length of a vector.
#[must_use]
pub fn norm(a: [f64; 3]) -> f64 {
    dot(a, a).sqrt()
}

/// A vector turned by a rotation.
#[must_use]
pub fn rotate(rotation: &Matrix, vector: [f64; 3]) -> [f64; 3] {
    rotation.map(|row| dot(row, vector))
}

/// a + factor b.
#[must_use]
pub fn add(a: [f64; 3], factor: f64, b: [f64; 3]) -> [f64; 3] {
    std::array::from_fn(|d| a[d] + factor * b[d])
}
