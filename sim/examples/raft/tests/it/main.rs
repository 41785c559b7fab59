//! What the cluster guarantees, shown on hand-made inputs.

mod cluster;
mod crash;
mod damage;
mod safety;
mod swarm;
mod wire;
mod work;
