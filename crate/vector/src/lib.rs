//! SledStore's vector layer.
