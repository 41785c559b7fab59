//! Why there is no connection, and why there is one no more.

use std::fmt;

macro_rules! reasons {
    ($(#[$doc:meta])* $name:ident { $($(#[$what:meta])* $reason:ident $word:literal $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum $name { $($(#[$what])* $reason,)* }

        impl $name {
            /// One word, for metrics.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$reason => $word,)* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$reason => $text,)* })
            }
        }
    };
}

reasons! {
    /// Why a connection was refused before anything was sent over it.
    Refusal {
        /// Dialled: nobody answers at the peer's address.
        Unreachable "unreachable" "nobody answers there",
        /// Dialled: the other side refused us, or broke off.
        Declined "declined" "the other side refused us, or broke off",
        /// Dialled: another key than the one configured for this peer.
        WrongKey "wrong_key" "it holds another key than this peer's",
        /// Accepted: a key that is nobody's.
        UnknownKey "unknown_key" "its key is no peer's",
        /// Our own key: we dialled ourselves, or somebody uses our key.
        OwnKey "own_key" "it holds our own key",
        /// It did not prove its key in time.
        Slow "slow" "it did not prove its key in time",
        /// What it said is no handshake, an old one, or one without a key.
        Handshake "handshake" "its handshake is no good",
        /// It speaks another protocol, or another version of ours.
        Protocol "protocol" "it speaks another protocol",
        /// Accepted: too many connections had not proved their key yet.
        Crowded "crowded" "too many connections have not proved their key yet",
        /// Accepted: too many of these came from one address.
        CrowdedAddress "crowded_address" "too many connections from one address have not proved their key yet",
    }
}

reasons! {
    /// Why a connection ended that had been established.
    Closing {
        /// The other side closed it, or the way to it broke.
        Ended "ended" "it ended",
        /// Nothing was heard for too long, not even a beat.
        Silent "silent" "nothing was heard for too long",
        /// A frame claimed more bytes than a message may have.
        Oversized "oversized" "a frame was too long",
        /// A message was not one.
        Malformed "malformed" "a message could not be decoded",
        /// A frame of no known kind, or of one that has no place here.
        Unexpected "unexpected" "a frame had no place here",
        /// The same peer dialled again.
        Superseded "superseded" "the peer dialled again",
        /// This side let go of it: the peer's address was changed, or the node stops.
        Left "left" "the peer's address was changed, or this node stops",
    }
}
