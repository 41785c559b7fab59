//! What the cluster guarantees, shown on hand-made inputs.

mod cluster;
mod crash;
mod damage;
mod wire;
mod work;
