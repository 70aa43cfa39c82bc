//! Shaded spheres seen slightly from above, as a picture.

use super::png::rgb_png_uri;

/// A ball.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sphere {
    /// Center.
    pub center: [f64; 3],
    /// Radius.
    pub radius: f64,
    /// Color: red, green, blue.
    pub color: [u8; 3],
}

/// Balls and lines in space.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scene {
    /// The balls.
    pub spheres: Vec<Sphere>,
    /// Ends of lines.
    pub lines: Vec<[[f64; 3]; 2]>,
}

/// Colors of all pixels, row by row from the top.
#[derive(Debug, Clone, PartialEq)]
pub struct Pixels {
    /// Pixels of a side.
    pub size: usize,
    /// Red, green, blue of each.
    pub rgb: Vec<u8>,
}

/// Turn around the vertical axis and tilt towards the reader (degrees).
const TURN: f64 = -24.0;
const TILT: f64 = 17.0;
/// Distance of the eye in diameters of the scene: nearly parallel rays.
const EYE: f64 = 6.0;
/// Each pixel is the mean of so many squared.
const SAMPLES: usize = 2;
/// Part of the picture's half that is used.
const FILLED: f64 = 0.96;
/// How much of the white background lies over what is farthest.
const HAZE: f64 = 0.5;
/// From where the light comes, in the picture's frame: right, up, towards the reader; of length one.
const LIGHT: [f64; 3] = [-0.48, 0.64, 0.6];
const LINE_COLOR: [f64; 3] = [110.0, 110.0, 118.0];

/// From space to the picture.
struct View {
    center: [f64; 3],
    diameter: f64,
    /// Pixels per length in the middle of the scene.
    scale: f64,
    half: f64,
}

impl View {
    fn of(scene: &Scene, size: usize) -> Option<Self> {
        let ends = scene.lines.iter().flatten().map(|end| (*end, 0.0));
        let points: Vec<([f64; 3], f64)> =
            scene.spheres.iter().map(|ball| (ball.center, ball.radius)).chain(ends).collect();
        let bound = |d: usize, pick: fn(f64, f64) -> f64, side: f64| {
            points.iter().map(|(point, radius)| point[d] + side * radius).reduce(pick)
        };
        let (mut center, mut diameter) = ([0.0; 3], 0.0f64);
        for d in 0..3 {
            let (low, high) = (bound(d, f64::min, -1.0)?, bound(d, f64::max, 1.0)?);
            center[d] = 0.5 * (low + high);
            diameter = diameter.hypot(high - low);
        }
        let half = 0.5 * size as f64;
        let mut view = View { center, diameter, scale: 1.0, half };
        // The scale that lets the outermost point just fit.
        let reach = points.iter().map(|(point, radius)| {
            let ([x, y, _], zoom) = view.seen(*point);
            (x.abs().max(y.abs()) + radius) * zoom
        });
        let reach = reach.fold(0.0, f64::max);
        view.scale = FILLED * half / reach;
        (view.scale.is_finite() && diameter.is_finite()).then_some(view)
    }

    /// Right, up and towards the reader, and by how much near things are enlarged.
    fn seen(&self, point: [f64; 3]) -> ([f64; 3], f64) {
        let [x, y, z]: [f64; 3] = std::array::from_fn(|d| point[d] - self.center[d]);
        let ((sin_turn, cos_turn), (sin_tilt, cos_tilt)) =
            (TURN.to_radians().sin_cos(), TILT.to_radians().sin_cos());
        let (right, away) = (x * cos_turn - y * sin_turn, x * sin_turn + y * cos_turn);
        let (up, near) = (z * cos_tilt + away * sin_tilt, z * sin_tilt - away * cos_tilt);
        ([right, up, near], EYE * self.diameter / (EYE * self.diameter - near))
    }

    /// Column and row (not whole), depth towards the reader, pixels per length there.
    fn place(&self, point: [f64; 3]) -> ([f64; 2], f64, f64) {
        let ([right, up, near], zoom) = self.seen(point);
        let scale = self.scale * zoom;
        ([self.half + right * scale, self.half - up * scale], near, scale)
    }

    /// How much of the color is left at a depth.
    fn clarity(&self, near: f64) -> f64 {
        1.0 - HAZE * (0.5 - near / self.diameter).clamp(0.0, 1.0)
    }
}

/// A picture being painted, with the depth of what is seen in each pixel.
struct Canvas {
    size: usize,
    rgb: Vec<f32>,
    depth: Vec<f32>,
}

impl Canvas {
    /// Pixels from `center - radius` to `center + radius` that are inside.
    fn span(&self, center: f64, radius: f64) -> std::ops::Range<usize> {
        let first = (center - radius).floor().max(0.0) as usize;
        first..((center + radius).ceil().max(0.0) as usize).min(self.size)
    }

    fn paint(&mut self, at: usize, near: f64, color: [f64; 3]) {
        self.depth[at] = near as f32;
        self.rgb[3 * at..3 * at + 3].iter_mut().zip(color).for_each(|(out, part)| *out = part as f32);
    }

    fn sphere(&mut self, view: &View, ball: &Sphere) {
        let ([x, y], near, scale) = view.place(ball.center);
        let radius = ball.radius * scale;
        for row in self.span(y, radius) {
            for column in self.span(x, radius) {
                let (right, up) = ((column as f64 + 0.5 - x) / radius, (y - row as f64 - 0.5) / radius);
                let rest = 1.0 - right * right - up * up;
                if rest < 0.0 {
                    continue;
                }
                let front = rest.sqrt();
                let (at, depth) = (row * self.size + column, near + ball.radius * front);
                if (depth as f32) <= self.depth[at] {
                    continue;
                }
                let lit = right * LIGHT[0] + up * LIGHT[1] + front * LIGHT[2];
                let mirrored = 2.0 * lit * front - LIGHT[2];
                let shine = if lit > 0.0 { 0.35 * mirrored.max(0.0).powi(24) } else { 0.0 };
                // Dark rims set a ball apart from others of its color.
                let shade = (0.42 + 0.62 * lit.max(0.0)) * (0.45 + 0.55 * front.sqrt());
                let clarity = view.clarity(depth);
                let color = ball.color.map(|part| {
                    let part = (f64::from(part) * shade).min(255.0);
                    255.0 + clarity * (part + shine * (255.0 - part) - 255.0)
                });
                self.paint(at, depth, color);
            }
        }
    }

    fn line(&mut self, view: &View, ends: &[[f64; 3]; 2], width: f64) {
        let [from, to] = ends.map(|end| view.place(end));
        let length = (to.0[0] - from.0[0]).hypot(to.0[1] - from.0[1]);
        let steps = (2.0 * length).ceil().clamp(1.0, 1e5) as usize;
        for step in 0..=steps {
            let part = step as f64 / steps as f64;
            let mix = |a: f64, b: f64| a + part * (b - a);
            let (x, y, near) = (mix(from.0[0], to.0[0]), mix(from.0[1], to.0[1]), mix(from.1, to.1));
            let clarity = view.clarity(near);
            for row in self.span(y, 0.5 * width) {
                for column in self.span(x, 0.5 * width) {
                    let at = row * self.size + column;
                    if near as f32 >= self.depth[at] {
                        self.paint(at, near, LINE_COLOR.map(|part| 255.0 + clarity * (part - 255.0)));
                    }
                }
            }
        }
    }
}

impl Scene {
    /// The picture, with `size` pixels to a side on white; `None` if there is nothing in it or its coordinates are no
    /// finite numbers.
    #[must_use]
    pub fn pixels(&self, size: usize) -> Option<Pixels> {
        let fine = size * SAMPLES;
        let view = View::of(self, fine)?;
        let mut canvas = Canvas {
            size: fine,
            rgb: vec![255.0; 3 * fine * fine],
            depth: vec![f32::NEG_INFINITY; fine * fine],
        };
        // The depth of each pixel decides what is seen, so that overlapping balls meet in the right line; the order only
        // saves shading what is hidden.
        let mut order: Vec<(f64, &Sphere)> =
            self.spheres.iter().map(|ball| (view.place(ball.center).1, ball)).collect();
        order.sort_by(|a, b| b.0.total_cmp(&a.0));
        order.iter().for_each(|(_, ball)| canvas.sphere(&view, ball));
        self.lines.iter().for_each(|line| canvas.line(&view, line, 1.2 * SAMPLES as f64));
        let mean = |at: usize| {
            let (pixel, part) = (at / 3, at % 3);
            let (row, column) = (pixel / size * SAMPLES, pixel % size * SAMPLES);
            let rows =
                (row..row + SAMPLES).flat_map(|y| (column..column + SAMPLES).map(move |x| y * fine + x));
            let sum: f32 = rows.map(|at| canvas.rgb[3 * at + part]).sum();
            (sum / (SAMPLES * SAMPLES) as f32).round() as u8
        };
        Some(Pixels { size, rgb: (0..3 * size * size).map(mean).collect() })
    }

    /// Column and row of a point in a picture of `size`, not whole.
    #[must_use]
    #[cfg(test)]
    pub fn place(&self, point: [f64; 3], size: usize) -> Option<[f64; 2]> {
        Some(View::of(self, size)?.place(point).0)
    }
}

impl Pixels {
    /// The picture as a data URI; `None` if it cannot be encoded.
    #[must_use]
    pub fn uri(&self) -> Option<String> {
        rgb_png_uri(self.size, self.size, &self.rgb)
    }

    /// The color of a pixel.
    #[must_use]
    #[cfg(test)]
    pub fn at(&self, [column, row]: [f64; 2]) -> [u8; 3] {
        let at = 3 * (row as usize * self.size + column as usize);
        [self.rgb[at], self.rgb[at + 1], self.rgb[at + 2]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ball(center: [f64; 3], color: [u8; 3]) -> Sphere {
        Sphere { center, radius: 1.0, color }
    }

    const WHITE: [u8; 3] = [255; 3];

    #[test]
    fn balls_are_where_they_should_be_in_their_colors() {
        let spheres = vec![
            ball([-4.0, 0.0, 0.0], [200, 0, 0]),
            ball([4.0, 0.0, 0.0], [0, 0, 200]),
            ball([0.0, 0.0, 4.0], [0, 160, 0]),
        ];
        let scene = Scene { spheres, lines: Vec::new() };
        let pixels = scene.pixels(300).expect("a picture");
        let place = |point: [f64; 3]| scene.place(point, 300).expect("a place");
        let [left, right, top] = [place([-4.0, 0.0, 0.0]), place([4.0, 0.0, 0.0]), place([0.0, 0.0, 4.0])];
        assert!(left[0] < top[0] && top[0] < right[0] && top[1] < left[1] && top[1] < right[1]);
        let strongest = |[r, g, b]: [u8; 3]| {
            if r > g.max(b) {
                'r'
            } else if g > b {
                'g'
            } else {
                'b'
            }
        };
        assert_eq!([left, right, top].map(|at| strongest(pixels.at(at))), ['r', 'b', 'g']);
        assert_eq!(pixels.at([1.0, 1.0]), WHITE);
        assert_eq!(pixels.at(place([0.0, 0.0, 0.0])), WHITE);
    }

    #[test]
    fn what_is_near_hides_what_is_far_in_any_order() {
        // The reader looks along y, from below zero.
        let (near, far) = (ball([0.0, -3.0, 0.0], [200, 0, 0]), ball([1.2, 0.0, 0.9], [0, 0, 200]));
        for spheres in [vec![near, far], vec![far, near]] {
            let scene = Scene { spheres, lines: Vec::new() };
            let pixels = scene.pixels(200).expect("a picture");
            let [r, _, b] = pixels.at(scene.place(near.center, 200).expect("a place"));
            assert!(r > b, "{r} {b}");
            // Haze: the same color would be paler behind.
        }
        let spheres = vec![ball([-2.0, -4.0, 0.0], [100, 100, 100]), ball([2.0, 4.0, 0.0], [100, 100, 100])];
        let scene = Scene { spheres, lines: Vec::new() };
        let pixels = scene.pixels(200).expect("a picture");
        let grey = |k: usize| pixels.at(scene.place(scene.spheres[k].center, 200).expect("a place"))[0];
        assert!(grey(0) + 15 < grey(1), "{} {}", grey(0), grey(1));
    }

    #[test]
    fn light_comes_from_the_upper_left_and_lines_are_hidden_behind_balls() {
        let line = [[-3.0, 5.0, 0.0], [3.0, 5.0, 0.0]];
        let scene = Scene { spheres: vec![ball([0.0; 3], [120, 120, 120])], lines: vec![line] };
        let pixels = scene.pixels(400).expect("a picture");
        let [x, y] = scene.place([0.0; 3], 400).expect("a place");
        assert!(pixels.at([x - 12.0, y - 16.0])[0] > pixels.at([x + 12.0, y + 16.0])[0] + 30);
        let end = scene.place([2.9, 5.0, 0.0], 400).expect("a place");
        assert_ne!(pixels.at(end), WHITE);
    }

    #[test]
    fn nothing_and_numbers_that_are_none_make_no_picture() {
        assert!(Scene::default().pixels(10).is_none());
        let scene = Scene { spheres: vec![ball([0.0, f64::INFINITY, 0.0], WHITE)], lines: Vec::new() };
        assert!(scene.pixels(10).is_none());
    }
}
