//! Recurrent networks with their weights as arguments, as torch's modules call them.

use super::macros::build;
use crate::ops::composite::recurrent::*;
use crate::ops::def::Forms;
use crate::tensor::Tensor;
use st_kernel::Result;

const FUNCTION: Forms = Forms::FUNCTION;

build! {
    /// Sequences read by a network of tanh cells: the output at every step and the last states.
    "rnn_tanh" "(input: Tensor, hx: Tensor, params: Tensor[], has_biases: bool, num_layers: int, dropout: float, train: bool, bidirectional: bool, batch_first: bool)".forms(FUNCTION).gives("Tensor[]"),
        |input: &Tensor, hx: &Tensor, params: Vec<Tensor>, biases: bool, layers: i64, dropout: f64, train: bool, both_ways: bool, batch_first: bool| {
            run(&network(Cell::Tanh, biases, layers, dropout, train, both_ways), input, std::slice::from_ref(hx), &params, batch_first).map(pair)
        };

    /// Packed sequences read by a network of tanh cells: the output at every step and the last states.
    "rnn_tanh" "(data: Tensor, batch_sizes: Tensor, hx: Tensor, params: Tensor[], has_biases: bool, num_layers: int, dropout: float, train: bool, bidirectional: bool)".forms(FUNCTION).gives("Tensor[]"),
        |data: &Tensor, sizes: &Tensor, hx: &Tensor, params: Vec<Tensor>, biases: bool, layers: i64, dropout: f64, train: bool, both_ways: bool| {
            run_packed(&network(Cell::Tanh, biases, layers, dropout, train, both_ways), data, sizes, std::slice::from_ref(hx), &params).map(pair)
        };

    /// Sequences read by a network of relu cells: the output at every step and the last states.
    "rnn_relu" "(input: Tensor, hx: Tensor, params: Tensor[], has_biases: bool, num_layers: int, dropout: float, train: bool, bidirectional: bool, batch_first: bool)".forms(FUNCTION).gives("Tensor[]"),
        |input: &Tensor, hx: &Tensor, params: Vec<Tensor>, biases: bool, layers: i64, dropout: f64, train: bool, both_ways: bool, batch_first: bool| {
            run(&network(Cell::Relu, biases, layers, dropout, train, both_ways), input, std::slice::from_ref(hx), &params, batch_first).map(pair)
        };

    /// Packed sequences read by a network of relu cells: the output at every step and the last states.
    "rnn_relu" "(data: Tensor, batch_sizes: Tensor, hx: Tensor, params: Tensor[], has_biases: bool, num_layers: int, dropout: float, train: bool, bidirectional: bool)".forms(FUNCTION).gives("Tensor[]"),
        |data: &Tensor, sizes: &Tensor, hx: &Tensor, params: Vec<Tensor>, biases: bool, layers: i64, dropout: f64, train: bool, both_ways: bool| {
            run_packed(&network(Cell::Relu, biases, layers, dropout, train, both_ways), data, sizes, std::slice::from_ref(hx), &params).map(pair)
        };

    /// Sequences read by gated recurrent units: the output at every step and the last states.
    "gru" "(input: Tensor, hx: Tensor, params: Tensor[], has_biases: bool, num_layers: int, dropout: float, train: bool, bidirectional: bool, batch_first: bool)".forms(FUNCTION).gives("Tensor[]"),
        |input: &Tensor, hx: &Tensor, params: Vec<Tensor>, biases: bool, layers: i64, dropout: f64, train: bool, both_ways: bool, batch_first: bool| {
            run(&network(Cell::Gru, biases, layers, dropout, train, both_ways), input, std::slice::from_ref(hx), &params, batch_first).map(pair)
        };

    /// Packed sequences read by gated recurrent units: the output at every step and the last states.
    "gru" "(data: Tensor, batch_sizes: Tensor, hx: Tensor, params: Tensor[], has_biases: bool, num_layers: int, dropout: float, train: bool, bidirectional: bool)".forms(FUNCTION).gives("Tensor[]"),
        |data: &Tensor, sizes: &Tensor, hx: &Tensor, params: Vec<Tensor>, biases: bool, layers: i64, dropout: f64, train: bool, both_ways: bool| {
            run_packed(&network(Cell::Gru, biases, layers, dropout, train, both_ways), data, sizes, std::slice::from_ref(hx), &params).map(pair)
        };

    /// Sequences read by long short-term memory: the output at every step and the last states.
    "lstm" "(input: Tensor, hx: Tensor[], params: Tensor[], has_biases: bool, num_layers: int, dropout: float, train: bool, bidirectional: bool, batch_first: bool)".forms(FUNCTION).gives("Tensor[]"),
        |input: &Tensor, hx: Vec<Tensor>, params: Vec<Tensor>, biases: bool, layers: i64, dropout: f64, train: bool, both_ways: bool, batch_first: bool| {
            run(&network(Cell::Lstm, biases, layers, dropout, train, both_ways), input, &hx, &params, batch_first)
        };

    /// Packed sequences read by long short-term memory: the output at every step and the last states.
    "lstm" "(data: Tensor, batch_sizes: Tensor, hx: Tensor[], params: Tensor[], has_biases: bool, num_layers: int, dropout: float, train: bool, bidirectional: bool)".forms(FUNCTION).gives("Tensor[]"),
        |data: &Tensor, sizes: &Tensor, hx: Vec<Tensor>, params: Vec<Tensor>, biases: bool, layers: i64, dropout: f64, train: bool, both_ways: bool| {
            run_packed(&network(Cell::Lstm, biases, layers, dropout, train, both_ways), data, sizes, &hx, &params)
        };

    /// A step of a tanh cell.
    "rnn_tanh_cell" "(input: Tensor, hx: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor? = None, b_hh: Tensor? = None)".forms(FUNCTION).gives("Tensor"),
        |input: &Tensor, hx: &Tensor, w_ih: &Tensor, w_hh: &Tensor, b_ih: Option<&Tensor>, b_hh: Option<&Tensor>| {
            step(Cell::Tanh, input, std::slice::from_ref(hx), [w_ih, w_hh], [b_ih, b_hh]).map(|mut states| states.remove(0))
        };

    /// A step of a relu cell.
    "rnn_relu_cell" "(input: Tensor, hx: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor? = None, b_hh: Tensor? = None)".forms(FUNCTION).gives("Tensor"),
        |input: &Tensor, hx: &Tensor, w_ih: &Tensor, w_hh: &Tensor, b_ih: Option<&Tensor>, b_hh: Option<&Tensor>| {
            step(Cell::Relu, input, std::slice::from_ref(hx), [w_ih, w_hh], [b_ih, b_hh]).map(|mut states| states.remove(0))
        };

    /// A step of a gated recurrent unit.
    "gru_cell" "(input: Tensor, hx: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor? = None, b_hh: Tensor? = None)".forms(FUNCTION).gives("Tensor"),
        |input: &Tensor, hx: &Tensor, w_ih: &Tensor, w_hh: &Tensor, b_ih: Option<&Tensor>, b_hh: Option<&Tensor>| {
            step(Cell::Gru, input, std::slice::from_ref(hx), [w_ih, w_hh], [b_ih, b_hh]).map(|mut states| states.remove(0))
        };

    /// A step of a long short-term memory.
    "lstm_cell" "(input: Tensor, hx: Tensor[], w_ih: Tensor, w_hh: Tensor, b_ih: Tensor? = None, b_hh: Tensor? = None)".forms(FUNCTION).gives("Tensor[]"),
        |input: &Tensor, hx: Vec<Tensor>, w_ih: &Tensor, w_hh: &Tensor, b_ih: Option<&Tensor>, b_hh: Option<&Tensor>| {
            if hx.len() != 2 {
                return Err(st_kernel::runtime_err!("lstm_cell expects two hidden states"));
            }
            step(Cell::Lstm, input, &hx, [w_ih, w_hh], [b_ih, b_hh]).map(pair)
        };
}

fn network(cell: Cell, biases: bool, layers: i64, dropout: f64, training: bool, both_ways: bool) -> Network {
    Network { cell, biases, layers: layers.max(0) as usize, dropout, training, both_ways }
}

fn pair(parts: Vec<Tensor>) -> (Tensor, Tensor) {
    (parts[0].clone(), parts[1].clone())
}

fn step(
    cell: Cell,
    input: &Tensor,
    states: &[Tensor],
    weights: [&Tensor; 2],
    biases: [Option<&Tensor>; 2],
) -> Result<Vec<Tensor>> {
    let weights = Weights {
        input: weights[0],
        state: weights[1],
        input_bias: biases[0],
        state_bias: biases[1],
        projection: None,
    };
    cell_step(cell, input, states, &weights)
}
