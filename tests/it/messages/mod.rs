//! Messages: visitors who write, agents who answer.
