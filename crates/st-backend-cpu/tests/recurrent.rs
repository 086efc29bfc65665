//! The steps of an LSTM with every family of instructions, against the formulas in double precision.

use st_backend_cpu::recurrent::{Downstream, Inputs, Outputs, Steps, Upstream, backward, forward};
use st_backend_cpu::{Isa, set_isa};
use std::mem::MaybeUninit;

/// Numbers between -1 and 1 that look random.
fn numbers(n: usize, seed: u64) -> Vec<f32> {
    let mut x = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        (x >> 40) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..n).map(|_| next()).collect()
}

fn empty(n: usize) -> Vec<MaybeUninit<f32>> {
    vec![MaybeUninit::new(f32::NAN); n]
}

fn values(from: &[MaybeUninit<f32>]) -> Vec<f32> {
    // SAFETY: `empty` gave each a value.
    from.iter().map(|x| unsafe { x.assume_init() }).collect()
}

/// Gates, first states and cells, and the weight.
struct Case {
    steps: Steps,
    given: [Vec<f32>; 4],
}

impl Case {
    fn new(sizes: Vec<usize>, backwards: bool, units: usize) -> Case {
        let (rows, batch) = (sizes.iter().sum::<usize>(), sizes[0]);
        let sizes_of = [rows * 4 * units, batch * units, batch * units, 4 * units * units];
        let mut seed = 0;
        let given = sizes_of.map(|n| {
            seed += 1;
            numbers(n, seed)
        });
        Case { steps: Steps { sizes, backwards, units }, given }
    }

    fn inputs(&self) -> Inputs<'_> {
        let [gates, state, cell, weight] = &self.given;
        Inputs { gates, state, cell, weight }
    }

    /// States of all steps, last states and last cells, by the formulas, one after the other.
    fn expected(&self, gates: &[f64]) -> Vec<f64> {
        let (units, sizes) = (self.steps.units, &self.steps.sizes);
        let wide = |v: &[f32]| v.iter().map(|&x| f64::from(x)).collect::<Vec<f64>>();
        let (mut state, mut cell, weight) =
            (wide(&self.given[1]), wide(&self.given[2]), wide(&self.given[3]));
        let mut states = vec![0.0; gates.len() / 4];
        let order: Vec<usize> = match self.steps.backwards {
            true => (0..sizes.len()).rev().collect(),
            false => (0..sizes.len()).collect(),
        };
        let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
        for t in order {
            let start: usize = sizes[..t].iter().sum();
            for entry in 0..sizes[t] {
                let old: Vec<f64> = state[entry * units..][..units].to_vec();
                for unit in 0..units {
                    let gate = |k: usize| {
                        let row = &weight[(k * units + unit) * units..][..units];
                        let sum: f64 = row.iter().zip(&old).map(|(w, h)| w * h).sum();
                        sum + gates[(start + entry) * 4 * units + k * units + unit]
                    };
                    let c = &mut cell[entry * units + unit];
                    *c = sigmoid(gate(1)) * *c + sigmoid(gate(0)) * gate(2).tanh();
                    let h = sigmoid(gate(3)) * c.tanh();
                    state[entry * units + unit] = h;
                    states[(start + entry) * units + unit] = h;
                }
            }
        }
        states.into_iter().chain(state).chain(cell).collect()
    }

    fn check(&self) {
        let units = self.steps.units;
        let (rows, batch) = (self.given[0].len() / 4, self.given[1].len());
        let [mut states, mut gates, mut cells] = [empty(rows), empty(4 * rows), empty(rows)];
        let [mut last_state, mut last_cell] = [empty(batch), empty(batch)];
        let mut outputs = Outputs {
            states: &mut states,
            gates: &mut gates,
            cells: &mut cells,
            last_state: &mut last_state,
            last_cell: &mut last_cell,
        };
        forward(&self.steps, &self.inputs(), &mut outputs);
        let made = [values(&gates), values(&cells), values(&states)];
        let wide: Vec<f64> = self.given[0].iter().map(|&x| f64::from(x)).collect();
        let found = [made[2].clone(), values(&last_state), values(&last_cell)].concat();
        for (found, expected) in found.iter().zip(self.expected(&wide)) {
            assert!((f64::from(*found) - expected).abs() < 1e-5 * units as f64, "{found} is not {expected}");
        }
        self.check_gradient(&wide, &made);
    }

    /// The slope of a weighed sum of all results along a direction of the gates.
    fn check_gradient(&self, gates: &[f64], made: &[Vec<f32>; 3]) {
        let (rows, batch) = (self.given[0].len() / 4, self.given[1].len());
        let weights = numbers(rows + 2 * batch, 77);
        let direction = numbers(4 * rows, 78);
        let [mut to_gates, mut before] = [empty(4 * rows), empty(rows)];
        let (mut state, mut cell) = (weights[rows..rows + batch].to_vec(), weights[rows + batch..].to_vec());
        let upstream = Upstream { states: &weights[..rows], made: [&made[0], &made[1], &made[2]] };
        let mut downstream =
            Downstream { gates: &mut to_gates, state: &mut state, cell: &mut cell, before: &mut before };
        backward(&self.steps, &self.inputs(), &upstream, &mut downstream);
        let slope: f64 =
            values(&to_gates).iter().zip(&direction).map(|(g, d)| f64::from(*g) * f64::from(*d)).sum();
        let sum_at = |step: f64| -> f64 {
            let moved: Vec<f64> =
                gates.iter().zip(&direction).map(|(g, d)| g + step * f64::from(*d)).collect();
            self.expected(&moved).iter().zip(&weights).map(|(x, w)| x * f64::from(*w)).sum()
        };
        let expected = (sum_at(1e-5) - sum_at(-1e-5)) / 2e-5;
        let size = expected.abs().max((rows as f64).sqrt());
        assert!((slope - expected).abs() < 1e-4 * size, "{slope} is not {expected}");
        assert!(values(&before).iter().all(|x| x.is_finite()), "every row is filled");
    }
}

#[test]
fn all_families_follow_the_formulas() {
    for sizes in [vec![1], vec![3, 3, 3], vec![19, 8, 8, 1]] {
        for backwards in [false, true] {
            // Around the widths of vectors and panels.
            for units in [1, 5, 16, 31, 64, 70] {
                let case = Case::new(sizes.clone(), backwards, units);
                for isa in Isa::available() {
                    set_isa(isa);
                    case.check();
                }
            }
        }
    }
}
