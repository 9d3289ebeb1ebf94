//! What holds for every sequence of inputs, sensible or not.
