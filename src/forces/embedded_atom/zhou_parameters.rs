//! Parameters of the potentials of Zhou, Johnson and Wadley, PRB 69, 144113 (2004).

/// One element. Letters are those of the paper; beta_1 = beta, lambda_1 = lambda and rho_0 = 1.15 rho_e for all.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parameters {
    /// Chemical symbol.
    pub symbol: &'static str,
    /// Atomic number.
    pub atomic_number: u32,
    /// Mass (g/mol).
    pub mass: f64,
    /// Crystal structure at room temperature.
    pub structure: &'static str,
    /// Distance of nearest neighbors (Angstrom).
    pub re: f64,
    /// Scale of the density f(r).
    pub fe: f64,
    /// Equilibrium density.
    pub rhoe: f64,
    /// Density scale of the embedding energy beyond rho_0.
    pub rhos: f64,
    /// Decay of the repulsion.
    pub alpha: f64,
    /// Decay of the attraction and of the density.
    pub beta: f64,
    /// Strength A of the repulsion (eV).
    pub a: f64,
    /// Strength B of the attraction (eV).
    pub b: f64,
    /// Where the repulsion is screened.
    pub kappa: f64,
    /// Where the attraction and the density are screened.
    pub lambda: f64,
    /// F_n0 to F_n3, the embedding energy below rho_n (eV).
    pub low: [f64; 4],
    /// F_0 to F_3, the embedding energy between rho_n and rho_0 (eV).
    pub middle: [f64; 4],
    /// Exponent eta of the embedding energy beyond rho_0.
    pub eta: f64,
    /// F_e, its strength (eV).
    pub high: f64,
    /// rho_n / rho_e.
    pub low_end: f64,
}

/// All elements.
#[rustfmt::skip]
pub const ELEMENTS: [Parameters; 16] = [
    Parameters {
        symbol: "Cu", atomic_number: 29, mass: 63.546, structure: "fcc",
        re: 2.556162, fe: 1.554485, rhoe: 21.175871, rhos: 21.175395,
        alpha: 8.12762, beta: 4.334731, a: 0.39662, b: 0.548085,
        kappa: 0.308782, lambda: 0.756515,
        low: [-2.170269, -0.263788, 1.088878, -0.817603],
        middle: [-2.19, 0.0, 0.56183, -2.100595],
        eta: 0.31049, high: -2.186568, low_end: 0.85,
    },
    Parameters {
        symbol: "Ag", atomic_number: 47, mass: 107.8682, structure: "fcc",
        re: 2.891814, fe: 1.106232, rhoe: 14.6041, rhos: 14.604144,
        alpha: 9.13201, beta: 4.870405, a: 0.277758, b: 0.419611,
        kappa: 0.33971, lambda: 0.750758,
        low: [-1.729364, -0.255882, 0.91205, -0.561432],
        middle: [-1.75, 0.0, 0.744561, -1.15065],
        eta: 0.783924, high: -1.748423, low_end: 0.85,
    },
    Parameters {
        symbol: "Au", atomic_number: 79, mass: 196.96654, structure: "fcc",
        re: 2.885034, fe: 1.529021, rhoe: 19.991632, rhos: 19.991509,
        alpha: 9.516052, beta: 5.075228, a: 0.229762, b: 0.356666,
        kappa: 0.35657, lambda: 0.748798,
        low: [-2.937772, -0.500288, 1.601954, -0.83553],
        middle: [-2.98, 0.0, 1.706587, -1.134778],
        eta: 1.021095, high: -2.978815, low_end: 0.85,
    },
    Parameters {
        symbol: "Ni", atomic_number: 28, mass: 58.6934, structure: "fcc",
        re: 2.488746, fe: 2.007018, rhoe: 27.562015, rhos: 27.562031,
        alpha: 8.383453, beta: 4.471175, a: 0.429046, b: 0.633531,
        kappa: 0.443599, lambda: 0.820658,
        low: [-2.693513, -0.076445, 0.241442, -2.375626],
        middle: [-2.7, 0.0, 0.26539, -0.152856],
        eta: 0.44547, high: -2.7, low_end: 0.85,
    },
    Parameters {
        symbol: "Pd", atomic_number: 46, mass: 106.42, structure: "fcc",
        re: 2.750897, fe: 1.595417, rhoe: 21.335246, rhos: 21.940073,
        alpha: 8.697397, beta: 4.638612, a: 0.406763, b: 0.59888,
        kappa: 0.397263, lambda: 0.754799,
        low: [-2.321006, -0.473983, 1.615343, -0.231681],
        middle: [-2.36, 0.0, 1.481742, -1.675615],
        eta: 1.13, high: -2.352753, low_end: 0.85,
    },
    Parameters {
        symbol: "Pt", atomic_number: 78, mass: 195.08, structure: "fcc",
        re: 2.771916, fe: 2.336509, rhoe: 33.367564, rhos: 35.205357,
        alpha: 7.105782, beta: 3.78975, a: 0.556398, b: 0.696037,
        kappa: 0.385255, lambda: 0.77051,
        low: [-1.455568, -2.149952, 0.528491, 1.222875],
        middle: [-4.17, 0.0, 3.010561, -2.420128],
        eta: 1.45, high: -4.145597, low_end: 0.25,
    },
    Parameters {
        symbol: "Al", atomic_number: 13, mass: 26.981539, structure: "fcc",
        re: 2.863924, fe: 1.403115, rhoe: 20.418205, rhos: 23.19574,
        alpha: 6.613165, beta: 3.527021, a: 0.314873, b: 0.365551,
        kappa: 0.379846, lambda: 0.759692,
        low: [-2.807602, -0.301435, 1.258562, -1.247604],
        middle: [-2.83, 0.0, 0.622245, -2.488244],
        eta: 0.785902, high: -2.824528, low_end: 0.85,
    },
    Parameters {
        symbol: "Pb", atomic_number: 82, mass: 207.2, structure: "fcc",
        re: 3.499723, fe: 0.647872, rhoe: 8.450154, rhos: 8.450063,
        alpha: 9.121799, beta: 5.212457, a: 0.161219, b: 0.236884,
        kappa: 0.250805, lambda: 0.764955,
        low: [-1.42237, -0.210107, 0.682886, -0.529378],
        middle: [-1.44, 0.0, 0.702726, -0.538766],
        eta: 0.93538, high: -1.439436, low_end: 0.85,
    },
    Parameters {
        symbol: "Fe", atomic_number: 26, mass: 55.847, structure: "bcc",
        re: 2.481987, fe: 1.885957, rhoe: 20.041463, rhos: 20.041463,
        alpha: 9.81827, beta: 5.236411, a: 0.392811, b: 0.646243,
        kappa: 0.170306, lambda: 0.340613,
        low: [-2.534992, -0.059605, 0.193065, -2.282322],
        middle: [-2.54, 0.0, 0.200269, -0.14877],
        eta: 0.39175, high: -2.539945, low_end: 0.85,
    },
    Parameters {
        symbol: "Mo", atomic_number: 42, mass: 95.94, structure: "bcc",
        re: 2.7281, fe: 2.72371, rhoe: 29.354065, rhos: 29.354065,
        alpha: 8.393531, beta: 4.47655, a: 0.708787, b: 1.120373,
        kappa: 0.13764, lambda: 0.27528,
        low: [-3.692913, -0.178812, 0.38045, -3.13365],
        middle: [-3.71, 0.0, 0.875874, 0.776222],
        eta: 0.790879, high: -3.712093, low_end: 0.85,
    },
    Parameters {
        symbol: "Ta", atomic_number: 73, mass: 180.9479, structure: "bcc",
        re: 2.860082, fe: 3.086341, rhoe: 33.787168, rhos: 33.787168,
        alpha: 8.489528, beta: 4.527748, a: 0.611679, b: 1.032101,
        kappa: 0.176977, lambda: 0.353954,
        low: [-5.103845, -0.405524, 1.112997, -3.585325],
        middle: [-5.14, 0.0, 1.640098, 0.221375],
        eta: 0.848843, high: -5.141526, low_end: 0.85,
    },
    Parameters {
        symbol: "W", atomic_number: 74, mass: 183.84, structure: "bcc",
        re: 2.74084, fe: 3.48734, rhoe: 37.234847, rhos: 37.234847,
        alpha: 8.900114, beta: 4.746728, a: 0.882435, b: 1.394592,
        kappa: 0.139209, lambda: 0.278417,
        low: [-4.946281, -0.148818, 0.365057, -4.432406],
        middle: [-4.96, 0.0, 0.661935, 0.348147],
        eta: 0.582714, high: -4.961306, low_end: 0.85,
    },
    Parameters {
        symbol: "Mg", atomic_number: 12, mass: 24.305, structure: "hcp",
        re: 3.196291, fe: 0.544323, rhoe: 7.1326, rhos: 7.1326,
        alpha: 10.228708, beta: 5.455311, a: 0.137518, b: 0.22593,
        kappa: 0.5, lambda: 1.0,
        low: [-0.896473, -0.044291, 0.162232, -0.68995],
        middle: [-0.9, 0.0, 0.122838, -0.22601],
        eta: 0.431425, high: -0.899702, low_end: 0.85,
    },
    Parameters {
        symbol: "Co", atomic_number: 27, mass: 58.9332, structure: "hcp",
        re: 2.505979, fe: 1.975299, rhoe: 27.206789, rhos: 27.206789,
        alpha: 8.679625, beta: 4.629134, a: 0.421378, b: 0.640107,
        kappa: 0.5, lambda: 1.0,
        low: [-2.541799, -0.219415, 0.733381, -1.589003],
        middle: [-2.56, 0.0, 0.705845, -0.68714],
        eta: 0.694608, high: -2.559307, low_end: 0.85,
    },
    Parameters {
        symbol: "Ti", atomic_number: 22, mass: 47.88, structure: "hcp",
        re: 2.933872, fe: 1.8632, rhoe: 25.565138, rhos: 25.565138,
        alpha: 8.775431, beta: 4.68023, a: 0.373601, b: 0.570968,
        kappa: 0.5, lambda: 1.0,
        low: [-3.203773, -0.198262, 0.683779, -2.321732],
        middle: [-3.22, 0.0, 0.608587, -0.75071],
        eta: 0.558572, high: -3.219176, low_end: 0.85,
    },
    Parameters {
        symbol: "Zr", atomic_number: 40, mass: 91.224, structure: "hcp",
        re: 3.199978, fe: 2.230909, rhoe: 30.879991, rhos: 30.879991,
        alpha: 8.55919, beta: 4.564902, a: 0.424667, b: 0.640054,
        kappa: 0.5, lambda: 1.0,
        low: [-4.485793, -0.293129, 0.990148, -3.202516],
        middle: [-4.51, 0.0, 0.928602, -0.98187],
        eta: 0.597133, high: -4.509025, low_end: 0.85,
    },
];
