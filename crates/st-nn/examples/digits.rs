//! Trains a convolutional network on digits, as `examples/digits.py` does in Python:
//! `cargo run --release -p st-nn --example digits [FILE]`.
//!
//! Without a file the digits are drawn here: glyphs of 5 x 7 pixels at random places of 12 x 12, in random thickness and
//! brightness, under noise. FILE is the UCI's handwritten digits, `optdigits.tra` or `optdigits.tes`: a line for each image
//! of 8 x 8, 64 numbers from 0 to 16 and the digit.

use st_nn::data::random_split;
use st_nn::optim::{Cosine, WarmUp};
use st_nn::prelude::*;

/// The digits, a row of five pixels a number.
const GLYPHS: [[u8; 7]; 10] = [
    [0b01110, 0b10001, 0b10011, 0b10101, 0b11001, 0b10001, 0b01110],
    [0b00100, 0b01100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110],
    [0b01110, 0b10001, 0b00001, 0b00110, 0b01000, 0b10000, 0b11111],
    [0b01110, 0b10001, 0b00001, 0b00110, 0b00001, 0b10001, 0b01110],
    [0b00010, 0b00110, 0b01010, 0b10010, 0b11111, 0b00010, 0b00010],
    [0b11111, 0b10000, 0b11110, 0b00001, 0b00001, 0b10001, 0b01110],
    [0b00110, 0b01000, 0b10000, 0b11110, 0b10001, 0b10001, 0b01110],
    [0b11111, 0b00001, 0b00010, 0b00100, 0b01000, 0b01000, 0b01000],
    [0b01110, 0b10001, 0b10001, 0b01110, 0b10001, 0b10001, 0b01110],
    [0b01110, 0b10001, 0b10001, 0b01111, 0b00001, 0b00010, 0b01100],
];
const SIDE: usize = 12;
const DRAWN: usize = 3000;

fn main() -> Result<()> {
    manual_seed(0);
    let (images, classes) = match std::env::args().nth(1) {
        Some(path) => read(&path)?,
        None => draw(DRAWN)?,
    };
    let side = images.shape()[2];
    println!("{} images of {side} x {side}", images.shape()[0]);
    let (train, test) = random_split(TensorDataset::new((images, classes))?, 0.8, 0)?;
    let (train, test) = (DataLoader::new(train, 64).shuffle(0), DataLoader::new(test, 256));

    let model = Sequential::new()
        .push(Conv2d::new(1, 16, 3)?.padding(1))
        .push(BatchNorm2d::new(16)?)
        .push(Relu)
        .push(MaxPool2d::new(2))
        .push(Conv2d::new(16, 32, 3)?.padding(1))
        .push(BatchNorm2d::new(32)?)
        .push(Relu)
        .push(MaxPool2d::new(2))
        .push(Flatten)
        .push(Dropout::new(0.2))
        .push(Linear::new(32 * (side / 4) * (side / 4), 10)?);
    println!("{} parameters", model.num_parameters());

    let epochs = 8;
    let steps = (epochs * train.len()) as u64;
    let optimizer = Optimizer::new(model.parameters(), AdamW::new(4e-3));
    let accuracy = |model: &Sequential| {
        evaluate(model, &test, |model, (x, classes)| model.forward(x)?.argmax(Some(1), false)?.eq(classes))
    };
    Trainer::new(&model, optimizer)
        .epochs(epochs)
        .clip_grad_norm(5.0)
        .schedule(WarmUp { steps: 30, then: Cosine { steps: steps - 30, floor: 0.02 } })
        .metric("accuracy", accuracy)
        .fit(&train, |model, (x, classes)| loss::cross_entropy(&model.forward(x)?, classes))?;

    println!("accuracy {:.1}%", 100.0 * accuracy(&model)?);
    Ok(())
}

/// So many digits as images `[n, 1, side, side]` from 0 to 1, and their classes.
fn draw(count: usize) -> Result<(Tensor, Tensor)> {
    let classes = Tensor::randint(0, 10, &[count], 0)?;
    let mut pixels = vec![0f32; count * SIDE * SIDE];
    let (rows, columns) = (places(count, SIDE - 7)?, places(count, SIDE - 5)?);
    let bold = Tensor::rand(&[count], DType::F32, 0)?.to_vec::<f32>()?;
    for (i, class) in classes.to_vec::<i64>()?.into_iter().enumerate() {
        let image = &mut pixels[i * SIDE * SIDE..][..SIDE * SIDE];
        let glyph = GLYPHS[class as usize];
        for (row, column) in (0..7).flat_map(|row| (0..5).map(move |column| (row, column))) {
            if glyph[row] >> (4 - column) & 1 == 1 {
                let at = (rows[i] + row) * SIDE + columns[i] + column;
                image[at] = 1.0;
                // A neighbour that shines a little makes a stroke look thicker.
                image[at + 1] = image[at + 1].max(bold[i]);
            }
        }
    }
    let images = Tensor::from_slice(&pixels, &[count, 1, SIDE, SIDE])?;
    let brightness = Tensor::uniform(0.5, 1.0, &[count, 1, 1, 1], DType::F32, 0)?;
    let noise = Tensor::normal(0.0, 0.15, images.shape(), DType::F32, 0)?;
    Ok((((images * &brightness)? + &noise)?, classes))
}

/// Random places from 0 to `last`, one short of it, so that a bold stroke fits.
fn places(count: usize, last: usize) -> Result<Vec<usize>> {
    let places = Tensor::randint(0, last as i64, &[count], 0)?.to_vec::<i64>()?;
    Ok(places.into_iter().map(|place| place as usize).collect())
}

/// The images and classes of a file of the UCI's digits.
fn read(path: &str) -> Result<(Tensor, Tensor)> {
    let text = std::fs::read_to_string(path).map_err(|e| st_core::runtime_err!("cannot read {path}: {e}"))?;
    let (mut pixels, mut classes) = (Vec::new(), Vec::new());
    for line in text.lines() {
        let numbers: Vec<i64> = line.split(',').filter_map(|number| number.trim().parse().ok()).collect();
        let Some((&class, image)) = numbers.split_last().filter(|(_, image)| image.len() == 64) else {
            return Err(st_core::value_err!("{path}: a line is not 65 numbers: {line}"));
        };
        pixels.extend(image.iter().map(|&pixel| pixel as f32 / 16.0));
        classes.push(class);
    }
    let count = classes.len();
    Ok((Tensor::from_slice(&pixels, &[count, 1, 8, 8])?, Tensor::from_slice(&classes, &[count])?))
}
