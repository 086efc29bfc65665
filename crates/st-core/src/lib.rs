//! Tensors with PyTorch's semantics over a lazy graph.
