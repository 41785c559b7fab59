//! Digests, ids, keys, signatures and the canonical codec.
