//! The elementary functions, casts, half precision and random numbers, against references that share no code with
//! them.

mod cast;
mod double;
mod half;
mod measure;
mod random;
mod reference;
mod single;
