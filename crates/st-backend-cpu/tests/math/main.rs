//! The accuracy of the elementary functions, against references that share no code with them.

mod measure;
mod reference;
mod single;
