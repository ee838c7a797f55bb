//! SledStore's graph layer.
